//! Ingests files in one call, one or many, and deletes them afterwards if asked to.

use std::future::ready;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use futures::stream::{self, Stream, StreamExt as _};
use kusto_ingest_core::{
    AggregateResult, Error, ErrorKind, IngestClient, IngestionProperties, LazySource, Receipt, ReceiptState,
    Result, SourceId, SourceResult, Sources,
};

use crate::deletion::{delete_if_unchanged, find_duplicate, interrupted_deletions};
use crate::file::open_file;
use crate::file_state::FileState;

/// Files to be ingested in one call, each on its own: one that is missing or fails holds up none of the others.
///
/// ```
/// # use kusto_ingest_core::{IngestClient, IngestionProperties, Result};
/// use kusto_ingest_tokio::Files;
///
/// # async fn ingest(client: &dyn IngestClient, properties: &IngestionProperties) -> Result<()> {
/// let result = Files::new(["monday.csv", "tuesday.csv.gz"])
///     .with_delete_after_ingestion()
///     .ingest_with(client, properties)
///     .await;
/// for entry in result.entries() {
///     match &entry.outcome {
///         Ok(receipt) => println!("{}: {:?}", receipt.source_id, receipt.state),
///         Err(error) => println!("{}", error.chain()),
///     }
/// }
/// // One file is as easy, and `?` gives one error for all.
/// let receipts = Files::single("wednesday.csv").ingest_with(client, properties).await.into_result()?;
/// # Ok(())
/// # }
/// ```
#[doc(alias = "IngestFromMultipleFiles")]
#[doc(alias = "IngestFromSingleFile")]
#[derive(Clone, Debug)]
pub struct Files {
    files: Vec<SourceFile>,
    concurrency: usize,
    afterwards: AfterIngestion,
}

/// Whether a file is deleted once it is ingested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AfterIngestion {
    Keep,
    Delete,
    /// What is skipped where a tag exists may be queued, and not arrive.
    DeleteIfIngested,
}

impl Files {
    /// Files that go into one table, [8](Sources::CONCURRENCY) at a time.
    #[must_use]
    pub fn new(files: impl IntoIterator<Item: Into<SourceFile>>) -> Self {
        Self {
            files: files.into_iter().map(Into::into).collect(),
            concurrency: Sources::CONCURRENCY,
            afterwards: AfterIngestion::Keep,
        }
    }

    /// One file.
    #[must_use]
    pub fn single(file: impl Into<SourceFile>) -> Self {
        Self::new([file])
    }

    /// So many at a time; at least one.
    #[must_use]
    pub fn with_concurrency(self, files: usize) -> Self {
        Self {
            concurrency: files.max(1),
            ..self
        }
    }

    /// Deletes each file as soon as Kusto, or a queue of Kusto's, has its data
    /// ([`is_accepted`](kusto_ingest_core::ReceiptState::is_accepted)).
    ///
    /// It stays after an error, while nobody knows whether the data arrived, and when it is not any more what was
    /// ingested: something wrote to it, or took its place, since it was opened. A file that is named by a symbolic link
    /// stays as well, and so does the link. A removal that fails does not make the ingestion fail; it is a warning of the
    /// entry. How it is done, and what it needs, is told at [`delete_if_unchanged`].
    ///
    /// With `ingest_if_not_exists` it stays, with a warning, unless the engine has its data
    /// ([`Ingested`](ReceiptState::Ingested), [`Streamed`](ReceiptState::Streamed)): what a queue has may still be skipped.
    ///
    /// A process that is stopped in the middle of a removal leaves a file of another name. The next call that deletes
    /// files of the same folder tells of it, as a warning of the first entry; for that it lists each folder once.
    #[doc(alias = "DeleteSourceOnSuccess")]
    #[must_use]
    pub fn with_delete_after_ingestion(self) -> Self {
        Self {
            afterwards: AfterIngestion::Delete,
            ..self
        }
    }

    /// Ingests them all, and tells what became of each as soon as that is known, in the order in which they end. An entry
    /// has the path for its name.
    ///
    /// A file that is given twice is taken for a mistake, by its path as [`find_duplicate`] tells or by its identity: all
    /// fail then, with [`ErrorKind::InvalidInput`], and the client is not asked. So it is with several files whose properties
    /// have a tag for ingesting only once ([`once_tags`](IngestionProperties::once_tags)): only the first would arrive.
    ///
    /// # Cancel safety
    /// As [`Sources::ingest_each`]. Files are deleted only if they are ingested.
    pub fn ingest_each<'a, C: IngestClient + ?Sized>(
        self,
        client: &'a C,
        properties: &'a IngestionProperties,
    ) -> impl Stream<Item = SourceResult> + Send + 'a {
        stream::once(self.prepared(properties)).flat_map(move |(sources, mut left)| {
            sources.ingest_each(client, properties).map(move |mut first| {
                first.warnings.append(&mut left);
                first
            })
        })
    }

    /// Ingests them all, and tells what became of each, in the order given.
    ///
    /// It is [`ingest_each`](Self::ingest_each) to its end: the same is refused.
    ///
    /// # Cancel safety
    /// As [`IngestClient`]: files that were under way may or may not be ingested, and are deleted only if they are.
    pub async fn ingest_with<C: IngestClient + ?Sized>(
        self,
        client: &C,
        properties: &IngestionProperties,
    ) -> AggregateResult {
        let (sources, mut left) = self.prepared(properties).await;
        let mut entries = sources.ingest_with(client, properties).await.into_entries();
        if let Some(first) = entries.first_mut() {
            first.warnings.append(&mut left);
        }
        AggregateResult::new(entries)
    }

    /// The files as sources, and what earlier deletions have left beside them.
    async fn prepared(self, properties: &IngestionProperties) -> (Sources<'static>, Vec<Error>) {
        let refused = self.refuse_duplicates().await.err();
        let left = match (&refused, self.afterwards) {
            (None, AfterIngestion::Delete) => left_by_others(&self.files).await,
            _ => Vec::new(),
        };
        let afterwards = match self.afterwards {
            AfterIngestion::Delete if !properties.ingest_if_not_exists.is_empty() => {
                AfterIngestion::DeleteIfIngested
            }
            afterwards => afterwards,
        };
        let each = self.files.into_iter().map(|file| match &refused {
            Some(error) => file.refused(error.clone()),
            None => file.lazy(afterwards),
        });
        (Sources::from_each(each).with_concurrency(self.concurrency), left)
    }

    async fn refuse_duplicates(&self) -> Result<()> {
        match find_duplicate(self.files.iter().map(SourceFile::path)).await? {
            Some(place) => Err(
                Error::new(ErrorKind::InvalidInput, "ingest several files in one call")
                    .because(format!("{} is named twice", self.files[place].path.display())),
            ),
            None => Ok(()),
        }
    }
}

/// A file to be ingested: a path is one.
#[doc(alias = "FileDescription")]
#[derive(Clone, Debug)]
pub struct SourceFile {
    path: PathBuf,
    id: SourceId,
}

impl SourceFile {
    /// The file at a path.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            id: SourceId::random(),
        }
    }

    /// Gives it an identity of the caller's; without, it has a random one.
    #[must_use]
    pub fn with_id(self, id: SourceId) -> Self {
        Self { id, ..self }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its identity as a source.
    #[must_use]
    pub fn id(&self) -> SourceId {
        self.id
    }

    /// The file as a source that is opened when its turn comes.
    fn lazy(self, afterwards: AfterIngestion) -> LazySource<'static> {
        let opened = Arc::new(OnceLock::new());
        let state = Arc::clone(&opened);
        let path = self.path.clone();
        let open = async move {
            let (source, found) = open_file(&path).await?;
            // It is opened once.
            let _ = state.set(found);
            Ok(source.into())
        };
        let source = LazySource::new(self.id, open).with_name(self.path.display().to_string());
        match afterwards {
            AfterIngestion::Keep => source,
            _ => source.with_on_accepted(move |receipt| async move {
                let ingested = opened.get().copied().flatten();
                delete(&self.path, ingested, &receipt, afterwards).await
            }),
        }
    }

    fn refused(self, error: Error) -> LazySource<'static> {
        LazySource::new(self.id, ready(Err(error))).with_name(self.path.display().to_string())
    }
}

/// Deletes a file that is taken, if it is what it was when it was opened.
async fn delete(
    path: &Path,
    ingested: Option<FileState>,
    receipt: &Receipt,
    afterwards: AfterIngestion,
) -> Result<()> {
    let is_ingested = matches!(
        receipt.state,
        ReceiptState::Ingested { .. } | ReceiptState::Streamed
    );
    let may_be_skipped = afterwards == AfterIngestion::DeleteIfIngested && !is_ingested;
    match ingested {
        _ if !receipt.state.is_accepted() => Ok(()),
        _ if may_be_skipped => Err(Error::new(ErrorKind::Unsupported, "delete the ingested file")
            .because(
                "with ingest_if_not_exists it may still be skipped: delete it once its status tells that it succeeded",
            )
            .with("path", path.display())),
        Some(state) => delete_if_unchanged(path, state).await,
        None => Err(Error::new(ErrorKind::Unsupported, "delete the ingested file")
            .because("it is no regular file")
            .with("path", path.display())),
    }
}

impl<P: Into<PathBuf>> From<P> for SourceFile {
    fn from(path: P) -> Self {
        Self::new(path)
    }
}

/// What earlier deletions have left in the folders of the files. That it cannot be looked for is told as well.
async fn left_by_others(files: &[SourceFile]) -> Vec<Error> {
    let left = interrupted_deletions(files.iter().map(SourceFile::path)).await;
    left.unwrap_or_else(|error| vec![error])
}
