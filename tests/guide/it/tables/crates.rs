//! The crates, each with what comes along: as their manifests say.

use std::fs;
use std::path::Path;

use super::Table;

/// What a manifest says at `key = …`, without quotes.
fn value<'a>(manifest: &'a str, key: &str) -> Option<&'a str> {
    let line = manifest
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
    line.map(|value| value.trim_matches('"'))
}

pub(super) fn table() -> Table {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates");
    let entries = fs::read_dir(folder).expect("there are crates");
    let manifests =
        entries.filter_map(|entry| fs::read_to_string(entry.ok()?.path().join("Cargo.toml")).ok());
    let row = |manifest: String| {
        let said = |key| value(&manifest, key).unwrap_or_default().to_owned();
        let floor = said("floor").parse::<u8>().expect("a floor is a number");
        let cells = [
            format!("`{}`", said("name")),
            said("description"),
            said("third-party-max"),
        ];
        (floor, cells.to_vec())
    };
    let mut rows: Vec<(u8, Vec<String>)> = manifests.map(row).collect();
    rows.sort();
    Table {
        page: "crates.md",
        name: "crates",
        head: &["crate", "what it is", "third-party"],
        rows: rows.into_iter().map(|(_, cells)| cells).collect(),
        has_prose: false,
    }
}
