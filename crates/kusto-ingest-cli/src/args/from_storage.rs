//! The arguments of `kusto-ingest from-storage`.

use std::time::Duration;

use clap::Args;
use kusto_ingest::DataFormat;

use super::{AskArgs, duration};
use crate::report::Output;

const EXIT_CODES: &str = "\
Exit codes:
  0    all blobs are ingested; with --no-wait: the operation has begun
  1    a bug, or standard output cannot be written
  2    usage or configuration, found before any request was answered
  3    sign-in or permission
  4    some blobs failed, it was canceled, or nobody knows whether it has begun
  5    the service refused it, or all blobs failed
  6    the wait timed out
  7    nothing matched
  8    the service is not available, after retries
  130  interrupted: the operation goes on
  141  standard output was closed

The guide, in the sources of kusto-ingest: docs/guide/backfills.md";

/// The arguments of `kusto-ingest from-storage`.
#[derive(Args, Clone)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct FromStorageArgs {
    /// The address of a container or of a folder in it, with a SAS or `;managed_identity=system` by which the service reads
    /// it; `-` reads the address from standard input.
    #[arg(value_name = "CONTAINER", required_unless_present_any = ["follow", "cancel"])]
    pub(crate) container: Option<String>,

    /// The database; where it is not given, that of the connection string, else KUSTO_DATABASE.
    #[arg(long, short, value_name = "DB")]
    pub(crate) database: Option<String>,

    /// The table; KUSTO_TABLE where it is not given.
    #[arg(long, short)]
    pub(crate) table: Option<String>,

    /// The format of all blobs; inferred from --suffix if omitted.
    #[arg(long)]
    pub(crate) format: Option<DataFormat>,

    /// The first record of every blob is a header.
    #[arg(long)]
    pub(crate) ignore_first_record: bool,

    /// The name of an ingestion mapping of the table.
    #[arg(long, value_name = "NAME")]
    pub(crate) mapping_ref: Option<String>,

    /// A tag for what is ingested; may be given again.
    #[arg(long = "tag", value_name = "T")]
    pub(crate) tags: Vec<String>,

    /// Only blobs whose names end so, such as `.csv.gz`.
    #[arg(long, value_name = "TEXT")]
    pub(crate) suffix: Option<String>,

    /// No more blobs than these.
    #[arg(long, value_name = "N")]
    pub(crate) max_files: Option<u64>,

    /// List what the service finds, of more than 1,000 blobs the first ones, and ingest nothing.
    #[arg(long, conflicts_with_all = ["follow", "cancel"])]
    pub(crate) dry_run: bool,

    /// Exit when the operation has begun; its identity is printed.
    #[arg(long)]
    pub(crate) no_wait: bool,

    /// Follow an operation that has begun, by its identity.
    #[arg(long, value_name = "ID", conflicts_with_all = ["container", "cancel"])]
    pub(crate) follow: Option<String>,

    /// Cancel an operation, by its identity: what is queued by then is ingested all the same.
    #[arg(long, value_name = "ID", conflicts_with = "container")]
    pub(crate) cancel: Option<String>,

    /// How long to follow it.
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = duration::parse)]
    pub(crate) wait_timeout: Duration,

    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,

    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

/// The container may hold secrets.
impl std::fmt::Debug for FromStorageArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FromStorageArgs").finish_non_exhaustive()
    }
}
