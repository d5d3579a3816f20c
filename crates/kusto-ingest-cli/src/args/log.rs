//! The arguments that say how much is told while a command runs.

use std::path::PathBuf;

use clap::{ArgAction, Args};

const HEADING: &str = "Log";

/// How much is told while a command runs.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct LogArgs {
    /// Log what the library does: -v steps and warnings, -vv each upload, message, request and token, -vvv everything.
    /// Without this, RUST_LOG applies, such as `kusto_ingest=debug,hyper=info`.
    #[arg(long, short, global = true, action = ArgAction::Count, help_heading = HEADING)]
    pub(crate) verbose: u8,

    /// Append the log to this file, in place of standard error; in the detail of -vv unless it is set otherwise.
    #[arg(long, value_name = "FILE", global = true, help_heading = HEADING)]
    pub(crate) log_file: Option<PathBuf>,

    /// Print only errors on standard error: no notes, warnings or progress.
    #[arg(long, short, global = true, conflicts_with = "verbose", help_heading = HEADING)]
    pub(crate) quiet: bool,
}
