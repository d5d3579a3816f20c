//! The admin API, for tests in other processes: requests, waiting, and faults.

use std::time::Duration;

use bytes::Bytes;
use kusto_fake::IngestionNote;
use kusto_ingest_core::{Error, ErrorKind, Result};
use serde_json::{Map, Value, json};

use crate::answer::{Answer, bare, json, status};
use crate::log::RequestRecord;
use crate::request_head::RequestHead;
use crate::state::ServerState;
use crate::{HttpFault, HttpFaultPlan, Route};

pub(super) async fn answer(state: &ServerState, asked: &RequestHead, body: &Bytes) -> Result<Answer> {
    match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/__emulator/requests") => {
            let requests: Value = state.log.ended().iter().map(described).collect();
            let answer = json!({"accepted": state.log.accepted(), "requests": requests});
            Ok(json(status(200), answer.to_string()))
        }
        ("GET", "/__emulator/drained") => {
            state.worker.drained().await;
            Ok(bare(status(204)))
        }
        ("GET", "/__emulator/notes") => {
            let notes: Value = state.fake.notes().iter().map(noted).collect();
            let answer = json!({"notes": notes, "ignoredOptions": state.fake.ignored_options()});
            Ok(json(status(200), answer.to_string()))
        }
        ("POST", "/__emulator/faults") => {
            state.faults.plan(plan(body)?);
            Ok(bare(status(201)))
        }
        ("DELETE", "/__emulator/faults") => {
            state.faults.clear_faults();
            Ok(bare(status(204)))
        }
        _ => Ok(bare(status(404))),
    }
}

fn described(record: &RequestRecord) -> Value {
    json!({
        "route": record.route.to_string(),
        "method": record.method,
        "path": record.path,
        "clientRequestId": record.client_request_id,
        "bodyBytes": record.body_bytes,
        "status": record.status,
    })
}

/// A note on what an ingestion left out or changed.
fn noted(note: &IngestionNote) -> Value {
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

/// Reads `{"fault", "status"|"bytes"|"seconds", "code", "route", "account", "name", "after", "times"}`; what is not
/// said is as in [`HttpFaultPlan::new`], and `"times": 0` is for ever.
fn plan(body: &Bytes) -> Result<HttpFaultPlan> {
    let said: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| refuse("the body is not a JSON object"))?;
    let text = |name: &str| said.get(name).and_then(Value::as_str);
    let number = |name: &str| said.get(name).and_then(Value::as_u64);
    let small = |name: &str| number(name).and_then(|number| u32::try_from(number).ok());

    let mut plan = HttpFaultPlan::new(fault(&text, &number)?);
    if let Some(word) = text("route") {
        plan = plan.on(Route::named(word).ok_or_else(|| refuse("\"route\" is unknown"))?);
    }
    if let Some(account) = text("account") {
        plan = plan.in_account(account);
    }
    if let Some(name) = text("name") {
        plan = plan.named(name);
    }
    plan = plan.after(small("after").unwrap_or(0));
    Ok(match small("times") {
        Some(0) => plan.forever(),
        Some(times) => plan.times(times),
        None => plan,
    })
}

fn fault<'a>(
    text: &impl Fn(&str) -> Option<&'a str>,
    number: &impl Fn(&str) -> Option<u64>,
) -> Result<HttpFault> {
    let bytes = number("bytes").ok_or_else(|| refuse("it does not say how many bytes"));
    match text("fault") {
        Some(word @ ("status" | "status-afterwards")) => {
            let status = number("status").and_then(|status| u16::try_from(status).ok());
            let status = status.filter(|status| (200..600).contains(status));
            let status = status.ok_or_else(|| refuse("\"status\" is missing"))?;
            let code = text("code").unwrap_or("InternalError").to_owned();
            Ok(match word {
                "status" => HttpFault::Status(status, code),
                _ => HttpFault::StatusAfterwards(status, code),
            })
        }
        Some("reset-before-body") => Ok(HttpFault::ResetBeforeBody),
        Some("reset-after-bytes") => Ok(HttpFault::ResetAfterBytes(bytes?)),
        Some("response-lost") => Ok(HttpFault::ResponseLost),
        Some("response-truncated") => Ok(HttpFault::ResponseTruncated(bytes?)),
        Some(word @ ("delay" | "throttled")) => {
            let seconds = number("seconds").ok_or_else(|| refuse("it does not say how many seconds"))?;
            let seconds = Duration::from_secs(seconds);
            Ok(match word {
                "delay" => HttpFault::Delay(seconds),
                _ => HttpFault::Throttled(seconds),
            })
        }
        _ => Err(refuse("\"fault\" is unknown")),
    }
}

fn refuse(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidInput, "plan the fault").because(why)
}
