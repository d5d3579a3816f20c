//! The queries that this Kusto knows: a table, `count`, `take`, and `print` of literals.

use kusto_endpoint::{Column, Table};
use kusto_ingest_core::Result;
use serde_json::Value as Json;

use crate::catalog::Catalog;
use crate::lexer::Lexer;
use crate::query_refusal::{beginning_not_supported, not_supported, operator_not_supported, unresolved};

/// Runs a query.
///
/// # Errors
/// `BadRequest_DatabaseNotExist`; `BadRequest_SyntaxError` for what is no query; `NotSupportedByEmulator` for one that this
/// Kusto does not know; a semantic error for an unknown table.
pub(crate) fn run(catalog: &mut Catalog, database: &str, text: &str) -> Result<Table> {
    catalog.database(database)?;
    let mut lexer = Lexer::new(text);
    if lexer.keyword("print") {
        return print(&mut lexer);
    }
    let name = lexer
        .name()
        .ok_or_else(|| lexer.expected("the name of a table"))?;
    if let Some(error) = beginning_not_supported(&name, &lexer) {
        return Err(error);
    }
    let steps = steps(&mut lexer)?;
    let tables = &catalog.database(database)?.tables;
    let stored = tables.get(&name).ok_or_else(|| unresolved(&name))?;

    let mut taken = stored.rows.len();
    let mut counted = None;
    for step in steps {
        match (step, &mut counted) {
            (Step::Take(most), None) => taken = taken.min(most),
            (Step::Count, None) => counted = Some(vec![taken]),
            (Step::Take(most), Some(counts)) => counts.truncate(most),
            (Step::Count, Some(counts)) => *counts = vec![counts.len()],
        }
    }
    let mut answer = Table::of(PRIMARY, &[]);
    if let Some(counts) = counted {
        answer.columns.push(Column::new("Count", "long"));
        answer.rows = counts.into_iter().map(|count| vec![count.into()]).collect();
        return Ok(answer);
    }
    let columns = stored.schema.columns().iter();
    answer.columns = columns
        .map(|column| Column::new(&column.name, column.scalar_type.name()))
        .collect();
    let rows = stored.rows.rows(&stored.schema).take(taken);
    answer.rows = rows
        .map(|row| row.iter().map(kusto_ingest_decode::Value::to_json).collect())
        .collect();
    Ok(answer)
}

/// What the service calls the table with the answer.
const PRIMARY: &str = "PrimaryResult";

enum Step {
    Count,
    Take(usize),
}

fn steps(lexer: &mut Lexer<'_>) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    while lexer.mark('|') {
        if lexer.keyword("count") {
            steps.push(Step::Count);
        } else if lexer.keyword("take") || lexer.keyword("limit") {
            let most = lexer.any_keyword().parse();
            steps.push(Step::Take(most.map_err(|_| lexer.expected("a number of rows"))?));
        } else {
            return Err(operator_not_supported(lexer));
        }
    }
    lexer.end()?;
    Ok(steps)
}

fn print(lexer: &mut Lexer<'_>) -> Result<Table> {
    let mut answer = Table::of(PRIMARY, &[]);
    let mut row = Vec::new();
    loop {
        let (value, kusto_type) = match lexer.string() {
            Some(text) => (Json::from(text), "string"),
            None => {
                literal(lexer.scalar()).ok_or_else(|| not_supported("an expression that is no literal"))?
            }
        };
        answer
            .columns
            .push(Column::new(format!("print_{}", row.len()), kusto_type));
        row.push(value);
        if !lexer.mark(',') {
            lexer.end()?;
            return Ok(answer.with_row(row));
        }
    }
}

fn literal(text: &str) -> Option<(Json, &'static str)> {
    if let Ok(number) = text.parse::<i64>() {
        return Some((number.into(), "long"));
    }
    match text {
        "true" => Some((true.into(), "bool")),
        "false" => Some((false.into(), "bool")),
        _ => text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(|number| (number.into(), "real")),
    }
}
