//! Everything before the request: a failure here leaves nothing behind that would be ingested.

use kusto_endpoint::{ClientHeaders, IngestionConfiguration, QueuedCall, QueuedRequest};
use kusto_ingest_core::{
    BlobSource, DataFormat, Deadline, Error, ErrorKind, IngestionProperties, Result, Source, Timestamp,
};
use kusto_ingest_upload::internal::{SentBytes, ToBlob};

use crate::RestIngestClient;
use crate::batch::{GroupKey, Ticket};

/// A blob that is to be named, and the place that is kept for it in a request.
pub(crate) struct Prepared {
    pub(crate) blob: BlobSource,
    pub(crate) sent: SentBytes,
    pub(crate) ticket: Ticket,
    /// How many blobs a request may name.
    pub(crate) most: usize,
}

impl RestIngestClient {
    /// Asks what the service offers, keeps a place in a request, and uploads the source, in this order.
    pub(crate) async fn prepare(
        &self,
        source: Source,
        properties: &IngestionProperties,
        format: DataFormat,
        deadline: Option<Deadline>,
    ) -> Result<Prepared> {
        let configuration = self.configuration.configuration().await?;
        refuse_too_large(known_size(&source), &configuration, properties)?;
        let key = GroupKey::of(&source, properties, format, &*self.clock);
        let ticket = Ticket::take(&self.batches, key, || {
            check_request(properties, format, self.clock.now())
        })?;
        let to_blob = ToBlob {
            uploader: &*self.uploader,
            probe: self.probe.as_deref(),
            probe_limit: self.probe_limit,
            clock: &*self.clock,
        };
        let (blob, sent) = to_blob.bring(source, properties, format, deadline).await?;
        refuse_too_large(blob.raw_size(), &configuration, properties)?;
        Ok(Prepared {
            blob,
            sent,
            ticket,
            most: configuration.blobs_per_request(),
        })
    }
}

/// How large the data is uncompressed, where that is known before it is read.
fn known_size(source: &Source) -> Option<u64> {
    match source {
        Source::Local(local) => local.raw_size().or(local.payload().len()),
        Source::Blob(blob) => blob.raw_size(),
    }
}

fn refuse_too_large(
    size: Option<u64>,
    configuration: &IngestionConfiguration,
    properties: &IngestionProperties,
) -> Result<()> {
    match (size, configuration.max_raw_bytes) {
        (Some(size), Some(most)) if size > most && !properties.ignore_size_limit => {
            Err(Error::new(ErrorKind::SizeLimitExceeded, "queue the source")
                .because("it is larger than the service takes; split it, or ignore the size limit")
                .with("bytes", size)
                .with("limit", most))
        }
        _ => Ok(()),
    }
}

/// Writes a request without blobs, to see whether it can be written at all.
fn check_request(properties: &IngestionProperties, format: DataFormat, now: Timestamp) -> Result<()> {
    let draft = QueuedRequest::new(Vec::new(), properties, format, now);
    let (database, table) = (&properties.database, &properties.table);
    QueuedCall::submit(database, table, &draft, &ClientHeaders::default()).map(drop)
}
