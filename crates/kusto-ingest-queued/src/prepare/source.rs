//! The checks of a source before anything is sent.

use kusto_ingest_core::{DataFormat, Error, ErrorKind, LocalSource, Result, Source};

/// What a file or blob is taken for whose name does not tell its format.
pub(crate) fn assumed_csv(source: &Source) -> DataFormat {
    tracing::warn!(source_id = %source.id(), "the name does not tell the format of the data, which is taken for csv");
    DataFormat::Csv
}

/// A source that is known to be empty costs no request.
pub(crate) fn refuse_empty(source: &Source) -> Result<()> {
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

/// Which chunk of its rows a source is, where it is one.
pub(crate) fn chunk_of(source: &Source) -> Option<u32> {
    match source {
        Source::Local(local) => local.chunk(),
        Source::Blob(_) => None,
    }
}
