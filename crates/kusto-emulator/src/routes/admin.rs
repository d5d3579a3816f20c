//! The admin API, for tests in other processes and for the page: state, requests, waiting, faults, time, reset.

mod events;
mod faults;
mod look;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kusto_ingest_core::{Clock, Error, ErrorKind, Result};
use serde_json::{Map, Value, json};

use crate::answer::{Answer, bare, json, status};
use crate::request_head::RequestHead;
use crate::state::ServerState;

/// The longest step of the clock: a hundred years.
const LONGEST_STEP: u64 = 100 * 366 * 24 * 60 * 60;

pub(super) async fn answer(state: &Arc<ServerState>, asked: &RequestHead, body: &Bytes) -> Result<Answer> {
    let told = |value: Value| Ok(json(status(200), value.to_string()));
    let what = asked.path.strip_prefix("/__emulator/").unwrap_or_default();
    match (asked.method.as_str(), what) {
        ("GET", "" | "page.css" | "page.js") => Ok(super::page::answer(&asked.path)),
        ("GET", "state") => told(look::state(state)),
        ("GET", "tables") => told(json!({"tables": look::tables(state)})),
        ("GET", "rows") => told(look::rows(state, asked)?),
        ("GET", "requests") => {
            let requests: Value = state.log.ended().iter().map(look::described).collect();
            told(json!({"accepted": state.log.accepted(), "requests": requests}))
        }
        ("GET", "notes") => {
            let notes: Value = state.fake.notes().iter().map(look::noted).collect();
            told(json!({"notes": notes, "ignoredOptions": state.fake.ignored_options()}))
        }
        ("GET", "events") => Ok(events::answer(state, asked)),
        ("GET", "drained") => {
            state.worker.drained().await;
            Ok(bare(status(204)))
        }
        ("POST", "reset") => {
            state.reset().await;
            Ok(bare(status(204)))
        }
        ("POST", "clock") => {
            let said = object(body)?;
            let seconds = said.get("advanceSeconds").and_then(Value::as_u64);
            let seconds = seconds
                .filter(|seconds| *seconds <= LONGEST_STEP)
                .ok_or_else(|| {
                    refuse(
                        "set the clock",
                        "it does not say \"advanceSeconds\", a whole number up to a hundred years",
                    )
                })?;
            state.clock.advance(Duration::from_secs(seconds));
            state.worker.wake();
            state.changes.happened();
            told(json!({"now": state.clock.now().to_string()}))
        }
        ("POST", "faults") => {
            faults::add(state, &object(body)?)?;
            state.changes.happened();
            Ok(bare(status(201)))
        }
        ("GET", "faults") => told(json!({"faults": state.faults.names()})),
        ("DELETE", "faults") => {
            state.faults.clear_faults();
            state.changes.happened();
            Ok(bare(status(204)))
        }
        _ => Ok(bare(status(404))),
    }
}

fn object(body: &Bytes) -> Result<Map<String, Value>> {
    serde_json::from_slice(body).map_err(|_| refuse("read the request", "the body is not a JSON object"))
}

fn refuse(attempt: &'static str, why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidInput, attempt).because(why)
}
