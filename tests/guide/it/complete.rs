//! What has a section or a word of its own in the guide, and is no table.

use std::fs;
use std::path::Path;

use kusto_ingest::ErrorKind;
use kusto_ingest::sources::Sources;
use kusto_ingest::upload::MemoryBudget;
use kusto_ingest_message::IngestionMessage;

use crate::blocks::blocks;
use crate::page::{anchors, guide, page};

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

/// The modules of the facade that a reader of its documentation meets first.
const MODULES: &[&str] = &[
    "auth",
    "blocking",
    "connection",
    "direct",
    "managed",
    "mapping",
    "properties",
    "queued",
    "retry",
    "rows",
    "sources",
    "status",
    "streaming",
    "testing",
    "transport",
];

#[test]
fn every_module_of_the_facade_leads_to_a_page() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/kusto-ingest/src");
    for module in MODULES {
        let text = fs::read_to_string(sources.join(format!("{module}.rs"))).expect("it is a module");
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
