//! The seam: which way a source takes, before and after every attempt.

use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use kusto_ingest_core::{
    Clock, DatabaseName, Error, FallbackReason, IngestionProperties, SourceId, TableName, Timestamp,
};

/// Decides which way a source takes.
///
/// # Contract
/// - [`before`](Self::before) is asked before every attempt, the first included, and its answer is followed. After a
///   failed attempt it is asked with the next attempt's number and the failure.
/// - [`after`](Self::after) is told of every attempt that ended, before `before` is asked again. An attempt whose outcome is
///   unknown is told of, and `before` is asked only where such an attempt is to be followed by another
///   ([`OnUnknownOutcome::Retry`](kusto_ingest_core::OnUnknownOutcome::Retry), the default of the client).
/// - Both return at once. Time and random numbers are arguments; what a policy remembers is kept per database and
///   table.
/// - A policy belongs to one client, and so to one cluster.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait ManagedStreamingPolicy: Debug + Send + Sync + 'static {
    /// Which way the source takes now.
    fn before(&self, attempt: &Attempt) -> Route;

    /// What came of an attempt.
    fn after(&self, attempt: &Attempt, outcome: &Outcome);
}

/// A policy that several clients share: what one of them learns of a table, all know.
impl<P: ManagedStreamingPolicy + ?Sized> ManagedStreamingPolicy for Arc<P> {
    fn before(&self, attempt: &Attempt) -> Route {
        (**self).before(attempt)
    }

    fn after(&self, attempt: &Attempt, outcome: &Outcome) {
        (**self).after(attempt, outcome);
    }
}

/// One attempt at streaming a source: about to be made, or just ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The source.
    pub source_id: SourceId,
    /// The database it goes to.
    pub database: DatabaseName,
    /// The table it goes to.
    pub table: TableName,
    /// Which attempt it is, counted from zero.
    pub number: u32,
    /// The time of day, for messages to people.
    pub now: Timestamp,
    /// The monotonic time of the client's clock, for backoffs.
    pub monotonic: Duration,
    /// How much time has passed since the first attempt at this source began.
    pub elapsed: Duration,
    /// How much time is left for the whole call, the queue included; none where it has no deadline.
    pub remaining: Option<Duration>,
    /// A random number, drawn for this attempt: for jitter.
    pub random: u64,
    /// How many bytes Kusto will count for the source, as far as that can be estimated without reading it.
    pub data_bytes: Option<u64>,
    /// Why the attempt before this one failed; none for the first.
    pub failure: Option<Error>,
}

impl Attempt {
    /// The first attempt at a source begins now.
    #[must_use]
    pub fn first(source_id: SourceId, properties: &IngestionProperties, clock: &dyn Clock) -> Self {
        Self {
            source_id,
            database: properties.database.clone(),
            table: properties.table.clone(),
            number: 0,
            now: clock.now(),
            monotonic: clock.monotonic(),
            elapsed: Duration::ZERO,
            remaining: properties.deadline.map(|end| end.remaining(clock)),
            random: random(source_id, 0),
            data_bytes: None,
            failure: None,
        }
    }

    /// The attempt after this one, which failed.
    #[must_use]
    pub fn next(self, failure: Error, clock: &dyn Clock) -> Self {
        let number = self.number.saturating_add(1);
        let next = Self {
            number,
            random: random(self.source_id, number),
            failure: Some(failure),
            ..self
        };
        next.at(clock)
    }

    /// The same at the time that it is now.
    #[must_use]
    pub(crate) fn at(self, clock: &dyn Clock) -> Self {
        let monotonic = clock.monotonic();
        let passed = monotonic.saturating_sub(self.monotonic);
        Self {
            now: clock.now(),
            monotonic,
            elapsed: self.elapsed.saturating_add(passed),
            remaining: self.remaining.map(|left| left.saturating_sub(passed)),
            ..self
        }
    }
}

/// The identity of a source is random, and serves as the source of random numbers.
fn random(source_id: SourceId, number: u32) -> u64 {
    let (_, random) = source_id.as_uuid().as_u64_pair();
    random.rotate_left(number.wrapping_mul(11) % 64)
}

/// Which way a source takes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no further way")]
pub enum Route {
    /// It is streamed, after a wait.
    Stream {
        /// How long to wait before.
        after: Duration,
    },
    /// It goes to the queue.
    Queue(FallbackReason),
    /// It fails: the caller gets what the last attempt gave.
    Fail,
}

impl Route {
    /// It is streamed now.
    pub const STREAM: Self = Self::Stream {
        after: Duration::ZERO,
    };
}

/// The way, and why the queue was taken.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream { after } if after.is_zero() => f.pad("stream"),
            Self::Stream { after } => write!(f, "stream after {after:?}"),
            Self::Queue(reason) => write!(f, "queue: {reason}"),
            Self::Fail => f.pad("fail"),
        }
    }
}

/// What came of an attempt at streaming.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "it worked, or it did not")]
pub enum Outcome {
    /// The data is in the table.
    Streamed,
    /// It failed. [`ErrorKind::OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown) means that the data may
    /// be in the table all the same.
    Failed(Error),
}

/// What came of it, and why it failed.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Streamed => f.pad("streamed"),
            Self::Failed(error) => write!(f, "failed: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use kusto_ingest_core::{ErrorKind, ManualClock};

    use super::*;

    #[test]
    fn attempts_and_sources_draw_numbers_of_their_own_and_know_the_time() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let properties = IngestionProperties::into_table("D", "T").expect("names");
        let first = || Attempt::first(SourceId::random(), &properties, &clock);
        let (one, other) = (first(), first());
        assert_ne!(one.random, other.random);
        clock.advance(Duration::from_secs(3));
        let failed = |attempt: Attempt| attempt.next(Error::new(ErrorKind::Unavailable, "stream"), &clock);
        let second = failed(one.clone());
        clock.advance(Duration::from_secs(4));
        let third = failed(second.clone());
        assert!(one.random != second.random && second.random != third.random);
        assert_eq!((third.number, third.elapsed), (2, Duration::from_secs(7)));
        assert_eq!((third.monotonic, third.now), (clock.monotonic(), clock.now()));
    }
}
