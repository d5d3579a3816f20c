//! How many files are under way at a time: fewer while the service does not take them.

use std::time::Duration;

/// How many files are under way at a time. While the service does not take them it is one, after a pause.
#[derive(Debug)]
pub(crate) struct Pressure {
    most: usize,
    first: Duration,
    longest: Duration,
    /// How often the service has failed since it last took a file.
    failures: u32,
    until: Duration,
}

impl Pressure {
    pub(crate) fn new(most: usize, first: Duration, longest: Duration) -> Self {
        Self {
            most,
            first,
            longest,
            failures: 0,
            until: Duration::ZERO,
        }
    }

    /// How many may be under way at this moment.
    pub(crate) fn limit(&self, now: Duration) -> usize {
        match self.failures {
            0 => self.most,
            _ if now < self.until => 0,
            _ => 1,
        }
    }

    /// When the pause ends, if there is one.
    pub(crate) fn pause_ends(&self) -> Option<Duration> {
        (self.failures > 0).then_some(self.until)
    }

    /// The service took a file.
    pub(crate) fn taken(&mut self) {
        self.failures = 0;
    }

    /// The service did not take one, and asks to be left alone for so long, perhaps.
    pub(crate) fn failed(&mut self, now: Duration, retry_after: Option<Duration>) {
        // Those that were under way together fail together: they are one failure.
        if now >= self.until {
            self.failures = self.failures.saturating_add(1);
            let pause = self.pause(self.failures);
            let pause = retry_after.map_or(pause, |asked| asked.clamp(pause, self.longest.max(pause)));
            self.until = now + pause;
        }
    }

    /// How long to pause after so many failures.
    pub(crate) fn pause(&self, failures: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1).min(20));
        self.first.saturating_mul(doubled).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_does_not_take_files_gets_one_at_a_time_ever_more_seldom() {
        let second = Duration::from_secs(1);
        let mut pressure = Pressure::new(8, second, second * 5);
        assert_eq!(pressure.limit(second), 8);
        pressure.failed(second, None);
        pressure.failed(second, None);
        assert_eq!(
            (pressure.limit(second), pressure.pause_ends()),
            (0, Some(second * 2))
        );
        assert_eq!(pressure.limit(second * 2), 1);
        pressure.failed(second * 2, None);
        assert_eq!(pressure.pause_ends(), Some(second * 4), "twice as long");
        pressure.failed(second * 4, Some(second * 60));
        assert_eq!(
            pressure.pause_ends(),
            Some(second * 9),
            "what the service asks for, up to the longest"
        );
        pressure.taken();
        assert_eq!((pressure.limit(second * 4), pressure.pause_ends()), (8, None));
    }
}
