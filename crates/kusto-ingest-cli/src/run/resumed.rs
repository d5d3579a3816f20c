//! What a run with a journal does besides: with what was done before, and with what the service says in the end.

use kusto_ingest::journal::{Conclusion, Journal, JournalEvent};
use kusto_ingest::{Error, ErrorKind, Receipt};

use crate::args::{Destination, IngestJob};
use crate::plan::{Plan, PlannedSource, Resume, described};
use crate::report::{CommandError, Exit, Outcome, ReportFile, SourceFailure, State};

/// Where the sources of a job go, and the file that its report is written to.
///
/// # Errors
/// The file cannot be written.
pub(super) fn report_file(
    job: &IngestJob,
    destination: &Destination,
) -> Result<((String, String), ReportFile), CommandError> {
    let place = (destination.database.to_string(), destination.table.to_string());
    let path = job.long_run.report(job.select.shard);
    let file = ReportFile::create(path.as_deref(), place.clone())?;
    Ok((place, file))
}

/// Reports what was done before, and deletes what is to be deleted of it: an earlier run may have ended in between.
///
/// # Errors
/// The journal cannot be read.
pub(super) async fn take_done(
    plan: &Plan,
    journal: Option<&Journal>,
    file: &ReportFile,
) -> Result<(), CommandError> {
    let Some(journal) = journal else { return Ok(()) };
    for planned in &plan.done {
        let outcome = outcome_of(planned, journal).await?;
        plan.deletion.after(planned, &outcome);
        file.add(&outcome);
    }
    for planned in &plan.outdated {
        // It tells of the content that was sent. What is there now stays.
        file.add(&outcome_of(planned, journal).await?);
    }
    Ok(())
}

/// What became of a source that was done before.
///
/// # Errors
/// The journal cannot be read.
pub(super) async fn outcome_of(planned: &PlannedSource, journal: &Journal) -> Result<Outcome, CommandError> {
    let last = journal
        .last(planned.id)
        .await
        .map_err(|error| CommandError::new(Exit::Bug, error.chain()))?;
    let shown = planned.found.shown();
    let Some(record) = last else {
        return Ok(Outcome::new(shown, planned.id, State::Unknown));
    };
    let (state, failure) = match record.event {
        JournalEvent::Succeeded => (State::Succeeded, None),
        JournalEvent::LeftOut => (State::Skipped, None),
        JournalEvent::Partial => (
            State::PartiallySucceeded,
            record.error.as_deref().map(SourceFailure::noted),
        ),
        _ => {
            let sent = |receipt| Outcome::sent(&shown, receipt);
            let unknown = || Outcome::new(&shown, planned.id, State::Unknown);
            return Ok(record.receipt.map_or_else(unknown, sent));
        }
    };
    Ok(Outcome {
        receipt: record.receipt,
        failure,
        ..Outcome::new(shown, planned.id, state)
    })
}

/// Writes down what the service made of the sources that were waited for.
pub(super) async fn conclude(planned: &[PlannedSource], outcomes: &[Outcome], journal: &Journal) {
    for (planned, outcome) in planned.iter().zip(outcomes) {
        let Some(receipt) = outcome.receipt.clone() else {
            continue;
        };
        let error = |receipt: Receipt| {
            let why = outcome.failure.as_ref().map(|failure| failure.message.clone());
            Error::new(ErrorKind::Rejected, "ingest")
                .because(why.unwrap_or_default())
                .with_receipt(receipt)
        };
        let made = match outcome.state {
            State::Succeeded => Conclusion::Succeeded(receipt),
            State::Failed => Conclusion::Rejected(error(receipt)),
            State::PartiallySucceeded => Conclusion::Partial(error(receipt)),
            // One that was empty was not accepted, and is written down as such.
            State::Skipped if receipt.state.is_accepted() => Conclusion::LeftOut(receipt),
            State::Skipped | State::Queued | State::Pending | State::Unknown => continue,
        };
        let written = journal
            .concluded(planned.id, described(&planned.found), made)
            .await;
        if written.is_err() {
            // The journal tells in the end, and the next run asks again.
            return;
        }
    }
}

/// Ends the journal of a run: how the run ended goes before that something could not be written down.
///
/// # Errors
/// Those of the run, and what could not be written down.
pub(crate) async fn finished(
    resume: Resume,
    ended: Result<Exit, CommandError>,
) -> Result<Exit, CommandError> {
    let found = !matches!(ended, Ok(Exit::Interrupted) | Err(_));
    match (resume.finish(found).await, ended) {
        (Err(unwritten), Ok(Exit::Done)) => Err(unwritten),
        (Err(unwritten), ended) => {
            unwritten.tell();
            ended
        }
        (Ok(()), ended) => ended,
    }
}
