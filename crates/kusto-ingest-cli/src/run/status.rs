//! `kusto-ingest status`: what became of sources, by the receipts that another process left.

use super::interrupt::Interrupt;
use super::status_reader::StatusReader;
use super::wait::{self, tell_end};
use crate::args::StatusArgs;
use crate::plan::KnownReceipts;
use crate::report::{CommandError, Events, Progress, Report, ReportFile};
use crate::sign_in::ClusterSession;

/// Reads what became of the sources, once or until it is final.
///
/// # Errors
/// The system does not let it listen to interrupts.
pub(crate) async fn status(
    args: &StatusArgs,
    known: KnownReceipts,
    session: &ClusterSession,
) -> Result<Report, CommandError> {
    let KnownReceipts { mut outcomes, place } = known;
    let clock = session.kusto.clock();
    let started = clock.now();
    let mut interrupt = Interrupt::listen()?;
    let progress = Progress::new(args.receipts.output, None, outcomes.len());
    let events = Events::new(args.receipts.output, place.clone());
    let status_reader = StatusReader::of(&session.kusto);
    let limit = args.wait.then_some(args.receipts.wait_timeout);
    let asking = wait::ask(
        &status_reader,
        &mut outcomes,
        limit,
        |_, outcome| tell_end(&events, outcome),
        &progress,
        &mut interrupt,
    );
    progress.while_told(&*clock, Box::pin(asking)).await;
    progress.finish();
    Ok(Report {
        place,
        outcomes,
        elapsed: clock.now().since(started),
        cause: interrupt.cause(),
        limit,
        ends_early: false,
        with_receipts: false,
        receipts: None,
        unkept: None,
        rows: None,
        sign_in_hint: session.hint(),
        events,
        done_before: None,
        file: ReportFile::default(),
    })
}
