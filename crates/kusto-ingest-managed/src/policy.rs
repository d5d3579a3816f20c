//! The seam: which way a source takes, before and after every attempt.

use std::fmt::Debug;
use std::time::Duration;

use kusto_ingest_core::{
    DatabaseName, Error, FallbackReason, IngestionProperties, SourceId, TableName, Timestamp,
};

/// Decides which way a source takes.
///
/// # Contract
/// - [`before`](Self::before) is asked before every attempt, the first included, and its answer is followed. After a
///   failed attempt it is asked with the next attempt's number and the failure.
/// - [`after`](Self::after) is told of every attempt that ended, before `before` is asked again.
/// - Both return at once. Time and chance are given; what is remembered is kept per database and table.
/// - A policy belongs to one client, and so to one cluster.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait ManagedStreamingPolicy: Debug + Send + Sync + 'static {
    /// Which way the source takes now.
    fn before(&self, attempt: &Attempt) -> Route;

    /// What came of an attempt.
    fn after(&self, attempt: &Attempt, outcome: &Outcome);
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
    /// What time it is.
    pub now: Timestamp,
    /// A number drawn for this attempt, for jitter.
    pub chance: u64,
    /// How many bytes Kusto will count for the source, as far as that can be estimated without reading it.
    pub data_bytes: Option<u64>,
    /// Why the attempt before this one failed; none for the first.
    pub failure: Option<Error>,
}

impl Attempt {
    /// The first attempt at a source.
    #[must_use]
    pub fn first(source_id: SourceId, properties: &IngestionProperties, now: Timestamp) -> Self {
        Self {
            source_id,
            database: properties.database.clone(),
            table: properties.table.clone(),
            number: 0,
            now,
            chance: chance(source_id, 0),
            data_bytes: None,
            failure: None,
        }
    }

    /// The attempt after this one, which failed.
    #[must_use]
    pub fn next(self, failure: Error, now: Timestamp) -> Self {
        let number = self.number.saturating_add(1);
        Self {
            number,
            now,
            chance: chance(self.source_id, number),
            failure: Some(failure),
            ..self
        }
    }
}

/// The identity of a source is random, and so the one place where chance is drawn.
fn chance(source_id: SourceId, number: u32) -> u64 {
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
    /// It goes nowhere: the caller gets what the last attempt gave.
    GiveUp,
}

impl Route {
    /// It is streamed now.
    pub const STREAM: Self = Self::Stream {
        after: Duration::ZERO,
    };
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
