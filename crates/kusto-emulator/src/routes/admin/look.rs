//! What is told of an emulator: tables, rows, requests, notes, and its state in short.

use kusto_endpoint::RequestProperties;
use kusto_fake::wire::AnswerOptions;
use kusto_fake::{Ingestion, IngestionNote, TableSummary};
use kusto_ingest_core::{Clock, DatabaseName, Error, ErrorKind, Result, TableName};
use serde_json::{Value, json};

use crate::log::RequestRecord;
use crate::request_head::RequestHead;
use crate::state::ServerState;
use crate::{FaultPreset, Route};

/// How many ingestions, notes and requests the state has.
const LAST: usize = 100;

/// How many rows are told unless more are asked for.
const ROWS: u64 = 100;

/// All in short: what a page shows, which asks for it itself and is not among its requests.
pub(super) fn state(state: &ServerState) -> Value {
    let fake = &state.fake;
    let requests = state.log.latest(LAST, |record| record.route != Route::Admin);
    let (ingestions, notes) = (fake.latest_ingestions(LAST), fake.latest_notes(LAST));
    json!({
        "cluster": state.cluster,
        "now": state.clock.now().to_string(),
        "aheadSeconds": state.clock.ahead().as_secs(),
        "databases": fake.databases(),
        "tables": tables(state),
        "queued": fake.queued_message_count(),
        "blobs": fake.storage().blob_count(),
        "ingestions": ingestions.iter().map(ingested).collect::<Value>(),
        "notes": notes.iter().map(noted).collect::<Value>(),
        "requests": requests.iter().map(described).collect::<Value>(),
        "faults": state.faults.names(),
        "presets": FaultPreset::ALL.map(FaultPreset::name),
    })
}

pub(super) fn tables(state: &ServerState) -> Value {
    let described = |table: &TableSummary| {
        let columns = table.schema.columns().iter();
        let columns =
            columns.map(|column| json!({"name": column.name, "type": column.scalar_type.to_string()}));
        json!({
            "database": table.database,
            "table": table.table,
            "columns": columns.collect::<Value>(),
            "rows": table.rows,
        })
    };
    state.fake.table_summaries().iter().map(described).collect()
}

/// The rows of the table that the query names: `?database=D&table=T&limit=100`.
///
/// # Errors
/// What the query lacks, and the service's own for a table that is not there.
pub(super) fn rows(state: &ServerState, asked: &RequestHead) -> Result<Value> {
    let named = |name: &str| {
        asked.parameter(name).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, "read the rows")
                .because("the query names no database and table")
        })
    };
    let database = DatabaseName::parse(named("database")?)?;
    let table = TableName::parse(named("table")?)?;
    let limit = match asked.parameter("limit") {
        Some(limit) => limit.parse().map_err(|_| {
            Error::new(ErrorKind::InvalidInput, "read the rows").because("the limit is no number")
        })?,
        None => ROWS,
    };
    let name = table.as_str().replace('\\', "\\\\").replace('\'', "\\'");
    let query = format!("['{name}'] | take {limit}");
    let answer = state.fake.answer_query(
        &database,
        &query,
        &RequestProperties::new(),
        &AnswerOptions::default(),
    )?;
    let dataset = answer.to_dataset();
    let table = dataset.tables.into_iter().next().unwrap_or_default();
    let columns: Value = table.columns.iter().map(|column| json!(column.name)).collect();
    Ok(json!({"columns": columns, "rows": table.rows}))
}

fn ingested(ingestion: &Ingestion) -> Value {
    json!({
        "sourceId": ingestion.source_id.map(|id| id.to_string()),
        "database": ingestion.database,
        "table": ingestion.table,
        "status": ingestion.status.to_string(),
        "rows": ingestion.rows,
        "errorCode": ingestion.error_code.as_ref().map(ToString::to_string),
        "error": ingestion.error.as_ref().map(Error::chain),
        "ended": ingestion.ended.to_string(),
    })
}

pub(super) fn described(record: &RequestRecord) -> Value {
    json!({
        "route": record.route.to_string(),
        "method": record.method,
        "path": record.path,
        "clientRequestId": record.client_request_id,
        "headers": record.headers,
        "bodyBytes": record.body_bytes,
        "status": record.status,
    })
}

/// A note on what an ingestion left out or changed.
pub(super) fn noted(note: &IngestionNote) -> Value {
    let first = note.first.iter().map(|warning| {
        json!({
            "line": warning.line,
            "record": warning.record,
            "column": warning.column,
            "reason": warning.kind.reason(),
            "text": warning.to_string(),
        })
    });
    json!({
        "sourceId": note.source_id.map(|id| id.to_string()),
        "database": note.database,
        "table": note.table,
        "path": note.path,
        "rows": note.rows,
        "recordsLeftOut": note.records_left_out,
        "valuesChanged": note.values_changed,
        "reasons": note.reasons,
        "first": first.collect::<Value>(),
        "ended": note.ended.to_string(),
    })
}
