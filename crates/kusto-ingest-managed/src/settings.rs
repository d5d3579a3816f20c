//! The policy as data, and the table of what follows from which failure.

use std::time::Duration;

use kusto_ingest_core::{Error, FallbackReason, Obstacle, OnUnknownOutcome};

use crate::{Route, obstacle};

/// The longest that a service's `Retry-After` keeps a table from streaming.
const LONGEST_WINDOW: Duration = Duration::from_secs(5 * 60);

/// What the default policy goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicySettings {
    /// How many attempts at streaming are made, at least one.
    pub attempts: u32,
    /// The wait after the first failed attempt; it doubles each time.
    pub first_wait: Duration,
    /// The most that chance adds to a wait.
    pub jitter: Duration,
    /// The longest `Retry-After` that is waited for; a longer one sends the source to the queue at once.
    pub longest_wait: Duration,
    /// How long a table that was throttled to the end, or whose database is under maintenance, is not streamed to.
    pub throttled_for: Duration,
    /// How long a table that does not suit streaming, or for which it is off, is not streamed to.
    pub unavailable_for: Duration,
    /// What is done where streaming is off.
    #[doc(alias = "ContinueWhenStreamingIngestionUnavailable")]
    pub when_off: Handling,
    /// What is done where the database, table or mapping is missing. Streaming can be five minutes late in knowing a
    /// new one.
    pub when_missing: Handling,
    /// What is done when nobody knows whether a request was carried out.
    pub ambiguity: OnUnknownOutcome,
}

/// What is done about an obstacle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "one fails, or goes on")]
pub enum Handling {
    /// The caller gets the error.
    Fail,
    /// The source goes to the queue.
    Queue,
}

impl PolicySettings {
    /// Three attempts, waits of one and two seconds, windows of ten seconds and fifteen minutes; errors where
    /// streaming is off, where something is missing, and a receipt that says so where an answer was lost.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            attempts: 3,
            first_wait: Duration::from_secs(1),
            jitter: Duration::from_secs(1),
            longest_wait: Duration::from_secs(30),
            throttled_for: Duration::from_secs(10),
            unavailable_for: Duration::from_secs(15 * 60),
            when_off: Handling::Fail,
            when_missing: Handling::Fail,
            ambiguity: OnUnknownOutcome::Report,
        }
    }

    /// Makes so many attempts.
    #[must_use]
    pub const fn with_attempts(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }

    /// Other waits: the first, what chance adds, and the longest that a service may ask for.
    #[must_use]
    pub const fn with_waits(self, first: Duration, jitter: Duration, longest: Duration) -> Self {
        Self {
            first_wait: first,
            jitter,
            longest_wait: longest,
            ..self
        }
    }

    /// Other windows: after throttling, and where streaming is not available.
    #[must_use]
    pub const fn with_windows(self, throttled_for: Duration, unavailable_for: Duration) -> Self {
        Self {
            throttled_for,
            unavailable_for,
            ..self
        }
    }

    /// What is done where streaming is off.
    #[must_use]
    pub const fn with_handling_when_off(self, handling: Handling) -> Self {
        Self {
            when_off: handling,
            ..self
        }
    }

    /// What is done where something is missing.
    #[must_use]
    pub const fn with_handling_when_missing(self, handling: Handling) -> Self {
        Self {
            when_missing: handling,
            ..self
        }
    }

    /// What is done when nobody knows whether a request was carried out. [`OnUnknownOutcome::Retry`] may ingest twice.
    #[must_use]
    pub const fn with_on_unknown_outcome(self, ambiguity: OnUnknownOutcome) -> Self {
        Self { ambiguity, ..self }
    }

    /// What follows when attempt `number`, counted from zero, failed so.
    pub(crate) fn decide(&self, number: u32, error: &Error, chance: u64) -> Decision {
        let obstacle = obstacle(error);
        let queue = || {
            let error = error.chain();
            Route::Queue(FallbackReason::Refused { obstacle, error })
        };
        let handled = |handling| match handling {
            Handling::Fail => Route::GiveUp,
            Handling::Queue => queue(),
        };
        match (obstacle, self.ambiguity) {
            (Obstacle::RequestProperties, _) => Decision::of(queue()),
            (Obstacle::TableConfiguration, _) => Decision::of(queue()).closing(self.unavailable_for),
            (Obstacle::StreamingOff, _) => Decision::of(handled(self.when_off)).closing(self.unavailable_for),
            (Obstacle::MissingEntity, _) => Decision::of(handled(self.when_missing)),
            (Obstacle::Throttled, _) => {
                let asked = error.retry_after().filter(|asked| *asked > Duration::ZERO);
                match self.again(number, asked.unwrap_or_default(), chance) {
                    Some(again) => Decision::of(again),
                    None => {
                        let closed = asked.unwrap_or(self.throttled_for).min(LONGEST_WINDOW);
                        Decision::of(queue()).closing(closed)
                    }
                }
            }
            (Obstacle::Maintenance, _) => self
                .tried_again(number, error, chance)
                .closing(self.throttled_for),
            (Obstacle::Transient, _) | (Obstacle::OutcomeUnknown, OnUnknownOutcome::Retry) => {
                self.tried_again(number, error, chance)
            }
            (Obstacle::OutcomeUnknown, OnUnknownOutcome::Report) => Decision::of(Route::GiveUp),
            // What is permanent would also fail in the queue, only later and unseen.
            _ => Decision::of(Route::GiveUp),
        }
    }

    fn tried_again(&self, number: u32, error: &Error, chance: u64) -> Decision {
        let again = self.again(number, Duration::ZERO, chance);
        Decision::of(again.unwrap_or_else(|| {
            let error = error.chain();
            Route::Queue(FallbackReason::Exhausted { error })
        }))
    }

    /// Another attempt, if there is one left and the wait that was asked for is not too long.
    fn again(&self, number: u32, asked: Duration, chance: u64) -> Option<Route> {
        if number.saturating_add(1) >= self.attempts || asked > self.longest_wait {
            return None;
        }
        let jitter = u64::try_from(self.jitter.as_millis()).unwrap_or(u64::MAX);
        let own = self
            .first_wait
            .saturating_mul(1_u32.checked_shl(number).unwrap_or(u32::MAX))
            .saturating_add(Duration::from_millis(chance % jitter.saturating_add(1)));
        Some(Route::Stream {
            after: own.max(asked),
        })
    }
}

impl Default for PolicySettings {
    fn default() -> Self {
        Self::new()
    }
}

/// What follows from a failure: for this source, and for those that come after it.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) route: Route,
    /// How long the table is not streamed to.
    pub(crate) closed_for: Option<Duration>,
}

impl Decision {
    fn of(route: Route) -> Self {
        Self {
            route,
            closed_for: None,
        }
    }

    fn closing(self, length: Duration) -> Self {
        Self {
            closed_for: Some(length),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kusto_ingest_core::ErrorKind;

    fn waits(settings: PolicySettings, error: &Error, chance: u64) -> Vec<Option<Duration>> {
        (0..settings.attempts)
            .map(|number| match settings.decide(number, error, chance).route {
                Route::Stream { after } => Some(after),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn waits_double_chance_adds_to_them_and_the_service_may_ask_for_longer_ones() {
        let (seconds, millis) = (Duration::from_secs, Duration::from_millis);
        let busy = Error::new(ErrorKind::Unavailable, "stream");
        let settings = PolicySettings::new();
        assert_eq!(
            waits(settings, &busy, 0),
            [Some(seconds(1)), Some(seconds(2)), None]
        );
        assert_eq!(
            waits(settings, &busy, 1_000 + 1_001 * 7),
            [Some(millis(2_000)), Some(millis(3_000)), None]
        );
        let throttled = |wait| Error::new(ErrorKind::Throttled, "stream").with_retry_after(seconds(wait));
        assert_eq!(
            waits(settings, &throttled(5), 0),
            [Some(seconds(5)), Some(seconds(5)), None]
        );
        assert_eq!(
            waits(settings, &throttled(0), 0),
            [Some(seconds(1)), Some(seconds(2)), None]
        );
        assert_eq!(waits(settings, &throttled(31), 0), [None, None, None]);
        assert_eq!(waits(settings.with_attempts(0), &busy, 0), []);
        assert!(matches!(
            settings.with_attempts(0).decide(0, &busy, 0).route,
            Route::Queue(_)
        ));
    }

    #[test]
    fn a_service_closes_a_table_for_as_long_as_it_asks_within_reason() {
        let seconds = Duration::from_secs;
        let closed = |error: &Error| PolicySettings::new().decide(2, error, 0).closed_for;
        let throttled = Error::new(ErrorKind::Throttled, "stream");
        assert_eq!(closed(&throttled), Some(seconds(10)));
        assert_eq!(
            closed(&throttled.clone().with_retry_after(seconds(40))),
            Some(seconds(40))
        );
        assert_eq!(
            closed(&throttled.with_retry_after(seconds(4_000))),
            Some(seconds(300))
        );
    }
}
