//! The arguments of `kusto-ingest check`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use kusto_ingest::DataFormat;
use kusto_ingest_decode::Schema;

use super::{AskArgs, IngestJob, SelectArgs, is_standard_input};
use crate::report::{CommandError, Output};

const EXIT_CODES: &str = "\
Exit codes:
  0    all records that were looked at fit the table as they stand
  1    a bug, or standard output cannot be written
  2    usage or configuration, found before any request was answered
  3    sign-in or permission
  4    something would be left out, stored as null, or was not looked at
  5    the table or mapping is not there, or no source can be read
  7    nothing matched
  8    the service is not available, after retries
  130  interrupted, by SIGINT
  141  standard output was closed

The guide, in the sources of kusto-ingest: docs/guide/following.md#rows-are-missing";

/// How many records of each source are checked unless the arguments say otherwise.
const RECORDS: u64 = 1_000;

/// The arguments of `kusto-ingest check`.
#[derive(Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct CheckArgs {
    /// A file, a folder, or `-` for standard input. Blobs are not read.
    #[arg(value_name = "SOURCE", required_unless_present = "from_file")]
    pub(crate) sources: Vec<OsString>,

    #[command(flatten)]
    pub(crate) select: SelectArgs,

    /// The table's columns, such as `at:datetime,wind:real`; by default they are read from the cluster.
    #[arg(long, value_name = "COLUMNS", value_parser = schema)]
    pub(crate) schema: Option<Schema>,

    /// How many records of each source are checked.
    #[arg(long, value_name = "N", default_value_t = RECORDS, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) records: u64,

    /// Data format; inferred from the file name if omitted. Required for standard input.
    #[arg(long)]
    pub(crate) format: Option<DataFormat>,

    /// The first record of every source is a header.
    #[arg(long)]
    pub(crate) ignore_first_record: bool,

    /// A file with the JSON of an ingestion mapping.
    #[arg(long, value_name = "F", conflicts_with = "mapping_ref")]
    pub(crate) mapping_file: Option<PathBuf>,

    /// The name of an ingestion mapping of the table, which is read from the cluster.
    #[arg(long, value_name = "NAME", conflicts_with = "schema")]
    pub(crate) mapping_ref: Option<String>,

    /// The database, as `kusto-ingest ingest` has it.
    #[arg(long, short, value_name = "DB")]
    pub(crate) database: Option<String>,

    /// The table; KUSTO_TABLE where it is not given.
    #[arg(long, short)]
    pub(crate) table: Option<String>,

    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,

    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

impl CheckArgs {
    /// What is to be looked at before a job begins; nothing where nobody asked for it.
    ///
    /// # Errors
    /// Standard input, which is read only once.
    pub(crate) fn before(job: &IngestJob) -> Result<Option<Self>, CommandError> {
        let Some(records) = job.check else {
            return Ok(None);
        };
        let is_dash = |source: &OsString| source == "-";
        if job.sources.iter().any(is_dash) || job.select.from_file.as_deref().is_some_and(is_standard_input) {
            return Err(CommandError::usage(
                "standard input can be read only once: it cannot be checked before it is ingested",
            ));
        }
        let into = &job.into;
        Ok(Some(Self {
            sources: job.sources.clone(),
            select: job.select.clone(),
            schema: None,
            records,
            format: into.format,
            ignore_first_record: into.ignore_first_record,
            mapping_file: into.mapping_file.clone(),
            mapping_ref: into.mapping_ref.clone(),
            database: into.database.clone(),
            table: into.table.clone(),
            output: into.output,
            ask: AskArgs {
                cluster: into.cluster.clone(),
                retry_for: None,
                sign_in: into.sign_in.clone(),
                network: into.network.clone(),
            },
        }))
    }
}

fn schema(text: &str) -> Result<Schema, String> {
    text.parse()
        .map_err(|error: kusto_ingest::Error| error.to_string())
}

/// The cluster may hold secrets, and so may sources.
impl std::fmt::Debug for CheckArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckArgs").finish_non_exhaustive()
    }
}
