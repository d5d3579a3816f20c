//! The policy that settings make, and what it remembers of each table.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kusto_ingest_core::{FallbackReason, Obstacle};

use crate::{Attempt, Handling, ManagedStreamingPolicy, Outcome, PolicySettings, Route, obstacle};

/// Decides by [`PolicySettings`], and remembers which tables are not to be streamed to for a while.
///
/// It belongs to one client: what it remembers is about the tables of one cluster.
#[doc(alias = "ManagedStreamingErrorState")]
#[derive(Debug, Default)]
pub struct DefaultPolicy {
    settings: PolicySettings,
    closed: Mutex<HashMap<Target, Closed>>,
}

/// A table, by its whole name: the names of databases are not case sensitive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Target {
    database: String,
    table: String,
}

/// A table that is not to be streamed to.
#[derive(Clone, Copy, Debug)]
struct Closed {
    obstacle: Obstacle,
    /// By the monotonic time: a clock that is set keeps no table closed.
    until: Duration,
}

impl DefaultPolicy {
    /// The policy that these settings make.
    #[must_use]
    pub fn new(settings: PolicySettings) -> Self {
        Self {
            settings,
            closed: Mutex::default(),
        }
    }

    /// Its settings.
    #[must_use]
    pub fn settings(&self) -> &PolicySettings {
        &self.settings
    }

    /// What stands in the way of streaming into the table of an attempt, if anything does.
    fn closed(&self, attempt: &Attempt) -> Option<Closed> {
        let mut all = self.all();
        let target = Target::of(attempt);
        let closed = *all.get(&target)?;
        if attempt.monotonic >= closed.until {
            all.remove(&target);
            return None;
        }
        Some(closed)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Target, Closed>> {
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
                if closed.obstacle == Obstacle::StreamingOff && self.settings.when_off == Handling::Fail =>
            {
                Route::STREAM
            }
            Some(Closed { obstacle, until }) => {
                let until = attempt.now + until.saturating_sub(attempt.monotonic);
                Route::Queue(FallbackReason::Backoff { obstacle, until })
            }
            None => Route::STREAM,
        }
    }

    fn after(&self, attempt: &Attempt, outcome: &Outcome) {
        let error = match outcome {
            Outcome::Streamed => {
                self.all().remove(&Target::of(attempt));
                return;
            }
            Outcome::Failed(error) => error,
        };
        let decision = self.settings.decide(attempt, error);
        if let Some(length) = decision.closed_for {
            let closed = Closed {
                obstacle: obstacle(error),
                until: attempt.monotonic.saturating_add(length),
            };
            let mut all = self.all();
            all.retain(|_, closed| closed.until > attempt.monotonic);
            all.insert(Target::of(attempt), closed);
        }
    }
}

impl Target {
    fn of(attempt: &Attempt) -> Self {
        Self {
            database: attempt.database.as_str().to_lowercase(),
            table: attempt.table.as_str().to_owned(),
        }
    }
}
