//! The arguments of `kusto-ingest failures`.

use clap::Args;

use super::AskArgs;
use crate::report::Output;

const EXIT_CODES: &str = "\
Exit codes:
  0    the failures are printed, also where there are none
  1    a bug, or standard output cannot be written
  2    usage or configuration, found before any request was answered
  3    sign-in or permission
  5    the service refuses it, or its answer cannot be understood
  8    the service is not available
  130  interrupted, by SIGINT, SIGTERM or SIGHUP; what was taken by then is printed
  141  standard output was closed

The guide, in the sources of kusto-ingest: docs/guide/following.md";

/// The arguments of `kusto-ingest failures`.
#[derive(Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct FailuresArgs {
    /// Remove the reports from the queues, which all clients of the cluster share: nobody else will see them.
    #[arg(long)]
    pub(crate) take: bool,

    /// Remove all reports unread, including those of all other clients; for test clusters.
    #[arg(long, conflicts_with_all = ["take", "limit"])]
    pub(crate) clear: bool,

    /// The most reports. Without --take, only the first 32 of each queue can be seen.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) limit: u32,

    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,

    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

/// The cluster may hold secrets.
impl std::fmt::Debug for FailuresArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FailuresArgs").finish_non_exhaustive()
    }
}
