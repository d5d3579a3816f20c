//! The arguments that every way of ingesting shares.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use kusto_ingest::DataFormat;

use super::properties::PropertyArgs;
use super::protocol::Protocol;
use super::{BackfillArgs, NetworkArgs, SignInArgs, duration};
use crate::report::{Output, RowsOutput};

/// What the lists of exit codes share.
macro_rules! exit_codes {
    () => {
        "  1    a bug, or standard output cannot be written
  2    usage or configuration, found before any request was answered
  3    sign-in or permission
  4    some sources failed, or nobody knows of some whether they arrived
  5    all sources failed"
    };
    (in the end) => {
        "
  8    the service is not available, after retries
  130  interrupted, by SIGINT, SIGTERM or SIGHUP
  141  all done, and standard output was closed

The guide, in the sources of kusto-ingest: docs/guide/exit-codes.md"
    };
}

/// How a command ends that may queue.
pub(super) const EXIT_CODES: &str = concat!(
    "Exit codes:\n  0    all done; without --wait: everything is queued\n",
    exit_codes!(),
    "\n  6    the wait timed out\n  7    nothing matched",
    exit_codes!(in the end)
);

/// How a command ends that is done when the engine is.
pub(super) const EXIT_CODES_AT_ONCE: &str = concat!(
    "Exit codes:\n  0    all done\n",
    exit_codes!(),
    "\n  7    nothing matched",
    exit_codes!(in the end)
);

/// How a command ends that takes one source.
pub(super) const EXIT_CODES_OF_ONE: &str = concat!(
    "Exit codes:\n  0    all done\n",
    exit_codes!(),
    exit_codes!(in the end)
);

/// Where it goes, and what is said of it: the arguments that every way of ingesting shares.
#[derive(Args)]
pub(crate) struct IntoArgs {
    /// The database; where it is not given, that of the connection string (`Initial Catalog`, or the path of the
    /// cluster's address), else KUSTO_DATABASE.
    #[arg(long, short, value_name = "DB")]
    pub(crate) database: Option<String>,

    /// The table; KUSTO_TABLE where it is not given.
    #[arg(long, short)]
    pub(crate) table: Option<String>,

    /// The cluster's address or connection string; KUSTO_CLUSTER where it is not given.
    #[arg(long, value_name = "URL", conflicts_with = "emulator")]
    pub(crate) cluster: Option<String>,

    /// Run a local emulator during this command, create the table from the data, and wait.
    #[arg(long, conflicts_with_all = ["sign-in", "network"])]
    pub(crate) emulator: bool,

    /// With --emulator: how the rows of the table are printed behind the report.
    #[arg(long, value_enum, value_name = "FORM", default_value_t, requires = "emulator")]
    pub(crate) rows: RowsOutput,

    /// With --emulator: how many rows of the table are printed; 0 prints all.
    #[arg(long, value_name = "ROWS", default_value_t = 10, requires = "emulator")]
    pub(crate) rows_limit: u64,

    /// Data format; inferred from the file name if omitted. Required for standard input.
    #[arg(long)]
    pub(crate) format: Option<DataFormat>,

    /// The first record of every source is a header.
    #[arg(long)]
    pub(crate) ignore_first_record: bool,

    /// A file with the JSON of an ingestion mapping.
    #[arg(long, value_name = "F", conflicts_with = "mapping_ref")]
    pub(crate) mapping_file: Option<PathBuf>,

    /// The name of an ingestion mapping of the table.
    #[arg(long, value_name = "NAME")]
    pub(crate) mapping_ref: Option<String>,

    #[command(flatten)]
    pub(crate) backfill: BackfillArgs,

    /// Append each receipt to this file, as a line of JSON, as soon as there is one. `kusto-ingest status` reads it,
    /// however this command ends.
    #[arg(long, value_name = "FILE")]
    pub(crate) receipts: Option<PathBuf>,

    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,

    #[command(flatten)]
    pub(crate) properties: PropertyArgs,

    #[command(flatten)]
    pub(crate) sign_in: SignInArgs,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

/// What is said of a queue.
#[derive(Args, Debug)]
pub(crate) struct QueueArgs {
    /// Ingest without waiting for more data to batch: fast for a few sources, costly for many.
    #[arg(long)]
    pub(crate) flush_immediately: bool,

    /// Wait until every source is ingested, or has failed. Each source is held in memory until then, with up to 7 KB, and
    /// there may be 200,000; so it is with --emulator, --delete-source and --raw-size. Without these, a container or a
    /// list may have any number.
    #[arg(long)]
    pub(crate) wait: bool,

    /// Exit when everything is queued; this is the default.
    #[arg(long, conflicts_with_all = ["wait", "emulator"])]
    pub(crate) no_wait: bool,

    /// Report every source to the status table, without waiting: `kusto-ingest status` reads the printed receipts.
    /// --wait implies it.
    #[arg(long, conflicts_with = "emulator")]
    pub(crate) track: bool,

    /// How the service is told of sources: through storage queues; over REST, in which up to twenty sources share a request; or
    /// as the service prefers, and the other way while that one fails.
    #[arg(long, value_enum, value_name = "PROTOCOL", default_value_t)]
    pub(crate) protocol: Protocol,

    /// Skip the check that the table exists.
    #[arg(long)]
    pub(crate) no_preflight: bool,

    /// How long to wait in all, such as 90s, 60m or 1h30m.
    #[arg(long, value_name = "TIME", default_value = "60m", value_parser = duration::parse)]
    pub(crate) wait_timeout: Duration,
}

/// The cluster may hold secrets.
impl std::fmt::Debug for IntoArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IntoArgs").finish_non_exhaustive()
    }
}
