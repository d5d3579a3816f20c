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

use crate::store::Snapshot;
use crate::wire::AnswerOptions;
use crate::{AnswerTable, FakeKusto};

/// What the service calls the table with the answer.
const PRIMARY: &str = "PrimaryResult";

/// How long a query may take, unless its request says otherwise, and at most.
const TIME_LIMIT: Duration = Duration::from_secs(4 * 60);
const LONGEST_TIME: Duration = Duration::from_secs(60 * 60);

impl FakeKusto {
    /// Runs a query: a table for each of its statements that gives one. Of rows beyond the limits of the options there are
    /// few.
    ///
    /// # Errors
    /// `BadRequest_DatabaseNotExist`, and what [`kusto_query::query`] refuses.
    pub(crate) fn run_query(
        &self,
        database: &str,
        text: &str,
        properties: &RequestProperties,
        options: &AnswerOptions,
    ) -> Result<Vec<AnswerTable>> {
        let query = self.options_of(database, properties, options)?;
        if is_on(properties, "validate_permissions") {
            let allowed = AnswerTable::of(PRIMARY, &[("Result", ScalarType::String)]);
            return Ok(vec![allowed.with_row(["OK"])]);
        }
        let tables = Databases {
            kusto: self,
            replaced: None,
        };
        let results = kusto_query::query(text, &tables, &query, &self.is_over(properties))?;
        Ok(results
            .iter()
            .map(|result| table_of_result(PRIMARY, result))
            .collect())
    }

    /// Runs a query in whose eyes a table has other rows.
    ///
    /// # Errors
    /// As [`run_query`](Self::run_query).
    pub(crate) fn run_query_over(
        &self,
        database: &str,
        text: &str,
        table: &str,
        rows: Snapshot,
    ) -> Result<AnswerTable> {
        let properties = RequestProperties::new();
        let query = self.options_of(database, &properties, &AnswerOptions::UNCUT)?;
        let tables = Databases {
            kusto: self,
            replaced: Some((table.to_owned(), Arc::new(rows))),
        };
        let results = kusto_query::query(text, &tables, &query, &self.is_over(&properties))?;
        let first = results.first().map(|result| table_of_result(PRIMARY, result));
        Ok(first.unwrap_or_default())
    }

    /// Runs the operators that stand behind a command over its answer.
    ///
    /// # Errors
    /// As [`run_query`](Self::run_query).
    pub(crate) fn run_operators(
        &self,
        database: &str,
        answer: AnswerTable,
        operators: &str,
        properties: &RequestProperties,
    ) -> Result<AnswerTable> {
        let query = self.options_of(database, properties, &AnswerOptions::UNCUT)?;
        let name = answer.name.clone();
        let table = Arc::new(memory_table(answer)?);
        let tables = Databases {
            kusto: self,
            replaced: None,
        };
        let result = kusto_query::query_over(table, operators, &tables, &query, &self.is_over(properties))?;
        Ok(table_of_result(&name, &result))
    }

    /// Whether the time is over that a request has from now on.
    fn is_over(&self, properties: &RequestProperties) -> impl Fn() -> bool {
        let clock = self.clock();
        let written = option(properties, "servertimeout").and_then(Json::as_str);
        let written = written.and_then(Timespan::parse).and_then(Timespan::to_duration);
        let limit = properties
            .server_timeout
            .or(written)
            .unwrap_or(TIME_LIMIT)
            .min(LONGEST_TIME);
        let end = clock.monotonic().saturating_add(limit);
        move || clock.monotonic() > end
    }

    fn options_of(
        &self,
        database: &str,
        properties: &RequestProperties,
        options: &AnswerOptions,
    ) -> Result<QueryOptions> {
        let mut state = self.state();
        let name = state.catalog.database(database)?.name.clone();
        // One more than may come, by which an answer is seen to be cut.
        let at_most = |most: Option<u64>| {
            most.and_then(|most| usize::try_from(most).ok())
                .unwrap_or(usize::MAX)
        };
        let rows = at_most(options.max_records)
            .saturating_add(1)
            .min(at_most(options.take));
        let limits = QueryLimits::default()
            .with_max_memory_bytes(state.limits.max_query_bytes)
            .with_max_steps(state.limits.max_query_steps);
        Ok(QueryOptions::new(name, self.now())
            .with_parameters(properties.parameters.clone())
            .with_max_result(rows, at_most(options.max_bytes))
            .with_limits(limits))
    }
}

fn option<'a>(properties: &'a RequestProperties, name: &str) -> Option<&'a Json> {
    let mut options = properties.options.iter();
    options
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn is_on(properties: &RequestProperties, name: &str) -> bool {
    match option(properties, name) {
        Some(Json::String(text)) => text.eq_ignore_ascii_case("true"),
        other => other == Some(&Json::Bool(true)),
    }
}

/// The databases as queries see them. A table is looked up where it is named, and is then what it was at that moment.
struct Databases<'a> {
    kusto: &'a FakeKusto,
    /// A table that has other rows, wherever it is named without its database.
    replaced: Option<(String, Arc<Snapshot>)>,
}

impl Tables for Databases<'_> {
    fn has_database(&self, database: &str) -> bool {
        self.kusto.state().catalog.database(database).is_ok()
    }

    fn table(&self, database: &str, name: &str) -> Option<Arc<dyn TableData>> {
        if let Some((replaced, rows)) = &self.replaced
            && replaced == name
        {
            return Some(Arc::clone(rows) as Arc<dyn TableData>);
        }
        let mut state = self.kusto.state();
        let table = state.catalog.table(database, name).ok()?;
        Some(Arc::new(table.rows.snapshot(&table.schema, &table.extents)))
    }

    fn table_names(&self, database: &str) -> Vec<String> {
        let mut state = self.kusto.state();
        let tables = state
            .catalog
            .database(database)
            .map(|database| database.tables.keys());
        tables.map_or_else(|_| Vec::new(), |names| names.cloned().collect())
    }

    fn function(&self, database: &str, name: &str) -> Option<StoredFunction> {
        let mut state = self.kusto.state();
        let function = state.catalog.database(database).ok()?.functions.get(name)?;
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
