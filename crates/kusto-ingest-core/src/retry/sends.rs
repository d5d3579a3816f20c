//! Sends of one request that is not idempotent: what is sent again, and what is told in the end.

use super::ambiguous::unknown;
use super::{AmbiguousSends, Attempts, OnUnknownOutcome, Retry};
use crate::{Error, ErrorKind, Result};

/// Sends of one request that is not idempotent, by one engine: it decides after every failed send whether there is to be
/// another, and counts those of which nobody knows whether they were carried out.
#[derive(Debug)]
pub struct Sends<'a> {
    attempts: Attempts<'a>,
    on_unknown: OnUnknownOutcome,
    ambiguous: AmbiguousSends,
}

impl<'a> Retry<'a> {
    /// The first of several sends of a request that is not idempotent begins now.
    #[must_use]
    pub fn start_sends(self, on_unknown: OnUnknownOutcome) -> Sends<'a> {
        Sends {
            attempts: self.start(),
            on_unknown,
            ambiguous: AmbiguousSends::none(),
        }
    }
}

impl Sends<'_> {
    /// The number of the send that is under way, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.attempts.number()
    }

    /// How many sends ended without anybody knowing whether they were carried out.
    #[must_use]
    pub fn ambiguous(&self) -> AmbiguousSends {
        self.ambiguous
    }

    /// The send under way has failed: waits before the next one.
    ///
    /// # Errors
    /// When there is to be no other send. The kind is [`ErrorKind::OutcomeUnknown`] where any send was ambiguous, however
    /// the last one ended.
    pub async fn wait(&mut self, error: Error) -> Result<()> {
        let is_unknown = error.kind() == ErrorKind::OutcomeUnknown;
        self.ambiguous.count_in(&error);
        let ended = match (is_unknown, self.on_unknown) {
            (true, OnUnknownOutcome::Report) => Err(self.attempts.give_up(error)),
            (true, OnUnknownOutcome::Retry) => self.attempts.wait_after_round(error).await,
            (false, _) => self.attempts.wait(error).await,
        };
        ended.map_err(|error| unknown(self.ambiguous, error))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::{ExponentialRetry, ManualClock, Timestamp};

    /// What sends that end like this come to: how many were made, how many were ambiguous, and the last error.
    fn made(on_unknown: OnUnknownOutcome, kinds: &[ErrorKind]) -> (usize, u32, Option<Error>) {
        let clock = ManualClock::advancing(Timestamp::UNIX_EPOCH);
        let policy = ExponentialRetry::new(3).with_backoff(Duration::ZERO, Duration::ZERO);
        let mut sends = Retry::new(&policy, &clock, 7).start_sends(on_unknown);
        let mut count = 0;
        for kind in kinds {
            count += 1;
            let ended = sends.wait(Error::new(*kind, "send")).now_or_never();
            if let Err(error) = ended.expect("the clock goes on by itself") {
                return (count, sends.ambiguous().count(), Some(error));
            }
        }
        (count, sends.ambiguous().count(), None)
    }

    #[test]
    fn what_may_have_been_carried_out_is_sent_again_only_for_who_chose_so() {
        use ErrorKind::{Connection, OutcomeUnknown, Rejected, Unavailable};
        use OnUnknownOutcome::{Report, Retry};
        for (on_unknown, kinds, count, ambiguous, kind) in [
            (Report, &[OutcomeUnknown][..], 1, 1, Some(OutcomeUnknown)),
            (Report, &[Unavailable, OutcomeUnknown], 2, 1, Some(OutcomeUnknown)),
            (Report, &[Rejected], 1, 0, Some(Rejected)),
            (
                Report,
                &[Connection, Connection, Unavailable],
                3,
                0,
                Some(Unavailable),
            ),
            (Retry, &[OutcomeUnknown, Unavailable], 2, 1, None),
            (Retry, &[OutcomeUnknown, Rejected], 2, 1, Some(OutcomeUnknown)),
            (
                Retry,
                &[OutcomeUnknown, OutcomeUnknown, Connection],
                3,
                2,
                Some(OutcomeUnknown),
            ),
            (
                Retry,
                &[OutcomeUnknown, OutcomeUnknown, OutcomeUnknown],
                3,
                3,
                Some(OutcomeUnknown),
            ),
        ] {
            let (made, unknown, error) = made(on_unknown, kinds);
            let kind_told = error.as_ref().map(Error::kind);
            assert_eq!(
                (made, unknown, kind_told),
                (count, ambiguous, kind),
                "{on_unknown:?} {kinds:?}"
            );
            assert!(error.is_none_or(|error| error.is_retried()), "{kinds:?}");
        }
    }
}
