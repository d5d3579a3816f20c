//! From the command line to the exit code.

use std::panic::catch_unwind;
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::job::IngestJob;
use crate::args::secrets;
use crate::args::{Cli, Command};
use crate::report;
use crate::report::exit::{CommandError, Exit};

pub(crate) mod embedded;
pub(crate) mod emulator;
pub(crate) mod failures;
pub(crate) mod ingest;
pub(crate) mod interrupt;
pub(crate) mod query;
pub(crate) mod receipt_log;
pub(crate) mod send;
pub(crate) mod status;
pub(crate) mod status_reader;
pub(crate) mod wait;

/// Runs the command that the command line asks for.
pub(crate) fn main() -> ExitCode {
    // The panic itself was told on standard error by then.
    catch_unwind(run).unwrap_or(Exit::Bug).into()
}

fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => return refused(&told),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return stopped(&CommandError::new(
                Exit::Bug,
                format!("failed to start the runtime: {error}"),
            ));
        }
    };
    let ended = runtime.block_on(execute(cli.command));
    // A thread that still reads standard input would be waited for otherwise.
    runtime.shutdown_background();
    ended.unwrap_or_else(|error| stopped(&error))
}

async fn execute(command: Command) -> Result<Exit, CommandError> {
    let job = match command {
        Command::Ingest(args) => IngestJob::queued(*args),
        Command::Stream(args) => IngestJob::streaming(*args),
        Command::Managed(args) => IngestJob::managed(*args),
        Command::Direct(args) => IngestJob::direct(*args),
        Command::Inline(args) => IngestJob::inline(*args),
        Command::Status(args) => return Box::pin(status::run(args, &variable)).await,
        Command::Wait(args) => return Box::pin(status::run(args.waiting(), &variable)).await,
        Command::Failures(args) => return Box::pin(failures::run(args, &variable)).await,
        Command::Emulator(args) => return Box::pin(emulator::run(args)).await,
        Command::Query(args) => return Box::pin(query::run(args, &variable)).await,
    };
    Box::pin(ingest::run(job, &variable)).await
}

/// A variable of the environment; a blank one is none.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.trim().is_empty())
}

fn stopped(error: &CommandError) -> Exit {
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
        return stopped(&report::unwritten(&error));
    }
    match told.use_stderr() {
        true => Exit::Usage,
        false => Exit::Done,
    }
}
