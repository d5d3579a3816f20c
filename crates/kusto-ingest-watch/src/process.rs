//! What becomes of a file: it is ingested, and then kept, deleted, moved, or set aside with a reason.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use kusto_ingest_core::{Clock, Error, ErrorKind, IngestClient, IngestionProperties, SourceId, Timestamp};
use kusto_ingest_journal::{Journal, JournalSource, SourceProgress};
use kusto_ingest_tokio::delete_if_unchanged;

use crate::aside::{self, NotMoved, Reason};
use crate::event::{Listener, WatchEvent};
use crate::metrics::{Number, WatchMetrics};
use crate::scan::FoundFile;
use crate::{OnDone, WatchOptions};

/// How the work on a file ended, for the file and for all others.
#[derive(Debug)]
pub(crate) enum Processed {
    /// There is nothing more to do about it. The service took it, unless it was set aside, or is gone.
    Done { is_taken: bool },
    /// It is not as it was found.
    Changed,
    /// The service did not take it, and perhaps would not take others: it is tried again.
    Unavailable(Option<Duration>),
    /// Something about this file alone did not work: it is tried again.
    Stuck,
}

/// All that the work on a file needs.
#[derive(Debug)]
pub(crate) struct Processor {
    pub(crate) client: Arc<dyn IngestClient>,
    pub(crate) journal: Journal,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) options: WatchOptions,
    pub(crate) metrics: WatchMetrics,
    pub(crate) listener: Listener,
}

impl Processor {
    /// The identity of a file as it looks now, and what the journal keeps of it. What is put in its place later is another.
    pub(crate) fn identity(journal: &Journal, file: &FoundFile) -> (SourceId, JournalSource) {
        let modified = timestamp(file.modified);
        let since = file
            .modified
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let key = format!("{}\n{}\n{}", file.below, file.state.bytes(), since.as_nanos());
        let source = JournalSource::new(&file.path.display().to_string())
            .with_bytes(file.state.bytes())
            .with_modified(modified);
        (journal.source_id(&key), source)
    }

    /// Whether there is nothing to do about a file: it is done, and stays where it is.
    pub(crate) fn is_over(journal: &Journal, on_done: &OnDone, file: &FoundFile) -> bool {
        let (id, source) = Self::identity(journal, file);
        *on_done == OnDone::Keep && journal.progress(id, &source) == SourceProgress::Done
    }

    /// Does what there is to do about a file.
    pub(crate) async fn process(&self, file: &FoundFile, properties: &IngestionProperties) -> Processed {
        let (id, source) = Self::identity(&self.journal, file);
        if self.journal.progress(id, &source) != SourceProgress::Done {
            match self.ingest(file, (id, source.clone()), properties).await {
                Ok(()) => {}
                Err(error) => return self.failed(file, (id, source), &error).await,
            }
        }
        self.tidy_up(file, id, source).await
    }

    async fn ingest(
        &self,
        file: &FoundFile,
        (id, source): (SourceId, JournalSource),
        properties: &IngestionProperties,
    ) -> Result<(), Error> {
        let local = kusto_ingest_tokio::file(&file.path).await?.with_id(id);
        // From here on, the source proves that it stays what it was when it was opened; until here, the look does.
        if local.payload().len() != Some(file.state.bytes()) || self.has_changed(file).await {
            return Err(Error::new(ErrorKind::SourceNotReadable, "read the file").because("it has changed"));
        }
        self.journal.describe(id, source);
        let receipt = self.client.ingest_source(local.into(), properties).await?;
        self.metrics.add(Number::Accepted, 1);
        self.metrics.add(Number::Bytes, file.state.bytes());
        if receipt.may_be_duplicated() {
            self.metrics.add(Number::MaybeTwice, 1);
        }
        self.listener.tell(&WatchEvent::Accepted {
            file: &file.path,
            receipt: &receipt,
        });
        Ok(())
    }

    /// What follows from an error.
    async fn failed(&self, file: &FoundFile, known: (SourceId, JournalSource), error: &Error) -> Processed {
        match error.kind() {
            ErrorKind::SourceNotFound => Processed::Done { is_taken: false },
            ErrorKind::SourceNotReadable if self.has_changed(file).await => Processed::Changed,
            ErrorKind::EmptySource
            | ErrorKind::SizeLimitExceeded
            | ErrorKind::FormatNotSpecified
            | ErrorKind::MessageTooLarge
            | ErrorKind::InvalidInput
            | ErrorKind::Unsupported
            | ErrorKind::Rejected
            | ErrorKind::Data => self.set_aside(file, known, error).await,
            ErrorKind::SourceNotReadable => self.again(file, error, Processed::Stuck),
            // It is not about the file: neither a permission that is missing nor a service that is away.
            _ => self.again(file, error, Processed::Unavailable(error.retry_after())),
        }
    }

    fn again(&self, file: &FoundFile, error: &Error, ended: Processed) -> Processed {
        self.metrics.add(Number::Again, 1);
        self.listener.tell(&WatchEvent::Again {
            file: &file.path,
            error,
        });
        ended
    }

    async fn has_changed(&self, file: &FoundFile) -> bool {
        let now = tokio::fs::metadata(&file.path).await;
        now.is_ok_and(|now| kusto_ingest_tokio::FileState::of(&now) != file.state)
    }

    async fn set_aside(
        &self,
        file: &FoundFile,
        (id, source): (SourceId, JournalSource),
        error: &Error,
    ) -> Processed {
        let folder = &self.options.failed;
        let reason = Reason {
            id,
            error,
            may_be_ingested: self.journal.progress(id, &source) == SourceProgress::Unknown,
            at: self.clock.now(),
        };
        // The reason goes first, so that no file is there without one.
        let moved = match aside::write_reason(file, folder, &reason).await {
            Ok(()) => aside::move_below(file, folder, id).await,
            Err(unwritten) => Err(NotMoved::Failed(unwritten)),
        };
        match moved {
            Ok(place) => {
                self.metrics.add(Number::Failed, 1);
                self.listener.tell(&WatchEvent::SetAside {
                    file: &file.path,
                    to: &place,
                    error,
                    may_be_ingested: reason.may_be_ingested,
                });
                self.forget(id, source).await;
                Processed::Done { is_taken: false }
            }
            Err(NotMoved::Changed) => Processed::Changed,
            Err(NotMoved::Failed(error)) => self.stuck(file, error),
        }
    }

    /// Does with a file that is done what somebody wants.
    async fn tidy_up(&self, file: &FoundFile, id: SourceId, source: JournalSource) -> Processed {
        let gone = match &self.options.on_done {
            OnDone::Keep => return Processed::Done { is_taken: true },
            OnDone::Delete => delete_if_unchanged(&file.path, file.state)
                .await
                .map_err(|error| match error.kind() {
                    ErrorKind::SourceNotReadable | ErrorKind::SourceNotFound => NotMoved::Changed,
                    _ => NotMoved::Failed(std::io::Error::other(error.chain())),
                }),
            OnDone::MoveTo(folder) => aside::move_below(file, folder, id).await.map(|_: PathBuf| ()),
        };
        match gone {
            Ok(()) => {
                self.forget(id, source).await;
                Processed::Done { is_taken: true }
            }
            // What is there now is another file, or none.
            Err(NotMoved::Changed) => {
                self.forget(id, source).await;
                Processed::Changed
            }
            Err(NotMoved::Failed(error)) => self.stuck(file, error),
        }
    }

    fn stuck(&self, file: &FoundFile, why: std::io::Error) -> Processed {
        let error = Error::new(ErrorKind::Other, "move the file away").caused_by(why);
        self.again(file, &error, Processed::Stuck)
    }

    /// Has the journal forget what is not there any more, so that it does not grow.
    async fn forget(&self, id: SourceId, source: JournalSource) {
        // A journal that cannot be written to ends the watching.
        let _ = self.journal.removed(id, source).await;
    }
}

fn timestamp(at: SystemTime) -> Timestamp {
    match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => Timestamp::UNIX_EPOCH + since,
        Err(before) => Timestamp::UNIX_EPOCH - before.duration(),
    }
}
