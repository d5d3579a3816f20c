//! `kusto-ingest ingest`: from the arguments to the report.

use std::ffi::OsString;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{Either, select};
use kusto_ingest::{Error, ErrorKind, Kusto};

use crate::args::{IngestArgs, Output, Target};
use crate::discover::discover;
use crate::embedded::Embedded;
use crate::exit::{Exit, Stop, exit_of};
use crate::interrupt::Interrupt;
use crate::outcome::Outcome;
use crate::prepare::{Destination, Planned, open_streams, plan};
use crate::progress::Progress;
use crate::report::{Report, error, note, print};
use crate::{send, wait};

/// Ingests what the arguments name.
///
/// # Errors
/// Whatever is found before anything is sent.
pub(crate) async fn run(args: IngestArgs, environment: Option<OsString>) -> Result<Exit, Stop> {
    let interrupt = Interrupt::listen();
    let target = Target::new(args.emulator, args.cluster.clone(), environment)?;
    let destination = Destination::new(&args)?;
    let mut planned = plan(&args, &destination, discover(&args.sources)?)?;
    let command = Command {
        args,
        destination,
        interrupt,
    };
    let (kusto, embedded) = command.start(&target, &mut planned).await?;
    let (mut outcomes, elapsed) = match &kusto {
        Ok(kusto) => command.ingest(kusto, &planned).await?,
        Err(error) => (send::all_failed(&planned, error), Duration::ZERO),
    };
    if let Some(embedded) = &embedded {
        embedded.count_rows(&mut outcomes);
    }
    let exit = exit_of(&outcomes, command.interrupt.is_pressed());
    let report = Report {
        database: command.destination.database.as_str(),
        table: command.destination.table.as_str(),
        outcomes: &outcomes,
        elapsed,
    };
    print(&report.written(command.args.output))?;
    if let (Ok(kusto), Some(embedded), Output::Text) = (&kusto, &embedded, command.args.output) {
        embedded.show_first_rows(kusto, &command.destination).await;
    }
    report.complaints().iter().for_each(|complaint| error(complaint));
    if kusto.is_ok() && outcomes.iter().any(Outcome::wants_sign_in) {
        note("this version does not sign in yet: it reaches emulators, and clusters that need no sign-in");
    }
    Ok(exit)
}

/// A command whose arguments were understood.
struct Command {
    args: IngestArgs,
    destination: Destination,
    interrupt: Interrupt,
}

impl Command {
    /// Gets hold of a Kusto, or of why there is none for anybody.
    async fn start(
        &self,
        target: &Target,
        planned: &mut [Planned],
    ) -> Result<(Result<Kusto, Error>, Option<Embedded>), Stop> {
        match target {
            Target::Cluster(connection) => {
                // What cannot be used is known before anybody waits for standard input.
                let kusto = connect(connection)?;
                if kusto.is_ok() {
                    self.unless_interrupted(open_streams(planned)).await?;
                }
                Ok((kusto, None))
            }
            Target::Embedded => {
                let start = async {
                    open_streams(planned).await?;
                    Embedded::start(&self.destination, planned, note).await
                };
                let embedded = self.unless_interrupted(Box::pin(start)).await?;
                Ok((connect(&embedded.cluster())?, Some(embedded)))
            }
        }
    }

    /// Sends everything, and waits where that is wanted.
    async fn ingest(&self, kusto: &Kusto, planned: &[Planned]) -> Result<(Vec<Outcome>, Duration), Stop> {
        let clock = kusto.clock();
        let started = clock.now();
        let needs_service = |planned: &Planned| planned.refused.is_none() && planned.bytes() != Some(0);
        if planned.iter().any(needs_service)
            && let Err(error) = self.unless_interrupted(send::ask(kusto)).await
        {
            return match error {
                NotYet::Stopped(stop) => Err(stop),
                NotYet::Failed(error) if is_misconfigured(&error) => Err(Stop::unusable(&error)),
                NotYet::Failed(error) => Ok((send::all_failed(planned, &error), clock.now().since(started))),
            };
        }
        let bytes = planned.iter().map(Planned::bytes).sum();
        let progress = Progress::new(self.args.output, bytes, planned.len());
        let mut interrupt = self.interrupt.clone();
        let client = Arc::new(kusto.queued());
        let mut outcomes = send::send(client, planned, &progress, &mut interrupt).await;
        if (self.args.wait || self.args.emulator) && !interrupt.is_pressed() {
            let limit = self.args.wait_timeout;
            let tracker = kusto.status();
            wait::wait(&clock, &tracker, &mut outcomes, limit, &progress, &mut interrupt).await;
        }
        progress.finish();
        Ok((outcomes, clock.now().since(started)))
    }

    /// Does something before anything was sent, unless somebody interrupts it.
    async fn unless_interrupted<T, E: From<Interrupted>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let mut interrupt = self.interrupt.clone();
        match select(std::pin::pin!(work), std::pin::pin!(interrupt.pressed())).await {
            Either::Left((done, _)) => done,
            Either::Right(_) => Err(Interrupted.into()),
        }
    }
}

/// The cluster, or why nobody can reach it with this version.
///
/// # Errors
/// A connection string that cannot be used by any.
fn connect(connection: &str) -> Result<Result<Kusto, Error>, Stop> {
    match Kusto::connect(connection) {
        Err(error) if is_misconfigured(&error) => Err(Stop::unusable(&error)),
        connected => Ok(connected),
    }
}

/// Whether the arguments are to blame, and not one source.
fn is_misconfigured(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::WrongEndpoint)
}

/// Somebody interrupted it before anything was sent.
struct Interrupted;

/// Why nothing was sent.
enum NotYet {
    Stopped(Stop),
    Failed(Error),
}

impl From<Interrupted> for Stop {
    fn from(_: Interrupted) -> Self {
        Self::new(Exit::Interrupted, "interrupted before anything was sent")
    }
}

impl From<Error> for NotYet {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Interrupted> for NotYet {
    fn from(interrupted: Interrupted) -> Self {
        Self::Stopped(interrupted.into())
    }
}
