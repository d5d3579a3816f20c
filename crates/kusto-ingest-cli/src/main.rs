//! The `kusto-ingest` command: files into Kusto.
//!
//! The program has five wings, and a wing imports only from wings before it (`cargo xtask tidy` looks):
//!
//! | wing | what it does |
//! |---|---|
//! | `report` | words, tables, JSON, progress and exit codes |
//! | `args` | what the command line and the environment say, as types |
//! | `sign_in` | opens the cluster in somebody's name; nothing is sent |
//! | `plan` | discovers, peeks, infers and checks; nothing is sent |
//! | `run` | sends, waits, deletes, and heeds interrupts |
//!
//! The walk from arguments to receipts is [`ingest`]: `args`, `sign_in`, `plan`, `run`, `report`, each entered once.

mod args;
mod plan;
mod report;
mod run;
mod sign_in;

use std::ffi::OsString;
use std::panic::catch_unwind;
use std::process::ExitCode;
use std::time::Duration;

use tokio::runtime;

use args::{Command, IngestJob, LogArgs, StatusArgs, variable};
use plan::Resume;
use report::{CommandError, Exit, Log, Volume};
use sign_in::{Access, ClusterSession, Containers};

fn main() -> ExitCode {
    // The panic itself was told on standard error by then.
    catch_unwind(command).unwrap_or(Exit::Bug).into()
}

/// From the command line to the exit code.
fn command() -> Exit {
    let cli = match args::parse() {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    if let Err(error) = listen(&cli.log) {
        error.tell();
        return error.exit;
    }
    let ended = match runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            let ended = runtime.block_on(execute(cli.command));
            // A thread that still reads standard input would be waited for otherwise.
            runtime.shutdown_background();
            ended
        }
        Err(error) => Err(CommandError::new(
            Exit::Bug,
            format!("failed to start the runtime: {error}"),
        )),
    };
    ended.unwrap_or_else(|error| {
        error.tell();
        error.exit
    })
}

/// Has as much told from now on as the arguments ask for.
fn listen(args: &LogArgs) -> Result<(), CommandError> {
    let variable = variable("RUST_LOG");
    let log = Log {
        verbose: args.verbose,
        variable: variable.as_deref(),
        file: args.log_file.as_deref(),
    };
    report::set_volume(Volume {
        is_quiet: args.quiet,
        is_logged_to: log.begin()?,
        is_coloured: Volume::shows_colours(
            args::variable("NO_COLOR").as_deref(),
            args::variable("TERM").as_deref(),
        ),
    });
    Ok(())
}

async fn execute(command: Command) -> Result<Exit, CommandError> {
    let job = match command {
        Command::Lightingest(args) => return Box::pin(lightingest(&args.arguments)).await,
        Command::Completions(args) => {
            let script = String::from_utf8_lossy(&args.script()).into_owned();
            return report::print(script.trim_end()).map(|()| Exit::Done);
        }
        Command::Man(args) => {
            let page = String::from_utf8_lossy(&args.page()?).into_owned();
            return report::print(page.trim_end()).map(|()| Exit::Done);
        }
        Command::Check(args) => return Box::pin(run::check(*args, &variable)).await,
        Command::Doctor(args) => return Box::pin(run::doctor(*args, &variable)).await,
        Command::List(args) => return Box::pin(run::list(&(*args).into())).await,
        Command::Ingest(args) => {
            let job = IngestJob::queued(*args);
            return Box::pin(run::repeated(
                job.long_run.repeat,
                job.long_run.repeat_pause,
                || ingest(&job),
            ))
            .await;
        }
        Command::Stream(args) => IngestJob::streaming(*args),
        Command::Managed(args) => IngestJob::managed(*args),
        Command::Direct(args) => IngestJob::direct(*args),
        Command::Inline(args) => IngestJob::inline(*args),
        Command::Status(args) => return Box::pin(status(args)).await,
        Command::Wait(args) => return Box::pin(status(args.waiting())).await,
        Command::FromStorage(args) => return Box::pin(run::from_storage(*args, &variable)).await,
        Command::Watch(args) => return Box::pin(run::watch(*args, &variable)).await,
        Command::Merge(args) => return run::merge(&args),
        Command::Failures(args) => return Box::pin(run::failures(args, &variable)).await,
        Command::Emulator(args) => return Box::pin(run::emulator(args)).await,
        Command::Query(args) => return Box::pin(run::query(args, &variable)).await,
    };
    Box::pin(ingest(&job)).await
}

/// From arguments to receipts, whichever way the sources go.
async fn ingest(job: &IngestJob) -> Result<Exit, CommandError> {
    job.warn_of_secrets();
    if job.dry_run {
        return run::dry_run(job).await;
    }
    run::check_before(job, &variable).await?;
    let target = job.target(&variable)?;
    let destination = job.destination(&target, &variable)?;
    // A secret may be typed here: an interrupt ends the program at once, as long as nobody listens to it.
    let session = sign_in::open(job, &target, &variable)?;
    let containers = Containers::of(&job.select, &job.into.network);
    let mut resume = Resume::open(job, &destination, &target).await?;
    let ended = match (&session, job.is_streamed()) {
        (Some(session), true) => run::streamed(job, &destination, session, containers, resume.as_mut()).await,
        _ => {
            let journal = resume.as_ref().map(|resume| resume.journal().clone());
            let plan = plan::plan(job, &destination, containers, resume.as_mut());
            let report = run::ingest(job, &destination, session, plan, journal.as_ref()).await;
            report.and_then(|report| report.tell(job.into.output))
        }
    };
    match resume {
        None => ended,
        Some(resume) => run::finished(resume, ended).await,
    }
}

/// From a command line of LightIngest's to ours, as often as it says.
async fn lightingest(given: &[OsString]) -> Result<Exit, CommandError> {
    let mut runs = 0;
    loop {
        let Some(translation) = args::translate(given)? else {
            report::print(args::LIGHTINGEST_HELP)?;
            return Ok(Exit::Done);
        };
        let ended = match args::parse_translated(&translation.arguments) {
            Ok(cli) => {
                // Only what was translated says where the log goes.
                if cli.log.log_file.is_some() {
                    listen(&cli.log)?;
                }
                Box::pin(execute(cli.command)).await
            }
            Err(exit) => Ok(exit),
        };
        let ended = match ended {
            Err(error) if error.exit == Exit::NothingMatched && translation.is_pattern_implied => {
                Err(error.because("without -pattern, only names that end in .csv are taken"))
            }
            ended => ended,
        };
        let ended = match translation.has_legacy_exit_codes {
            true => ended
                .map(Exit::into_lightingest)
                .map_err(CommandError::into_lightingest),
            false => ended,
        };
        let is_over = translation.repeat >= 0 && runs >= translation.repeat;
        match &ended {
            _ if is_over => return ended,
            // The next run may find something.
            Err(error) if error.exit == Exit::NothingMatched => error.tell(),
            Ok(Exit::Interrupted) | Err(_) => return ended,
            Ok(_) => {}
        }
        runs += 1;
        if run::pause(Duration::from_secs(translation.pause))
            .await?
            .is_some()
        {
            return Ok(Exit::Interrupted);
        }
    }
}

/// From receipts to what became of their sources.
async fn status(args: StatusArgs) -> Result<Exit, CommandError> {
    let address = args.receipts.ask.address(&variable)?;
    let ask = &args.receipts.ask;
    ask.sign_in
        .refuse_reading_twice(&args.receipts.files, "the receipts")?;
    let known = plan::receipts(&args.receipts.files)?;
    let access = Access::asking(ask);
    let session = ClusterSession::open(&address, access, &variable)?;
    let report = run::status(&args, known, &session).await?;
    report.tell(args.receipts.output)
}
