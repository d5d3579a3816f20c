//! The data formats.

use kusto_ingest::DataFormat;

use super::{Table, yes};

/// Endings that may name a format: its own name, and those that are shorter.
fn ending(format: DataFormat) -> String {
    let own = format!(".{format}");
    let ending = [own.as_str(), ".ss"].into_iter().find(|ending| {
        let named = DataFormat::from_name(&format!("day{ending}"));
        named == Some(format)
    });
    ending.map(|ending| format!("`{ending}`")).unwrap_or_default()
}

pub(super) fn table() -> Table {
    let row = |format: DataFormat| {
        vec![
            format!("`{format}`"),
            ending(format),
            format!("`{}`", format.mapping_kind()),
            yes(format.is_compressible()),
        ]
    };
    Table {
        page: "sources.md",
        name: "formats",
        head: &[
            "format",
            "file name ends in",
            "mapping kind",
            "gzipped here",
            "what it is",
        ],
        rows: DataFormat::all().map(row).collect(),
        has_prose: true,
    }
}
