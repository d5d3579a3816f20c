//! The keywords of a connection string.

use kusto_ingest::connection::Keyword;

use super::Table;

pub(super) fn table() -> Table {
    let row = |keyword: Keyword| {
        let spellings: Vec<String> = keyword.aliases().iter().map(|it| format!("`{it}`")).collect();
        let value = match (keyword.is_supported(), keyword.is_secret(), keyword.is_flag()) {
            (false, ..) => "refused",
            (_, true, _) => "secret",
            (.., true) => "true or false",
            _ => "text",
        };
        vec![format!("`{keyword}`"), spellings.join(" "), value.to_owned()]
    };
    Table {
        page: "sign-in.md",
        name: "keywords",
        head: &["keyword", "also written", "value", "meaning"],
        rows: Keyword::all().map(row).collect(),
        has_prose: true,
    }
}
