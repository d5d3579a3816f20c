//! Features and dependencies: the front page names all of them, and those that the guide lists are enough for its examples.

use std::collections::BTreeSet;
use std::fs;

use crate::blocks::blocks;
use crate::page::{guide, page};
use crate::source;
use crate::tables::features;

#[test]
fn the_front_page_names_every_feature_and_every_module() {
    let front = source::text("kusto-ingest/README.md");
    let (_, list) = front.split_once("\nFeatures: ").expect("they are listed");
    for (feature, _) in features("kusto-ingest") {
        let is_told = feature == "default" || list.contains(&format!("`{feature}`"));
        assert!(
            is_told,
            "README.md of the facade says nothing of the feature {feature}"
        );
    }
    let facade = source::text("kusto-ingest/src/lib.rs");
    let modules = facade
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let rows: Vec<&str> = front.lines().filter(|line| line.starts_with("| `")).collect();
    // What is hidden is for the command alone.
    for module in modules.filter(|module| *module != "internal") {
        let is_told = rows.iter().any(|row| row.contains(&format!("`{module}`")));
        assert!(
            is_told,
            "README.md of the facade says nothing of the module {module}"
        );
    }
}

/// What is used of other crates in a block: what an import begins with, or an attribute.
fn used(code: &str) -> impl Iterator<Item = &str> {
    let imports = code.lines().filter_map(|line| {
        let path = line
            .strip_prefix("use ")
            .or_else(|| line.trim().strip_prefix("#["))?;
        path.split_once("::").map(|(name, _)| name)
    });
    imports.filter(|name| !["std", "crate", "super"].contains(name))
}

#[test]
fn the_dependencies_that_are_listed_are_enough_for_every_example() {
    let listed = page("features.md");
    let all = blocks(&listed);
    let manifest = all.iter().find(|block| block.is("toml")).expect("there is one");
    let names = manifest.code.lines().filter_map(|line| line.split_once(" = "));
    let known: BTreeSet<String> = names.map(|(name, _)| name.replace('-', "_")).collect();
    let mut found = 0;
    for entry in fs::read_dir(guide()).expect("there is a guide") {
        let path = entry.expect("it is listed").path();
        // There, single crates are taken by themselves.
        if path.ends_with("crates.md") || path.extension().is_none_or(|it| it != "md") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("it is text");
        for block in blocks(&text).iter().filter(|block| block.is("rust")) {
            for name in used(&block.code) {
                let place = format!("{}:{}", path.display(), block.line);
                assert!(
                    known.contains(name),
                    "{place} uses {name}, which features.md does not list"
                );
                found += 1;
            }
        }
    }
    assert!(found > 50, "{found} imports");
}

#[test]
fn whatever_is_said_to_be_installed_is_in_a_checkout_as_nothing_is_released() {
    let pages = fs::read_dir(guide()).expect("there is a guide");
    let pages = pages.map(|entry| entry.expect("it is listed").path());
    let pages = pages.filter(|path| path.extension().is_some_and(|it| it == "md"));
    let pages = pages.map(|path| (path.clone(), fs::read_to_string(path).expect("it is text")));
    let all = source::files().into_iter().chain(source::readmes()).chain(pages);
    let mut found = 0;
    for (path, text) in all {
        for (at, said) in text.match_indices("cargo install ") {
            let what = &text[at + said.len()..];
            let is_there = what.starts_with("--path ") && what.contains("crates/kusto-ingest-cli");
            assert!(is_there, "{} installs what is not released", path.display());
            found += 1;
        }
    }
    assert!(found > 5, "{found} programs");
}
