//! The arguments of the commands that ingest: one for each way into a table.

use std::ffi::OsString;

use clap::Args;

use super::delivery::DeliveryArgs;
use super::into::{EXIT_CODES, EXIT_CODES_AT_ONCE, EXIT_CODES_OF_ONE, IntoArgs, QueueArgs};
use super::long_run::LongRunArgs;
use super::select::SelectArgs;
use super::streaming::{BodyArgs, OnUnsupported};

/// The arguments of `kusto-ingest ingest`.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct QueuedArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,

    #[command(flatten)]
    pub(crate) into: IntoArgs,

    #[command(flatten)]
    pub(crate) queue: QueueArgs,

    #[command(flatten)]
    pub(crate) delivery: DeliveryArgs,

    #[command(flatten)]
    pub(crate) long_run: LongRunArgs,
}

/// The arguments of `kusto-ingest stream`.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES_AT_ONCE)]
pub(crate) struct StreamArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,

    #[command(flatten)]
    pub(crate) into: IntoArgs,

    #[command(flatten)]
    pub(crate) streaming: StreamingArgs,

    #[command(flatten)]
    pub(crate) delivery: DeliveryArgs,
}

/// What is said of a streaming request.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct StreamingArgs {
    /// What to do about properties that a streaming request cannot carry, such as tags, an inline mapping, or
    /// --ignore-first-record: without it, a header is data.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    pub(crate) on_unsupported: OnUnsupported,

    #[command(flatten)]
    pub(crate) body: BodyArgs,
}

/// The arguments of `kusto-ingest managed`.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ManagedArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,

    #[command(flatten)]
    pub(crate) into: IntoArgs,

    #[command(flatten)]
    pub(crate) policy: PolicyArgs,

    #[command(flatten)]
    pub(crate) queue: QueueArgs,

    #[command(flatten)]
    pub(crate) delivery: DeliveryArgs,
}

/// What managed streaming goes by.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct PolicyArgs {
    /// Queue if streaming is disabled for the table. Without this, that is an error.
    #[arg(long)]
    pub(crate) continue_when_unavailable: bool,

    #[command(flatten)]
    pub(crate) body: BodyArgs,
}

/// The arguments of `kusto-ingest direct`.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES_AT_ONCE)]
pub(crate) struct DirectArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,

    #[command(flatten)]
    pub(crate) into: IntoArgs,

    #[command(flatten)]
    pub(crate) commands: CommandArgs,
}

/// How the commands of direct ingestion are run.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct CommandArgs {
    /// Run the command synchronously. By default (without --async), this is done for a single blob of known size;
    /// otherwise an operation is started and followed to its end.
    #[arg(long, conflicts_with = "async")]
    pub(crate) sync: bool,

    /// Exit when the engine has accepted everything: the state is Pending, and the receipt names the operation.
    #[arg(long)]
    pub(crate) r#async: bool,

    /// The most blobs of one command; by default 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) batch_files: Option<u32>,

    /// The most bytes of uncompressed data of one command, as far as sizes are known.
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) batch_bytes: Option<u64>,

    /// How many uploads and commands run at a time.
    #[arg(long, alias = "max-parallel", value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) parallel: u16,

    /// Upload local data into a container that the engine issues (`.create tempstorage`), without the Data Management
    /// service.
    #[arg(long)]
    pub(crate) engine_temp_storage: bool,
}

/// The arguments of `kusto-ingest inline`.
#[derive(Args)]
#[command(after_help = EXIT_CODES_OF_ONE)]
pub(crate) struct InlineArgs {
    /// A file, or `-` for standard input: uncompressed text of 1 MiB at most.
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) source: OsString,

    #[command(flatten)]
    pub(crate) into: IntoArgs,
}

/// What is ingested.
#[derive(Args)]
pub(crate) struct SourceArgs {
    /// A file, a folder (read with all below it, hidden files left out), `-` for standard input, or a blob's URL.
    /// The URL of a container, or of a folder in it with a slash in the end, stands for all blobs in it.
    #[arg(value_name = "SOURCE", required_unless_present = "from_file")]
    pub(crate) sources: Vec<OsString>,

    #[command(flatten)]
    pub(crate) select: SelectArgs,

    /// List what would be ingested, and exit. Nothing is sent to a cluster.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Check the first N records of each file first, as `kusto-ingest check` does. Send nothing if a record would be
    /// left out or a value changed.
    #[arg(long, value_name = "N", conflicts_with_all = ["emulator", "dry_run"], value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) check: Option<u64>,

    /// Delete each file once it is ingested, or queued where nobody waits, unless it has changed meanwhile. A blob is
    /// deleted by the service, which does so for what is queued.
    #[arg(long, conflicts_with = "emulator")]
    pub(crate) delete_source: bool,
}

/// Sources may hold secrets.
impl std::fmt::Debug for SourceArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourceArgs").finish_non_exhaustive()
    }
}

/// A source may hold secrets, also where it is refused.
impl std::fmt::Debug for InlineArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InlineArgs").finish_non_exhaustive()
    }
}
