//! The arguments of `kusto-ingest merge`.

use std::path::PathBuf;

use clap::Args;

use crate::report::Output;

const EXIT_CODES: &str = "\
Exit codes:
  0    all sources are ingested or queued
  1    a bug, or the report cannot be written
  2    usage, a journal that is damaged, or journals that do not belong together
  4    some sources failed, or nobody knows of some whether they arrived, or a shard is missing
  5    all sources failed
  7    the journals know no sources
  141  standard output was closed

The guide, in the sources of kusto-ingest: docs/guide/backfills.md";

/// The arguments of `kusto-ingest merge`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct MergeArgs {
    /// Journals of `kusto-ingest ingest --journal`, all into one table. They are read, also while they are written. One
    /// that is not there yet is that of a shard which has not begun, where another journal tells how many there are.
    #[arg(value_name = "JOURNAL", required = true)]
    pub(crate) journals: Vec<PathBuf>,

    /// Write what became of each source to this file, as CSV or JSON by its extension. An older file is replaced.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    /// How the result is printed: as text, how much there is of everything and what failed; else each source as well.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
}
