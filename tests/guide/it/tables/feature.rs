//! The features of the library and of the command, as their manifests have them.

use super::Table;
use crate::source;

/// The features of a crate, each with those of its own that it brings along.
pub(crate) fn features(name: &str) -> Vec<(String, Vec<String>)> {
    let manifest = source::text(&format!("{name}/Cargo.toml"));
    let (_, rest) = manifest.split_once("\n[features]\n").expect("there are features");
    let (section, _) = rest.split_once("\n[").expect("something follows");
    let lines = section.lines().filter(|line| !line.starts_with('#'));
    let defined = lines.filter_map(|line| line.split_once(" = "));
    let features = defined.map(|(name, list)| {
        let parts = list.split('"').skip(1).step_by(2);
        let own = parts.filter(|part| !part.contains([':', '/']));
        (name.to_owned(), own.map(str::to_owned).collect())
    });
    features.collect()
}

pub(super) fn of_the_library() -> Table {
    let features = features("kusto-ingest");
    let default = features.iter().find(|(name, _)| name == "default");
    let default = default.map(|(_, own)| own.clone()).unwrap_or_default();
    let row = |(name, own): &(String, Vec<String>)| {
        let mut brings: Vec<String> = own.iter().map(|name| format!("`{name}`")).collect();
        if default.contains(name) {
            brings.push("is there by default".to_owned());
        }
        vec![format!("`{name}`"), brings.join(", ")]
    };
    Table {
        page: "features.md",
        name: "features",
        head: &["feature of `kusto-ingest`", "brings", "what it is for"],
        rows: features
            .iter()
            .filter(|(name, _)| name != "default")
            .map(row)
            .collect(),
        has_prose: true,
    }
}

pub(super) fn of_the_command() -> Table {
    let rows = features("kusto-ingest-cli").into_iter();
    Table {
        page: "features.md",
        name: "features of the command",
        head: &["feature of `kusto-ingest-cli`", "what it is for"],
        rows: rows.map(|(name, _)| vec![format!("`{name}`")]).collect(),
        has_prose: true,
    }
}
