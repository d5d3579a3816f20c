//! The spans that are promised: the list in the documentation is that of the code.

use crate::page::rows;
use crate::source;

/// The spans that the code makes, as the list writes them: name, level, fields.
fn made(code: &str) -> Vec<[String; 3]> {
    let calls = code
        .match_indices("_span!(target: TARGET, \"")
        .filter_map(|(at, start)| {
            let level = ["info", "debug"]
                .into_iter()
                .find(|level| code[..at].ends_with(level))?;
            Some((level, &code[at + start.len()..]))
        });
    let made = calls.filter_map(|(level, call)| {
        let (name, rest) = call.split_once('"')?;
        let (fields, _) = rest.split_once(')')?;
        let fields = fields.split(", ").filter(|field| !field.is_empty());
        let fields: Vec<String> = fields
            .map(|field| format!("`{}`", field.trim_start_matches('%')))
            .collect();
        Some([format!("`{name}`"), level.to_owned(), fields.join(", ")])
    });
    let mut made: Vec<_> = made.collect();
    made.sort();
    made
}

#[test]
fn every_span_is_listed_with_its_level_and_fields() {
    let made = made(&source::text("kusto-ingest-core/src/span.rs"));
    let list = source::text("kusto-ingest/src/spans.rs").replace("//! ", "");
    let mut listed: Vec<[String; 3]> = rows(&list)
        .into_iter()
        .map(|row| [row[0].to_owned(), row[1].to_owned(), row[2].to_owned()])
        .collect();
    listed.sort();
    assert_eq!(made.len(), 7, "{made:?}");
    assert_eq!(listed, made);
}

#[test]
fn every_way_of_a_source_is_listed() {
    let list = source::text("kusto-ingest/src/spans.rs");
    let row = list.lines().find(|line| line.starts_with("//! | `ingest` |"));
    let row = row.expect("the span of a source is listed");
    let mut found = 0;
    for (path, text) in source::files() {
        for way in text
            .split("span::ingest(\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert!(
                row.contains(&format!("`{way}`")),
                "{}: {way} is not listed",
                path.display()
            );
            found += 1;
        }
    }
    assert!(found > 4, "{found} ways");
}
