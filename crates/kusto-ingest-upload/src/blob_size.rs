//! The size of a blob that exists already.

use std::time::Duration;

use kusto_ingest_compression::estimate_from_compressed;
use kusto_ingest_core::{BlobSource, Clock, Compression, Error, ErrorKind, Result, within};
use kusto_storage::{BlobProbe, BlobSize, is_probeable};

/// A blob with the uncompressed size of its data, where that can be asked.
///
/// # Errors
/// [`ErrorKind::EmptySource`] when the blob is known to be empty. That the size cannot be learned is no error.
pub(crate) async fn measured(
    probe: &dyn BlobProbe,
    clock: &dyn Clock,
    limit: Duration,
    blob: BlobSource,
) -> Result<BlobSource> {
    if !is_probeable(blob.uri()) {
        return Ok(blob);
    }
    match within(clock, limit, "ask for the blob's size", probe.size_of(blob.uri())).await {
        Ok(size) if size.bytes == 0 => Err(Error::new(ErrorKind::EmptySource, "ask for the blob's size")
            .because("the source is empty")
            .with("blob", blob.uri())),
        Ok(size) => {
            let raw = raw_bytes(size, blob.uri().redacted());
            Ok(blob.with_raw_size(raw))
        }
        Err(error) => {
            tracing::warn!(error = %error.chain(), "the size of a blob is not known, which costs the service its batching");
            Ok(blob)
        }
    }
}

/// The size in its metadata, else its length, or an estimate by the length where the name says that it is compressed.
fn raw_bytes(size: BlobSize, name: &str) -> u64 {
    match (size.raw_bytes, Compression::from_name(name)) {
        (Some(told), _) => told,
        (None, Compression::None) => size.bytes,
        (None, Compression::Gzip | Compression::Zip) => estimate_from_compressed(size.bytes),
    }
}
