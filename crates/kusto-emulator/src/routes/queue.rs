//! Queues: messages put, looked at, taken and deleted.

use std::time::Duration;

use bytes::Bytes;
use kusto_fake::MessageWrite;
use kusto_ingest_core::{Error, Result};
use kusto_storage::{MessageHandle, Operation};

use crate::Route;
use crate::answer::{Answer, bare, http_date, not_offered, refusal, status, with};
use crate::request_head::RequestHead;
use crate::state::ServerState;
use crate::target::Resource;
use crate::xml::{self, MessageView};

/// How long a message that was taken is hidden, unless the request says.
const HIDDEN: i64 = 30;

/// Seven days: the longest that a message is hidden.
const LONGEST: i64 = 7 * 24 * 60 * 60;

pub(super) fn answer(
    state: &ServerState,
    asked: &RequestHead,
    resource: &Resource,
    body: &Bytes,
) -> Result<Answer> {
    let answer = match resource.route {
        Route::Properties => properties(state, resource),
        Route::Storage(Operation::PutMessage) => put(state, asked, resource, body),
        Route::Storage(Operation::PeekMessages) => peek(state, asked, resource),
        Route::Storage(Operation::ReceiveMessages) => receive(state, asked, resource),
        Route::Storage(Operation::UpdateMessage) => update(state, asked, resource, body),
        Route::Storage(Operation::DeleteMessage) => delete(state, asked, resource),
        Route::Storage(Operation::ClearMessages) => clear(state, resource),
        _ => Err(not_offered()),
    };
    // Whatever became of the request, there may be something new, or nothing to wait for any more.
    state.worker.wake();
    answer
}

fn properties(state: &ServerState, resource: &Resource) -> Result<Answer> {
    let storage = state.storage();
    let count = storage.message_count(&resource.place);
    Ok(bare(status(200).header("x-ms-approximate-messages-count", count)))
}

fn put(state: &ServerState, asked: &RequestHead, resource: &Resource, body: &Bytes) -> Result<Answer> {
    let text = text_of(body)?;
    let mut write = MessageWrite::new();
    write.visibility_timeout = seconds(asked, "visibilitytimeout", 0, 0..=LONGEST)?;
    write = match asked.parameter("messagettl") {
        Some("-1") => write.with_time_to_live(Duration::MAX),
        Some(_) => write.with_time_to_live(seconds(asked, "messagettl", 1, 1..=i64::MAX)?),
        None => write,
    };
    let message = state.storage().put_message(&resource.place, &text, write)?;
    Ok(list(201, xml::messages(&[message], MessageView::Put)))
}

fn peek(state: &ServerState, asked: &RequestHead, resource: &Resource) -> Result<Answer> {
    let max = max(asked)?;
    let messages = state.storage().peek_messages(&resource.place, max)?;
    Ok(list(200, xml::messages(&messages, MessageView::Peeked)))
}

fn receive(state: &ServerState, asked: &RequestHead, resource: &Resource) -> Result<Answer> {
    let max = max(asked)?;
    let hidden_for = seconds(asked, "visibilitytimeout", HIDDEN, 1..=LONGEST)?;
    let messages = state
        .storage()
        .receive_messages(&resource.place, max, hidden_for)?;
    Ok(list(200, xml::messages(&messages, MessageView::Received)))
}

/// Hides a message for longer, or for less; where there is a body, with another text.
fn update(state: &ServerState, asked: &RequestHead, resource: &Resource, body: &Bytes) -> Result<Answer> {
    if asked.parameter("visibilitytimeout").is_none() {
        return Err(missing("visibilitytimeout is missing"));
    }
    let hidden_for = seconds(asked, "visibilitytimeout", 0, 0..=LONGEST)?;
    let text = match body.is_empty() {
        true => None,
        false => Some(text_of(body)?),
    };
    let handle = handle(asked, resource)?;
    let message = state
        .storage()
        .update_message(&resource.place, &handle, text.as_deref(), hidden_for)?;
    Ok(bare(
        status(204)
            .header("x-ms-popreceipt", &message.handle.pop_receipt)
            .header("x-ms-time-next-visible", http_date(message.next_visible)),
    ))
}

fn delete(state: &ServerState, asked: &RequestHead, resource: &Resource) -> Result<Answer> {
    let handle = handle(asked, resource)?;
    state.storage().delete_message(&resource.place, &handle)?;
    Ok(bare(status(204)))
}

/// The message that a request is about.
fn handle(asked: &RequestHead, resource: &Resource) -> Result<MessageHandle> {
    let id = resource.rest.trim_start_matches("messages/");
    let receipt = asked.parameter("popreceipt");
    let receipt = receipt.ok_or_else(|| missing("popreceipt is missing"))?;
    Ok(MessageHandle::new(id, receipt))
}

fn missing(why: &'static str) -> Error {
    refusal(400, "MissingRequiredQueryParameter", why)
}

/// The text of a message in a body.
fn text_of(body: &Bytes) -> Result<String> {
    let mut leaves = xml::leaves(body)?.into_iter();
    let text = leaves.find(|(name, _)| name == "MessageText");
    let missing = || refusal(400, "InvalidXmlDocument", "the body holds no MessageText");
    text.map(|(_, text)| text).ok_or_else(missing)
}

fn clear(state: &ServerState, resource: &Resource) -> Result<Answer> {
    state.storage().clear_messages(&resource.place)?;
    Ok(bare(status(204)))
}

fn list(code: u16, text: String) -> Answer {
    let answer = status(code)
        .header("content-type", "application/xml")
        .header("cache-control", "no-cache");
    with(answer, Bytes::from(text))
}

/// How many messages are wanted; the storage says whether that is too many.
fn max(asked: &RequestHead) -> Result<usize> {
    match asked.parameter("numofmessages") {
        None => Ok(1),
        Some(text) => text
            .parse()
            .map_err(|_| refusal(400, "InvalidQueryParameterValue", "numofmessages is not a number")),
    }
}

fn seconds(
    asked: &RequestHead,
    name: &str,
    otherwise: i64,
    allowed: std::ops::RangeInclusive<i64>,
) -> Result<Duration> {
    let number = asked.parameter(name).map_or(Ok(otherwise), str::parse);
    let number = number.map_err(|_| refusal(400, "InvalidQueryParameterValue", "a time is not a number"))?;
    match u64::try_from(number) {
        Ok(seconds) if allowed.contains(&number) => Ok(Duration::from_secs(seconds)),
        _ => Err(refusal(
            400,
            "OutOfRangeQueryParameterValue",
            "a time is too short or too long",
        )),
    }
}
