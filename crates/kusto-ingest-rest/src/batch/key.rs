//! What sources of one request have in common.

use kusto_ingest_core::{DataFormat, IngestionProperties, Source};

/// What sources of one request have in common.
#[derive(Debug, PartialEq)]
pub(crate) struct GroupKey {
    pub(crate) properties: IngestionProperties,
    pub(crate) format: DataFormat,
    /// Whether the service keeps the blobs.
    retained: bool,
}

impl GroupKey {
    pub(crate) fn of(source: &Source, properties: &IngestionProperties, format: DataFormat) -> Self {
        Self {
            // By when it has to end is a matter of each source.
            properties: properties.clone().with_deadline(None),
            format,
            retained: match source {
                Source::Local(_) => true,
                Source::Blob(blob) => blob.is_retained(),
            },
        }
    }
}
