//! How commands to the service that issues resources are tried again.

use std::time::Duration;

use kusto_ingest_core::{ErrorKind, ExponentialRetry, FailedAttempt, RetryPolicy};

/// How long a command may take with all attempts and the waits between them.
const LIMIT: Duration = Duration::from_secs(30);

/// How long to wait after a connection has broken more than once.
const BROKEN: Duration = Duration::from_secs(10);

/// Tries for up to 30 s, exponentially. A connection that breaks is tried again soon once, and then after 10 s and
/// more: a proxy that drops all of them sees four at most, and a service may be away for 20 s.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CommandRetry(ExponentialRetry);

impl Default for CommandRetry {
    fn default() -> Self {
        Self(ExponentialRetry::for_up_to(LIMIT))
    }
}

impl RetryPolicy for CommandRetry {
    fn backoff<'a>(&self, failed: &FailedAttempt<'a>) -> Option<Duration> {
        let wait = self.0.backoff(failed)?;
        let is_broken = matches!(failed.error.kind(), ErrorKind::Connection | ErrorKind::Io);
        if !is_broken || failed.attempt == 1 {
            return Some(wait);
        }
        let longer = BROKEN + wait / 10;
        (failed.elapsed + longer < LIMIT).then_some(longer)
    }

    fn max_elapsed(&self) -> Option<Duration> {
        self.0.max_elapsed()
    }
}
