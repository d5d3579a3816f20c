//! Whatever ingests, whichever way: from the arguments to the report.

use std::future::Future;
use std::time::Duration;

use futures::future::{Either, select};
use kusto_ingest::{Error, Kusto};

use crate::args::job::IngestJob;
use crate::args::{Output, Target, Variables};
use crate::plan::discover::discover;
use crate::plan::header;
use crate::plan::source::{Destination, PlannedSource, open_streams, plan};
use crate::report::exit::{CommandError, Exit, exit_of};
use crate::report::outcome::Outcome;
use crate::report::progress::Progress;
use crate::report::{Ending, Report, ended, error, note, print};
use crate::run::embedded::Embedded;
use crate::run::interrupt::{Cause, Interrupt, interrupted};
use crate::run::receipt_log::ReceiptLog;
use crate::run::send::{self, Sending};
use crate::run::status_reader::StatusReader;
use crate::run::wait;
use crate::sign_in::{Access, ClusterSession};

/// Ingests what the arguments name.
///
/// # Errors
/// Whatever is found before anything is sent.
pub(crate) async fn run(job: IngestJob, variables: Variables<'_>) -> Result<Exit, CommandError> {
    let target = Target::new(job.into.emulator, job.into.cluster.clone(), variables)?;
    job.into.sign_in.refuse_reading_twice(&job.sources, "a source")?;
    let destination = Destination::new(&job.into, &target, variables)?;
    let mut planned = plan(&job, &destination, job.accept(discover(&job.sources)?)?)?;
    // A secret may be typed here: an interrupt ends the program at once, as long as nobody listens to it.
    let session = match &target {
        Target::Cluster(address) => Some(ClusterSession::open(address, access(&job), variables)?),
        Target::Embedded => None,
    };
    let command = Command {
        receipts: ReceiptLog::open(job.into.receipts.as_deref(), &planned)?,
        job,
        destination,
        interrupt: Interrupt::listen()?,
    };
    let (session, embedded) = command.start(session, &mut planned).await?;
    let (mut outcomes, elapsed) = command.ingest(&session.kusto, &planned).await?;
    header::explain(&planned, &mut outcomes).await;
    if let Some(embedded) = &embedded {
        embedded.count_rows(&command.destination, &mut outcomes);
        let left_out = embedded.left_out(&command.destination, &planned, &outcomes);
        left_out.iter().for_each(|text| note(text));
    }
    let exit = exit_of(
        &outcomes,
        command.interrupt.is_pressed(),
        command.job.route.ends_early(),
    );
    let report = Report {
        place: Some((
            command.destination.database.as_str(),
            command.destination.table.as_str(),
        )),
        outcomes: &outcomes,
        elapsed,
        with_receipts: embedded.is_none(),
    };
    let printed = print(&report.written(command.job.into.output));
    if let (Some(embedded), Output::Text, Ok(())) = (&embedded, command.job.into.output, &printed) {
        embedded
            .show_first_rows(&session.kusto, &command.destination)
            .await;
    }
    report.complaints().iter().for_each(|complaint| error(complaint));
    command
        .ending(exit, &outcomes)
        .iter()
        .for_each(|ending| error(ending));
    if outcomes.iter().any(Outcome::wants_sign_in) {
        session.explain_refusal();
    }
    ended(exit, printed)
}

/// How the arguments want the cluster opened.
fn access(job: &IngestJob) -> Access<'_> {
    Access::of(&job.into.sign_in, &job.into.network).within(job.route.limits())
}

/// A command whose arguments were understood.
struct Command {
    job: IngestJob,
    destination: Destination,
    receipts: ReceiptLog,
    interrupt: Interrupt,
}

impl Command {
    /// Opens what cannot be replayed, starts an emulator where no cluster was named, and looks whether everything can go this way.
    async fn start(
        &self,
        session: Option<ClusterSession>,
        planned: &mut [PlannedSource],
    ) -> Result<(ClusterSession, Option<Embedded>), CommandError> {
        if let Some(session) = session {
            let open = async {
                open_streams(planned).await?;
                self.job.check(planned).await
            };
            self.unless_interrupted(Box::pin(open)).await?;
            return Ok((session, None));
        }
        let start = async {
            open_streams(planned).await?;
            let embedded = Embedded::start(&self.destination, planned, note).await?;
            self.job.check(planned).await?;
            Ok::<_, CommandError>(embedded)
        };
        let embedded = self.unless_interrupted(Box::pin(start)).await?;
        let session = ClusterSession::of_embedded(&embedded.cluster(), self.job.route.limits())?;
        Ok((session, Some(embedded)))
    }

    /// Sends everything, and waits where that is wanted.
    async fn ingest(
        &self,
        kusto: &Kusto,
        planned: &[PlannedSource],
    ) -> Result<(Vec<Outcome>, Duration), CommandError> {
        let clock = kusto.clock();
        let started = clock.now();
        let needs_service = |planned: &PlannedSource| planned.refused.is_none() && planned.bytes() != Some(0);
        if self.job.route.needs_issued_resources()
            && planned.iter().any(needs_service)
            && let Err(error) = self.unless_interrupted(send::ask(kusto)).await
        {
            return match error {
                PreflightError::Stopped(error) => Err(error),
                PreflightError::Failed(error) => {
                    Ok((send::all_failed(planned, &error), clock.now().since(started)))
                }
            };
        }
        let bytes = planned.iter().map(PlannedSource::bytes).sum();
        let progress = Progress::new(self.job.into.output, bytes, planned.len());
        let mut interrupt = self.interrupt.clone();
        let job_client = self.job.route.job_client(kusto);
        let deletion = self.job.deletion();
        let sending = Sending {
            planned,
            parallel: self.job.route.parallel(),
            receipts: &self.receipts,
            deletion,
            progress: &progress,
            interrupt: self.interrupt.clone(),
        };
        let mut outcomes = sending.send(job_client).await;
        if let Some(limit) = self.job.wait_timeout().filter(|_| !interrupt.is_pressed()) {
            let status_reader = StatusReader::of(kusto);
            let learned = |place: usize, outcome: &Outcome| deletion.after(&planned[place], outcome);
            wait::ask(
                &status_reader,
                &mut outcomes,
                Some(limit),
                learned,
                &progress,
                &mut interrupt,
            )
            .await;
        }
        progress.finish();
        Ok((outcomes, clock.now().since(started)))
    }

    /// What standard error says of an end before everything was known.
    fn ending(&self, exit: Exit, outcomes: &[Outcome]) -> Option<String> {
        let ending = Ending {
            exit,
            outcomes,
            cause: self.interrupt.cause(),
            limit: self.job.wait_timeout(),
            receipts: self.job.into.receipts.as_deref(),
        };
        ending.words()
    }

    /// Does something before anything was sent, unless somebody interrupts it.
    async fn unless_interrupted<T, E: From<Interrupted>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let mut interrupt = self.interrupt.clone();
        match select(std::pin::pin!(work), std::pin::pin!(interrupt.pressed())).await {
            Either::Left((done, _)) => done,
            Either::Right(_) => Err(Interrupted(self.interrupt.cause()).into()),
        }
    }
}

/// Somebody interrupted it before anything was sent.
struct Interrupted(Option<Cause>);

/// Why nothing was sent.
enum PreflightError {
    Stopped(CommandError),
    Failed(Error),
}

impl From<Interrupted> for CommandError {
    fn from(Interrupted(cause): Interrupted) -> Self {
        let interrupted = interrupted(cause);
        Self::new(
            Exit::Interrupted,
            format!("{interrupted} before anything was sent"),
        )
    }
}

impl From<Error> for PreflightError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Interrupted> for PreflightError {
    fn from(interrupted: Interrupted) -> Self {
        Self::Stopped(interrupted.into())
    }
}
