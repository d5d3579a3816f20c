//! Queues: messages put by a thin request, read and deleted by the client of the Azure SDK.

use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::{DeserializeWith, Method, Response, XmlFormat};
use azure_core::time::OffsetDateTime;
use azure_storage_queue::models::{
    QueueClientClearOptions, QueueClientDeleteMessageOptions, QueueClientPeekMessagesOptions,
    QueueClientReceiveMessagesOptions,
};
use azure_storage_queue::{QueueClient, QueueClientOptions, models};
use kusto_ingest_core::{ErrorKind, Result, Timestamp};
use kusto_storage::{MessageHandle, Operation, PeekedMessage, QueueStore, ReceivedMessage, ResourceUri};

use crate::AzureStorage;
use crate::call::{Call, Thin, below, within};
use crate::signature::apart;

const CREATED: &[u16] = &[201];
const NO_CONTENT: &[u16] = &[204];

/// The longest that the service hides a message: seven days.
const LONGEST_HIDING: u64 = 7 * 24 * 60 * 60;

#[async_trait]
impl QueueStore for AzureStorage {
    async fn put(&self, queue: &ResourceUri, text: &str) -> Result<()> {
        let call = Call::new(Operation::PutMessage, queue);
        let outcome = Thin::new(self, Method::Post, below(queue, "messages"), self.call_limits)
            .header("x-ms-version", &self.service_version)
            .header("content-type", "application/xml")
            .header("accept", "application/xml")
            .body(message(text))
            .send(CREATED)
            .await;
        call.done(outcome, CREATED)
    }

    async fn peek(&self, queue: &ResourceUri, max: u8) -> Result<Vec<PeekedMessage>> {
        let call = Call::new(Operation::PeekMessages, queue);
        let options = QueueClientPeekMessagesOptions {
            method_options: within(self.call_limits),
            number_of_messages: Some(clamped(max)),
            ..Default::default()
        };
        let answer = call.answered(self.queue(call)?.peek_messages(Some(options)).await)?;
        let messages = listed(call, answer)?.items.unwrap_or_default();
        messages
            .into_iter()
            .map(|message| peeked(call, message))
            .collect()
    }

    async fn receive(
        &self,
        queue: &ResourceUri,
        max: u8,
        invisible_for: Duration,
    ) -> Result<Vec<ReceivedMessage>> {
        let call = Call::new(Operation::ReceiveMessages, queue);
        let options = QueueClientReceiveMessagesOptions {
            method_options: within(self.call_limits),
            number_of_messages: Some(clamped(max)),
            visibility_timeout: Some(whole_seconds(invisible_for)),
            ..Default::default()
        };
        let answer = call.answered(self.queue(call)?.receive_messages(Some(options)).await)?;
        let messages = listed(call, answer)?.items.unwrap_or_default();
        messages
            .into_iter()
            .map(|message| received(call, message))
            .collect()
    }

    async fn delete(&self, queue: &ResourceUri, message: &MessageHandle) -> Result<()> {
        let call = Call::new(Operation::DeleteMessage, queue);
        let options = QueueClientDeleteMessageOptions {
            method_options: within(self.call_limits),
            ..Default::default()
        };
        let client = self.queue(call)?;
        let outcome = client
            .delete_message(&message.id, &message.pop_receipt, Some(options))
            .await;
        call.done(outcome, NO_CONTENT)
    }

    async fn clear(&self, queue: &ResourceUri) -> Result<()> {
        let call = Call::new(Operation::ClearMessages, queue);
        let options = QueueClientClearOptions {
            method_options: within(self.call_limits),
            ..Default::default()
        };
        let outcome = self.queue(call)?.clear(Some(options)).await;
        call.done(outcome, NO_CONTENT)
    }
}

impl AzureStorage {
    fn queue(&self, call: Call<'_>) -> Result<QueueClient> {
        let url = call.resource.expose().clone();
        let (url, client_options) = apart(url, call.resource, self.client_options());
        let options = QueueClientOptions {
            client_options,
            version: self.service_version.clone(),
        };
        call.answered(QueueClient::new(url, None, Some(options)))
    }
}

/// The body of a request that puts a message.
fn message(text: &str) -> String {
    let mut body = String::with_capacity(text.len() + 64);
    body.push_str("<QueueMessage><MessageText>");
    for character in text.chars() {
        match character {
            '&' => body.push_str("&amp;"),
            '<' => body.push_str("&lt;"),
            '>' => body.push_str("&gt;"),
            // A reader of XML makes a line feed of it otherwise.
            '\r' => body.push_str("&#13;"),
            other => body.push(other),
        }
    }
    body.push_str("</MessageText></QueueMessage>");
    body
}

fn clamped(max: u8) -> i32 {
    i32::from(max.clamp(1, 32))
}

/// The service counts in whole seconds, of which a reception has one at least: a message may stay hidden for
/// longer than asked, never for less.
fn whole_seconds(hidden: Duration) -> i32 {
    let seconds = hidden
        .as_secs()
        .saturating_add(u64::from(hidden.subsec_nanos() > 0));
    i32::try_from(seconds.clamp(1, LONGEST_HIDING)).unwrap_or(i32::MAX)
}

/// The list in an answer. Any XML reads as an empty one, a network's page to sign in as well, so its name is looked
/// for.
fn listed<T: DeserializeWith<XmlFormat>>(call: Call<'_>, answer: Response<T, XmlFormat>) -> Result<T> {
    let text = std::str::from_utf8(answer.body()).unwrap_or_default();
    if !text.contains("<QueueMessagesList") {
        let error = call.error(ErrorKind::Protocol);
        return Err(error.because("the answer is no list of messages"));
    }
    call.answered(answer.into_model())
}

fn peeked(call: Call<'_>, message: models::PeekedMessage) -> Result<PeekedMessage> {
    let id = told(call, message.message_id, "a message has no id")?;
    let mut peeked = PeekedMessage::new(id, message.message_text.unwrap_or_default());
    peeked.inserted = message.insertion_time.map(timestamp);
    peeked.dequeue_count = count(message.dequeue_count);
    Ok(peeked)
}

fn received(call: Call<'_>, message: models::ReceivedMessage) -> Result<ReceivedMessage> {
    let id = told(call, message.message_id, "a message has no id")?;
    let receipt = told(call, message.pop_receipt, "a message has no receipt")?;
    let text = message.message_text.unwrap_or_default();
    let mut received = ReceivedMessage::new(MessageHandle::new(id, receipt), text);
    received.inserted = message.insertion_time.map(timestamp);
    received.dequeue_count = count(message.dequeue_count);
    Ok(received)
}

fn told(call: Call<'_>, value: Option<String>, why: &'static str) -> Result<String> {
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| call.error(ErrorKind::Protocol).because(why))
}

fn count(count: Option<i64>) -> u32 {
    count.map_or(0, |count| u32::try_from(count.max(0)).unwrap_or(u32::MAX))
}

fn timestamp(at: OffsetDateTime) -> Timestamp {
    Timestamp::from_datetime(at)
}
