//! What the command line may say.

mod ask;
mod backfill;
mod bucket_address;
mod check;
mod delivery;
mod doctor;
mod duration;
mod emulator;
mod emulator_config;
mod emulator_limits;
mod emulator_start;
mod emulator_tls;
mod failures;
mod from_storage;
mod in_flight;
mod ingest;
mod into;
mod job;
mod lightingest;
mod list;
mod log;
mod long_run;
mod merge;
mod network;
mod own_files;
mod pages;
mod profile;
mod properties;
mod protocol;
mod query;
mod rate_limit;
mod secrets;
mod select;
mod settle;
mod sign_in;
mod sign_in_method;
mod size;
mod status;
mod streaming;
mod table_spec;
mod target;
mod watch;

pub(crate) use ask::AskArgs;
pub(crate) use backfill::{BackfillArgs, MissingTime, Packed};
#[cfg(feature = "object-store")]
pub(crate) use bucket_address::BucketStore;
pub(crate) use bucket_address::{BucketAddress, names_many};
pub(crate) use check::CheckArgs;
pub(crate) use delivery::{DeliveryArgs, LimitArgs, OnUnknown, SourceSizes};
pub(crate) use doctor::DoctorArgs;
pub(crate) use emulator::EmulatorArgs;
pub(crate) use failures::FailuresArgs;
pub(crate) use from_storage::FromStorageArgs;
pub(crate) use in_flight::InFlight;
pub(crate) use ingest::{
    CommandArgs, DirectArgs, InlineArgs, ManagedArgs, PolicyArgs, QueuedArgs, SourceArgs, StreamArgs,
    StreamingArgs,
};
pub(crate) use into::{IntoArgs, QueueArgs};
pub(crate) use job::{IngestJob, Route};
pub(crate) use lightingest::{LIGHTINGEST_HELP, translate};
pub(crate) use list::{ListArgs, ListJob};
pub(crate) use log::LogArgs;
pub(crate) use long_run::{LongRunArgs, OnChanged, Repeat};
pub(crate) use merge::MergeArgs;
pub(crate) use network::NetworkArgs;
pub(crate) use own_files::OwnFiles;
pub(crate) use pages::{CompletionsArgs, ManArgs};
pub(crate) use properties::named;
pub(crate) use protocol::Protocol;
pub(crate) use query::QueryArgs;
pub(crate) use rate_limit::{RateLimit, SharedRateLimit, pause};
pub(crate) use select::{SelectArgs, StorageArgs};
pub(crate) use sign_in::{SignInArgs, is_standard_input};
pub(crate) use sign_in_method::SignInMethod;
pub(crate) use status::{ReceiptArgs, StatusArgs};
pub(crate) use streaming::OnUnsupported;
pub(crate) use table_spec::TableSpec;
pub(crate) use target::{Address, Destination, Target, cluster, database, table};
pub(crate) use watch::{Done, WatchArgs};

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory as _, Parser, Subcommand};

use crate::report::{self, CommandError, Exit};

/// Brings data into Kusto: Azure Data Explorer, Fabric Eventhouse, or an emulator.
#[derive(Debug, Parser)]
#[command(name = "kusto-ingest", version, max_term_width = 100)]
#[command(after_help = "\
Every command says what its exit codes are: kusto-ingest COMMAND --help.

The guide, in the sources of kusto-ingest: docs/guide/README.md")]
pub(crate) struct Cli {
    #[command(flatten)]
    profile: ProfileArgs,

    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    pub(crate) log: LogArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ingest files, folders, standard input or blobs into a table.
    Ingest(Box<QueuedArgs>),
    /// List what would be ingested, with sizes and creation times. No cluster is asked.
    List(Box<ListArgs>),
    /// Stream into a table: one small request for each source, rows within seconds.
    Stream(Box<StreamArgs>),
    /// Stream what can be streamed, and queue the rest.
    Managed(Box<ManagedArgs>),
    /// Ingest by the engine's own commands: for tests and exploration, not for production.
    Direct(Box<DirectArgs>),
    /// Ingest a little text within one command, as `.ingest inline` does.
    Inline(Box<InlineArgs>),
    /// Show the status of sources, by the receipts that another command printed.
    Status(StatusArgs),
    /// Wait until the sources of receipts are ingested or have failed, as `status --wait`.
    Wait(ReceiptArgs),
    /// Join the journals of runs into one report, such as those of the shards of a job.
    Merge(MergeArgs),
    /// Show ingestion failures reported by the cluster (all clients).
    Failures(FailuresArgs),
    /// Run a local emulator on this machine, until it is interrupted.
    Emulator(EmulatorArgs),
    /// Check how a table would take the first records of files. Nothing is sent.
    Check(Box<CheckArgs>),
    /// Check each hop between this machine and a table by harmless calls, and suggest remedies.
    Doctor(Box<DoctorArgs>),
    /// Run a command line of LightIngest, as a program of that name does.
    #[command(disable_help_flag = true)]
    Lightingest(LightIngestArgs),
    /// Print the script by which a shell completes this command's arguments.
    Completions(CompletionsArgs),
    /// Print the manual page of a command, for `man`.
    Man(ManArgs),
    /// Hand a container over to the service, which ingests it by itself.
    FromStorage(Box<FromStorageArgs>),
    /// Watch a folder, and ingest its files as they come.
    Watch(Box<WatchArgs>),
    /// Run a query.
    Query(QueryArgs),
}

/// The command line of LightIngest, as it was given.
#[derive(Args)]
pub(crate) struct LightIngestArgs {
    /// A connection string, and -NAME:VALUE as LightIngest has them; `-help` lists them.
    #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<OsString>,
}

/// A connection string may hold secrets.
impl std::fmt::Debug for LightIngestArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LightIngestArgs").finish_non_exhaustive()
    }
}

/// Reads a variable of the environment; a blank one is none.
pub(crate) type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A variable, as the chosen profile has it, else as the environment of this process does.
pub(crate) fn variable(name: &str) -> Option<String> {
    profile::value(name).or_else(|| of_environment(name))
}

fn of_environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.trim().is_empty())
}

/// Which profile is chosen.
#[derive(Args, Clone, Debug, Default)]
struct ProfileArgs {
    /// A TOML file of profiles, each of which may set cluster, database, table, auth, client-id and tenant-id;
    /// KUSTO_CONFIG where it is not given, else ~/.config/kusto-ingest/config.toml. Of an emulator, a TOML file with the
    /// names of its flags as keys; flags win.
    #[arg(long, value_name = "FILE", global = true, help_heading = "Profile")]
    config: Option<PathBuf>,

    /// The profile in that file. Arguments override it, and it overrides variables; KUSTO_PROFILE where it is not
    /// given.
    #[arg(long, value_name = "NAME", global = true, help_heading = "Profile")]
    profile: Option<String>,
}

/// Reads the command line.
///
/// # Errors
/// How the command ends that is help, or cannot be read. Standard error says why by then.
pub(crate) fn parse() -> Result<Cli, Exit> {
    let given: Vec<OsString> = std::env::args_os().collect();
    match given.split_first() {
        Some((program, arguments)) if lightingest::is_name(program) => Ok(Cli {
            log: LogArgs::default(),
            profile: ProfileArgs::default(),
            command: Command::Lightingest(LightIngestArgs {
                arguments: arguments.to_vec(),
            }),
        }),
        _ => {
            let cli = Cli::try_parse_from(&given).map_err(|told| refused(&told))?;
            if let (Command::Emulator(_), Some(file)) = (&cli.command, &cli.profile.config) {
                return with_file(given, file);
            }
            let chosen = profile::choose(
                cli.profile.config.as_deref(),
                cli.profile.profile.as_deref(),
                of_environment,
            );
            chosen.and_then(|()| cli.settled()).map_err(told)
        }
    }
}

/// Reads the command line of an emulator once more, with what a file says behind it.
fn with_file(mut given: Vec<OsString>, file: &Path) -> Result<Cli, Exit> {
    let mut all = Cli::command();
    all.build();
    let matches = all
        .clone()
        .try_get_matches_from(&given)
        .map_err(|told| refused(&told))?;
    if let (Some(emulator), Some((_, said))) = (all.find_subcommand("emulator"), matches.subcommand()) {
        given.extend(emulator_config::arguments(file, emulator, said).map_err(told)?);
    }
    Cli::try_parse_from(given).map_err(|told| refused(&told))
}

/// Reads a command line that another one was translated into.
///
/// # Errors
/// As [`parse`].
pub(crate) fn parse_translated(arguments: &[OsString]) -> Result<Cli, Exit> {
    let program = OsString::from("kusto-ingest");
    let cli =
        Cli::try_parse_from(std::iter::once(&program).chain(arguments)).map_err(|told| refused(&told))?;
    cli.settled().map_err(told)
}

/// Says why a command line cannot be used, and how the command ends.
#[expect(clippy::needless_pass_by_value, reason = "errors are mapped by it")]
fn told(error: CommandError) -> Exit {
    error.tell();
    error.exit
}

/// Help and version are no failures; all else is a usage error.
fn refused(told: &clap::Error) -> Exit {
    let text = told.to_string();
    // It repeats the arguments, and any of them may be a secret in the wrong place.
    let arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let redacted = secrets::redact_arguments(&text, arguments);
    if told.use_stderr() && redacted != text {
        report::say_plainly(&redacted);
    } else if let Err(error) = told.print()
        && !told.use_stderr()
    {
        let unwritten = report::unwritten(&error);
        unwritten.tell();
        return unwritten.exit;
    }
    match told.use_stderr() {
        true => Exit::Usage,
        false => Exit::Done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn only_direct_commands_can_be_synchronous_and_only_queues_waited_for() {
        let into = ["a.csv", "-d", "D", "-t", "T", "--emulator"];
        for (command, more, fits) in [
            ("direct", &["--sync"][..], true),
            (
                "direct",
                &["--async", "--batch-files", "2", "--batch-bytes", "10"],
                true,
            ),
            ("direct", &["--sync", "--async"], false),
            ("direct", &["--batch-files", "0"], false),
            ("direct", &["--max-parallel", "0"], false),
            ("direct", &["--wait"], false),
            ("managed", &["--wait", "--flush-immediately"], true),
            ("managed", &["--sync"], false),
            ("stream", &[], true),
            ("stream", &["--wait"], false),
            (
                "stream",
                &["--on-unsupported", "warn", "--data-size-factor", "2"],
                true,
            ),
            ("stream", &["--on-unsupported", "drop"], false),
            ("stream", &["--data-size-factor", "0"], false),
            ("stream", &["--continue-when-unavailable"], false),
            ("managed", &["--continue-when-unavailable", "--from-uri"], true),
            ("managed", &["--on-unsupported", "warn"], false),
            ("direct", &["--from-uri"], false),
            ("inline", &[], true),
            ("inline", &["b.csv"], false),
        ] {
            let given = ["kusto-ingest", command]
                .into_iter()
                .chain(into)
                .chain(more.iter().copied());
            assert_eq!(Cli::try_parse_from(given).is_ok(), fits, "{command} {more:?}");
        }
    }

    #[test]
    fn both_or_no_way_of_waiting_and_both_kustos_are_usage_errors() {
        let ingest = ["kusto-ingest", "ingest", "a.csv", "-d", "D", "-t", "T"];
        for (more, fits) in [
            (&["--cluster", "http://127.0.0.1:1"][..], true),
            (&["--emulator"], true),
            (&["--emulator", "--wait"], true),
            (&["--emulator", "--no-wait"], false),
            (&["--emulator", "--cluster", "http://127.0.0.1:1"], false),
            (&["--track", "--no-wait"], true),
            (&["--track", "--emulator"], false),
            (&["--wait", "--no-wait"], false),
            (&["--mapping-file", "m.json", "--mapping-ref", "m"], false),
            (&["--emulator", "--auth", "none"], false),
            (&["--emulator", "--client-id", "a"], false),
            (&["--auth", "token", "--token-file", "f"], true),
            (&["--auth", "interactive"], false),
            (&["--auth", "AZ-CLI"], false),
            (&["--format", "cvs"], false),
            (&["--wait-timeout", "soon"], false),
            (&["--output", "xml"], false),
        ] {
            let given = ingest.iter().chain(more);
            assert_eq!(Cli::try_parse_from(given).is_ok(), fits, "{more:?}");
        }
    }
}
