//! The arguments that say how hard a source is brought to the table.

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use kusto_ingest::KustoBuilder;
use kusto_ingest::retry::{ExponentialRetry, OnUnknownOutcome, RetryPolicy};

use super::duration;

/// How many sources go at a time, and within which limits.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct DeliveryArgs {
    /// How many sources are sent at a time.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) parallel: u16,

    /// Send no more than so many sources a second.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: Option<u32>,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// How long things may take, and what is done when an answer is lost.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct LimitArgs {
    /// How long one source may take until it is accepted, retries and waits included, such as 90s or 10m.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) timeout: Option<Duration>,

    /// How long uploads, messages and commands are tried again while storage or service fail in passing; a minute
    /// without this.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) retry_for: Option<Duration>,

    /// What is done when a source was sent and the answer was lost: report that nobody knows, or send it again, so that
    /// its rows may be there twice. Without this, managed streaming sends again, and the others report.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) on_unknown: Option<OnUnknown>,
}

/// What is done when nobody knows whether a source was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnUnknown {
    /// Say so, and leave it to the reader of the report.
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
    /// The limits, set on whatever opens the cluster: the one place for them.
    pub(crate) fn set(self, builder: KustoBuilder) -> KustoBuilder {
        let builder = match self.timeout {
            Some(limit) => builder.with_deadline(limit),
            None => builder,
        };
        let builder = match self.on_unknown {
            Some(what) => builder.with_on_unknown_outcome(what.option()),
            None => builder,
        };
        let Some(retry_for) = self.retry_for else {
            return builder;
        };
        let policy: Arc<dyn RetryPolicy> = Arc::new(ExponentialRetry::for_up_to(retry_for));
        builder
            .with_upload_retry(policy.clone())
            .with_post_retry(policy.clone())
            .with_command_retry(policy)
    }
}
