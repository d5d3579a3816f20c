//! The arguments of `kusto-ingest query`.

use clap::Args;

use super::AskArgs;
use crate::report::RowsOutput;

const EXIT_CODES: &str = "\
Exit codes:
  0    the answer is printed
  1    a bug, or standard output cannot be written
  2    usage or configuration, found before any request was answered
  3    sign-in or permission
  5    the service refuses the query, or its answer cannot be understood
  8    the service is not available
  141  standard output was closed

The guide, in the sources of kusto-ingest: docs/guide/exit-codes.md";

/// The arguments of `kusto-ingest query`.
#[derive(Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct QueryArgs {
    /// The query, such as 'T | count', or several between semicolons; or a command, such as '.show tables'.
    pub(crate) query: String,

    /// The database; where it is not given, that of the connection string (`Initial Catalog`, or the path of the
    /// cluster's address), else KUSTO_DATABASE.
    #[arg(long, short, value_name = "DB")]
    pub(crate) database: Option<String>,

    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: RowsOutput,

    /// Print so many rows of each result at most, and say so; 0 prints all. By default 1000 for text and vertical, and all
    /// otherwise.
    #[arg(long, value_name = "ROWS")]
    pub(crate) limit: Option<usize>,

    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

/// Query and cluster may hold secrets.
impl std::fmt::Debug for QueryArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QueryArgs").finish_non_exhaustive()
    }
}
