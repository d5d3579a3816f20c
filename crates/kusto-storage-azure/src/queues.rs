//! Queues: messages are put, looked at, taken and deleted.
//!
//! After "Put Message", "Peek Messages", "Get Messages", "Delete Message" and "Clear Messages" of the Queue service's
//! REST documentation.

use std::borrow::Cow;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::{Method, RawResponse, Url};
use azure_core::time::parse_rfc7231;
use azure_core::xml::from_xml;
use kusto_ingest_core::{ErrorKind, Result, Timestamp};
use kusto_storage::{MessageHandle, Operation, PeekedMessage, QueueStore, ReceivedMessage, ResourceUri};
use serde::Deserialize;

use crate::AzureStorage;
use crate::call::{Call, RestRequest, below, with_query};

const CREATED: &[u16] = &[201];
const OK: &[u16] = &[200];
const NO_CONTENT: &[u16] = &[204];

/// The longest that the service hides a message: seven days.
const LONGEST_HIDING: u64 = 7 * 24 * 60 * 60;

#[async_trait]
impl QueueStore for AzureStorage {
    async fn put(&self, queue: &ResourceUri, text: &str) -> Result<()> {
        let call = Call::new(Operation::PutMessage, queue);
        let outcome = self
            .messages(Method::Post, messages(queue))
            .header("content-type", "application/xml")
            .body(message(text))
            .send(CREATED)
            .await;
        call.done(outcome, CREATED)
    }

    async fn peek(&self, queue: &ResourceUri, max: u8) -> Result<Vec<PeekedMessage>> {
        let call = Call::new(Operation::PeekMessages, queue);
        let max = clamped(max);
        let url = with_query(messages(queue), [("numofmessages", &*max), ("peekonly", "true")]);
        let answer = call.answered(self.messages(Method::Get, url).send(OK).await)?;
        let messages = listed(call, &answer)?.into_iter();
        messages.map(|message| peeked(call, message)).collect()
    }

    async fn receive(
        &self,
        queue: &ResourceUri,
        max: u8,
        invisible_for: Duration,
    ) -> Result<Vec<ReceivedMessage>> {
        let call = Call::new(Operation::ReceiveMessages, queue);
        let (max, hidden) = (clamped(max), whole_seconds(invisible_for));
        let pairs = [("numofmessages", &*max), ("visibilitytimeout", &*hidden)];
        let url = with_query(messages(queue), pairs);
        let answer = call.answered(self.messages(Method::Get, url).send(OK).await)?;
        let messages = listed(call, &answer)?.into_iter();
        messages.map(|message| received(call, message)).collect()
    }

    async fn delete(&self, queue: &ResourceUri, message: &MessageHandle) -> Result<()> {
        let call = Call::new(Operation::DeleteMessage, queue);
        let url = below(messages(queue), &message.id);
        let url = with_query(url, [("popreceipt", message.pop_receipt.as_str())]);
        let outcome = self.messages(Method::Delete, url).send(NO_CONTENT).await;
        call.done(outcome, NO_CONTENT)
    }

    async fn clear(&self, queue: &ResourceUri) -> Result<()> {
        let call = Call::new(Operation::ClearMessages, queue);
        let outcome = self
            .messages(Method::Delete, messages(queue))
            .send(NO_CONTENT)
            .await;
        call.done(outcome, NO_CONTENT)
    }
}

impl AzureStorage {
    fn messages(&self, method: Method, url: Url) -> RestRequest<'_> {
        RestRequest::new(self, method, url, self.call_limits)
            .header("x-ms-version", self.service_version.clone())
            .header("accept", "application/xml")
    }
}

/// The address of a queue's messages.
fn messages(queue: &ResourceUri) -> Url {
    below(queue.expose().clone(), "messages")
}

/// The body of a request that puts a message.
fn message(text: &str) -> String {
    let text = escaped(text);
    [
        "<QueueMessage><MessageText>",
        &text,
        "</MessageText></QueueMessage>",
    ]
    .concat()
}

/// A text as XML holds it.
fn escaped(text: &str) -> Cow<'_, str> {
    let needs_escape = |byte: u8| matches!(byte, b'&' | b'<' | b'>' | b'\r');
    // Base64 needs none, and to look at all of it takes less than to look for the first.
    if !text.bytes().fold(false, |any, byte| any | needs_escape(byte)) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(at) = rest.bytes().position(needs_escape) {
        escaped.push_str(&rest[..at]);
        escaped.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            // A reader of XML makes a line feed of it otherwise.
            _ => "&#13;",
        });
        rest = &rest[at + 1..];
    }
    escaped.push_str(rest);
    escaped.into()
}

fn clamped(max: u8) -> String {
    max.clamp(1, 32).to_string()
}

/// The service counts in whole seconds, of which a reception has one at least: a message may stay hidden for
/// longer than asked, never for less.
fn whole_seconds(hidden: Duration) -> String {
    let seconds = hidden
        .as_secs()
        .saturating_add(u64::from(hidden.subsec_nanos() > 0));
    seconds.clamp(1, LONGEST_HIDING).to_string()
}

/// A list of messages on the wire.
#[derive(Default, Deserialize)]
struct MessageList {
    #[serde(rename = "QueueMessage", default)]
    messages: Vec<Message>,
}

/// A message on the wire. A look tells less of it than a reception.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    message_id: Option<String>,
    pop_receipt: Option<String>,
    insertion_time: Option<String>,
    dequeue_count: Option<i64>,
    message_text: Option<String>,
}

impl Message {
    fn inserted(&self) -> Option<Timestamp> {
        let at = parse_rfc7231(self.insertion_time.as_deref()?).ok()?;
        Some(Timestamp::from_datetime(at))
    }

    fn dequeue_count(&self) -> u32 {
        let count = self.dequeue_count.unwrap_or_default().max(0);
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

/// The messages in an answer. Any XML reads as an empty list, a network's page to sign in as well, so its name is looked
/// for.
fn listed(call: Call<'_>, answer: &RawResponse) -> Result<Vec<Message>> {
    let unreadable = || {
        let error = call.error(ErrorKind::Protocol);
        error.because("the answer is no list of messages")
    };
    let text = std::str::from_utf8(answer.body()).unwrap_or_default();
    if !text.contains("<QueueMessagesList") {
        return Err(unreadable());
    }
    let list: MessageList = from_xml(answer.body()).map_err(|_| unreadable())?;
    Ok(list.messages)
}

fn peeked(call: Call<'_>, message: Message) -> Result<PeekedMessage> {
    let (inserted, dequeue_count) = (message.inserted(), message.dequeue_count());
    let id = told(call, message.message_id, "a message has no id")?;
    let mut peeked = PeekedMessage::new(id, message.message_text.unwrap_or_default());
    peeked.inserted = inserted;
    peeked.dequeue_count = dequeue_count;
    Ok(peeked)
}

fn received(call: Call<'_>, message: Message) -> Result<ReceivedMessage> {
    let (inserted, dequeue_count) = (message.inserted(), message.dequeue_count());
    let id = told(call, message.message_id, "a message has no id")?;
    let receipt = told(call, message.pop_receipt, "a message has no receipt")?;
    let text = message.message_text.unwrap_or_default();
    let mut received = ReceivedMessage::new(MessageHandle::new(id, receipt), text);
    received.inserted = inserted;
    received.dequeue_count = dequeue_count;
    Ok(received)
}

fn told(call: Call<'_>, value: Option<String>, why: &'static str) -> Result<String> {
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| call.error(ErrorKind::Protocol).because(why))
}
