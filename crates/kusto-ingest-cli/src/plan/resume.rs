//! What earlier runs have done, by the journal: left out, named, or sent again.

mod leftover;

use std::collections::HashSet;
use std::sync::Arc;

use kusto_ingest::clock::{Timestamp, TokioClock};
use kusto_ingest::journal::{Journal, JournalEvent, JournalScope, JournalSource, SourceProgress};
use kusto_ingest::sources::SourceId;
use kusto_ingest::status::ReceiptState;
use kusto_ingest::{Error, ErrorKind, Receipt};

use super::{DiscoveredSource, PlannedSource};
use crate::args::{Destination, IngestJob, OnChanged, Protocol, Target};
use crate::report::{self, CommandError, Exit};

/// How many sources are named each for itself that may be ingested twice.
const NAMED: u64 = 10;

/// Why what may have arrived is not sent again.
const NOT_AGAIN: &str =
    "an earlier run sent it, and nobody knows whether it arrived; --on-unknown retry sends it again";

/// Why the same is not sent again where it is something else by now.
const CHANGED_AND_UNKNOWN: &str = "an earlier run sent it, nobody knows whether it arrived, and it has changed since; --changed send sends it as a \
     new source";

/// What earlier runs have done, and what this one does about it.
#[derive(Debug)]
pub(crate) struct Resume {
    journal: Journal,
    changed: OnChanged,
    resends_unknown: bool,
    waits: bool,
    /// What nobody knows of whether it arrived, and was not found so far.
    leftover: HashSet<SourceId>,
    doubtful: u64,
    done: u64,
}

/// What a journal says of a source in its last line.
type LastLine = (JournalEvent, Option<Receipt>);

/// What is done with a source.
#[derive(Debug)]
pub(crate) enum Considered {
    /// It goes the way of all sources.
    Send(PlannedSource),
    /// An earlier run did it.
    Done(PlannedSource),
    /// An earlier run did it, and what is there now is something else, which nobody has ingested.
    Outdated(PlannedSource),
}

impl Resume {
    /// Opens the journal that a job names, if it names one.
    ///
    /// # Errors
    /// It cannot be used: another process has it, it is of another table, or damaged.
    pub(crate) async fn open(
        job: &IngestJob,
        destination: &Destination,
        target: &Target,
    ) -> Result<Option<Self>, CommandError> {
        let Some(path) = job.long_run.journal(job.select.shard) else {
            return Ok(None);
        };
        if job.route.protocol() == Protocol::Rest {
            return Err(CommandError::usage(
                "--journal goes through storage queues, whose messages it can tell apart one by one: leave out --protocol rest",
            ));
        }
        let mut scope = JournalScope::new()
            .with("database", destination.database.as_str())
            .with("table", destination.table.as_str());
        if let Some(address) = target.address() {
            let engine = address.connection()?.engine_endpoint();
            let engine = engine.map_err(|error| CommandError::usage(error.to_string()))?;
            scope = scope.with("cluster", &engine.url().origin().ascii_serialization());
        }
        if let Some(shard) = job.select.shard {
            scope = scope.with("shard", &shard.to_string());
        }
        let opening = Journal::builder(&path)
            .with_scope(scope)
            .open(Arc::new(TokioClock::new()));
        let journal = opening
            .await
            .map_err(|error| CommandError::usage(error.chain()).with_page(PAGE))?;
        if journal.torn_bytes() > 0 {
            report::note(&format!(
                "{}: an earlier run ended while it wrote its last line; that line was cut off, and nothing had followed from it",
                path.display()
            ));
        }
        Ok(Some(Self {
            changed: job.long_run.changed,
            resends_unknown: job.route.resends_unknown(),
            waits: job.wait_timeout().is_some(),
            leftover: journal.unknown().into_iter().collect(),
            doubtful: 0,
            done: 0,
            journal,
        }))
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What is done with a source, which gets the identity that it has in every run.
    ///
    /// # Errors
    /// It cannot be resumed at all, or the journal cannot be read.
    pub(crate) async fn consider(&mut self, planned: PlannedSource) -> Result<Considered, CommandError> {
        if planned.refused.is_some() {
            return Ok(Considered::Send(planned));
        }
        if matches!(
            planned.found,
            DiscoveredSource::StandardInput | DiscoveredSource::Pipe(_)
        ) {
            let called = planned.found.called();
            return Err(CommandError::usage(format!(
                "{called} can be read only once, and so not be resumed: leave out --journal, or name a file"
            )));
        }
        let (key, source) = (planned.found.key(), described(&planned.found));
        let mut version = 0_u64;
        loop {
            let id = match version {
                0 => self.journal.source_id(&key),
                // No path has a line break before a number of its own by chance.
                later => self.journal.source_id(&format!("{key}\n{later}")),
            };
            self.leftover.remove(&id);
            let planned = || planned.clone().with_id(id);
            return Ok(match self.journal.progress(id, &source) {
                SourceProgress::Done if self.waits && self.is_open(id).await? => Considered::Send(planned()),
                SourceProgress::Done => {
                    self.done += 1;
                    Considered::Done(planned())
                }
                SourceProgress::Unknown => Considered::Send(self.doubted(planned(), source).await?),
                SourceProgress::Changed { bytes, modified } => match self.changed {
                    OnChanged::Send => {
                        version += 1;
                        continue;
                    }
                    OnChanged::Skip => self.skipped(planned()).await?,
                    OnChanged::Fail => {
                        let refused = Some(changed((bytes, modified), &source));
                        Considered::Send(PlannedSource { refused, ..planned() })
                    }
                },
                _ => {
                    self.journal.describe(id, source);
                    Considered::Send(planned())
                }
            });
        }
    }

    /// What has changed since it was sent, and is not sent as it is now. Whether it arrived as it was is told all the same.
    async fn skipped(&mut self, planned: PlannedSource) -> Result<Considered, CommandError> {
        let last = self.last(planned.id).await?;
        if last.as_ref().is_some_and(|(event, _)| event.is_unknown()) {
            let refused = unknown(last, CHANGED_AND_UNKNOWN);
            return Ok(Considered::Send(PlannedSource {
                refused: Some(refused),
                ..planned
            }));
        }
        self.done += 1;
        Ok(Considered::Outdated(planned))
    }

    /// What may have arrived: it is named, and sent again unless somebody does not want that.
    async fn doubted(
        &mut self,
        planned: PlannedSource,
        source: JournalSource,
    ) -> Result<PlannedSource, CommandError> {
        let shown = planned.found.shown();
        if self.resends_unknown {
            self.doubtful += 1;
            if self.doubtful <= NAMED {
                report::warning(&format!(
                    "{shown} may be ingested twice: an earlier run sent it, and nobody knows whether it arrived"
                ));
            }
            self.journal.describe(planned.id, source);
            return Ok(planned);
        }
        let refused = Some(unknown(self.last(planned.id).await?, NOT_AGAIN));
        Ok(PlannedSource { refused, ..planned })
    }

    /// Whether a source that is done was accepted, and nobody has asked yet what became of it.
    async fn is_open(&self, id: SourceId) -> Result<bool, CommandError> {
        Ok(matches!(self.last(id).await?, Some((JournalEvent::Accepted, _))))
    }

    async fn last(&self, id: SourceId) -> Result<Option<LastLine>, CommandError> {
        let last = self
            .journal
            .last(id)
            .await
            .map_err(|error| CommandError::new(Exit::Bug, error.chain()))?;
        Ok(last.map(|record| (record.event, record.receipt)))
    }
}

/// The page that explains it.
const PAGE: &str = "docs/guide/backfills.md";

/// What a journal keeps of a source.
pub(crate) fn described(found: &DiscoveredSource) -> JournalSource {
    let (bytes, modified) = match found {
        DiscoveredSource::File(_, state) => {
            let modified = state.modified().map(time_of);
            (Some(state.bytes()), modified)
        }
        DiscoveredSource::Blob(_, facts) | DiscoveredSource::Object(_, facts, _) => {
            (facts.bytes, facts.last_modified)
        }
        _ => (None, None),
    };
    let source = JournalSource::new(&found.shown());
    let source = bytes.into_iter().fold(source, JournalSource::with_bytes);
    modified.into_iter().fold(source, JournalSource::with_modified)
}

fn time_of(at: std::time::SystemTime) -> Timestamp {
    match at.duration_since(std::time::SystemTime::UNIX_EPOCH) {
        Ok(since) => Timestamp::UNIX_EPOCH + since,
        Err(before) => Timestamp::UNIX_EPOCH - before.duration(),
    }
}

/// That nobody knows whether a source arrived, with what is known of its sending.
fn unknown(last: Option<LastLine>, why: &str) -> Error {
    let error = Error::new(ErrorKind::OutcomeUnknown, "resume").because(why.to_owned());
    match last {
        Some((_, Some(mut receipt))) => {
            receipt.state = ReceiptState::Unknown {
                status: receipt.status_locator().cloned(),
                reason: why.to_owned(),
            };
            error.with_receipt(receipt)
        }
        _ => error,
    }
}

/// Why a source that has changed is not sent.
fn changed(then: (Option<u64>, Option<Timestamp>), now: &JournalSource) -> Error {
    let words = |bytes: Option<u64>, modified: Option<Timestamp>| {
        let bytes = bytes.map_or_else(|| "an unknown number of".to_owned(), |bytes| bytes.to_string());
        let modified = modified.map_or_else(String::new, |at| format!(" of {at}"));
        format!("{bytes} bytes{modified}")
    };
    let why = format!(
        "it has changed since an earlier run sent it: it had {}, and has {}; --changed skip leaves it as it is, and \
         --changed send sends it as a new source",
        words(then.0, then.1),
        words(now.bytes, now.modified)
    );
    Error::new(ErrorKind::InvalidInput, "resume").because(why)
}
