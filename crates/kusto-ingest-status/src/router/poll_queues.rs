//! One look into all report queues: what is ours is received and delivered, all else is left.

use std::task::Waker;

use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_ingest_message::{FailureNotification, Report, StatusRecord, SuccessNotification};
use kusto_storage::{PeekedMessage, ReceivedMessage, ResourceUri};

use super::StatusRouter;
use super::watch_registry::{Delivered, Delivery, key};
use crate::report_queues::{Failure, Kind, PER_REQUEST};

/// How often a queue is received from in one look: that is past a thousand reports of others. What is behind them
/// is seen by the next look, since these are hidden yet.
const DEPTH: usize = 32;

impl StatusRouter {
    /// Looks into all report queues once, and tells how many reports were delivered; the pace takes note of it.
    ///
    /// # Errors
    /// Why no queue could be read. When some could and others not, there is no error: the next look may see more.
    pub(super) async fn poll_queues(&self, random: u64) -> Result<usize> {
        let mut failure = Failure::default();
        let mut not_issued = None;
        let (mut delivered, mut read) = (0, 0);
        for kind in [Kind::Failures, Kind::Successes] {
            let queues = match self.queues.issued(kind).await {
                // A cluster may issue queues of one kind only.
                Err(error) if error.kind() == ErrorKind::NoResources => {
                    not_issued = Some(error);
                    continue;
                }
                queues => queues?,
            };
            for queue in queues {
                match self.poll_queue(kind, &queue, random).await {
                    Ok(count) => {
                        delivered += count;
                        read += 1;
                    }
                    Err(error) => failure.note(&queue, error),
                }
            }
        }
        failure.or((), read > 0)?;
        if let Some(error) = not_issued.filter(|_| read == 0) {
            return Err(error);
        }
        let now = self.clock.monotonic();
        self.state().pacer.looked(delivered, &self.pauses, now);
        Ok(delivered)
    }

    /// Takes note of a look that failed.
    ///
    /// # Errors
    /// The same error when there is no use in another look. All who wait have it as well.
    pub(super) fn try_again(&self, random: u64, error: Error) -> Result<()> {
        let now = self.clock.monotonic();
        let mut state = self.state();
        // Kusto issues the same for an hour, so that it would be asked in vain.
        let in_vain = error.kind() == ErrorKind::NoResources;
        if state.pacer.failed(&error, &self.pauses, random, now) && !in_vain {
            return Ok(());
        }
        state.pacer.given_up();
        let woken = state.registry.fail(&error);
        drop(state);
        woken.into_iter().for_each(Waker::wake);
        Err(error)
    }

    /// Looks into one queue. It is peeked into first, so that others' reports are hidden only where they lie in front
    /// of ours, or are so many that nobody can see what is behind them.
    async fn poll_queue(&self, kind: Kind, queue: &ResourceUri, random: u64) -> Result<usize> {
        let (mut delivered, mut dug, mut at_the_end) = (0, false, false);
        for _ in 0..DEPTH {
            let seen = self.queues.peek(kind, queue, PER_REQUEST).await?;
            let full = seen.len() == PER_REQUEST;
            let mut wanted = self.up_to_ours(kind, queue, &seen);
            if wanted == 0 && full && (dug || self.may_dig(queue)) {
                dug = true;
                wanted = PER_REQUEST;
            }
            if wanted == 0 {
                at_the_end = !full;
                break;
            }
            let (queue, received) = self.queues.receive(kind, queue, wanted, self.visibility).await?;
            let none_came = received.is_empty();
            delivered += self.sort(kind, &queue, received).await;
            if !full || none_came {
                at_the_end = true;
                break;
            }
        }
        if dug && at_the_end {
            let now = self.clock.monotonic();
            self.state()
                .pacer
                .dug_through(queue.redacted(), self.visibility, random, now);
        }
        Ok(delivered)
    }

    /// How many messages to receive, so that the last of ours among those that were seen is received as well.
    fn up_to_ours(&self, kind: Kind, queue: &ResourceUri, seen: &[PeekedMessage]) -> usize {
        let sources = seen.iter().map(|message| read(kind, &message.text));
        let sources: Vec<_> = sources.map(|record| record?.source_id).collect();
        let state = self.state();
        let ours = |(message, source): (&PeekedMessage, &Option<_>)| {
            state.registry.wants(&key(queue, &message.id), *source)
        };
        let last = seen.iter().zip(&sources).rposition(ours);
        last.map_or(0, |place| place + 1)
    }

    fn may_dig(&self, queue: &ResourceUri) -> bool {
        let now = self.clock.monotonic();
        self.state().pacer.may_dig(queue.redacted(), now)
    }

    /// Delivers what is ours, and deletes what was delivered before and could not be deleted then.
    async fn sort(&self, kind: Kind, queue: &ResourceUri, received: Vec<ReceivedMessage>) -> usize {
        let mut delivered = 0;
        let mut again = Vec::new();
        let mut woken = Vec::new();
        for message in received {
            let Some(record) = read(kind, &message.text) else {
                continue;
            };
            let (source_id, handle) = (record.source_id, message.handle);
            let delivery = Delivery::new(record, queue.clone(), handle.clone());
            let (found, waker) = self.state().registry.deliver(source_id, delivery);
            delivered += usize::from(found == Delivered::Ours);
            again.extend(Some(handle).filter(|_| found == Delivered::Again));
            woken.extend(waker);
        }
        woken.into_iter().for_each(Waker::wake);
        for handle in again {
            match self.queues.delete(queue, &handle).await {
                Ok(()) => self.state().registry.gone(&key(queue, &handle.id)),
                Err(error) => tracing::debug!(%queue, %error, "a delivered report cannot be removed yet"),
            }
        }
        delivered
    }
}

/// What a report says, if it is one.
fn read(kind: Kind, text: &str) -> Option<StatusRecord> {
    match kind {
        Kind::Failures => noted(&FailureNotification::decode(text), FailureNotification::to_record),
        Kind::Successes => noted(&SuccessNotification::decode(text), SuccessNotification::to_record),
    }
}

fn noted<T>(report: &Report<T>, to_record: fn(&T) -> StatusRecord) -> Option<StatusRecord> {
    report.notification().map(to_record)
}
