//! Whatever ingests, whichever way: from the arguments to the report.

use std::future::Future;
use std::time::Duration;

use futures::future::{Either, select};
use kusto_ingest::{Error, Kusto};

use crate::args::{Output, Target, Variables};
use crate::books::Books;
use crate::discover::discover;
use crate::embedded::Embedded;
use crate::exit::{Exit, Stop, exit_of};
use crate::interrupt::{Cause, Interrupt, interrupted};
use crate::outcome::Outcome;
use crate::prepare::{Destination, Planned, open_streams, plan};
use crate::progress::Progress;
use crate::receipt_log::ReceiptLog;
use crate::report::{Ending, Report, ended, error, note, print};
use crate::route::Errand;
use crate::send::{self, Sending};
use crate::sign_in::{Access, Door};
use crate::{header, wait};

/// Ingests what the arguments name.
///
/// # Errors
/// Whatever is found before anything is sent.
pub(crate) async fn run(errand: Errand, variables: Variables<'_>) -> Result<Exit, Stop> {
    let target = Target::new(errand.into.emulator, errand.into.cluster.clone(), variables)?;
    errand
        .into
        .sign_in
        .refuse_reading_twice(&errand.sources, "a source")?;
    let destination = Destination::new(&errand.into, &target, variables)?;
    let mut planned = plan(&errand, &destination, errand.accept(discover(&errand.sources)?)?)?;
    // A secret may be typed here: an interrupt ends the program at once, as long as nobody listens to it.
    let door = match &target {
        Target::Cluster(address) => Some(Door::open(address, access(&errand), variables)?),
        Target::Embedded => None,
    };
    let command = Command {
        receipts: ReceiptLog::open(errand.into.receipts.as_deref(), &planned)?,
        errand,
        destination,
        interrupt: Interrupt::listen()?,
    };
    let (door, embedded) = command.start(door, &mut planned).await?;
    let (mut outcomes, elapsed) = command.ingest(&door.kusto, &planned).await?;
    header::explain(&planned, &mut outcomes).await;
    if let Some(embedded) = &embedded {
        embedded.count_rows(&command.destination, &mut outcomes);
        let left_out = embedded.left_out(&command.destination, &planned, &outcomes);
        left_out.iter().for_each(|text| note(text));
    }
    let exit = exit_of(
        &outcomes,
        command.interrupt.is_pressed(),
        command.errand.route.ends_early(),
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
    let printed = print(&report.written(command.errand.into.output));
    if let (Some(embedded), Output::Text, Ok(())) = (&embedded, command.errand.into.output, &printed) {
        embedded.show_first_rows(&door.kusto, &command.destination).await;
    }
    report.complaints().iter().for_each(|complaint| error(complaint));
    command
        .ending(exit, &outcomes)
        .iter()
        .for_each(|ending| error(ending));
    if outcomes.iter().any(Outcome::wants_sign_in) {
        door.explain_refusal();
    }
    ended(exit, printed)
}

/// How the arguments want the cluster opened.
fn access(errand: &Errand) -> Access<'_> {
    Access::of(&errand.into.sign_in, &errand.into.network).within(errand.route.limits())
}

/// A command whose arguments were understood.
struct Command {
    errand: Errand,
    destination: Destination,
    receipts: ReceiptLog,
    interrupt: Interrupt,
}

impl Command {
    /// Opens what flows once, starts a Kusto where none was named, and looks whether everything can go this way.
    async fn start(
        &self,
        door: Option<Door>,
        planned: &mut [Planned],
    ) -> Result<(Door, Option<Embedded>), Stop> {
        if let Some(door) = door {
            let open = async {
                open_streams(planned).await?;
                self.errand.check(planned).await
            };
            self.unless_interrupted(Box::pin(open)).await?;
            return Ok((door, None));
        }
        let start = async {
            open_streams(planned).await?;
            let embedded = Embedded::start(&self.destination, planned, note).await?;
            self.errand.check(planned).await?;
            Ok::<_, Stop>(embedded)
        };
        let embedded = self.unless_interrupted(Box::pin(start)).await?;
        let door = Door::of_embedded(&embedded.cluster(), self.errand.route.limits())?;
        Ok((door, Some(embedded)))
    }

    /// Sends everything, and waits where that is wanted.
    async fn ingest(&self, kusto: &Kusto, planned: &[Planned]) -> Result<(Vec<Outcome>, Duration), Stop> {
        let clock = kusto.clock();
        let started = clock.now();
        let needs_service = |planned: &Planned| planned.refused.is_none() && planned.bytes() != Some(0);
        if self.errand.route.needs_loan()
            && planned.iter().any(needs_service)
            && let Err(error) = self.unless_interrupted(send::ask(kusto)).await
        {
            return match error {
                NotYet::Stopped(stop) => Err(stop),
                NotYet::Failed(error) => Ok((send::all_failed(planned, &error), clock.now().since(started))),
            };
        }
        let bytes = planned.iter().map(Planned::bytes).sum();
        let progress = Progress::new(self.errand.into.output, bytes, planned.len());
        let mut interrupt = self.interrupt.clone();
        let taker = self.errand.route.taker(kusto);
        let deletion = self.errand.deletion();
        let sending = Sending {
            planned,
            parallel: self.errand.route.parallel(),
            receipts: &self.receipts,
            deletion,
            progress: &progress,
            interrupt: self.interrupt.clone(),
        };
        let mut outcomes = sending.send(taker).await;
        if let Some(limit) = self.errand.patience().filter(|_| !interrupt.is_pressed()) {
            let books = Books::of(kusto);
            let learned = |place: usize, outcome: &Outcome| deletion.after(&planned[place], outcome);
            wait::ask(
                &books,
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
            limit: self.errand.patience(),
            receipts: self.errand.into.receipts.as_deref(),
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
enum NotYet {
    Stopped(Stop),
    Failed(Error),
}

impl From<Interrupted> for Stop {
    fn from(Interrupted(cause): Interrupted) -> Self {
        let interrupted = interrupted(cause);
        Self::new(
            Exit::Interrupted,
            format!("{interrupted} before anything was sent"),
        )
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
