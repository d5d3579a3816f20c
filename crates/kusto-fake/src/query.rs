//! The queries that this Kusto knows: a table, `count`, `take`, and `print` of literals.

use kusto_endpoint::RequestProperties;
use kusto_ingest_core::Result;
use kusto_ingest_decode::{Column, ScalarType, Value};

use crate::catalog::Catalog;
use crate::lexer::Lexer;
use crate::query_refusal::{beginning_not_supported, not_supported, operator_not_supported, unresolved};
use crate::wire::{AnswerOptions, needed};
use crate::{AnswerTable, FakeKusto};

/// What a request says beside its text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) options: AnswerOptions,
}

impl Request {
    pub(crate) fn of(properties: &RequestProperties) -> Self {
        Self {
            options: AnswerOptions::of(properties),
        }
    }
}

/// Runs a query.
pub(crate) fn run(
    kusto: &FakeKusto,
    database: &str,
    text: &str,
    request: &Request,
) -> Result<Vec<AnswerTable>> {
    let table = run_in(&mut kusto.state().catalog, database, text, &request.options)?;
    Ok(vec![table])
}

/// Sends a table through operators, each behind its bar.
pub(crate) fn pipe(
    _kusto: &FakeKusto,
    _database: &str,
    _table: AnswerTable,
    operators: &str,
) -> Result<AnswerTable> {
    let mut lexer = Lexer::new(operators);
    lexer.mark('|');
    Err(operator_not_supported(&lexer))
}

/// Runs a query. Of rows beyond the limits of the options there is one.
///
/// # Errors
/// `BadRequest_DatabaseNotExist`; `BadRequest_SyntaxError` for what is no query; `NotSupportedByEmulator` for one that this
/// Kusto does not know; a semantic error for an unknown table.
fn run_in(catalog: &mut Catalog, database: &str, text: &str, options: &AnswerOptions) -> Result<AnswerTable> {
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
    let mut answer = AnswerTable::of(PRIMARY, &[]);
    if let Some(counts) = counted {
        answer.columns.push(Column::new("Count", ScalarType::Long));
        let count = |count| Value::Long(i64::try_from(count).unwrap_or(i64::MAX));
        answer.rows = counts.into_iter().map(|rows| vec![count(rows)]).collect();
        return Ok(answer);
    }
    answer.columns = stored.schema.columns().to_vec();
    answer.rows = needed(stored.rows.rows(&stored.schema).take(taken), options);
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

fn print(lexer: &mut Lexer<'_>) -> Result<AnswerTable> {
    let mut answer = AnswerTable::of(PRIMARY, &[]);
    let mut row = Vec::new();
    loop {
        let (value, scalar_type) = match lexer.string() {
            Some(text) => (Value::String(text), ScalarType::String),
            None => {
                literal(lexer.scalar()).ok_or_else(|| not_supported("an expression that is no literal"))?
            }
        };
        answer
            .columns
            .push(Column::new(format!("print_{}", row.len()), scalar_type));
        row.push(value);
        if !lexer.mark(',') {
            lexer.end()?;
            return Ok(answer.with_row(row));
        }
    }
}

fn literal(text: &str) -> Option<(Value, ScalarType)> {
    if let Ok(number) = text.parse::<i64>() {
        return Some((Value::Long(number), ScalarType::Long));
    }
    match text {
        "true" => Some((Value::Bool(true), ScalarType::Bool)),
        "false" => Some((Value::Bool(false), ScalarType::Bool)),
        _ => text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(|number| (Value::Real(number), ScalarType::Real)),
    }
}
