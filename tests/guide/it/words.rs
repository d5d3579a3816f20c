//! Names in the prose of the guide: ours exist, those of other clients lead to ours, and the pages that the code names are
//! there.

use std::collections::BTreeSet;
use std::fs;

use crate::blocks::{Block, blocks};
use crate::page::{anchors, guide, page, prose, spans};
use crate::source;

/// All pages, by their names.
fn pages() -> Vec<(String, String)> {
    let entries = fs::read_dir(guide()).expect("there is a guide");
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    let pages = paths.filter(|path| path.extension().is_some_and(|it| it == "md"));
    let names = pages.map(|path| {
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    });
    names.map(|name| (name.clone(), page(&name))).collect()
}

/// As the search of rustdoc compares: without case and underscores.
fn folded(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

/// The words of code.
fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

/// What a piece of code says outside of brackets and quotes; braces do not count.
fn outside(code: &str) -> String {
    let (mut depth, mut is_quoted) = (0_usize, false);
    let mut kept = String::new();
    for c in code.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 && !is_quoted => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// The names of ours in a piece of code: `with_…`, `without_…`, and a type with what stands behind its `::`.
fn names_of_ours(code: &str) -> Vec<&str> {
    let settings = words(code).filter(|word| word.starts_with("with_") || word.starts_with("without_"));
    let mut names: Vec<&str> = settings.collect();
    for (before, after) in code.match_indices("::").map(|(at, _)| code.split_at(at)) {
        let of = words(before)
            .last()
            .filter(|word| word.starts_with(char::is_uppercase));
        names.extend(
            of.and_then(|of| Some([of, words(after).next()?]))
                .into_iter()
                .flatten(),
        );
    }
    names
}

#[test]
fn every_name_of_ours_in_the_guide_exists() {
    let known = source::names();
    let mut unknown = BTreeSet::new();
    for (name, text) in pages() {
        for (line, code) in prose(&text).flat_map(|(line, text)| spans(text).map(move |code| (line, code))) {
            // Where other clients are on the left, they have names of the same form.
            let is_ours = !name.starts_with("coming-from")
                || !text.lines().nth(line - 1).unwrap_or_default().starts_with('|');
            let names = names_of_ours(code)
                .into_iter()
                .filter(|word| is_ours && !known.contains(*word));
            unknown.extend(names.map(|word| format!("{name}:{line}: {word}")));
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

/// The rows of a table of code: the cells with the names of other clients, and the last cell, with ours.
fn compared(page: &str) -> impl Iterator<Item = (usize, Vec<&str>, &str)> {
    let rows = prose(page).filter(|(_, line)| line.starts_with("| ") && line.contains('`'));
    rows.map(|(line, text)| {
        let mut cells: Vec<&str> = text.trim_matches('|').split(" | ").collect();
        let ours = cells.pop().expect("there is a cell");
        (line, cells, ours)
    })
}

#[test]
fn every_call_that_takes_the_place_of_another_clients_exists() {
    let known = source::names();
    let mut unknown = BTreeSet::new();
    for (name, text) in pages()
        .into_iter()
        .filter(|(name, _)| name.starts_with("coming-from"))
    {
        for (line, _, ours) in compared(&text) {
            for code in spans(ours) {
                // What is called, and the types that are named.
                let calls = code
                    .match_indices('(')
                    .filter_map(|(at, _)| words(&code[..at]).last());
                let types = words(code).filter(|word| word.starts_with(char::is_uppercase) && word.len() > 1);
                let unknown_here = calls
                    .chain(types)
                    .chain(names_of_ours(code))
                    .filter(|word| !known.contains(*word));
                let is_of_rust =
                    |word: &&str| ["Ok", "Err", "Some", "Result", "String", "serde_json"].contains(word);
                unknown.extend(
                    unknown_here
                        .filter(|word| !is_of_rust(word))
                        .map(|word| format!("{name}:{line}: {word}")),
                );
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn the_names_of_other_clients_are_found_in_rustdoc() {
    let known: BTreeSet<String> = source::names().iter().map(|name| folded(name)).collect();
    let is_found = |name: &str| {
        let name = folded(name);
        known.contains(&name) || (name.len() > 9 && known.iter().any(|known| known.contains(&name)))
    };
    let mut lost = BTreeSet::new();
    for (page_name, text) in pages()
        .into_iter()
        .filter(|(name, _)| name.starts_with("coming-from"))
    {
        for (line, theirs, _) in compared(&text) {
            for code in theirs.into_iter().flat_map(spans) {
                let code = outside(code);
                let names =
                    words(&code).filter(|word| word.starts_with(char::is_uppercase) || word.contains('_'));
                lost.extend(
                    names
                        .filter(|name| !is_found(name))
                        .map(|name| format!("{page_name}:{line}: {name}")),
                );
            }
        }
    }
    assert!(lost.is_empty(), "these have no alias: {lost:#?}");
}

/// Whether a block uses a client or properties that it did not make.
fn uses_what_is_given(block: &Block<'_>) -> bool {
    let stands_alone = block.code.contains("fn main(")
        || block.code.contains("test]")
        || block.code.contains("Kusto::connect(");
    let code = &block.code;
    let is_made = |name: &str| code.contains(&format!("let {name} = "));
    let uses = |name: &str| {
        let mut places = code
            .match_indices(name)
            .map(|(at, _)| code[..at].chars().next_back());
        places.any(|before| before.is_none_or(|c| c.is_whitespace() || "&(".contains(c)))
    };
    let uses_kusto = uses("kusto.") && !is_made("kusto");
    let uses_properties = uses("properties)") && !is_made("properties") || code.contains("= properties");
    block.is("rust") && !stands_alone && (uses_kusto || uses_properties)
}

#[test]
fn a_page_whose_examples_use_what_is_given_says_where_it_is_from() {
    for (name, text) in pages() {
        let all = blocks(&text);
        let Some(first) = all.iter().find(|block| uses_what_is_given(block)) else {
            continue;
        };
        let before: Vec<&str> = text.lines().take(first.line).collect();
        let says = before.join("\n");
        assert!(
            says.contains("README.md#in-the-examples") || says.contains("## In the examples"),
            "{name}:{}: `kusto` and `properties` come from nowhere",
            first.line
        );
    }
}

#[test]
fn every_page_that_the_code_names_is_there() {
    let mut found = 0;
    for (path, text) in source::files().into_iter().chain(source::readmes()) {
        for (at, _) in text.match_indices("docs/guide/") {
            let named = &text[at + "docs/guide/".len()..];
            let end = named
                .find(|c: char| !c.is_ascii_alphanumeric() && !"-_.#/".contains(c))
                .unwrap_or(named.len());
            let (file, anchor) = named[..end].split_once('#').unwrap_or((&named[..end], ""));
            let file = file.trim_end_matches('.');
            if !file.ends_with(".md") {
                continue;
            }
            let is_there = guide().join(file).is_file()
                && (anchor.is_empty()
                    || anchors(&page(file))
                        .iter()
                        .any(|it| it == anchor.trim_end_matches('.')));
            assert!(is_there, "{} names {}", path.display(), &named[..end]);
            found += 1;
        }
    }
    assert!(found > 30, "{found} pages");
}

#[test]
fn the_page_of_every_crate_leads_to_the_guide() {
    for (path, text) in source::readmes() {
        assert!(text.contains("`docs/guide/"), "{} leads nowhere", path.display());
    }
}

#[test]
fn names_are_found_in_code() {
    let code = "Proxy::Url(x).with_no_proxy(y), std::io::Read, without_auth()";
    assert_eq!(
        names_of_ours(code),
        ["with_no_proxy", "without_auth", "Proxy", "Url"]
    );
    assert_eq!(outside("A { B, C }.d(E, F[G]) \"H\""), "A { B, C }.d ");
    assert_eq!(folded("Is_Permanent"), "ispermanent");
}
