//! What has a section or a word of its own in the guide, and is no table.

use std::fs;

use kusto_ingest::ErrorKind;
use kusto_ingest::sources::Sources;
use kusto_ingest::upload::MemoryBudget;
use kusto_ingest_message::IngestionMessage;

use crate::blocks::blocks;
use crate::page::{anchors, guide, page, rows};
use crate::source;

/// A section of a page, up to the next heading of its level.
fn section<'a>(page: &'a str, heading: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n"))?;
    Some(
        rest.split_once("\n## ")
            .map_or(rest, |(section, _)| section)
            .trim(),
    )
}

#[test]
fn every_kind_of_error_has_a_section_that_says_what_to_do() {
    let page = page("errors.md");
    for kind in ErrorKind::all() {
        let section = section(&page, &kind.to_string());
        let section = section.unwrap_or_else(|| panic!("errors.md has no section `{kind}`"));
        assert!(
            section.contains("**Do.** "),
            "{kind} does not say what to do: {section}"
        );
    }
}

#[test]
fn the_defaults_that_are_told_are_those_of_the_code() {
    let page = page("throughput.md");
    let (sources, memory) = (Sources::CONCURRENCY, MemoryBudget::default().bytes() >> 20);
    for row in [
        format!("| sources at a time | {sources};"),
        format!("| memory | {memory} MiB for all uploads |"),
    ] {
        assert!(page.contains(&row), "throughput.md does not say {row}");
    }
}

#[test]
fn the_message_of_the_wire_is_one_that_the_service_reads() {
    let page = page("wire.md");
    let all = blocks(&page);
    let block = all.iter().find(|block| block.code.contains("\"BlobPath\""));
    let message = IngestionMessage::decode(&block.expect("there is one").code).expect("it is a message");
    let properties = message.properties().expect("they can be read");
    assert_eq!(properties.drop_by_tags, ["2026-01-02"]);
    assert_eq!(
        (message.raw_size, properties.ignore_first_record),
        (Some(1578), Some(true))
    );
}

#[test]
fn blocks_are_found_also_in_lists() {
    let page = "```sh exit=2\na\n```\n\n1. x\n\n   ```rust,no_run\n   b {\n       c\n   ```\n";
    let found = blocks(page);
    assert_eq!(found.len(), 2);
    assert!(found[0].is("sh") && found[0].says("exit=2") && found[0].code == "a\n");
    assert!(found[1].is("rust") && found[1].says("no_run") && found[1].line == 7);
    assert_eq!(found[1].code, "b {\n    c\n");
}

#[test]
fn every_block_of_json_can_be_read() {
    for entry in fs::read_dir(guide()).expect("there is a guide") {
        let path = entry.expect("it can be listed").path();
        let text = fs::read_to_string(&path).unwrap_or_default();
        for block in blocks(&text).iter().filter(|block| block.is("json")) {
            let read: Result<serde_json::Value, _> = serde_json::from_str(&block.code);
            assert!(read.is_ok(), "{}:{}: {read:?}", path.display(), block.line);
        }
    }
}

#[test]
fn every_crate_that_is_named_is_one() {
    let crates = source::folders();
    for entry in fs::read_dir(guide()).expect("there is a guide") {
        let path = entry.expect("it can be listed").path();
        let text = fs::read_to_string(&path).unwrap_or_default();
        let named = text.split('`').filter(|word| word.starts_with("kusto-"));
        for name in named.filter(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-')) {
            let is_one = crates.iter().any(|folder| folder.ends_with(name));
            assert!(is_one, "{} names {name}", path.display());
        }
    }
}

/// The crates that send commands to a cluster.
const SENDERS: &[&str] = &[
    "kusto-auth",
    "kusto-ingest",
    "kusto-ingest-direct",
    "kusto-ingest-managed",
    "kusto-ingest-queued",
    "kusto-ingest-resources",
    "kusto-ingest-status",
    "kusto-ingest-streaming",
];

/// The commands in a source file: what its texts begin with, two words of it.
fn commands(source: &str) -> Vec<String> {
    const VERBS: [&str; 9] = [
        "append", "alter", "cancel", "clear", "create", "drop", "get", "ingest", "show",
    ];
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: Vec<&str> = code.collect();
    let code = code.join("\n");
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let texts = code
        .split("\".")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    let known = texts.filter_map(|text| {
        let mut words = text.split(' ');
        let verb = words.next().filter(|verb| VERBS.contains(verb))?;
        // What is cleared stands in the middle.
        let what = words
            .next()
            .filter(|word| verb != "clear" && word.chars().all(char::is_alphabetic));
        Some(
            format!(".{verb} {}", what.unwrap_or_default())
                .trim_end()
                .to_owned(),
        )
    });
    known.collect()
}

#[test]
fn every_command_that_is_sent_is_in_the_page_of_permissions() {
    let page = page("permissions.md");
    let crates = source::crates();
    let mut folders: Vec<_> = SENDERS.iter().map(|name| crates.join(name).join("src")).collect();
    let mut found = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("crates have sources") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = fs::read_to_string(&path).expect("it is text");
            for command in commands(&source) {
                let is_told = page.contains(&format!("`{command}"));
                assert!(
                    is_told,
                    "{} sends `{command}`, and permissions.md does not say so",
                    path.display()
                );
                found += 1;
            }
        }
    }
    assert!(found > 5, "{found} commands");
}

/// What the service documents of who may do what: words of a row of permissions.md, and the roles it asks for.
const ROLES: [(&str, &str); 8] = [
    ("into an existing table", "Table Ingestor, or Database Ingestor"),
    (
        "`Protocol::Rest`, `Protocol::Auto`",
        "Table Ingestor and Database User",
    ),
    (
        "the three routes of queued ingestion",
        "Table Ingestor and Database User",
    ),
    ("`.create table`", "Database User"),
    ("add columns", "Table Admin, or Database Admin"),
    ("a mapping of a table", "Table Ingestor, or Database Ingestor"),
    ("a mapping of a database", "Database Ingestor"),
    ("batching policy", "Table Admin, or Database Admin"),
];

#[test]
fn no_role_is_asked_for_that_the_service_does_not_want_and_none_is_missing() {
    let page = page("permissions.md");
    let rows = rows(&page);
    for (what, role) in ROLES {
        let row = rows.iter().find(|row| row[0].contains(what));
        let row = row.unwrap_or_else(|| panic!("permissions.md has no row of {what}"));
        assert!(
            row.iter().any(|cell| cell.split(';').next() == Some(role)),
            "{row:?} does not ask for {role}"
        );
    }
}

#[test]
fn commands_are_found_in_texts_and_not_in_comments_or_tests() {
    let source = "/// \".drop table\"\nlet a = \".show operations \";\nformat!(\".clear {what} cache\");\n#[cfg(test)]\n\".alter x\"";
    assert_eq!(commands(source), [".show operations", ".clear"]);
}

#[test]
fn every_module_of_the_facade_leads_to_a_page() {
    let facade = source::text("kusto-ingest/src/lib.rs");
    let modules = facade
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    // It is hidden.
    let modules: Vec<&str> = modules.filter(|module| *module != "internal").collect();
    assert!(modules.len() > 15, "{modules:?}");
    for module in modules {
        let text = source::text(&format!("kusto-ingest/src/{module}.rs"));
        let link = text
            .lines()
            .find_map(|line| line.strip_prefix("//! More is in the guide: `docs/guide/"));
        let link = link
            .unwrap_or_else(|| panic!("{module} leads nowhere"))
            .trim_end_matches("`.");
        let (name, anchor) = link
            .split_once('#')
            .map_or((link, None), |(name, anchor)| (name, Some(anchor)));
        let anchors = anchors(&page(name));
        let is_there = anchor.is_none_or(|anchor| anchors.iter().any(|it| it == anchor));
        assert!(is_there, "{module} leads to {link}");
    }
}
