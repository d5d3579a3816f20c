//! Everything before anything is sent: the input is checked, and read as far as streaming could carry it.

use kusto_ingest_compression::{StreamingBody, ingested_bytes, streaming_body};
use kusto_ingest_core::{
    Compression, DataFormat, Error, ErrorKind, FallbackReason, IngestionProperties, Result, Source,
};

use crate::{Attempt, ManagedStreamingIngestClient};

/// A source as both clients get it.
pub(crate) struct Prepared {
    pub(crate) source: Source,
    /// Why it is not for streaming, if it is not.
    pub(crate) queue_because: Option<FallbackReason>,
}

impl ManagedStreamingIngestClient {
    /// What is wrong with the input is told alike, whichever way would be taken.
    pub(crate) fn checked_format(source: &Source, properties: &IngestionProperties) -> Result<DataFormat> {
        let format = properties.format_for(source)?.unwrap_or(DataFormat::Csv);
        properties.check(format)?;
        refuse_empty(source)?;
        Ok(format)
    }

    /// The attempt that the policy is asked about first.
    pub(crate) fn first_attempt(
        &self,
        source: &Source,
        properties: &IngestionProperties,
        format: DataFormat,
    ) -> Attempt {
        let mut attempt = Attempt::first(source.id(), properties, &*self.clock);
        attempt.data_bytes = data_bytes(source, format);
        attempt
    }

    /// The way of a source: its bytes as both clients get them, or why it goes to the queue at once.
    pub(crate) async fn prepare(&self, source: Source, format: DataFormat) -> Result<Prepared> {
        let local = match source {
            Source::Local(local) => local,
            Source::Blob(blob) => {
                let reason = match data_bytes(&Source::Blob(blob.clone()), format) {
                    None => Some(FallbackReason::UnknownSize),
                    Some(data) if data > self.limits.data_bytes => Some(FallbackReason::TooLarge),
                    Some(_) => None,
                };
                return Ok(Prepared {
                    source: blob.into(),
                    queue_because: reason,
                });
            }
        };
        let (source, reason) = match streaming_body(&local, format, self.limits, &*self.compressor).await? {
            StreamingBody::Fits(body) if body.compression() == Compression::Zip => {
                let names = vec!["zip archives".to_owned()];
                (body, Some(FallbackReason::Properties { names }))
            }
            StreamingBody::Fits(body) => (body, None),
            StreamingBody::TooLarge(whole) => (whole, Some(FallbackReason::TooLarge)),
        };
        Ok(Prepared {
            source: source.into(),
            queue_because: reason,
        })
    }
}

fn refuse_empty(source: &Source) -> Result<()> {
    match source {
        Source::Local(local) if local.payload().len() == Some(0) => {
            Err(Error::new(ErrorKind::EmptySource, "read the source").because("the source is empty"))
        }
        _ => Ok(()),
    }
}

/// How many bytes Kusto will count for a source, as far as that can be told without reading it.
fn data_bytes(source: &Source, format: DataFormat) -> Option<u64> {
    let plain = |bytes| ingested_bytes(format, Compression::None, bytes);
    match source {
        Source::Blob(blob) => blob.raw_size().map(plain),
        Source::Local(local) => local.raw_size().map(plain).or_else(|| {
            let len = local.payload().len()?;
            Some(ingested_bytes(format, local.compression(), len))
        }),
    }
}
