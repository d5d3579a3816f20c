//! `kusto-ingest status`: what became of sources, by the receipts that another process left.

use std::collections::HashSet;
use std::pin::pin;

use kusto_ingest::Kusto;

use super::interrupt::Interrupt;
use super::status_reader::StatusReader;
use super::wait::{self, tell_end};
use crate::args::StatusArgs;
use crate::plan::KnownReceipts;
use crate::report::{self, CommandError, Events, Outcome, Progress, Report, ReportFile};
use crate::sign_in::ClusterSession;

/// Reads what became of the sources, once or until it is final.
///
/// # Errors
/// The system does not let it listen to interrupts; what was to be cancelled and could not be.
pub(crate) async fn status(
    args: &StatusArgs,
    known: KnownReceipts,
    session: &ClusterSession,
) -> Result<Report, CommandError> {
    let KnownReceipts { mut outcomes, place } = known;
    let clock = session.kusto.clock();
    let started = clock.now();
    let mut interrupt = Interrupt::listen()?;
    if args.cancel {
        interrupt
            .unless_pressed(pin!(cancel(&outcomes, &session.kusto)))
            .await?;
    }
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

/// Cancels each operation that receipts name, as far as the service has not begun with it. That one cannot be cancelled
/// does not keep the others.
async fn cancel(outcomes: &[Outcome], kusto: &Kusto) -> Result<(), CommandError> {
    let operations = kusto.queued_operations()?;
    let (mut seen, mut failed) = (HashSet::new(), None);
    for receipt in outcomes.iter().filter_map(|outcome| outcome.receipt.as_ref()) {
        let Some(queued) = receipt.queued_operation() else {
            continue;
        };
        if !seen.insert(&queued.operation) {
            continue;
        }
        match operations.cancel(receipt).await {
            Ok(counts) => report::note(&format!(
                "{}: {} canceled, {} ingested, {} failed, {} under way",
                queued.operation, counts.canceled, counts.succeeded, counts.failed, counts.in_progress
            )),
            Err(error) if failed.is_none() => failed = Some(error),
            Err(error) => report::error(&error.chain()),
        }
    }
    if seen.is_empty() {
        return Err(CommandError::usage(
            "there is nothing to cancel: no receipt is of a source that was queued over REST",
        ));
    }
    failed.map_or(Ok(()), |error| Err(CommandError::failed(&error)))
}
