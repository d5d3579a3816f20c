//! Queues: where ingestion messages go, and reports come from.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use kusto_ingest_core::{Result, Timestamp};

use crate::ResourceUri;

/// Puts messages into queues and takes them out.
///
/// # Contract
/// - `put` is not repeatable: a message that was sent and whose answer was lost is
///   [`OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown), and so is an answer 408, 500, 502 or 504. Everything
///   else is definite.
/// - Text goes as it is; whoever wants base64 encodes it.
/// - A received message is invisible for a while and comes back unless it is deleted.
/// - `max` is 1 to 32, the service's own bounds; implementations clamp to them.
/// - `clear` may be repeated. A long queue may take the service longer than a request may last: the error is then
///   one that is not permanent, and another call goes on where it ended. A SAS for the queue alone need not
///   allow it, though it allows to delete each message; one for the account that allows to delete does.
/// - Implementations do not retry, and never put the queue's SAS into errors or logs.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait QueueStore: Debug + Send + Sync + 'static {
    /// Appends a message.
    async fn put(&self, queue: &ResourceUri, text: &str) -> Result<()>;

    /// Reads messages without taking them.
    async fn peek(&self, queue: &ResourceUri, max: u8) -> Result<Vec<PeekedMessage>>;

    /// Takes messages, which others cannot see for so long.
    async fn receive(
        &self,
        queue: &ResourceUri,
        max: u8,
        invisible_for: Duration,
    ) -> Result<Vec<ReceivedMessage>>;

    /// Removes a received message for good.
    async fn delete(&self, queue: &ResourceUri, message: &MessageHandle) -> Result<()>;

    /// Removes all messages for good, also those that are invisible.
    async fn clear(&self, queue: &ResourceUri) -> Result<()>;
}

/// A message that was read and left where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeekedMessage {
    /// Its identity in the queue.
    pub id: String,
    /// Its text.
    pub text: String,
    /// When it was put, when the service told.
    pub inserted: Option<Timestamp>,
    /// How often it was received so far.
    pub dequeue_count: u32,
}

impl PeekedMessage {
    /// A message with its identity and text.
    pub fn new(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            text: text.into(),
            inserted: None,
            dequeue_count: 0,
        }
    }
}

/// A message that was taken, and can be deleted by its handle.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivedMessage {
    /// What deletes it.
    pub handle: MessageHandle,
    /// Its text.
    pub text: String,
    /// When it was put, when the service told.
    pub inserted: Option<Timestamp>,
    /// How often it was received, this time included.
    pub dequeue_count: u32,
}

impl ReceivedMessage {
    /// A message with its handle and text.
    pub fn new(handle: MessageHandle, text: impl Into<String>) -> Self {
        Self {
            handle,
            text: text.into(),
            inserted: None,
            dequeue_count: 1,
        }
    }
}

/// What deletes a received message: its identity and the receipt of this very reception.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MessageHandle {
    /// Its identity in the queue.
    pub id: String,
    /// The receipt of the reception.
    pub pop_receipt: String,
}

impl MessageHandle {
    /// A handle of its two parts.
    pub fn new(id: impl Into<String>, pop_receipt: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            pop_receipt: pop_receipt.into(),
        }
    }
}
