//! Files into a table in one call, one or many, and away with them afterwards if that is wanted.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use futures::{StreamExt as _, stream};
use kusto_ingest_core::{
    AggregateResult, Error, ErrorKind, IngestClient, IngestionProperties, Receipt, Result, SourceId,
    SourceResult, Sources,
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
///     .deleted_after_ingestion()
///     .ingest_with(client, properties)
///     .await;
/// for entry in result.entries() {
///     match &entry.outcome {
///         Ok(receipt) => println!("{}: {:?}", receipt.source_id, receipt.state),
///         Err(error) => println!("{}", error.chain()),
///     }
/// }
/// // One file is as easy, and `?` gives one error for all.
/// let receipts = Files::one("wednesday.csv").ingest_with(client, properties).await.into_result()?;
/// # Ok(())
/// # }
/// ```
#[doc(alias = "IngestFromMultipleFiles")]
#[doc(alias = "IngestFromSingleFile")]
#[derive(Clone, Debug)]
pub struct Files {
    files: Vec<SourceFile>,
    concurrency: usize,
    afterwards: Afterwards,
}

/// What becomes of a file once it is ingested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Afterwards {
    Keep,
    Delete,
}

impl Files {
    /// Files that go into one table, [8](Sources::CONCURRENCY) at a time.
    #[must_use]
    pub fn new(files: impl IntoIterator<Item: Into<SourceFile>>) -> Self {
        Self {
            files: files.into_iter().map(Into::into).collect(),
            concurrency: Sources::CONCURRENCY,
            afterwards: Afterwards::Keep,
        }
    }

    /// One file.
    #[must_use]
    pub fn one(file: impl Into<SourceFile>) -> Self {
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
    /// ([`is_taken`](kusto_ingest_core::ReceiptState::is_taken)).
    ///
    /// It stays after an error, while nobody knows whether the data arrived, and when it is not any more what was
    /// ingested: something wrote to it, or took its place, since it was opened. A file that is named by a symbolic link
    /// stays as well, and so does the link. A removal that fails does not make the ingestion fail; it is a warning of the
    /// entry. How it is done, and what it needs, is told at [`delete_if_unchanged`].
    ///
    /// A process that is stopped in the middle of a removal leaves a file of another name. The next call that deletes
    /// files of the same folder tells of it, as a warning of the first entry; for that it lists each folder once.
    #[doc(alias = "DeleteSourceOnSuccess")]
    #[must_use]
    pub fn deleted_after_ingestion(self) -> Self {
        Self {
            afterwards: Afterwards::Delete,
            ..self
        }
    }

    /// Ingests them all, and tells what became of each. An entry has the path for its name.
    ///
    /// The same file or identity twice is taken for a mistake: all fail then, with [`ErrorKind::InvalidInput`], and
    /// the client is not asked. Which paths are the same file is told at [`find_duplicate`].
    ///
    /// # Cancel safety
    /// As [`IngestClient`]: files that were under way may or may not be ingested, and are deleted only if they are.
    pub async fn ingest_with<C: IngestClient + ?Sized>(
        self,
        client: &C,
        properties: &IngestionProperties,
    ) -> AggregateResult {
        if let Err(error) = refuse_duplicates(&self.files).await {
            let refused = |file: &SourceFile| SourceResult::new(file.id, file.name(), Err(error.clone()));
            return self.files.iter().map(refused).collect();
        }
        let afterwards = self.afterwards;
        let left = match afterwards {
            Afterwards::Keep => Vec::new(),
            Afterwards::Delete => left_by_others(&self.files).await,
        };
        let each = self.files.into_iter().enumerate().map(async |(place, file)| {
            let entry = match file.ingest(client, properties).await {
                Ok((receipt, state)) => file.taken(receipt, state, afterwards).await,
                Err(error) => SourceResult::new(file.id, file.name(), Err(error)),
            };
            (place, entry)
        });
        let mut entries: Vec<_> = stream::iter(each)
            .buffer_unordered(self.concurrency)
            .collect()
            .await;
        entries.sort_by_key(|(place, _)| *place);
        let mut entries: Vec<_> = entries.into_iter().map(|(_, entry)| entry).collect();
        if let Some(first) = entries.first_mut() {
            first.warnings.extend(left);
        }
        AggregateResult::new(entries)
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

    fn name(&self) -> Option<String> {
        Some(self.path.display().to_string())
    }

    async fn ingest<C: IngestClient + ?Sized>(
        &self,
        client: &C,
        properties: &IngestionProperties,
    ) -> Result<(Receipt, Option<FileState>)> {
        let (source, state) = open_file(&self.path).await?;
        let receipt = client.ingest(source.with_id(self.id).into(), properties).await?;
        Ok((receipt, state))
    }

    async fn taken(
        &self,
        receipt: Receipt,
        ingested: Option<FileState>,
        afterwards: Afterwards,
    ) -> SourceResult {
        let is_due = afterwards == Afterwards::Delete && receipt.state.is_taken();
        let entry = SourceResult::new(self.id, self.name(), Ok(receipt));
        let deleted = match ingested {
            _ if !is_due => Ok(()),
            Some(state) => delete_if_unchanged(&self.path, state).await,
            None => Err(Error::new(ErrorKind::Unsupported, "delete the ingested file")
                .because("it is no regular file")
                .with("path", self.path.display())),
        };
        match deleted {
            Ok(()) => entry,
            Err(warning) => entry.with_warning(warning),
        }
    }
}

impl<P: Into<PathBuf>> From<P> for SourceFile {
    fn from(path: P) -> Self {
        Self::new(path)
    }
}

async fn refuse_duplicates(files: &[SourceFile]) -> Result<()> {
    let refuse = |reason: String| {
        Err(Error::new(ErrorKind::InvalidInput, "ingest several files in one call").because(reason))
    };
    if let Some(place) = find_duplicate(files.iter().map(SourceFile::path)).await? {
        return refuse(format!("{} is named twice", files[place].path.display()));
    }
    let mut identities = HashSet::new();
    match files.iter().find(|file| !identities.insert(file.id)) {
        Some(file) => refuse(format!("two of them have the identity {}", file.id)),
        None => Ok(()),
    }
}

/// What earlier deletions have left in the folders of the files. That it cannot be looked for is told as well.
async fn left_by_others(files: &[SourceFile]) -> Vec<Error> {
    let left = interrupted_deletions(files.iter().map(SourceFile::path)).await;
    left.unwrap_or_else(|error| vec![error])
}
