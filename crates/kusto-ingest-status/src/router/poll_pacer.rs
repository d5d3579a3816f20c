//! When to look next, and how deep.

use std::collections::BTreeMap;
use std::time::Duration;

use kusto_ingest_core::{Error, PollSchedule};

/// When to look next, and how deep.
///
/// Looks become ever rarer while nothing comes, and frequent again when something does, or when somebody new waits.
#[derive(Debug, Default)]
pub(super) struct PollPacer {
    due: Option<Duration>,
    /// How many looks in a row delivered nothing.
    quiet: u32,
    /// How many looks in a row failed.
    failures: usize,
    /// How many looks there were, by which the random number differs from one to the next.
    looks: u32,
    /// Until when a queue is not dug into, so that what was hidden by digging is seen by others meanwhile.
    resting: BTreeMap<String, Duration>,
}

impl PollPacer {
    /// When to look next.
    pub(super) fn due(&self, now: Duration) -> Duration {
        self.due.unwrap_or(now)
    }

    /// Somebody new waits: for the next look that another makes, unless nobody looks.
    pub(super) fn joined(&mut self, nobody_looks: bool, pauses: &PollSchedule, now: Duration) {
        self.quiet = 0;
        if nobody_looks {
            self.due = Some(now + pauses.before(0));
        }
    }

    /// A look has delivered so many reports.
    pub(super) fn looked(&mut self, delivered: usize, pauses: &PollSchedule, now: Duration) {
        self.failures = 0;
        self.looks = self.looks.wrapping_add(1);
        self.quiet = if delivered > 0 {
            1
        } else {
            self.quiet.saturating_add(1)
        };
        self.due = Some(now + pauses.before(self.quiet));
    }

    /// A look has failed. Says whether it is worth while to look again.
    pub(super) fn failed(
        &mut self,
        error: &Error,
        pauses: &PollSchedule,
        random: u64,
        now: Duration,
    ) -> bool {
        self.failures = self.failures.saturating_add(1);
        self.looks = self.looks.wrapping_add(1);
        let longer = pauses.after_failure(self.failures, self.drawn(random));
        let pause = pauses.before(self.quiet.max(1)) + longer.unwrap_or_default();
        self.due = Some(now + pause);
        longer.is_some() && !error.is_permanent()
    }

    /// Nobody looks any more because of failures: who comes next begins anew.
    pub(super) fn given_up(&mut self) {
        self.failures = 0;
        self.due = None;
    }

    /// Whether a queue may be dug into now.
    pub(super) fn may_dig(&self, queue: &str, now: Duration) -> bool {
        self.resting.get(queue).is_none_or(|until| *until <= now)
    }

    /// A queue was dug through, and is left alone for two to four times as long as messages were hidden: others that
    /// dig would not see theirs otherwise.
    pub(super) fn dug_through(&mut self, queue: &str, hidden_for: Duration, random: u64, now: Duration) {
        let eighths = 16 + u32::try_from(self.drawn(random) % 17).unwrap_or_default();
        let rest = hidden_for.saturating_mul(eighths) / 8;
        self.resting.insert(queue.to_owned(), now + rest);
    }

    /// Another number at each look. Source ids are random, so that two routers draw differently.
    fn drawn(&self, random: u64) -> u64 {
        random.rotate_left(self.looks.wrapping_mul(7))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn pauses() -> PollSchedule {
        PollSchedule::standard()
            .with_intervals(Duration::ZERO, SECOND, SECOND * 10)
            .with_failure_waits([SECOND * 30], Duration::ZERO)
    }

    #[test]
    fn looks_become_rarer_until_something_comes_or_somebody_joins() {
        let (mut pacer, pauses, now) = (PollPacer::default(), pauses(), Duration::ZERO);
        let mut pause = |delivered| {
            pacer.looked(delivered, &pauses, now);
            pacer.due(now).saturating_sub(now).as_secs()
        };
        assert_eq!([0, 0, 0, 0, 0, 0].map(&mut pause), [1, 2, 4, 8, 10, 10]);
        assert_eq!([3, 0, 0].map(&mut pause), [1, 2, 4]);
        pacer.joined(false, &pauses, now);
        assert_eq!(pacer.due(now), now + SECOND * 4, "the others' look will do");
        pacer.joined(true, &pauses, now);
        assert_eq!(pacer.due(now), now);
    }

    #[test]
    fn after_failures_it_waits_longer_and_then_gives_up_until_a_look_succeeds() {
        let (mut pacer, pauses, now) = (PollPacer::default(), pauses(), Duration::ZERO);
        let error = Error::new(kusto_ingest_core::ErrorKind::Unavailable, "look");
        assert!(pacer.failed(&error, &pauses, 0, now));
        assert_eq!(pacer.due(now), now + SECOND * 31);
        assert!(!pacer.failed(&error, &pauses, 0, now));
        pacer.looked(0, &pauses, now);
        assert!(pacer.failed(&error, &pauses, 0, now));
        assert!(!PollPacer::default().failed(&error.with_permanence(true), &pauses, 0, now));
    }

    #[test]
    fn a_queue_rests_two_to_four_times_as_long_as_its_messages_were_hidden() {
        let now = Duration::ZERO;
        for random in 0..100 {
            let mut pacer = PollPacer::default();
            pacer.dug_through("q", SECOND, random, now);
            assert!(!pacer.may_dig("q", now + SECOND * 2 - Duration::from_millis(1)));
            assert!(pacer.may_dig("q", now + SECOND * 4));
            assert!(pacer.may_dig("other", now));
        }
    }
}
