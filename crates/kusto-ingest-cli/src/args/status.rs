//! The arguments of `kusto-ingest status` and `kusto-ingest wait`.

use std::ffi::OsString;
use std::time::Duration;

use clap::Args;

use super::{AskArgs, duration};
use crate::report::Output;

const EXIT_CODES: &str = "\
Exit codes:
  0    all sources are ingested
  1    a bug, or standard output cannot be written
  2    usage or configuration, such as a file that holds no receipt
  3    sign-in or permission
  4    some sources failed, or nobody can tell what became of them
  5    all sources failed
  6    some sources are pending
  7    there are no receipts, since nothing was accepted
  8    the service is not available, after retries
  130  interrupted, by SIGINT, SIGTERM or SIGHUP
  141  all is ingested, and standard output was closed

The guide, in the sources of kusto-ingest: docs/guide/following.md";

const EXIT_CODES_OF_WAIT: &str = "\
Exit codes:
  0    all sources are ingested
  1    a bug, or standard output cannot be written
  2    usage or configuration, such as a file that holds no receipt
  3    sign-in or permission
  4    some sources failed, or nobody can tell what became of them
  5    all sources failed
  6    some sources are pending, or the service was not available until the wait was over
  7    there are no receipts, since nothing was accepted
  130  interrupted, by SIGINT, SIGTERM or SIGHUP
  141  all is ingested, and standard output was closed

The guide, in the sources of kusto-ingest: docs/guide/following.md";

/// The arguments of `kusto-ingest status`.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) receipts: ReceiptArgs,

    /// Wait until every source is ingested, or has failed.
    #[arg(long)]
    pub(crate) wait: bool,

    /// Of sources that were queued over REST, cancel first what the service has not begun: each of them, and whatever was
    /// queued together with it. It cannot be undone.
    #[arg(long)]
    pub(crate) cancel: bool,
}

/// The arguments of `kusto-ingest wait`, which those of `status` share.
#[derive(Args)]
#[command(after_help = EXIT_CODES_OF_WAIT)]
pub(crate) struct ReceiptArgs {
    /// A file with receipts, or `-` for standard input: what a command wrote by --receipts or printed, or one or more of
    /// the receipts in it, each for itself or in an array. A receipt that is null stands for nothing.
    #[arg(value_name = "RECEIPT", required = true)]
    pub(crate) files: Vec<OsString>,

    /// How long to wait in all, where it waits, such as 90s, 60m or 1h30m.
    #[arg(long, value_name = "TIME", default_value = "60m", value_parser = duration::parse)]
    pub(crate) wait_timeout: Duration,

    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,

    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

impl ReceiptArgs {
    /// As `status --wait` has it.
    pub(crate) fn waiting(self) -> StatusArgs {
        StatusArgs {
            receipts: self,
            wait: true,
            cancel: false,
        }
    }
}

/// The cluster may hold secrets.
impl std::fmt::Debug for ReceiptArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceiptArgs").finish_non_exhaustive()
    }
}
