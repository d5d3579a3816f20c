//! The arguments of long runs: what is remembered, done again, and reported in a file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use kusto_ingest::journal::Shard;

use super::duration;

const HEADING: &str = "Long runs";

/// How a long run is resumed, repeated and reported.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct LongRunArgs {
    /// Write down what becomes of each source in this file, and resume by it: what is done is left out, and what nobody
    /// knows of whether it arrived is named and sent again, with the same id; with --on-unknown report it is only named.
    /// One process at a time. `{shard}` in the name stands for the number of --shard.
    #[arg(long, value_name = "FILE", help_heading = HEADING, conflicts_with_all = ["emulator", "dry_run"])]
    pub(crate) journal: Option<PathBuf>,

    /// What to do with a source that the journal has as sent, and whose size or time is another one now.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t, help_heading = HEADING, requires = "journal")]
    pub(crate) changed: OnChanged,

    /// Write what became of each source to this file in the end, as CSV or JSON by its extension; with a journal also of
    /// those that were done before. An older file is replaced. `{shard}` as for --journal.
    #[arg(long, value_name = "FILE", help_heading = HEADING, conflicts_with = "dry_run")]
    pub(crate) report: Option<PathBuf>,

    /// Do it all again, so many times, or `forever`: with a journal, only what is new is sent.
    #[arg(long, value_name = "TIMES", help_heading = HEADING, value_parser = Repeat::parse, conflicts_with = "emulator")]
    pub(crate) repeat: Option<Repeat>,

    /// How long to pause between.
    #[arg(long, value_name = "TIME", default_value = "60s", help_heading = HEADING, value_parser = duration::parse, requires = "repeat")]
    pub(crate) repeat_pause: Duration,
}

impl LongRunArgs {
    /// Where the journal is of a run of this shard.
    pub(crate) fn journal(&self, shard: Option<Shard>) -> Option<PathBuf> {
        self.journal.as_deref().map(|path| of_shard(path, shard))
    }

    /// Where the report goes of a run of this shard.
    pub(crate) fn report(&self, shard: Option<Shard>) -> Option<PathBuf> {
        self.report.as_deref().map(|path| of_shard(path, shard))
    }
}

/// A path with the number of the shard in its place.
fn of_shard(path: &Path, shard: Option<Shard>) -> PathBuf {
    match (path.to_str(), shard) {
        (Some(text), Some(shard)) => text.replace("{shard}", &shard.index().to_string()).into(),
        _ => path.to_owned(),
    }
}

/// What is done with a source that was sent and has changed since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnChanged {
    /// It fails: somebody has to look.
    #[default]
    Fail,
    /// It is left out: what was sent is enough.
    Skip,
    /// It is sent as a new source: what it had before is in the table, too.
    Send,
}

/// How often a run is done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    Times(u64),
    Forever,
}

impl Repeat {
    fn parse(text: &str) -> Result<Self, &'static str> {
        match text {
            "forever" => Ok(Self::Forever),
            number => number
                .parse()
                .map(Self::Times)
                .map_err(|_| "it is neither a number nor `forever`"),
        }
    }

    /// Whether there is another run behind so many that were done again.
    pub(crate) fn goes_on(self, again: u64) -> bool {
        match self {
            Self::Times(times) => again < times,
            Self::Forever => true,
        }
    }
}

/// One of several parts of the sources: `I/N`, or `/N` where `JOB_COMPLETION_INDEX` says the number, as Kubernetes sets it.
///
/// # Errors
/// It is neither.
pub(super) fn shard(text: &str) -> Result<Shard, String> {
    let told = match text.strip_prefix('/') {
        None => text.to_owned(),
        Some(count) => match std::env::var("JOB_COMPLETION_INDEX") {
            Ok(index) => format!("{}/{count}", index.trim()),
            Err(_) => return Err("JOB_COMPLETION_INDEX is not set: write I/N, such as 0/4".to_owned()),
        },
    };
    told.parse()
        .map_err(|error: kusto_ingest::Error| error.reason().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_done_again_as_often_as_somebody_says() {
        assert_eq!(Repeat::parse("2"), Ok(Repeat::Times(2)));
        assert_eq!(Repeat::parse("forever"), Ok(Repeat::Forever));
        assert!(Repeat::parse("-1").is_err() && Repeat::parse("often").is_err());
        assert!(Repeat::Times(2).goes_on(1) && !Repeat::Times(2).goes_on(2));
        assert!(Repeat::Forever.goes_on(u64::MAX));
    }

    #[test]
    fn files_are_those_of_the_shard() {
        let path = |name: &str, shard: Option<Shard>| of_shard(Path::new(name), shard).display().to_string();
        let shard = Shard::new(2, 4).ok();
        assert_eq!(path("a.{shard}.journal", shard), "a.2.journal");
        assert_eq!(path("a.{shard}.journal", None), "a.{shard}.journal");
        assert_eq!(path("a.journal", shard), "a.journal");
    }
}
