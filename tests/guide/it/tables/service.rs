//! The service's codes of failures.

use kusto_ingest::status::{ErrorCategory, IngestionErrorCode, advice};

use super::Table;

pub(super) fn codes() -> Table {
    let row = |code: IngestionErrorCode| {
        let again = match code.is_permanent() {
            Some(true) => "permanent",
            Some(false) => "transient",
            None => "",
        };
        vec![
            format!("`{code}`"),
            code.meaning().unwrap_or_default().to_owned(),
            again.to_owned(),
            advice(Some(&code), "").unwrap_or_default().to_owned(),
        ]
    };
    Table {
        page: "service-codes.md",
        name: "codes",
        head: &["code", "means", "", "what to do"],
        rows: IngestionErrorCode::known().map(row).collect(),
        has_prose: false,
    }
}
