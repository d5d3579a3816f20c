//! The arguments of `kusto-ingest doctor`.

use clap::Args;

use super::AskArgs;
use crate::report::Output;

const EXIT_CODES: &str = "\
Exit codes:
  0    nothing is in the way of an ingestion, as far as can be told
  1    a bug, or standard output cannot be written
  2    usage or configuration, found before any request was answered
  3    sign-in or permission
  5    something else is in the way
  8    something is not reached
  130  interrupted, by SIGINT
  141  standard output was closed

The guide, in the sources of kusto-ingest: docs/guide/networks.md#what-is-in-the-way";

/// The arguments of `kusto-ingest doctor`.
#[derive(Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct DoctorArgs {
    /// The database; where it is not given, that of the connection string, else KUSTO_DATABASE. Without any, no
    /// database is checked.
    #[arg(long, short, value_name = "DB")]
    pub(crate) database: Option<String>,

    /// The table to check; KUSTO_TABLE where it is not given.
    #[arg(long, short)]
    pub(crate) table: Option<String>,

    /// The mapping of the table to check.
    #[arg(long, value_name = "NAME")]
    pub(crate) mapping_ref: Option<String>,

    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,

    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

/// The cluster may hold secrets.
impl std::fmt::Debug for DoctorArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DoctorArgs").finish_non_exhaustive()
    }
}
