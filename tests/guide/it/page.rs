//! A page of the guide, as the tests read it.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the guide.
pub(crate) fn guide() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide")
}

/// The text of a page.
pub(crate) fn page(name: &str) -> String {
    fs::read_to_string(guide().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The cells of all rows of all tables of a page, without heads.
pub(crate) fn rows(page: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = page.lines().collect();
    let is_rule = |line: &str| line.starts_with("|-") || line.starts_with("|:");
    let is_head = |at: usize| lines.get(at + 1).is_some_and(|next| is_rule(next));
    (0..lines.len())
        .filter(|&at| lines[at].starts_with('|') && !is_rule(lines[at]) && !is_head(at))
        .map(|at| lines[at].trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

/// What a heading is reached by: as mdBook and GitHub both make it.
pub(crate) fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        _ if c.is_alphanumeric() => Some(c),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).collect()
}

/// The lines of a page that are no code.
pub(crate) fn prose(page: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    (1..).zip(page.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// The anchors of a page.
pub(crate) fn anchors(page: &str) -> Vec<String> {
    let headings = prose(page).filter_map(|(_, line)| line.strip_prefix('#'));
    headings
        .map(|heading| anchor(heading.trim_start_matches('#').trim()))
        .collect()
}

/// The pieces of code in a line of prose.
pub(crate) fn spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}
