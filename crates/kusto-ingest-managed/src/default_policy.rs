//! The policy that settings make, and what it remembers of each table.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kusto_ingest_core::{FallbackReason, StreamingErrorCategory};

use crate::{
    Attempt, ManagedStreamingPolicy, ManagedStreamingSettings, OnUnavailable, Outcome, Route,
    streaming_error_category,
};

/// Decides by [`ManagedStreamingSettings`], and remembers which tables are not to be streamed to for a while.
///
/// It belongs to one client: what it remembers is about the tables of one cluster.
#[doc(alias = "ManagedStreamingErrorState")]
#[derive(Debug, Default)]
pub struct DefaultPolicy {
    settings: ManagedStreamingSettings,
    closed: Mutex<HashMap<TableKey, TableBackoff>>,
}

/// A table, by its whole name: the names of databases are not case sensitive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct TableKey {
    database: String,
    table: String,
}

/// A table that is not to be streamed to.
#[derive(Clone, Copy, Debug)]
struct TableBackoff {
    category: StreamingErrorCategory,
    /// By the monotonic time: a clock that is set keeps no table closed.
    until: Duration,
}

impl DefaultPolicy {
    /// The policy that these settings make.
    #[must_use]
    pub fn new(settings: ManagedStreamingSettings) -> Self {
        Self {
            settings,
            closed: Mutex::default(),
        }
    }

    /// Its settings.
    #[must_use]
    pub fn settings(&self) -> &ManagedStreamingSettings {
        &self.settings
    }

    /// Whether the table of an attempt is not to be streamed to for now, and why.
    fn closed(&self, attempt: &Attempt) -> Option<TableBackoff> {
        let mut all = self.all();
        let key = TableKey::of(attempt);
        let closed = *all.get(&key)?;
        if attempt.monotonic >= closed.until {
            all.remove(&key);
            return None;
        }
        Some(closed)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<TableKey, TableBackoff>> {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ManagedStreamingPolicy for DefaultPolicy {
    fn before(&self, attempt: &Attempt) -> Route {
        if let Some(error) = &attempt.failure {
            let failed = Attempt {
                number: attempt.number.saturating_sub(1),
                ..attempt.clone()
            };
            return self.settings.decide(&failed, error).route;
        }
        match self.closed(attempt) {
            // One attempt each, so that the caller sees the error, and sees streaming come back.
            Some(closed)
                if closed.category == StreamingErrorCategory::StreamingOff
                    && self.settings.when_streaming_disabled == OnUnavailable::Fail =>
            {
                Route::STREAM
            }
            Some(TableBackoff { category, until }) => {
                let until = attempt.now + until.saturating_sub(attempt.monotonic);
                Route::Queue(FallbackReason::Backoff { category, until })
            }
            None => Route::STREAM,
        }
    }

    fn after(&self, attempt: &Attempt, outcome: &Outcome) {
        let error = match outcome {
            Outcome::Streamed => {
                self.all().remove(&TableKey::of(attempt));
                return;
            }
            Outcome::Failed(error) => error,
        };
        let decision = self.settings.decide(attempt, error);
        if let Some(length) = decision.closed_for {
            let closed = TableBackoff {
                category: streaming_error_category(error),
                until: attempt.monotonic.saturating_add(length),
            };
            let mut all = self.all();
            all.retain(|_, closed| closed.until > attempt.monotonic);
            all.insert(TableKey::of(attempt), closed);
        }
    }
}

impl TableKey {
    fn of(attempt: &Attempt) -> Self {
        Self {
            database: attempt.database.as_str().to_lowercase(),
            table: attempt.table.as_str().to_owned(),
        }
    }
}
