//! What every client does before it tells Kusto of a source: check it, and bring it where Kusto can read it.

use std::time::Duration;

use kusto_ingest_core::{
    BlobSource, Clock, DataFormat, Deadline, Error, ErrorKind, IngestionProperties, LocalSource, Receipt,
    Result, Source,
};
use kusto_storage::BlobProbe;

use crate::blob_size::measured;
use crate::{BlobNaming, Uploader};

/// How long the look for the size of a blob may take. The size helps the service to batch, and is not worth more.
pub const PROBE_LIMIT: Duration = Duration::from_secs(3);

/// Input that cannot be used is refused before any request; the format of what is left.
///
/// # Errors
/// [`ErrorKind::FormatNotSpecified`], [`ErrorKind::InvalidInput`] and [`ErrorKind::EmptySource`].
pub fn checked_format(source: &Source, properties: &IngestionProperties) -> Result<DataFormat> {
    let format = properties
        .format_for(source)?
        .unwrap_or_else(|| assumed_csv(source));
    properties.check(format)?;
    refuse_empty(source)?;
    Ok(format)
}

/// What a file or blob is taken for whose name does not tell its format.
fn assumed_csv(source: &Source) -> DataFormat {
    tracing::warn!(source_id = %source.id(), "the name does not tell the format of the data, which is taken for csv");
    DataFormat::Csv
}

/// A source that is known to be empty costs no request.
fn refuse_empty(source: &Source) -> Result<()> {
    match source {
        Source::Local(local) if is_empty(local) => {
            Err(Error::new(ErrorKind::EmptySource, "read the source").because("the source is empty"))
        }
        _ => Ok(()),
    }
}

fn is_empty(source: &LocalSource) -> bool {
    source.payload().len() == Some(0)
}

/// What was sent of a source; nothing for a blob that was there before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentBytes {
    /// All bytes that were sent.
    pub all: Option<u64>,
    /// Of the uncompressed bytes, those that are in gzip as they are.
    pub stored: u64,
}

impl SentBytes {
    /// Notes them in a receipt, beside the size of the blob.
    #[must_use]
    pub fn note_in(self, receipt: Receipt, raw_bytes: Option<u64>) -> Receipt {
        receipt
            .with_sizes(raw_bytes, self.all)
            .with_stored_bytes(self.stored)
    }
}

/// Brings sources into blobs.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the clients of this workspace alone make it"
)]
pub struct ToBlob<'a> {
    /// Who uploads what is local.
    pub uploader: &'a dyn Uploader,
    /// Who is asked for the size of a blob that nobody told.
    pub probe: Option<&'a dyn BlobProbe>,
    /// How long that may take; never longer than a quarter of the deadline.
    pub probe_limit: Duration,
    /// The clock of these limits.
    pub clock: &'a dyn Clock,
}

impl ToBlob<'_> {
    /// Brings local data into a blob, and says how many bytes were sent for it; a blob stays where it is.
    ///
    /// # Errors
    /// Those of the uploader; [`ErrorKind::EmptySource`] for a blob that is known to be empty.
    pub async fn bring(
        &self,
        source: Source,
        properties: &IngestionProperties,
        format: DataFormat,
        deadline: Option<Deadline>,
    ) -> Result<(BlobSource, SentBytes)> {
        let local = match source {
            Source::Blob(blob) => return Ok((self.probed(blob, deadline).await?, SentBytes::default())),
            Source::Local(local) => local,
        };
        let naming = BlobNaming::new(properties, format).with_deadline(deadline);
        let uploaded = self.uploader.upload(&local, &naming).await?;
        let sent = SentBytes {
            all: Some(uploaded.sent_bytes),
            stored: uploaded.stored_bytes,
        };
        let blob = BlobSource::new(uploaded.blob)
            .with_id(local.id())
            .with_raw_size(uploaded.raw_bytes.unwrap_or(0));
        Ok((blob, sent))
    }

    /// A blob with its size, if it can be learned.
    async fn probed(&self, blob: BlobSource, deadline: Option<Deadline>) -> Result<BlobSource> {
        let Some(probe) = self.probe.filter(|_| blob.raw_size().is_none()) else {
            return Ok(blob);
        };
        let share = deadline.map_or(self.probe_limit, |end| end.remaining(self.clock) / 4);
        measured(probe, self.clock, share.min(self.probe_limit), blob).await
    }
}
