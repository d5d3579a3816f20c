//! Rows by way of files on disk, which are kept where an ingestion fails.

mod folder;

use std::path::PathBuf;

use futures::{StreamExt as _, stream};
use kusto_ingest_core::{
    AggregateResult, Clock, Error, ErrorKind, IngestClient, IngestionProperties, LocalSource, Receipt,
    ReceiptState, Result, SourceId, SourceResult,
};
use kusto_ingest_rows::Rows;

use self::folder::{Folder, SpooledChunk};
use crate::runtime::require_runtime;

/// Rows that are ingested by way of files on disk, so that no row is lost where an ingestion fails.
///
/// Each chunk is written to a file `<source id>_<chunk>.csv`, after the format, in a new folder
/// `Ingestions_<date and time>_<guid>`, and ingested from there: rows that come once can so be sent as often as an
/// attempt needs. A file is deleted as soon as its data is taken
/// ([`is_accepted`](kusto_ingest_core::ReceiptState::is_accepted)) or the client finds nothing in it to ingest, and the folder
/// with the last of them. What fails stays, and the error tells where; so does that of which nobody knows whether it
/// arrived, with a warning. A file that is not complete ends with `.partial`.
///
/// Without it, [`Rows::ingest_with`] writes nothing to disk.
///
/// ```
/// # use kusto_ingest_core::{Clock, IngestClient, IngestionProperties, Result};
/// use kusto_ingest_rows::{RowWriter, Rows};
/// use kusto_ingest_tokio::RowSpool;
///
/// # async fn ingest(client: &dyn IngestClient, properties: &IngestionProperties, clock: &dyn Clock) -> Result<()> {
/// let rows = Rows::from_iter((0..1_000_000).map(|number| (number, "text")), RowWriter::csv());
/// let result = RowSpool::new(rows).with_folder("/var/spool/ingest").ingest_with(client, properties, clock).await;
/// let receipts = result.into_result()?; // the error tells which folder was kept
/// # Ok(())
/// # }
/// ```
#[doc(alias = "retainCsvOnFailure")]
#[derive(Debug)]
pub struct RowSpool {
    rows: Rows,
    root: PathBuf,
    concurrency: usize,
}

impl RowSpool {
    /// How many chunks are on disk at a time by default: one is ingested while the next is written.
    pub const CONCURRENCY: usize = 2;

    /// A spool in the system's folder for temporary files.
    #[must_use]
    pub fn new(rows: Rows) -> Self {
        Self {
            rows,
            root: std::env::temp_dir(),
            concurrency: Self::CONCURRENCY,
        }
    }

    /// In another folder, which exists.
    #[must_use]
    pub fn with_folder(self, folder: impl Into<PathBuf>) -> Self {
        Self {
            root: folder.into(),
            ..self
        }
    }

    /// So many chunks at a time, at least one. The disk must have room for them, and for all that fail.
    #[doc(alias = "MaxDegreeOfParallelism")]
    #[must_use]
    pub fn with_concurrency(self, chunks: usize) -> Self {
        Self {
            concurrency: chunks.max(1),
            ..self
        }
    }

    /// Ingests all rows, and tells what became of each chunk. An entry has the path of its file for its name.
    ///
    /// A chunk that fails holds up none of the others. When there are no rows, there is one entry that says
    /// [`Skipped`](ReceiptState::Skipped), no folder is made, and the client is not asked. Format and tags are as in
    /// [`Rows::ingest_with`]. The clock tells the time in the folder's name. Outside of a tokio runtime the one entry is
    /// an error of the kind [`Unsupported`](kusto_ingest_core::ErrorKind::Unsupported).
    ///
    /// # Cancel safety
    /// As [`IngestClient`]. Files stay where they are when the future is dropped.
    pub async fn ingest_with<C: IngestClient + ?Sized>(
        self,
        client: &C,
        properties: &IngestionProperties,
        clock: &dyn Clock,
    ) -> AggregateResult {
        let (id, concurrency) = (self.rows.id(), self.concurrency);
        let skipped = || {
            let (database, table) = (properties.database.clone(), properties.table.clone());
            Ok(Receipt::new(id, database, table, ReceiptState::Skipped))
        };
        match self.begin(properties, clock).await {
            Ok(Some(begun)) => begun.ingest(client, concurrency).await,
            Ok(None) => [SourceResult::new(id, None, skipped())].into_iter().collect(),
            Err(error) => [SourceResult::new(id, None, Err(error))].into_iter().collect(),
        }
    }

    /// Makes the folder, if there is a first row.
    async fn begin(
        self,
        properties: &IngestionProperties,
        clock: &dyn Clock,
    ) -> Result<Option<PendingSpool>> {
        require_runtime("write the rows to files")?;
        let (mut rows, properties) = self.rows.for_properties(properties)?;
        let Some(first) = rows.next_chunk().await? else {
            return Ok(None);
        };
        let folder = Folder::create(&self.root, clock.now()).await?;
        Ok(Some(PendingSpool {
            folder: folder.clone(),
            writing: Writing {
                folder,
                rows,
                next: Some(first),
                is_over: false,
            },
            properties,
        }))
    }
}

/// A folder, and rows to fill it with.
struct PendingSpool {
    folder: Folder,
    writing: Writing,
    properties: IngestionProperties,
}

impl PendingSpool {
    async fn ingest<C: IngestClient + ?Sized>(self, client: &C, concurrency: usize) -> AggregateResult {
        let (folder, properties, id) = (&self.folder, &self.properties, self.writing.rows.id());
        let written = stream::unfold(self.writing, |mut writing| async {
            writing.next().await.map(|spooled| (spooled, writing))
        });
        let each = written.enumerate().map(async |(place, spooled)| {
            let entry = match spooled {
                Ok(chunk) => ingest(&chunk, id, client, properties, folder).await,
                Err(error) => SourceResult::new(id, None, Err(folder.kept(error))),
            };
            (place, entry)
        });
        let mut entries: Vec<_> = each.buffer_unordered(concurrency).collect().await;
        entries.sort_by_key(|(place, _)| *place);
        let mut entries: Vec<_> = entries.into_iter().map(|(_, entry)| entry).collect();
        let is_empty = entries
            .iter()
            .all(|entry| entry.outcome.as_ref().is_ok_and(is_done_with));
        if is_empty
            && let Err(warning) = self.folder.remove().await
            && let Some(last) = entries.pop()
        {
            entries.push(last.with_warning(warning));
        }
        AggregateResult::new(entries)
    }
}

/// Rows on their way into files.
struct Writing {
    folder: Folder,
    rows: Rows,
    next: Option<LocalSource>,
    is_over: bool,
}

impl Writing {
    /// Writes the next chunk. After one that cannot be written there is none: rows would be missing.
    async fn next(&mut self) -> Option<Result<SpooledChunk>> {
        let chunk = match self.next.take() {
            _ if self.is_over => return None,
            Some(first) => Ok(Some(first)),
            None => self.rows.next_chunk().await,
        };
        let written = match chunk {
            Ok(None) => return None,
            Ok(Some(chunk)) => self.folder.write(chunk).await,
            Err(error) => Err(error),
        };
        self.is_over = written.is_err();
        Some(written)
    }
}

async fn ingest<C: IngestClient + ?Sized>(
    chunk: &SpooledChunk,
    id: SourceId,
    client: &C,
    properties: &IngestionProperties,
    folder: &Folder,
) -> SourceResult {
    let outcome = async {
        client
            .ingest_source(chunk.source().await?.into(), properties)
            .await
    }
    .await;
    let entry = SourceResult::new(
        id,
        Some(chunk.name()),
        outcome.map_err(|error| folder.kept(error)),
    );
    let warning = match &entry.outcome {
        Ok(receipt) if is_done_with(receipt) => chunk.remove().await.err(),
        Ok(_) => Some(
            folder.kept(
                Error::new(ErrorKind::OutcomeUnknown, "delete the file of the chunk")
                    .because("whether its rows arrived is not known, so they stay"),
            ),
        ),
        Err(_) => None,
    };
    match warning {
        Some(warning) => entry.with_warning(warning),
        None => entry,
    }
}

/// Whether nobody needs the rows any more.
fn is_done_with(receipt: &Receipt) -> bool {
    !matches!(receipt.state, ReceiptState::Unknown { .. })
}
