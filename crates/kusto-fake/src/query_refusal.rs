//! Errors for queries that Kusto runs and this fake does not, and for names that do not exist.

use kusto_ingest_core::{Error, ErrorKind};

use crate::lexer::Lexer;

/// Kusto's operators on tables, as its reference lists them.
const OPERATORS: &[&str] = &[
    "as",
    "assert-schema",
    "consume",
    "count",
    "distinct",
    "evaluate",
    "extend",
    "facet",
    "fork",
    "getschema",
    "graph-mark-components",
    "graph-match",
    "graph-shortest-paths",
    "graph-to-table",
    "invoke",
    "join",
    "limit",
    "lookup",
    "macro-expand",
    "make-graph",
    "make-series",
    "mv-apply",
    "mv-expand",
    "order",
    "parse",
    "parse-kv",
    "parse-where",
    "partition",
    "project",
    "project-away",
    "project-by-names",
    "project-keep",
    "project-rename",
    "project-reorder",
    "reduce",
    "render",
    "sample",
    "sample-distinct",
    "scan",
    "search",
    "serialize",
    "sort",
    "summarize",
    "take",
    "top",
    "top-hitters",
    "top-nested",
    "union",
    "where",
    "filter",
];

/// What else a query may begin with.
const BEGINNINGS: &[&str] = &[
    "alias",
    "cluster",
    "database",
    "datatable",
    "declare",
    "evaluate",
    "external_table",
    "externaldata",
    "find",
    "let",
    "materialize",
    "materialized_view",
    "pattern",
    "range",
    "restrict",
    "search",
    "set",
    "table",
    "union",
];

/// The error for an operator behind a pipe that this fake does not run.
pub(crate) fn operator_not_supported(lexer: &Lexer<'_>) -> Error {
    let word = lexer.peek_word();
    let known = OPERATORS.iter().find(|known| known.eq_ignore_ascii_case(word));
    match known {
        Some(known) => not_supported(&format!("the operator {known}")),
        None => lexer.expected("an operator"),
    }
}

/// What is answered to a query that begins with this word, if it is not the name of a table: whatever follows a table begins
/// with a bar.
pub(crate) fn beginning_not_supported(word: &str, lexer: &Lexer<'_>) -> Option<Error> {
    let known = BEGINNINGS.iter().find(|known| known.eq_ignore_ascii_case(word))?;
    let is_table = lexer.is_at_end() || lexer.is_at('|');
    (!is_table).then(|| not_supported(&format!("the beginning {known}")))
}

/// The error for what Kusto supports and this fake does not. The service has no such error.
pub(crate) fn not_supported(what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, "run the query")
        .because(format!("the emulator does not know {what}"))
        .with_code("NotSupportedByEmulator")
        .with_http_status(400)
        .with_permanence(true)
}

/// The error for a name that cannot be resolved.
pub(crate) fn unresolved(name: &str) -> Error {
    Error::new(ErrorKind::NotFound, "run the query")
        .because(format!(
            "Semantic error: SEM0100: Failed to resolve table or column expression named '{name}'"
        ))
        .with_code("General_BadRequest")
        .with_http_status(400)
        .with_permanence(true)
}
