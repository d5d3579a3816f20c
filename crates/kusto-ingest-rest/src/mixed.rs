//! What blobs that are given together must have in common.

use kusto_endpoint::QueuedRequest;
use kusto_ingest_core::{
    BlobSource, DataFormat, Error, ErrorKind, IngestionProperties, Result, Source, Timestamp,
};
use kusto_ingest_upload::internal::checked_format;

/// Blobs that are given together must be able to go together.
pub(crate) fn refuse_mixed(
    blobs: &[BlobSource],
    properties: &IngestionProperties,
    now: Timestamp,
) -> Result<()> {
    let format_of = |blob: &BlobSource| checked_format(&Source::Blob(blob.clone()), properties);
    let format = match blobs.first() {
        Some(first) => format_of(first)?,
        None => DataFormat::Csv,
    };
    QueuedRequest::new(blobs.to_vec(), properties, format, now).check(usize::MAX)?;
    for blob in blobs {
        let other = format_of(blob)?;
        if other != format {
            return Err(Error::new(ErrorKind::InvalidInput, "queue the blobs")
                .because(format!(
                    "some are {format} and some {other}: name the format, or queue them apart"
                ))
                .with_code("MixedFormats")
                .with("blob", blob.uri()));
        }
    }
    Ok(())
}
