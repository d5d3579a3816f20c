//! What a queue store promises.

use std::collections::BTreeSet;
use std::time::Duration;

use kusto_ingest_core::{Clock, ErrorKind};
use kusto_storage::{QueueStore, ReceivedMessage, ResourceUri};

use super::rules::{Rules, forged};

const RULES: Rules = Rules("a queue store");

/// Longer than a suite takes.
const LONG: Duration = Duration::from_secs(300);

/// The shortest that Azure Storage hides a message.
const SHORT: Duration = Duration::from_secs(1);

/// Checks a [`QueueStore`] on a queue, which must be empty and of no use to anybody else, and is left empty.
///
/// The clock is the store's own, or one that runs as fast: the suite sleeps on it until a message comes back. If
/// the address is signed, a forged SAS is tried as well.
///
/// # Panics
/// When a rule does not hold.
pub async fn queue_store(store: &dyn QueueStore, queue: &ResourceUri, clock: &dyn Clock) {
    let suite = Suite { store, queue, clock };
    suite.an_empty_queue_has_no_messages().await;
    suite.text_comes_out_as_it_went_in().await;
    suite.peeking_leaves_messages().await;
    suite.a_received_message_hides_until_it_is_deleted().await;
    suite.a_received_message_comes_back_with_a_new_receipt().await;
    suite.as_many_come_as_were_asked_for().await;
    suite.a_message_has_a_largest_size().await;
    suite.a_forged_sas_opens_nothing().await;
    suite.an_empty_queue_has_no_messages().await;
}

/// Checks that a [`QueueStore`] clears a queue, by an address that allows it: a SAS for the queue alone may not be
/// enough, while one for the account is. The queue must be of no use to anybody else, and is left empty.
///
/// # Panics
/// When a rule does not hold.
pub async fn queue_clearing(store: &dyn QueueStore, queue: &ResourceUri, clock: &dyn Clock) {
    let suite = Suite { store, queue, clock };
    suite.clear().await;
    suite.a_queue_that_is_cleared_is_empty().await;
    if let Some(forged) = forged(queue) {
        RULES.forged_is_refused(store.clear(&forged).await);
    }
}

struct Suite<'a> {
    store: &'a dyn QueueStore,
    queue: &'a ResourceUri,
    clock: &'a dyn Clock,
}

impl Suite<'_> {
    async fn an_empty_queue_has_no_messages(&self) {
        let peeked = self.peek(32).await;
        RULES.holds("nothing is seen in an empty queue", peeked.is_empty(), &peeked);
        let received = self.receive(32, SHORT).await;
        RULES.holds(
            "nothing comes from an empty queue",
            received.is_empty(),
            &received,
        );
    }

    async fn text_comes_out_as_it_went_in(&self) {
        let texts = [
            "eyJhIjoxfQ==",
            "{\"a\":\"<&>\",\"b\":'c'}",
            "grüße → 你好",
            "two\nlines",
            "]]> <![CDATA[ &amp;",
        ];
        for text in texts {
            self.put(text).await;
            let peeked = self.peek(1).await;
            let seen: Vec<&str> = peeked.iter().map(|message| message.text.as_str()).collect();
            RULES.same("text is seen as it was put", &seen, &vec![text]);
            let received = self.one(LONG).await;
            RULES.same("text comes as it was put", &received.text.as_str(), &text);
            self.delete(&received).await;
        }
    }

    async fn peeking_leaves_messages(&self) {
        self.put("peeked").await;
        for _ in 0..2 {
            let peeked = self.peek(32).await;
            RULES.same("a message that was peeked at stays", &peeked.len(), &1);
            RULES.same("peeking does not count", &peeked[0].dequeue_count, &0);
            RULES.holds("a message has an id", !peeked[0].id.is_empty(), &peeked[0]);
        }
        let received = self.one(LONG).await;
        self.delete(&received).await;
    }

    async fn a_received_message_hides_until_it_is_deleted(&self) {
        self.put("hidden").await;
        let received = self.one(LONG).await;
        RULES.same("a reception counts itself", &received.dequeue_count, &1);
        let peeked = self.peek(1).await;
        RULES.holds("a received message is not seen", peeked.is_empty(), &peeked);
        let again = self.receive(1, LONG).await;
        RULES.holds("a received message does not come again", again.is_empty(), &again);
        self.delete(&received).await;
        let outcome = self.store.delete(self.queue, &received.handle).await;
        let rule = "a message that is gone cannot be deleted";
        RULES.refused(rule, outcome, &[ErrorKind::NotFound]);
    }

    async fn a_received_message_comes_back_with_a_new_receipt(&self) {
        self.put("back").await;
        let first = self.one(SHORT).await;
        let second = self.comes_back().await;
        RULES.same("it is the same message", &second.handle.id, &first.handle.id);
        RULES.same("every reception counts", &second.dequeue_count, &2);
        let outcome = self.store.delete(self.queue, &first.handle).await;
        let rule = "the receipt of an earlier reception deletes nothing";
        RULES.refused(rule, outcome, &[ErrorKind::Rejected, ErrorKind::NotFound]);
        self.delete(&second).await;
    }

    async fn as_many_come_as_were_asked_for(&self) {
        let texts: Vec<String> = (0..40).map(|number| format!("message {number}")).collect();
        for text in &texts {
            self.put(text).await;
        }
        RULES.same(
            "as many are seen as were asked for",
            &self.peek(3).await.len(),
            &3,
        );
        RULES.same("zero is taken for one", &self.peek(0).await.len(), &1);
        RULES.same("no more than 32 are seen", &self.peek(u8::MAX).await.len(), &32);
        let few = self.receive(0, LONG).await;
        RULES.same("zero is taken for one", &few.len(), &1);
        let many = self.receive(u8::MAX, LONG).await;
        RULES.same("no more than 32 come", &many.len(), &32);
        let rest = self.receive(32, LONG).await;
        let all: Vec<_> = few.into_iter().chain(many).chain(rest).collect();
        let seen: BTreeSet<&str> = all.iter().map(|message| message.text.as_str()).collect();
        let expected: BTreeSet<&str> = texts.iter().map(String::as_str).collect();
        RULES.same("every message comes, once", &all.len(), &texts.len());
        RULES.same("every message comes", &seen, &expected);
        for message in &all {
            self.delete(message).await;
        }
    }

    async fn a_queue_that_is_cleared_is_empty(&self) {
        self.put("hidden").await;
        let hidden = self.one(LONG).await;
        self.put("seen").await;
        self.clear().await;
        self.an_empty_queue_has_no_messages().await;
        let outcome = self.store.delete(self.queue, &hidden.handle).await;
        let rule = "clearing a queue removes hidden messages as well";
        RULES.refused(rule, outcome, &[ErrorKind::NotFound]);
    }

    async fn a_message_has_a_largest_size(&self) {
        let largest = "x".repeat(64 * 1024);
        self.put(&largest).await;
        let received = self.one(LONG).await;
        RULES.same("64 KiB of text fit", &received.text.len(), &largest.len());
        self.delete(&received).await;
        let outcome = self.store.put(self.queue, &"x".repeat(64 * 1024 + 1)).await;
        let rule = "a message beyond 64 KiB is refused as such";
        RULES.refused(rule, outcome, &[ErrorKind::MessageTooLarge]);
    }

    async fn a_forged_sas_opens_nothing(&self) {
        let Some(forged) = forged(self.queue) else {
            return;
        };
        self.put("to be left alone").await;
        RULES.forged_is_refused(self.store.put(&forged, "x").await);
        RULES.forged_is_refused(self.store.peek(&forged, 1).await);
        RULES.forged_is_refused(self.store.receive(&forged, 1, SHORT).await);
        let received = self.one(LONG).await;
        RULES.forged_is_refused(self.store.delete(&forged, &received.handle).await);
        self.delete(&received).await;
    }

    async fn put(&self, text: &str) {
        RULES.done("a message is put", self.store.put(self.queue, text).await);
    }

    async fn peek(&self, max: u8) -> Vec<kusto_storage::PeekedMessage> {
        RULES.done("a queue is peeked into", self.store.peek(self.queue, max).await)
    }

    async fn receive(&self, max: u8, hidden: Duration) -> Vec<ReceivedMessage> {
        RULES.done(
            "messages are received",
            self.store.receive(self.queue, max, hidden).await,
        )
    }

    async fn clear(&self) {
        RULES.done("a queue is cleared", self.store.clear(self.queue).await);
    }

    /// The one message that there is.
    async fn one(&self, hidden: Duration) -> ReceivedMessage {
        let mut received = self.receive(1, hidden).await;
        RULES.same("the one message comes", &received.len(), &1);
        received.remove(0)
    }

    /// The one message, once its hiding is over.
    async fn comes_back(&self) -> ReceivedMessage {
        for _ in 0..20 {
            self.clock.sleep(SHORT / 4).await;
            if let Some(message) = self.receive(1, LONG).await.pop() {
                return message;
            }
        }
        panic!(
            "a queue store: a message comes back when its hiding is over; but it did not, for five times as long"
        );
    }

    async fn delete(&self, message: &ReceivedMessage) {
        let outcome = self.store.delete(self.queue, &message.handle).await;
        RULES.done("a received message is deleted", outcome);
    }
}
