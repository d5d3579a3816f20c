//! The settings of the default policy, and what follows from each category of failure.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kusto_ingest_core::{
    Error, ExponentialRetry, FailedAttempt, FallbackReason, RetryPolicy, StreamingErrorCategory,
};

use crate::{Attempt, Route, streaming_error_category};

/// The longest that a service's `Retry-After` keeps a table from streaming.
const LONGEST_WINDOW: Duration = Duration::from_secs(5 * 60);

/// The settings of the default policy.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ManagedStreamingSettings {
    /// How often, and after how long, streaming is tried again where that may help. A source whose attempts are used up,
    /// or whose service asks to wait for longer than the policy or the deadline allows, goes to the queue.
    pub retry: Arc<dyn RetryPolicy>,
    /// How long a table that was throttled to the end, or whose database is under maintenance, is not streamed to.
    pub throttle_backoff: Duration,
    /// How long a table is not streamed to whose configuration prevents streaming, or for which it is disabled.
    pub unavailable_backoff: Duration,
    /// What is done where streaming is disabled.
    #[doc(alias = "ContinueWhenStreamingIngestionUnavailable")]
    pub when_streaming_disabled: OnUnavailable,
    /// What is done where the database, table or mapping is missing. Streaming can be five minutes late in knowing a
    /// new one.
    pub when_entity_missing: OnUnavailable,
}

/// What is done where a table cannot be streamed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "one fails, or goes on")]
pub enum OnUnavailable {
    /// The caller gets the error.
    Fail,
    /// The source goes to the queue.
    FallBack,
}

/// What is done, in words.
impl fmt::Display for OnUnavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fail => "fail",
            Self::FallBack => "fall back",
        })
    }
}

impl ManagedStreamingSettings {
    /// Three attempts within 30 s, with waits of up to one and two seconds; windows of ten seconds and fifteen minutes;
    /// errors where streaming is off and where a database, table or mapping was not found.
    #[must_use]
    pub fn new() -> Self {
        let second = Duration::from_secs(1);
        let retry = ExponentialRetry::new(3)
            .with_max_elapsed(30 * second)
            .with_backoff(second, 10 * second);
        Self {
            retry: Arc::new(retry),
            throttle_backoff: Duration::from_secs(10),
            unavailable_backoff: Duration::from_secs(15 * 60),
            when_streaming_disabled: OnUnavailable::Fail,
            when_entity_missing: OnUnavailable::Fail,
        }
    }

    /// Another policy for trying again.
    #[must_use]
    pub fn with_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        Self { retry, ..self }
    }

    /// Other windows: after throttling, and where streaming is not available.
    #[must_use]
    pub fn with_backoffs(self, throttle_backoff: Duration, unavailable_backoff: Duration) -> Self {
        Self {
            throttle_backoff,
            unavailable_backoff,
            ..self
        }
    }

    /// What is done where streaming is disabled.
    #[must_use]
    pub fn with_when_streaming_disabled(self, action: OnUnavailable) -> Self {
        Self {
            when_streaming_disabled: action,
            ..self
        }
    }

    /// What is done where a database, table or mapping was not found.
    #[must_use]
    pub fn with_when_entity_missing(self, action: OnUnavailable) -> Self {
        Self {
            when_entity_missing: action,
            ..self
        }
    }

    /// What follows when an attempt failed so.
    pub(crate) fn decide(&self, attempt: &Attempt, error: &Error) -> Decision {
        let category = streaming_error_category(error);
        let queue = || {
            let error = error.chain();
            Route::Queue(FallbackReason::Refused { category, error })
        };
        let unavailable = |action| match action {
            OnUnavailable::Fail => Route::Fail,
            OnUnavailable::FallBack => queue(),
        };
        match category {
            StreamingErrorCategory::RequestProperties => Decision::of(queue()),
            StreamingErrorCategory::TableConfiguration => {
                Decision::of(queue()).closing(self.unavailable_backoff)
            }
            StreamingErrorCategory::StreamingOff => {
                Decision::of(unavailable(self.when_streaming_disabled)).closing(self.unavailable_backoff)
            }
            StreamingErrorCategory::MissingEntity => Decision::of(unavailable(self.when_entity_missing)),
            StreamingErrorCategory::Throttled => match self.again(attempt, error) {
                Some(again) => Decision::of(again),
                None => {
                    let asked = error.retry_after().filter(|asked| *asked > Duration::ZERO);
                    let closed = asked.unwrap_or(self.throttle_backoff).min(LONGEST_WINDOW);
                    Decision::of(queue()).closing(closed)
                }
            },
            StreamingErrorCategory::Maintenance => {
                self.tried_again(attempt, error).closing(self.throttle_backoff)
            }
            StreamingErrorCategory::Transient | StreamingErrorCategory::OutcomeUnknown => {
                self.tried_again(attempt, error)
            }
            // What is permanent would also fail in the queue, only later and unseen.
            _ => Decision::of(Route::Fail),
        }
    }

    fn tried_again(&self, attempt: &Attempt, error: &Error) -> Decision {
        Decision::of(self.again(attempt, error).unwrap_or_else(|| {
            let error = error.chain();
            Route::Queue(FallbackReason::Exhausted { error })
        }))
    }

    /// Another attempt, if the retry policy allows one. What a client has tried again by itself is not tried by a second
    /// engine, too.
    fn again(&self, attempt: &Attempt, error: &Error) -> Option<Route> {
        if error.attempts().is_some_and(|made| made > 1) {
            return None;
        }
        // Who asks here knows already that it passes, whatever the service calls it.
        let passing = error.clone().with_permanence(false);
        let failed = FailedAttempt::new(attempt.number.saturating_add(1), &passing)
            .with_times(attempt.elapsed, attempt.remaining)
            .with_random(attempt.random);
        let after = self.retry.backoff(&failed)?;
        Some(Route::Stream { after })
    }
}

impl Default for ManagedStreamingSettings {
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
    use kusto_ingest_core::{ErrorKind, IngestionProperties, ManualClock, NoRetry, SourceId, Timestamp};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// An attempt of a number, counted from zero, so long after the first began.
    fn attempt(number: u32, elapsed: Duration, random: u64) -> Attempt {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let properties = IngestionProperties::into_table("D", "T").expect("names");
        let mut attempt = Attempt::first(SourceId::random(), &properties, &clock);
        (attempt.number, attempt.elapsed, attempt.random) = (number, elapsed, random);
        attempt
    }

    fn wait(settings: &ManagedStreamingSettings, attempt: &Attempt, error: &Error) -> Option<Duration> {
        match settings.decide(attempt, error).route {
            Route::Stream { after } => Some(after),
            _ => None,
        }
    }

    fn waits(error: &Error, random: u64) -> [Option<Duration>; 3] {
        let settings = ManagedStreamingSettings::new();
        [0, 1, 2].map(|number| wait(&settings, &attempt(number, Duration::ZERO, random), error))
    }

    #[test]
    fn waits_double_with_jitter_and_the_service_may_ask_for_longer_ones() {
        let millis = |millis| Some(Duration::from_millis(millis));
        let busy = Error::new(ErrorKind::Unavailable, "stream");
        assert_eq!(waits(&busy, 0), [millis(0), millis(0), None]);
        assert_eq!(waits(&busy, 1_000), [millis(1_000), millis(1_000), None]);
        assert_eq!(waits(&busy, 2_000), [millis(999), millis(2_000), None]);
        let throttled =
            |seconds| Error::new(ErrorKind::Throttled, "stream").with_retry_after(seconds * SECOND);
        assert_eq!(waits(&throttled(5), 7), [millis(5_007), millis(5_007), None]);
        assert_eq!(waits(&throttled(30), 7), [None, None, None]);
    }

    #[test]
    fn what_takes_too_long_and_what_was_tried_again_already_goes_to_the_queue() {
        let settings = ManagedStreamingSettings::new();
        let busy = Error::new(ErrorKind::Unavailable, "stream");
        assert!(wait(&settings, &attempt(0, 29 * SECOND, 0), &busy).is_some());
        for (elapsed, error) in [
            (30 * SECOND, busy.clone()),
            (SECOND, busy.clone().with_attempts(2, SECOND)),
        ] {
            let route = settings.decide(&attempt(0, elapsed, 0), &error).route;
            assert!(
                matches!(route, Route::Queue(FallbackReason::Exhausted { .. })),
                "{route:?}"
            );
        }
        let once = busy.clone().with_attempts(1, SECOND);
        assert!(wait(&settings, &attempt(0, SECOND, 0), &once).is_some());
        let never = ManagedStreamingSettings::new().with_retry(Arc::new(NoRetry));
        assert_eq!(wait(&never, &attempt(0, SECOND, 0), &busy), None);
    }

    #[test]
    fn maintenance_passes_whatever_the_service_calls_it() {
        let code = "ServiceUnavailable_StreamingIngestionDatabaseUnderMaintenance";
        let error = Error::new(ErrorKind::Unavailable, "stream").with_code(code);
        for permanent in [true, false] {
            let error = error.clone().with_permanence(permanent);
            let decision = ManagedStreamingSettings::new().decide(&attempt(0, SECOND, 0), &error);
            assert!(matches!(decision.route, Route::Stream { .. }), "{decision:?}");
            assert_eq!(decision.closed_for, Some(10 * SECOND));
        }
    }

    #[test]
    fn a_table_is_closed_for_as_long_as_is_set_or_asked_within_reason() {
        let closed = |settings: &ManagedStreamingSettings, error: &Error| {
            settings.decide(&attempt(2, SECOND, 0), error).closed_for
        };
        let throttled = Error::new(ErrorKind::Throttled, "stream");
        let off = Error::new(ErrorKind::Unsupported, "stream");
        let usual = ManagedStreamingSettings::new();
        let set = ManagedStreamingSettings::new().with_backoffs(20 * SECOND, 40 * SECOND);
        for (error, usually, as_set) in [
            (throttled.clone(), 10, 20),
            (off, 15 * 60, 40),
            (throttled.clone().with_retry_after(Duration::ZERO), 10, 20),
            (throttled.clone().with_retry_after(40 * SECOND), 40, 40),
            (throttled.with_retry_after(4_000 * SECOND), 300, 300),
        ] {
            let told = [closed(&usual, &error), closed(&set, &error)];
            assert_eq!(
                told,
                [usually, as_set].map(|seconds| Some(seconds * SECOND)),
                "{error:?}"
            );
        }
    }
}
