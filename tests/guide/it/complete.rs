//! What has a section or a word of its own in the guide, and is no table.

use kusto_ingest::ErrorKind;

use crate::page::page;

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
