//! One source, and what is to be done with it.

use std::sync::Arc;

use kusto_ingest::sources::{Compression, DataFormat, LocalSource, Source, SourceId};
use kusto_ingest::{Error, IngestionProperties};

use super::{DiscoveredSource, input};
use crate::report::CommandError;

/// One source, and what is to be done with it.
#[derive(Clone, Debug)]
pub(crate) struct PlannedSource {
    pub(crate) found: DiscoveredSource,
    pub(crate) id: SourceId,
    pub(crate) format: DataFormat,
    pub(crate) properties: Arc<IngestionProperties>,
    /// How many bytes it has uncompressed, where the arguments say so.
    pub(crate) raw_size: Option<u64>,
    /// What cannot be replayed, from when its first bytes were read.
    pub(crate) opened: Option<LocalSource>,
    /// Why it is not sent at all.
    pub(crate) refused: Option<Error>,
    /// How it is compressed, where the arguments say so.
    pub(crate) compression: Option<Compression>,
}

impl PlannedSource {
    /// The same under another identity.
    pub(crate) fn with_id(mut self, id: SourceId) -> Self {
        if let DiscoveredSource::Blob(blob, _) = &mut self.found {
            *blob = blob.clone().with_id(id);
        }
        Self { id, ..self }
    }

    /// How many bytes it has, when that is known.
    pub(crate) fn bytes(&self) -> Option<u64> {
        match (&self.opened, &self.found) {
            (Some(opened), _) => opened.payload().len(),
            (None, DiscoveredSource::File(_, state)) => Some(state.bytes()),
            (None, DiscoveredSource::Blob(_, facts) | DiscoveredSource::Object(_, facts, _)) => facts.bytes,
            _ => None,
        }
    }

    /// Whether the service reads it, and not this process.
    pub(crate) fn is_blob(&self) -> bool {
        matches!(self.found, DiscoveredSource::Blob(..))
    }

    /// What is ingested.
    ///
    /// # Errors
    /// A file that cannot be opened.
    pub(crate) async fn source(&self) -> kusto_ingest::Result<Source> {
        let local = match (&self.opened, &self.found) {
            (Some(opened), _) => opened.clone(),
            (None, DiscoveredSource::Blob(blob, _)) => {
                let blob = blob.clone();
                return Ok(match self.raw_size {
                    Some(bytes) => blob.with_raw_size(bytes).into(),
                    None => blob.into(),
                });
            }
            (None, DiscoveredSource::Object(object, ..)) => object.clone(),
            (None, DiscoveredSource::Odd(_, error)) => return Err(error.clone()),
            (None, DiscoveredSource::File(path, _) | DiscoveredSource::Pipe(path)) => {
                kusto_ingest::file(path).await?
            }
            (None, DiscoveredSource::StandardInput) => {
                LocalSource::new(kusto_ingest::sources::reader(tokio::io::stdin()))
            }
        };
        let local = match self.compression {
            Some(compression) => local.with_compression(compression),
            None => local,
        };
        let local = local.with_id(self.id);
        Ok(match self.raw_size {
            Some(bytes) if local.raw_size().is_none() => local.with_raw_size(bytes).into(),
            _ => local.into(),
        })
    }
}

/// Reads the first bytes of what cannot be replayed, which may take until somebody writes them.
pub(crate) async fn open_streams(planned: &mut [PlannedSource]) -> Result<(), CommandError> {
    for planned in planned {
        if !matches!(
            planned.found,
            DiscoveredSource::StandardInput | DiscoveredSource::Pipe(_)
        ) {
            continue;
        }
        let unusable = |error| CommandError::unusable(&error);
        if let Source::Local(stream) = planned.source().await.map_err(unusable)? {
            planned.opened = Some(input::peek_stream(stream).await.map_err(unusable)?);
        }
    }
    Ok(())
}
