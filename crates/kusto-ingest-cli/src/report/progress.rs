//! How far a command is: a live line on a terminal, and a line now and then elsewhere.

mod counter;
mod lines;

use std::future::Future;
use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{BinaryBytes, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use kusto_ingest::clock::Clock;
use kusto_ingest::{LocalSource, Result};

use super::{Output, say};

/// How many columns the live line wants for a bar and all numbers.
const WIDE: u16 = 100;

/// How often the live line is drawn anew when nothing happens: time passes on it.
const REFRESHED_EVERY: Duration = Duration::from_millis(250);

/// How often there is a line where there is no live one.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// How far a command is, for whoever looks.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    line: ProgressBar,
    kind: Kind,
    sources: usize,
    failed: Arc<AtomicUsize>,
}

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// By a live line, on a terminal.
    Live,
    /// By a line every ten seconds.
    Lines,
    /// Not at all.
    Silent,
}

impl Kind {
    /// A live line takes standard error for itself: it is a terminal, and nothing else tells there what is done.
    fn new(output: Output, is_terminal: bool, volume: say::Volume) -> Self {
        match (output, is_terminal) {
            _ if volume.is_quiet => Self::Silent,
            (Output::Text, true) if !volume.is_logged_to => Self::Live,
            // Whoever wants a document at a terminal wants nothing between its lines.
            (Output::Json | Output::Ndjson, true) => Self::Silent,
            _ => Self::Lines,
        }
    }
}

impl Progress {
    /// Of so many sources, with so many bytes where that is known.
    pub(crate) fn new(output: Output, bytes: Option<u64>, sources: usize) -> Self {
        let kind = Kind::new(output, io::stderr().is_terminal(), say::volume());
        Self::of_kind(kind, bytes, sources)
    }

    fn of_kind(kind: Kind, bytes: Option<u64>, sources: usize) -> Self {
        let target = match kind {
            Kind::Live => ProgressDrawTarget::stderr(),
            Kind::Lines | Kind::Silent => ProgressDrawTarget::hidden(),
        };
        let columns = console::Term::stderr().size_checked().map(|(_, columns)| columns);
        let is_wide = columns.is_none_or(|columns| columns >= WIDE);
        let parts = match (bytes, is_wide) {
            (Some(_), true) => "{bar:24} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left, {wide_msg}",
            (Some(_), false) => "{bytes} ({percent}%), {bytes_per_sec}, {eta} left, {wide_msg}",
            (None, _) => "{bytes}, {bytes_per_sec}, {wide_msg}",
        };
        let line = ProgressBar::with_draw_target(bytes, target).with_style(style(parts));
        let progress = Self {
            line,
            kind,
            sources,
            failed: Arc::default(),
        };
        progress.sent(0);
        if kind == Kind::Live {
            progress.line.enable_steady_tick(REFRESHED_EVERY);
        }
        progress
    }

    /// A source has failed.
    pub(crate) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    /// So many sources are queued, or will never be.
    pub(crate) fn sent(&self, sources: usize) {
        self.line.set_message(format!(
            "{sources} of {} sources{}",
            self.sources,
            self.failures()
        ));
    }

    /// So many bytes are passed on that are not read here: those of a blob.
    pub(crate) fn passed(&self, bytes: u64) {
        self.line.inc(bytes);
    }

    /// So many sources are queued, or will never be; how many there are is not known.
    pub(crate) fn taken(&self, sources: usize) {
        self.line
            .set_message(format!("{sources} sources{}", self.failures()));
    }

    /// So many of the sources that are waited for have ended.
    pub(crate) fn ended(&self, sources: usize, of: usize) {
        self.line.set_style(style("{elapsed}, {wide_msg}"));
        let failures = self.failures();
        self.line
            .set_message(format!("waiting: {sources} of {of} sources have ended{failures}"));
    }

    fn failures(&self) -> String {
        match self.failed.load(Ordering::Relaxed) {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        }
    }

    /// Does some work. Where there is no live line, a line is printed every ten seconds until it is done.
    pub(crate) async fn while_told<T>(&self, clock: &dyn Clock, work: impl Future<Output = T>) -> T {
        match self.kind {
            Kind::Lines => {
                let tell = || say::progress(&self.summary());
                lines::told_every(clock, TOLD_EVERY, work, tell).await
            }
            Kind::Live | Kind::Silent => work.await,
        }
    }

    /// How far it is, in one line.
    fn summary(&self) -> String {
        let (message, elapsed) = (self.line.message(), self.line.elapsed());
        let pace = pace(self.line.position(), self.line.length(), elapsed);
        format!("{message}; {pace}; {} s", elapsed.as_secs())
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.line.finish_and_clear();
    }

    /// The same source, whose bytes are counted while they are read: each once, also when they are read again.
    pub(crate) async fn watch(&self, source: LocalSource) -> Result<LocalSource> {
        match self.kind {
            Kind::Live | Kind::Lines => counter::watch(&self.line, source).await,
            Kind::Silent => Ok(source),
        }
    }
}

/// How many bytes of how many were passed on, how fast, and how long the rest will take.
fn pace(done: u64, all: Option<u64>, elapsed: Duration) -> String {
    let mut words = match all {
        Some(all) => format!("{} of {}", BinaryBytes(done), BinaryBytes(all)),
        None => BinaryBytes(done).to_string(),
    };
    let milliseconds = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    let Some(a_second) = done.saturating_mul(1000).checked_div(milliseconds) else {
        return words;
    };
    words.push_str(&format!(", {}/s", BinaryBytes(a_second)));
    let left = all.map(|all| all.saturating_sub(done)).filter(|left| *left > 0);
    if let Some(seconds) = left.and_then(|left| left.checked_div(a_second)) {
        words.push_str(&format!(
            ", about {} left",
            HumanDuration(Duration::from_secs(seconds))
        ));
    }
    words
}

fn style(parts: &str) -> ProgressStyle {
    ProgressStyle::with_template(parts).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_line_is_for_people_at_a_terminal_that_nothing_else_is_written_to() {
        let volume = |is_quiet, is_logged_to| say::Volume {
            is_quiet,
            is_logged_to,
            is_coloured: false,
        };
        for (output, is_terminal, volume, kind) in [
            (Output::Text, true, volume(false, false), Kind::Live),
            (Output::Text, true, volume(false, true), Kind::Lines),
            (Output::Text, false, volume(false, false), Kind::Lines),
            (Output::Json, false, volume(false, false), Kind::Lines),
            (Output::Json, true, volume(false, false), Kind::Silent),
            (Output::Text, true, volume(true, false), Kind::Silent),
            (Output::Ndjson, false, volume(true, false), Kind::Silent),
        ] {
            assert_eq!(
                Kind::new(output, is_terminal, volume),
                kind,
                "{output:?} {volume:?}"
            );
        }
    }

    #[test]
    fn the_pace_and_the_time_that_is_left_follow_from_what_is_done() {
        let (mib, second) = (1024 * 1024, Duration::from_secs(1));
        for (done, all, elapsed, expect) in [
            (
                mib,
                Some(121 * mib),
                second,
                "1.00 MiB of 121.00 MiB, 1.00 MiB/s, about 2 minutes left",
            ),
            (
                8 * mib,
                Some(8 * mib),
                second * 2,
                "8.00 MiB of 8.00 MiB, 4.00 MiB/s",
            ),
            (4 * mib, None, second * 2, "4.00 MiB, 2.00 MiB/s"),
            (0, Some(mib), second, "0 B of 1.00 MiB, 0 B/s"),
            (mib, Some(2 * mib), Duration::ZERO, "1.00 MiB of 2.00 MiB"),
        ] {
            assert_eq!(pace(done, all, elapsed), expect);
        }
    }

    #[test]
    fn a_line_tells_sources_failures_and_bytes() {
        let progress = Progress::of_kind(Kind::Lines, Some(2048), 5);
        progress.failed();
        progress.line.inc(1024);
        progress.sent(3);
        let summary = progress.summary();
        assert!(
            summary.starts_with("3 of 5 sources, 1 failed; 1.00 KiB of 2.00 KiB"),
            "{summary}"
        );
        progress.ended(1, 2);
        let summary = progress.summary();
        assert!(
            summary.starts_with("waiting: 1 of 2 sources have ended, 1 failed; "),
            "{summary}"
        );
    }
}
