//! The arguments of `kusto-ingest list`.

use std::ffi::OsString;

use clap::Args;
use kusto_ingest::DataFormat;
use kusto_ingest::clock::Timestamp;

use super::{BackfillArgs, IngestJob, NetworkArgs, SelectArgs};
use crate::report::{ListOutput, Output};

const EXIT_CODES: &str = "\
Exit codes:
  0    all listed
  1    a bug, or standard output cannot be written
  2    usage or configuration, found before any request was answered
  3    the storage wants a sign-in, or does not permit to list
  4    something was found that cannot be ingested
  5    the storage refused to list
  7    nothing matched
  8    the storage is not available, after retries
  130  interrupted, by SIGINT, SIGTERM or SIGHUP
  141  standard output was closed

The guide, in the sources of kusto-ingest: docs/guide/sources.md";

/// The arguments of `kusto-ingest list`.
#[derive(Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ListArgs {
    /// A file, a folder, the URL of a blob, of a container, or of a folder in one with a slash in the end.
    #[arg(value_name = "SOURCE", required_unless_present = "from_file")]
    pub(crate) sources: Vec<OsString>,

    #[command(flatten)]
    pub(crate) select: SelectArgs,

    /// The format of all sources; by default, from their names. Sources of unknown format are listed as well.
    #[arg(long)]
    pub(crate) format: Option<DataFormat>,

    /// How the list is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: ListOutput,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

/// What is listed.
#[derive(Debug)]
pub(crate) struct ListJob {
    pub(crate) sources: Vec<OsString>,
    pub(crate) select: SelectArgs,
    pub(crate) format: Option<DataFormat>,
    /// Whether what cannot be ingested, by its name or as it is empty, counts as a failure.
    pub(crate) wants_format: bool,
    pub(crate) output: ListOutput,
    pub(crate) network: NetworkArgs,
    /// When the data was created, and where a path tells it.
    pub(crate) creation_time: Option<Timestamp>,
    pub(crate) backfill: BackfillArgs,
}

impl From<ListArgs> for ListJob {
    fn from(args: ListArgs) -> Self {
        Self {
            sources: args.sources,
            select: args.select,
            format: args.format,
            wants_format: false,
            output: args.output,
            network: args.network,
            creation_time: None,
            backfill: BackfillArgs::default(),
        }
    }
}

/// What `--dry-run` lists.
impl From<&IngestJob> for ListJob {
    fn from(job: &IngestJob) -> Self {
        Self {
            sources: job.sources.clone(),
            select: job.select.clone(),
            format: job.into.format,
            wants_format: true,
            output: match job.into.output {
                Output::Text => ListOutput::Text,
                Output::Json => ListOutput::Json,
                Output::Ndjson => ListOutput::Ndjson,
            },
            network: job.into.network.clone(),
            creation_time: job.into.properties.creation_time,
            backfill: job.into.backfill.clone(),
        }
    }
}

/// Sources may hold secrets.
impl std::fmt::Debug for ListArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListArgs").finish_non_exhaustive()
    }
}
