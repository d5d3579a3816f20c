//! The arguments that say how hard a source is brought to the table.

use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use kusto_ingest::KustoBuilder;
use kusto_ingest::compression::{Compressor, GzipLevel, ThreadedCompressor};
use kusto_ingest::retry::{ExponentialRetry, OnUnknownOutcome};

use super::{InFlight, duration};

/// How many sources go at a time, and within which limits.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct DeliveryArgs {
    /// How many sources are sent at a time, at most. Without this, 4 to 16 by the cores of this machine; of large files 2 to
    /// 8; of blobs 16; of small sources 40 where they share requests (--protocol). While the service throttles, there are
    /// fewer.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) parallel: Option<u16>,

    /// The most sources that are sent in a second.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: Option<u32>,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// What is known of the sources by which their number at a time is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SourceSizes {
    /// How many of them are local.
    local: u64,
    /// How many bytes these have, as far as that is known.
    bytes: u64,
}

impl SourceSizes {
    /// On average as large as this, and compressing takes most of the time.
    const LARGE: u64 = 32 * 1024 * 1024;

    /// Of sources that are blobs or not, with their bytes.
    pub(crate) fn of(sources: impl Iterator<Item = (bool, Option<u64>)>) -> Self {
        let local = sources.filter(|(is_blob, _)| !is_blob);
        local.fold(Self::default(), |sizes, (_, bytes)| Self {
            local: sizes.local + 1,
            bytes: sizes.bytes.saturating_add(bytes.unwrap_or_default()),
        })
    }

    /// Whether compressing them takes most of the time.
    fn are_large(self) -> bool {
        self.local > 0 && self.bytes / self.local >= Self::LARGE
    }

    /// How many to send at a time on a machine of so many cores: small files wait for answers, large ones for a core, and
    /// of blobs nothing but a message is sent.
    fn at_a_time(self, cores: usize) -> usize {
        match self.local {
            0 => 16,
            _ if self.are_large() => cores.clamp(2, 8),
            _ => cores.saturating_mul(4).clamp(4, 16),
        }
    }
}

impl DeliveryArgs {
    /// How many sources are sent at a time; `sharing` of small ones, where they share requests.
    pub(crate) fn parallel(&self, sizes: &SourceSizes, sharing: Option<usize>) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, NonZero::get);
        let by_sizes = || match sharing.filter(|_| !sizes.are_large()) {
            Some(many) => many,
            None => sizes.at_a_time(cores()),
        };
        self.parallel.map_or_else(by_sizes, usize::from)
    }
}

/// How long things may take, what is done when an answer is lost, and how hard is compressed.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct LimitArgs {
    /// Time limit for each source until it is accepted, retries included, such as 90s or 10m.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) timeout: Option<Duration>,

    /// How long uploads, messages and commands are retried after transient failures; by default one minute.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) retry_for: Option<Duration>,

    /// What to do when a source was sent and the response was lost: report the outcome as unknown, or send the source
    /// again, which may duplicate its rows. By default managed streaming sends again, and the others report.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) on_unknown: Option<OnUnknown>,

    /// How hard data is compressed on its way: fastest, balanced, smallest, or 1 to 9. By default balanced, which is 3.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) compression_level: Option<GzipLevel>,
}

/// What is done when nobody knows whether a source was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnUnknown {
    /// Report the outcome as unknown.
    Report,
    /// Send it again.
    Retry,
}

impl OnUnknown {
    /// The library's word for it.
    pub(crate) fn option(self) -> OnUnknownOutcome {
        match self {
            Self::Report => OnUnknownOutcome::Report,
            Self::Retry => OnUnknownOutcome::Retry,
        }
    }
}

impl LimitArgs {
    /// The limits, set on whatever opens the cluster: the one place for them. What is throttled is told to `in_flight`.
    pub(crate) fn set(self, builder: KustoBuilder, in_flight: &InFlight) -> KustoBuilder {
        let builder = match self.timeout {
            Some(limit) => builder.with_deadline(limit),
            None => builder,
        };
        let builder = match self.on_unknown {
            Some(what) => builder.with_on_unknown_outcome(what.option()),
            None => builder,
        };
        let asked = self.retry_for.map(ExponentialRetry::for_up_to);
        let builder = match asked {
            Some(policy) => builder.with_command_retry(Arc::new(policy)),
            None => builder,
        };
        let builder = builder.with_compressor(compressor(self.compression_level.unwrap_or_default()));
        let policy = in_flight.watching(Arc::new(asked.unwrap_or_default()));
        builder.with_upload_retry(policy.clone()).with_post_retry(policy)
    }
}

/// What compresses: ISA-L where this program was built with it.
fn compressor(level: GzipLevel) -> Arc<dyn Compressor> {
    let compressor = ThreadedCompressor::new().with_level(level);
    #[cfg(feature = "isal")]
    let compressor = compressor.with_engine(Arc::new(kusto_ingest::compression::Isal::new()));
    Arc::new(compressor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_files_go_many_at_a_time_large_ones_by_cores_and_blobs_at_once() {
        let (small, large) = ((false, Some(1024)), (false, Some(SourceSizes::LARGE)));
        let (blob, stream) = ((true, Some(u64::MAX)), (false, None));
        for (sources, expect) in [
            (&[][..], [16, 16, 16]),
            (&[blob, blob], [16, 16, 16]),
            (&[small, blob], [4, 8, 16]),
            (&[stream], [4, 8, 16]),
            (&[large, large, blob], [2, 2, 8]),
            (&[large, small], [4, 8, 16]),
        ] {
            let sizes = SourceSizes::of(sources.iter().copied());
            assert_eq!(
                [1, 2, 64].map(|cores| sizes.at_a_time(cores)),
                expect,
                "{sources:?}"
            );
        }
    }
}
