//! A source of a command: which it is, and the receipt for it.

use kusto_ingest_core::{BlobUri, IngestionProperties, Receipt, ReceiptState, Source, SourceId};

/// A source of a command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CommandSource<'a> {
    pub(crate) id: SourceId,
    pub(crate) chunk: Option<u32>,
    /// `None` when the data was in the command.
    pub(crate) blob: Option<&'a BlobUri>,
    pub(crate) raw_bytes: Option<u64>,
    pub(crate) sent_bytes: Option<u64>,
    pub(crate) stored_bytes: u64,
}

impl CommandSource<'_> {
    pub(crate) fn key(&self) -> SourceKey {
        SourceKey {
            id: self.id,
            chunk: self.chunk,
        }
    }

    pub(crate) fn path(&self) -> Option<&str> {
        self.blob.map(BlobUri::redacted)
    }

    /// The receipt for a source that reached a state.
    pub(crate) fn receipt(&self, properties: &IngestionProperties, state: ReceiptState) -> Receipt {
        let (database, table) = (properties.database.clone(), properties.table.clone());
        let receipt = Receipt::new(self.id, database, table, state)
            .with_sizes(self.raw_bytes, self.sent_bytes)
            .with_stored_bytes(self.stored_bytes);
        match self.path() {
            Some(path) => receipt.with_blob(path),
            None => receipt,
        }
    }
}

/// Which source it is: a whole one, or a chunk of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SourceKey {
    pub(crate) id: SourceId,
    pub(crate) chunk: Option<u32>,
}

impl SourceKey {
    pub(crate) fn of(source: &Source) -> Self {
        let chunk = match source {
            Source::Local(local) => local.chunk(),
            Source::Blob(_) => None,
        };
        Self {
            id: source.id(),
            chunk,
        }
    }
}
