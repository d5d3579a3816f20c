//! `kusto-ingest list`, and `--dry-run`: what would be ingested.

use std::pin::pin;

use kusto_ingest::sources::DataFormat;

use super::interrupt::Interrupt;
use crate::args::{IngestJob, ListJob};
use crate::plan::{
    self, DiscoveredSource, Discovery, DiscoveryRequest, SourceTime, SourceTimes, nothing, tell_skipped,
};
use crate::report::{self, CommandError, Exit, ListPrinter, ListedItem};
use crate::sign_in::Containers;

/// Lists what a job names, as it is found. No cluster is asked.
///
/// # Errors
/// What cannot be found or listed. What was listed before is printed by then.
pub(crate) async fn run(job: &ListJob) -> Result<Exit, CommandError> {
    let interrupt = Interrupt::listen()?;
    let mut sheet = Sheet::new(job)?;
    each(job, DiscoveryRequest::listed(job), &interrupt, &mut sheet).await?;
    sheet.finish()
}

/// Lists what a job would ingest, which is not ingested.
///
/// # Errors
/// As [`run`], and what the job itself refuses by its sources.
pub(crate) async fn dry_run(job: &IngestJob) -> Result<Exit, CommandError> {
    let interrupt = Interrupt::listen()?;
    let list = ListJob::from(job);
    let mut sheet = Sheet::new(&list)?;
    if job.is_streamed() {
        // None is held.
        each(&list, DiscoveryRequest::of(job), &interrupt, &mut sheet).await?;
        return sheet.finish();
    }
    let containers = Containers::of(&job.select, &job.into.network);
    let found = interrupt.unless_pressed(pin!(plan::dry(job, containers))).await?;
    found.iter().try_for_each(|found| sheet.add(found))?;
    sheet.finish()
}

/// Lists sources as they are found.
async fn each(
    job: &ListJob,
    wanted: DiscoveryRequest,
    interrupt: &Interrupt,
    sheet: &mut Sheet<'_>,
) -> Result<(), CommandError> {
    let containers = Containers::of(&job.select, &job.network);
    let mut discovery = Discovery::new(wanted, containers)?;
    loop {
        match interrupt.unless_pressed(pin!(discovery.next())).await {
            Ok(Some(found)) => sheet.add(&found)?,
            Ok(None) => return Ok(()),
            Err(error) => {
                sheet.print()?;
                return Err(error);
            }
        }
    }
}

/// What is listed.
struct Sheet<'j> {
    job: &'j ListJob,
    times: SourceTimes,
    skipped: u64,
    printer: ListPrinter,
}

impl<'j> Sheet<'j> {
    fn new(job: &'j ListJob) -> Result<Self, CommandError> {
        Ok(Self {
            job,
            times: SourceTimes::new(job.creation_time, &job.backfill)?,
            skipped: 0,
            printer: ListPrinter::new(job.output),
        })
    }

    fn add(&mut self, found: &DiscoveredSource) -> Result<(), CommandError> {
        let mut item = item(found, self.job);
        match self.times.of(found) {
            SourceTime::Known(time) => item.creation_time = time.map(|at| at.to_string()),
            SourceTime::Missing(error) if item.error.is_none() => {
                item.error = error.reason().map(str::to_owned)
            }
            SourceTime::Missing(_) => {}
            SourceTime::Skip => {
                self.skipped += 1;
                return Ok(());
            }
        }
        self.printer.add(&item)
    }

    /// Prints what was listed before something went wrong.
    fn print(&mut self) -> Result<(), CommandError> {
        let listed = std::mem::replace(&mut self.printer, ListPrinter::new(self.job.output));
        match listed.counts() {
            (0, _) => Ok(()),
            _ => listed.finish(),
        }
    }

    fn finish(self) -> Result<Exit, CommandError> {
        tell_skipped(self.skipped);
        let (sources, errors) = self.printer.counts();
        if sources == 0 && !self.job.select.may_be_empty() {
            return Err(nothing());
        }
        self.printer.finish()?;
        if errors > 0 {
            report::error(&format!(
                "{errors} of {sources} cannot be ingested as they are; the list says why"
            ));
            return Ok(Exit::SomeFailed);
        }
        Ok(Exit::Done)
    }
}

fn item(found: &DiscoveredSource, job: &ListJob) -> ListedItem {
    let source = found.shown();
    let told = job.format.or_else(|| DataFormat::from_name(&source));
    let mut item = ListedItem {
        format: told.map(|format| format.to_string()),
        bytes: None,
        raw_bytes: None,
        creation_time: None,
        last_modified: None,
        error: None,
        source,
    };
    match found {
        DiscoveredSource::File(_, state) => item.bytes = Some(state.bytes()),
        DiscoveredSource::Blob(_, facts) | DiscoveredSource::Object(_, facts, _) => {
            item.bytes = facts.bytes;
            item.raw_bytes = facts.raw_bytes;
            item.last_modified = facts.last_modified.map(|at| at.to_string());
        }
        DiscoveredSource::Odd(_, error) => {
            item.error = Some(error.reason().map_or_else(|| error.chain(), str::to_owned));
        }
        DiscoveredSource::Pipe(_) | DiscoveredSource::StandardInput => {}
    }
    if job.wants_format && item.bytes == Some(0) {
        item.error.get_or_insert_with(|| "the source is empty".to_owned());
    }
    item
}
