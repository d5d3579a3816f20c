//! Queries: over the tables as they are when a query comes, worked out by `kusto-query`.

use std::sync::Arc;
use std::time::Duration;

use kusto_endpoint::RequestProperties;
use kusto_ingest_core::{Result, Timespan};
use kusto_ingest_decode::{Column, Row, ScalarType, Schema};
use kusto_query::{
    MemoryTable, QueryLimits, QueryOptions, QueryResult, StoredFunction, TableData, Tables, Value,
};
use serde_json::Value as Json;

use crate::wire::AnswerOptions;
use crate::{AnswerTable, FakeKusto};

/// What the service calls the table with the answer.
const PRIMARY: &str = "PrimaryResult";

/// How long a query may take, unless its request says otherwise, and at most.
const TIME_LIMIT: Duration = Duration::from_secs(4 * 60);
const LONGEST_TIME: Duration = Duration::from_secs(60 * 60);

/// What a request says beside its text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) options: AnswerOptions,
    properties: RequestProperties,
}

impl Request {
    pub(crate) fn of(properties: &RequestProperties) -> Self {
        Self {
            options: AnswerOptions::of(properties),
            properties: properties.clone(),
        }
    }

    /// An answer of any size.
    pub(crate) fn uncut() -> Self {
        Self {
            options: AnswerOptions::UNCUT,
            properties: RequestProperties::new(),
        }
    }

    /// The same with an answer of any size.
    pub(crate) fn without_limits(self) -> Self {
        Self {
            options: AnswerOptions::UNCUT,
            ..self
        }
    }

    fn option(&self, name: &str) -> Option<&Json> {
        let mut options = self.properties.options.iter();
        options
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    fn is_on(&self, name: &str) -> bool {
        match self.option(name) {
            Some(Json::String(text)) => text.eq_ignore_ascii_case("true"),
            other => other == Some(&Json::Bool(true)),
        }
    }

    fn time_limit(&self) -> Duration {
        let written = self.option("servertimeout").and_then(Json::as_str);
        let written = written.and_then(Timespan::parse).and_then(Timespan::to_duration);
        let limit = self.properties.server_timeout.or(written);
        limit.unwrap_or(TIME_LIMIT).min(LONGEST_TIME)
    }
}

/// Runs a query: a table for each of its statements that gives one. Of rows beyond the limits of the options there are few.
///
/// # Errors
/// `BadRequest_DatabaseNotExist`, and what [`kusto_query::query`] refuses.
pub(crate) fn run(
    kusto: &FakeKusto,
    database: &str,
    text: &str,
    request: &Request,
) -> Result<Vec<AnswerTable>> {
    let options = options_of(kusto, database, request)?;
    if request.is_on("validate_permissions") {
        let allowed = AnswerTable::of(PRIMARY, &[("Result", ScalarType::String)]);
        return Ok(vec![allowed.with_row(["OK"])]);
    }
    let results = kusto_query::query(text, &Databases(kusto), &options, &time_is_over(kusto, request))?;
    Ok(results
        .iter()
        .map(|result| table_of_result(PRIMARY, result))
        .collect())
}

/// Sends a table through operators, each behind its bar.
///
/// # Errors
/// As [`run`].
pub(crate) fn pipe(
    kusto: &FakeKusto,
    database: &str,
    table: AnswerTable,
    operators: &str,
) -> Result<AnswerTable> {
    let request = Request::uncut();
    let options = options_of(kusto, database, &request)?;
    let name = table.name.clone();
    let table = Arc::new(memory_table(table)?);
    let is_over = time_is_over(kusto, &request);
    let result = kusto_query::query_over(table, operators, &Databases(kusto), &options, &is_over)?;
    Ok(table_of_result(&name, &result))
}

fn options_of(kusto: &FakeKusto, database: &str, request: &Request) -> Result<QueryOptions> {
    let mut state = kusto.state();
    let name = state.catalog.database(database)?.name.clone();
    let at_most = |most: Option<u64>| {
        most.and_then(|most| usize::try_from(most).ok())
            .unwrap_or(usize::MAX)
    };
    // One more than may come, by which an answer is seen to be cut.
    let rows = at_most(request.options.max_records).saturating_add(1);
    let limits = QueryLimits::default()
        .with_max_memory_bytes(state.limits.max_query_bytes)
        .with_max_steps(state.limits.max_query_steps);
    Ok(QueryOptions::new(name, kusto.now())
        .with_parameters(request.properties.parameters.clone())
        .with_max_result(
            rows.min(at_most(request.options.take)),
            at_most(request.options.max_bytes),
        )
        .with_limits(limits))
}

/// Whether the time is over that a request has from now on.
fn time_is_over(kusto: &FakeKusto, request: &Request) -> impl Fn() -> bool + use<> {
    let clock = kusto.clock();
    let end = clock.monotonic().saturating_add(request.time_limit());
    move || clock.monotonic() > end
}

/// The databases as queries see them. A table is looked up where it is named, and is then what it was at that moment.
struct Databases<'a>(&'a FakeKusto);

impl Tables for Databases<'_> {
    fn has_database(&self, database: &str) -> bool {
        self.0.state().catalog.database(database).is_ok()
    }

    fn table(&self, database: &str, name: &str) -> Option<Arc<dyn TableData>> {
        let mut state = self.0.state();
        let table = state.catalog.table(database, name).ok()?;
        Some(Arc::new(table.rows.snapshot(&table.schema)))
    }

    fn table_names(&self, database: &str) -> Vec<String> {
        let mut state = self.0.state();
        let tables = state
            .catalog
            .database(database)
            .map(|database| database.tables.keys());
        tables.map_or_else(|_| Vec::new(), |names| names.cloned().collect())
    }

    fn function(&self, database: &str, name: &str) -> Option<StoredFunction> {
        let mut state = self.0.state();
        let functions = &state.catalog.database(database).ok()?.functions;
        let function = functions.get(name)?;
        Some(StoredFunction::new(&function.parameters, &function.body))
    }
}

fn table_of_result(name: &str, result: &QueryResult) -> AnswerTable {
    let columns = result.columns();
    let stored = |(value, column): (&Value, &Column)| value.to_stored(column.scalar_type);
    let rows = result
        .rows()
        .map(|row| row.zip(columns).map(stored).collect::<Row>());
    let mut table = AnswerTable::of(name, &[]);
    table.rows = rows.collect();
    table.columns = columns.to_vec();
    table.visualization = result.visualization().map(|drawn| drawn.to_string());
    table
}

fn memory_table(answer: AnswerTable) -> Result<MemoryTable> {
    let schema = Schema::new(answer.columns)?;
    let rows = answer.rows.into_iter();
    let rows = rows.map(|row| row.into_iter().map(Value::from).collect());
    Ok(MemoryTable::new(schema, rows.collect()))
}
