//! The admin API, for tests in other processes and for the page: state, requests, waiting, faults, time, reset.

mod faults;
mod look;

use std::time::Duration;

use bytes::Bytes;
use kusto_ingest_core::{Clock, Error, ErrorKind, Result};
use serde_json::{Map, Value, json};

use crate::answer::{Answer, bare, json, status, with};
use crate::request_head::RequestHead;
use crate::state::ServerState;

/// How long a page waits for something to happen before it is told that nothing did.
const NEWS: Duration = Duration::from_secs(15);

/// The longest step of the clock: a hundred years.
const LONGEST_STEP: u64 = 100 * 366 * 24 * 60 * 60;

pub(super) async fn answer(state: &ServerState, asked: &RequestHead, body: &Bytes) -> Result<Answer> {
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
        ("GET", "events") => Ok(news(state, asked).await),
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

/// The state as an event, once it is another than the one that the page has. A browser asks again by itself, and says
/// which event it had last.
async fn news(state: &ServerState, asked: &RequestHead) -> Answer {
    let known = asked.header("last-event-id").and_then(|id| id.parse().ok());
    let id = state.changes.after(known, &*state.network, NEWS).await;
    let event = format!("retry: 250\nid: {id}\ndata: {}\n\n", look::state(state));
    let answer = status(200)
        .header("content-type", "text/event-stream")
        .header("cache-control", "no-store");
    with(answer, Bytes::from(event))
}

fn object(body: &Bytes) -> Result<Map<String, Value>> {
    serde_json::from_slice(body).map_err(|_| refuse("read the request", "the body is not a JSON object"))
}

fn refuse(attempt: &'static str, why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidInput, attempt).because(why)
}
