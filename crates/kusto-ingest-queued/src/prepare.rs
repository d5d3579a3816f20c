//! Everything before the post: a failure here leaves nothing behind that would be ingested.

mod new_record;
mod source;

use std::pin::pin;
use std::time::Duration;

use kusto_ingest_core::{
    BlobSource, DataFormat, Deadline, Error, ErrorKind, IngestionProperties, Result, Source, StatusLocator,
    within,
};
use kusto_ingest_message::IngestionMessage;
use kusto_ingest_status::OpenedStatus;
use kusto_ingest_upload::internal::{SentBytes, ToBlob};

use self::new_record::new_record;
use self::source::chunk_of;
use crate::QueuedIngestClient;

/// How long it may take to mark the row of an ingestion that will not happen.
const ABANDON_LIMIT: Duration = Duration::from_secs(5);

/// Everything that the post needs, and the receipt after it.
pub(crate) struct Prepared {
    pub(crate) blob: BlobSource,
    pub(crate) sent: SentBytes,
    pub(crate) status: Option<OpenedStatus>,
    pub(crate) text: String,
}

impl QueuedIngestClient {
    /// Uploads the source, opens its status row and writes its message, in this order and in the time that is left.
    pub(crate) async fn prepare(
        &self,
        source: Source,
        properties: &IngestionProperties,
        format: DataFormat,
        deadline: Option<Deadline>,
    ) -> Result<Prepared> {
        let prepare = pin!(self.prepare_without_limit(source, properties, format, deadline));
        match deadline {
            None => prepare.await,
            Some(end) => end.run(&*self.clock, "queue the source", prepare).await,
        }
    }

    async fn prepare_without_limit(
        &self,
        source: Source,
        properties: &IngestionProperties,
        format: DataFormat,
        deadline: Option<Deadline>,
    ) -> Result<Prepared> {
        let token = self.resources.identity_token().await?;
        IngestionMessage::check_before_upload(properties, format, &token)?;
        self.require_queue().await?;
        let chunk = chunk_of(&source);
        let to_blob = ToBlob {
            uploader: &*self.uploader,
            probe: self.probe.as_deref(),
            probe_limit: self.probe_limit,
            clock: &*self.clock,
        };
        let (blob, sent) = to_blob.bring(source, properties, format, deadline).await?;
        let mut message =
            IngestionMessage::new(&blob, properties, format, token).with_tracing(self.details.clone());
        let status = self.open_status(&blob, chunk, properties, deadline).await?;
        if let Some(status) = &status {
            message = message.with_status(status.location.clone());
        }
        match message.encode(self.clock.now()) {
            Ok(text) => Ok(Prepared {
                blob,
                sent,
                status,
                text,
            }),
            Err(error) => {
                let locator = status.map(|status| status.locator);
                Err(self.abandoned(locator.as_ref(), deadline, error).await)
            }
        }
    }

    /// Without a queue the upload would be in vain. One that is known already is enough: the post looks for the best.
    async fn require_queue(&self) -> Result<()> {
        let known = self.resources.peek();
        match known.is_some_and(|known| known.queues().is_ok()) {
            true => Ok(()),
            false => self.resources.resources().await?.queues().map(drop),
        }
    }

    /// The record must exist before the message does: ingestion can finish before the post returns.
    async fn open_status(
        &self,
        blob: &BlobSource,
        chunk: Option<u32>,
        properties: &IngestionProperties,
        deadline: Option<Deadline>,
    ) -> Result<Option<OpenedStatus>> {
        match &self.tracker {
            Some(tracker) if properties.reports_to_table() => {
                let new_record = new_record(chunk, properties, blob).with_deadline(deadline);
                tracker.open(blob.id(), &new_record).await.map(Some)
            }
            None if properties.reports_to_table() => {
                Err(Error::new(ErrorKind::InvalidInput, "report to the status table")
                    .because("this client has no status tracker; give it one, or report to the queue"))
            }
            _ => Ok(None),
        }
    }

    /// Marks the row of an ingestion that will not happen, as far as that works in the time that is left, and gives the
    /// error back.
    pub(crate) async fn abandoned(
        &self,
        row: Option<&StatusLocator>,
        deadline: Option<Deadline>,
        error: Error,
    ) -> Error {
        let (Some(tracker), Some(row)) = (&self.tracker, row) else {
            return error;
        };
        let left = deadline.map_or(ABANDON_LIMIT, |end| end.remaining(&*self.clock));
        let marked = within(
            &*self.clock,
            left.min(ABANDON_LIMIT),
            "mark the status row",
            tracker.abandon(row, &error),
        );
        if let Err(failure) = marked.await {
            tracing::warn!(error = %failure.chain(), "a status row stays Pending, though its ingestion was given up");
        }
        error
    }
}
