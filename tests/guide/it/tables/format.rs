//! The data formats.

use kusto_ingest::DataFormat;

use super::{Table, yes};

fn endings(format: DataFormat) -> String {
    let endings = format
        .extensions()
        .iter()
        .map(|extension| format!("`.{extension}`"));
    endings.collect::<Vec<_>>().join(" ")
}

pub(super) fn table() -> Table {
    let row = |format: DataFormat| {
        vec![
            format!("`{format}`"),
            endings(format),
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
