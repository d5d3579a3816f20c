//! The kinds of mappings, and what may be done to a value.

use std::collections::BTreeSet;

use kusto_ingest::DataFormat;
use kusto_ingest::mapping::{ColumnMapping, IngestionMapping, MappingKind, Transform};

use super::Table;

/// Where a column of this kind of mapping can take its value from.
fn locations(kind: MappingKind) -> String {
    let column = || ColumnMapping::new("c");
    let tried = [
        ("`with_ordinal`", column().with_ordinal(0)),
        ("`with_path`", column().with_path("$.a")),
        ("`with_field`", column().with_field("a")),
    ];
    let known = tried
        .into_iter()
        .filter(|(_, column)| IngestionMapping::inline(kind, vec![column.clone()]).is_ok());
    known.map(|(name, _)| name).collect::<Vec<_>>().join(" or ")
}

pub(super) fn kinds() -> Table {
    let kinds: BTreeSet<MappingKind> = DataFormat::all().map(DataFormat::mapping_kind).collect();
    let row = |kind: MappingKind| {
        let formats = DataFormat::all().filter(|format| format.mapping_kind() == kind);
        let formats: Vec<String> = formats.map(|format| format!("`{format}`")).collect();
        vec![format!("`{kind}`"), formats.join(" "), locations(kind)]
    };
    Table {
        page: "mappings.md",
        name: "kinds",
        head: &["kind", "formats", "a column takes its value by"],
        rows: kinds.into_iter().map(row).collect(),
        has_prose: false,
    }
}

pub(super) fn transforms() -> Table {
    let row = |transform: Transform| {
        let stands = if transform.is_constant() {
            "alone"
        } else {
            "with a location"
        };
        vec![format!("`{}`", transform.wire_name()), stands.to_owned()]
    };
    Table {
        page: "mappings.md",
        name: "transforms",
        head: &["transform", "stands", "the column gets"],
        rows: Transform::known().map(row).collect(),
        has_prose: true,
    }
}
