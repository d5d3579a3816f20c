//! Queues in memory: messages that hide after they were received, and expire.

mod messages;

use std::time::Duration;

use kusto_ingest_core::{Error, Result, Timestamp};
use kusto_storage::{MessageHandle, Operation};

pub(super) use messages::{Queue, id as message_id};

use super::changed_keys::Changed;
use super::errors::{Code, refusal};
use super::{MemoryStorage, ResourcePath, State};

/// The largest message, in bytes of its text.
const LARGEST_MESSAGE: usize = 64 * 1024;

/// How long a message lives unless it is said otherwise.
const TIME_TO_LIVE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredMessage {
    /// Its identity and the receipt of its last reception, or of its insertion.
    pub handle: MessageHandle,
    /// Its text.
    pub text: String,
    /// When it was put.
    pub inserted: Timestamp,
    /// When it vanishes by itself.
    pub expires: Timestamp,
    /// When it can be seen next.
    pub next_visible: Timestamp,
    /// How often it was received so far.
    pub dequeue_count: u32,
}

/// Lifetime and visibility of a message that is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageWrite {
    /// How long it lives.
    pub time_to_live: Duration,
    /// How long it stays invisible.
    pub visibility_timeout: Duration,
}

impl MessageWrite {
    /// Visible at once, for seven days.
    #[must_use]
    pub fn new() -> Self {
        Self {
            time_to_live: TIME_TO_LIVE,
            visibility_timeout: Duration::ZERO,
        }
    }

    /// Expires after this long.
    #[must_use]
    pub fn with_time_to_live(self, time_to_live: Duration) -> Self {
        Self { time_to_live, ..self }
    }

    /// Hides it for this long.
    #[must_use]
    pub fn with_visibility_timeout(self, timeout: Duration) -> Self {
        Self {
            visibility_timeout: timeout,
            ..self
        }
    }
}

impl Default for MessageWrite {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStorage {
    /// Appends a message.
    ///
    /// # Errors
    /// `QueueNotFound`; `RequestBodyTooLarge` above 64 KiB.
    pub fn put_message(
        &self,
        queue: &ResourcePath,
        text: &str,
        write: MessageWrite,
    ) -> Result<StoredMessage> {
        let now = self.now();
        let mut state = self.state();
        let number = state.number();
        let stored = state.queue(Operation::PutMessage, queue, now)?;
        if text.len() > LARGEST_MESSAGE {
            return Err(
                refusal(Operation::PutMessage, Code::RequestBodyTooLarge, queue).with("bytes", text.len())
            );
        }
        let message = StoredMessage {
            handle: MessageHandle::new(message_id(number), receipt(number)),
            text: text.to_owned(),
            inserted: now,
            expires: now + write.time_to_live,
            next_visible: now + write.visibility_timeout,
            dequeue_count: 0,
        };
        stored.push(number, message.clone(), now);
        state.changed.mark(|| Changed::Message(queue.clone(), number));
        Ok(message)
    }

    /// Looks at up to `max` messages without taking them.
    ///
    /// # Errors
    /// `QueueNotFound`; `OutOfRangeQueryParameterValue` unless `max` is 1 to 32.
    pub fn peek_messages(&self, queue: &ResourcePath, max: usize) -> Result<Vec<StoredMessage>> {
        let now = self.now();
        let mut state = self.state();
        let stored = state.queue(Operation::PeekMessages, queue, now)?;
        in_range(Operation::PeekMessages, queue, max)?;
        Ok(stored.visible(max).map(|(_, message)| message.clone()).collect())
    }

    /// Receives up to `max` messages, and hides them for the visibility timeout.
    ///
    /// # Errors
    /// As [`peek_messages`](Self::peek_messages).
    pub fn receive_messages(
        &self,
        queue: &ResourcePath,
        max: usize,
        hidden_for: Duration,
    ) -> Result<Vec<StoredMessage>> {
        let now = self.now();
        let mut state = self.state();
        in_range(Operation::ReceiveMessages, queue, max)?;
        let stored = state.queue(Operation::ReceiveMessages, queue, now)?;
        let visible: Vec<u64> = stored.visible(max).map(|(number, _)| number).collect();
        let mut received = Vec::new();
        for number in visible {
            let receipt = receipt(state.number());
            let stored = state.queue(Operation::ReceiveMessages, queue, now)?;
            received.extend(stored.change(number, now, |message| {
                message.handle.pop_receipt = receipt;
                message.next_visible = now + hidden_for;
                message.dequeue_count += 1;
            }));
            state.changed.mark(|| Changed::Message(queue.clone(), number));
        }
        Ok(received)
    }

    /// Updates the text of a message, if one is given, and its visibility timeout.
    ///
    /// # Errors
    /// `QueueNotFound`; `RequestBodyTooLarge`; `MessageNotFound`; `PopReceiptMismatch` when it was received again since.
    pub fn update_message(
        &self,
        queue: &ResourcePath,
        handle: &MessageHandle,
        text: Option<&str>,
        hidden_for: Duration,
    ) -> Result<StoredMessage> {
        const UPDATE: Operation = Operation::UpdateMessage;
        let now = self.now();
        let mut state = self.state();
        let receipt = receipt(state.number());
        let stored = state.queue(UPDATE, queue, now)?;
        if text.is_some_and(|text| text.len() > LARGEST_MESSAGE) {
            return Err(refusal(UPDATE, Code::RequestBodyTooLarge, queue));
        }
        let number = found(stored, handle).map_err(|code| refused(UPDATE, code, queue, handle))?;
        let changed = stored.change(number, now, |message| {
            if let Some(text) = text {
                text.clone_into(&mut message.text);
            }
            message.handle.pop_receipt = receipt;
            message.next_visible = now + hidden_for;
        });
        state.changed.mark(|| Changed::Message(queue.clone(), number));
        changed.ok_or_else(|| refused(UPDATE, Code::MessageNotFound, queue, handle))
    }

    /// Deletes a message by its identity and last receipt.
    ///
    /// # Errors
    /// `QueueNotFound`; `MessageNotFound`; `PopReceiptMismatch` when it was received again since.
    pub fn delete_message(&self, queue: &ResourcePath, handle: &MessageHandle) -> Result<()> {
        const DELETE: Operation = Operation::DeleteMessage;
        let now = self.now();
        let mut state = self.state();
        let stored = state.queue(DELETE, queue, now)?;
        let number = found(stored, handle).map_err(|code| refused(DELETE, code, queue, handle))?;
        stored.remove(number);
        state.changed.mark(|| Changed::Message(queue.clone(), number));
        Ok(())
    }

    /// Deletes all messages.
    ///
    /// # Errors
    /// `QueueNotFound`.
    pub fn clear_messages(&self, queue: &ResourcePath) -> Result<()> {
        let now = self.now();
        let mut state = self.state();
        let stored = state.queue(Operation::ClearMessages, queue, now)?;
        let numbers: Vec<u64> = stored.numbers().collect();
        stored.clear();
        for number in numbers {
            state.changed.mark(|| Changed::Message(queue.clone(), number));
        }
        Ok(())
    }

    /// The number of messages, including hidden ones; 0 where the queue does not exist.
    #[must_use]
    pub fn message_count(&self, queue: &ResourcePath) -> usize {
        let now = self.now();
        let mut state = self.state();
        let queue = state.queue(Operation::PeekMessages, queue, now);
        queue.map_or(0, |queue| queue.len())
    }

    /// The queues whose names begin so.
    pub(crate) fn queues_named(&self, prefix: &str) -> Vec<ResourcePath> {
        let state = self.state();
        let queues = state.queues.keys().filter(|path| path.name.starts_with(prefix));
        queues.cloned().collect()
    }

    /// When the next hidden message becomes visible; `None` when there is none.
    #[must_use]
    pub fn next_visible(&self, queue: &ResourcePath) -> Option<Timestamp> {
        let now = self.now();
        let mut state = self.state();
        let queue = state.queue(Operation::PeekMessages, queue, now);
        queue.ok()?.next_visible()
    }
}

impl State {
    /// A queue as it is now.
    fn queue(&mut self, operation: Operation, path: &ResourcePath, now: Timestamp) -> Result<&mut Queue> {
        let found = self.queues.get_mut(path);
        let queue = found.ok_or_else(|| refusal(operation, Code::QueueNotFound, path))?;
        queue.advance(now);
        Ok(queue)
    }
}

/// The number of the message of this handle, or why it has none.
fn found(queue: &Queue, handle: &MessageHandle) -> Result<u64, Code> {
    match queue.find(&handle.id) {
        Some((number, message)) if message.handle == *handle => Ok(number),
        Some(_) => Err(Code::PopReceiptMismatch),
        None => Err(Code::MessageNotFound),
    }
}

fn refused(operation: Operation, code: Code, queue: &ResourcePath, handle: &MessageHandle) -> Error {
    refusal(operation, code, queue).with("message", &handle.id)
}

fn in_range(operation: Operation, queue: &ResourcePath, max: usize) -> Result<()> {
    if (1..=32).contains(&max) {
        return Ok(());
    }
    Err(refusal(operation, Code::OutOfRangeQueryParameterValue, queue).with("messages", max))
}

/// A receipt that breaks clients which forget to encode it, as the service's own do.
fn receipt(number: u64) -> String {
    format!("AgAA+{number:010}/AAA==")
}
