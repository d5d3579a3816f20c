//! What a run with a journal does besides: with what was done before, and with what the service says in the end.

use kusto_ingest::journal::{Journal, JournalEvent};
use kusto_ingest::{Error, ErrorKind};

use crate::args::{Destination, IngestJob};
use crate::plan::{Plan, PlannedSource, Resume, described};
use crate::report::{CommandError, Exit, Outcome, ReportFile, State};

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
    Ok(match last.map(|record| (record.event, record.receipt)) {
        Some((JournalEvent::Succeeded, receipt)) => Outcome {
            receipt,
            ..Outcome::new(shown, planned.id, State::Succeeded)
        },
        Some((_, Some(receipt))) => Outcome::sent(shown, receipt),
        _ => Outcome::new(shown, planned.id, State::Unknown),
    })
}

/// Writes down what the service made of the sources that were waited for.
pub(super) async fn conclude(planned: &[PlannedSource], outcomes: &[Outcome], journal: &Journal) {
    for (planned, outcome) in planned.iter().zip(outcomes) {
        let Some(receipt) = outcome.receipt.clone() else {
            continue;
        };
        let made = match outcome.state {
            State::Succeeded => Ok(receipt),
            State::Failed => {
                let why = outcome
                    .failure
                    .as_ref()
                    .map_or_else(String::new, |failure| failure.message.clone());
                Err(Error::new(ErrorKind::Rejected, "ingest")
                    .because(why)
                    .with_receipt(receipt))
            }
            // What is not wholly there stays accepted, and whoever waits for it is told so again.
            State::PartiallySucceeded | State::Skipped | State::Queued | State::Pending | State::Unknown => {
                continue;
            }
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
