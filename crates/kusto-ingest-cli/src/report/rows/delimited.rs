//! Rows between commas or tabs.

use kusto_ingest::endpoint::Table;

use super::cells;

/// Commas; fields with a comma, a quote or a line break are quoted. An empty text is quoted, null is nothing.
pub(super) fn csv(table: &Table) -> String {
    let names = table.columns.iter().map(|column| quoted(&column.name));
    let head = names.collect::<Vec<_>>().join(",");
    let rows = table.rows.iter().map(|row| {
        let fields = cells(table, row)
            .zip(row)
            .map(|(text, value)| match value.as_str() {
                Some("") => "\"\"".to_owned(),
                _ => quoted(&text),
            });
        fields.collect::<Vec<_>>().join(",")
    });
    lines(head, rows)
}

/// Tabs; what would end a field is written with a backslash.
pub(super) fn tsv(table: &Table) -> String {
    let names = table.columns.iter().map(|column| escaped(&column.name));
    let head = names.collect::<Vec<_>>().join("\t");
    let rows = table.rows.iter().map(|row| {
        cells(table, row)
            .map(|text| escaped(&text))
            .collect::<Vec<_>>()
            .join("\t")
    });
    lines(head, rows)
}

fn lines(head: String, rows: impl Iterator<Item = String>) -> String {
    std::iter::once(head).chain(rows).collect::<Vec<_>>().join("\n")
}

fn quoted(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\t', "\\t")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
}
