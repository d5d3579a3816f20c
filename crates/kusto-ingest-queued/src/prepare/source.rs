//! What of a source its status row is told.

use kusto_ingest_core::Source;

/// Which chunk of its rows a source is, where it is one.
pub(crate) fn chunk_of(source: &Source) -> Option<u32> {
    match source {
        Source::Local(local) => local.chunk(),
        Source::Blob(_) => None,
    }
}
