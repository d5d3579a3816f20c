//! `kusto-ingest list`, and `--dry-run`: what would be ingested.

use std::pin::pin;

use kusto_ingest::sources::DataFormat;

use super::interrupt::Interrupt;
use crate::args::ListJob;
use crate::plan::{
    DiscoveredSource, Discovery, DiscoveryRequest, SourceTime, SourceTimes, nothing, tell_skipped,
};
use crate::report::{self, CommandError, Exit, ListPrinter, ListedItem};
use crate::sign_in::Containers;

/// Lists what a job names, as it is found. No cluster is asked.
///
/// # Errors
/// What cannot be found or listed. What was listed before is printed by then.
pub(crate) async fn run(job: &ListJob) -> Result<Exit, CommandError> {
    let interrupt = Interrupt::listen()?;
    let containers = Containers::of(&job.select, &job.network);
    let mut discovery = Discovery::new(DiscoveryRequest::listed(job), containers)?;
    let mut skipped = 0;
    let times = SourceTimes::new(job.creation_time, &job.backfill)?;
    let mut sheet = ListPrinter::new(job.output);
    loop {
        let found = interrupt.unless_pressed(pin!(discovery.next())).await;
        match found {
            Ok(Some(found)) => {
                let mut item = item(&found, job.format);
                match times.of(&found) {
                    SourceTime::Known(time) => item.creation_time = time.map(|at| at.to_string()),
                    SourceTime::Missing(error) if item.error.is_none() => {
                        item.error = error.reason().map(str::to_owned)
                    }
                    SourceTime::Missing(_) => {}
                    SourceTime::Skip => {
                        skipped += 1;
                        continue;
                    }
                }
                sheet.add(&item)?;
            }
            Ok(None) => break,
            Err(error) => {
                if sheet.counts().0 > 0 {
                    sheet.finish()?;
                }
                return Err(error);
            }
        }
    }
    tell_skipped(skipped);
    let (sources, errors) = sheet.counts();
    if sources == 0 && !job.select.may_be_empty() {
        return Err(nothing());
    }
    sheet.finish()?;
    if errors > 0 {
        report::error(&format!(
            "{errors} of {sources} cannot be ingested as they are; the list says why"
        ));
        return Ok(Exit::SomeFailed);
    }
    Ok(Exit::Done)
}

fn item(found: &DiscoveredSource, format: Option<DataFormat>) -> ListedItem {
    let source = found.shown();
    let told = format.or_else(|| DataFormat::from_name(&source));
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
    item
}
