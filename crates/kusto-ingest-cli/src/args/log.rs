//! The arguments that say how much is told while a command runs.

use std::path::PathBuf;

use clap::{ArgAction, Args};

const HEADING: &str = "What is told";

/// How much is told while a command runs.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct LogArgs {
    /// Show what the library does: -v its steps and warnings, -vv each upload, message, request and token, -vvv all it
    /// tells. RUST_LOG, such as `kusto_ingest=debug,hyper=info`, says it where this is not given.
    #[arg(long, short, global = true, action = ArgAction::Count, help_heading = HEADING)]
    pub(crate) verbose: u8,

    /// A file that gets the log, behind what it holds, in place of standard error: as -vv has it where nothing else is said.
    #[arg(long, value_name = "FILE", global = true, help_heading = HEADING)]
    pub(crate) log_file: Option<PathBuf>,

    /// Say nothing on standard error but errors: no notes, warnings and progress.
    #[arg(long, short, global = true, conflicts_with = "verbose", help_heading = HEADING)]
    pub(crate) quiet: bool,
}
