//! The messages of a queue, in order: found by their id, by when they can be seen, and by when they expire.
//!
//! A queue may hold very many. Nothing here looks at all of them but [`clear`](Queue::clear).

use std::collections::{BTreeMap, BTreeSet};

use kusto_ingest_core::Timestamp;
use uuid::Uuid;

use super::StoredMessage;

/// Messages by their numbers, which is the order in which they were put.
#[derive(Default)]
pub(in crate::storage) struct Queue {
    messages: BTreeMap<u64, StoredMessage>,
    /// Those that can be seen.
    visible: BTreeSet<u64>,
    /// The others, by when they can be seen.
    hidden: BTreeSet<(Timestamp, u64)>,
    /// All, by when they vanish.
    ends: BTreeSet<(Timestamp, u64)>,
}

impl Queue {
    /// Lets what expired vanish, and what was hidden for long enough be seen.
    pub(super) fn advance(&mut self, now: Timestamp) {
        while let Some((end, number)) = self.ends.first().copied()
            && end <= now
        {
            self.remove(number);
        }
        while let Some((from, number)) = self.hidden.first().copied()
            && from <= now
        {
            self.hidden.pop_first();
            self.visible.insert(number);
        }
    }

    /// Appends a message whose id is that of this number.
    pub(in crate::storage) fn push(&mut self, number: u64, message: StoredMessage, now: Timestamp) {
        self.ends.insert((message.expires, number));
        self.place(number, message.next_visible, now);
        self.messages.insert(number, message);
    }

    /// The first of those that can be seen, with their numbers.
    pub(super) fn visible(&self, most: usize) -> impl Iterator<Item = (u64, &StoredMessage)> {
        let numbers = self.visible.iter().take(most);
        numbers.filter_map(|number| Some((*number, self.messages.get(number)?)))
    }

    /// The message of an id, with its number.
    pub(super) fn find(&self, id: &str) -> Option<(u64, &StoredMessage)> {
        let number = u64::try_from(Uuid::parse_str(id).ok()?.as_u128()).ok()?;
        let found = self.messages.get(&number)?;
        (found.handle.id == id).then_some((number, found))
    }

    /// Changes a message, and gives back what it is now.
    pub(in crate::storage) fn change(
        &mut self,
        number: u64,
        now: Timestamp,
        change: impl FnOnce(&mut StoredMessage),
    ) -> Option<StoredMessage> {
        let message = self.messages.get_mut(&number)?;
        self.visible.remove(&number);
        self.hidden.remove(&(message.next_visible, number));
        change(message);
        let changed = message.clone();
        self.place(number, changed.next_visible, now);
        Some(changed)
    }

    pub(in crate::storage) fn remove(&mut self, number: u64) {
        if let Some(message) = self.messages.remove(&number) {
            self.visible.remove(&number);
            self.hidden.remove(&(message.next_visible, number));
            self.ends.remove(&(message.expires, number));
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The numbers of all of them, in order.
    pub(in crate::storage) fn numbers(&self) -> impl Iterator<Item = u64> {
        self.messages.keys().copied()
    }

    pub(in crate::storage) fn message(&self, number: u64) -> Option<&StoredMessage> {
        self.messages.get(&number)
    }

    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// When the first of the hidden messages can be seen.
    pub(super) fn next_visible(&self) -> Option<Timestamp> {
        self.hidden.first().map(|(from, _)| *from)
    }

    fn place(&mut self, number: u64, from: Timestamp, now: Timestamp) {
        if from <= now {
            self.visible.insert(number);
        } else {
            self.hidden.insert((from, number));
        }
    }
}

/// The id of the message of a number.
pub(in crate::storage) fn id(number: u64) -> String {
    Uuid::from_u128(u128::from(number)).to_string()
}
