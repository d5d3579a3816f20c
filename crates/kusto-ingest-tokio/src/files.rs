//! Files into a table in one call, one or many, and away with them afterwards if that is wanted.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use futures::{StreamExt as _, stream};
use kusto_ingest_core::{
    AggregateResult, Error, ErrorKind, IngestClient, IngestionProperties, Receipt, Result, SourceId,
    SourceResult, Sources,
};

use crate::file::{State, open_file};
use crate::runtime;

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
    /// ingested: something wrote to it since it was opened. A removal that fails does not make the ingestion fail; it
    /// is a warning of the entry.
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
    /// the client is not asked. Paths are the same file when they lead to the same place: relative or absolute, by
    /// steps back, or by symbolic links. Where that cannot be found out, as of a file that is missing, the paths
    /// themselves are compared. Several hard links to one file are several files.
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
        entries.into_iter().map(|(_, entry)| entry).collect()
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
    ) -> Result<(Receipt, Option<State>)> {
        let (source, state) = open_file(&self.path).await?;
        let receipt = client.ingest(source.with_id(self.id).into(), properties).await?;
        Ok((receipt, state))
    }

    async fn taken(&self, receipt: Receipt, ingested: Option<State>, afterwards: Afterwards) -> SourceResult {
        let delete = afterwards == Afterwards::Delete && receipt.state.is_taken();
        let entry = SourceResult::new(self.id, self.name(), Ok(receipt));
        match delete {
            true => match remove(&self.path, ingested).await {
                Ok(()) => entry,
                Err(error) => entry.with_warning(error),
            },
            false => entry,
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
    let (mut places, mut identities) = (HashSet::new(), HashSet::new());
    for (file, place) in files.iter().zip(places_of(files).await?) {
        if !places.insert(place) {
            return refuse(format!("{} is named twice", file.path.display()));
        }
        if !identities.insert(file.id) {
            return refuse(format!("two of them have the identity {}", file.id));
        }
    }
    Ok(())
}

/// Where files are, by whatever path they are named; their paths, where that cannot be found out.
async fn places_of(files: &[SourceFile]) -> Result<Vec<PathBuf>> {
    let attempt = "look for the files";
    let paths: Vec<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
    if paths.len() < 2 {
        return Ok(paths);
    }
    let found = runtime::current(attempt)?.spawn_blocking(|| {
        let place = |path: PathBuf| path.canonicalize().unwrap_or(path);
        paths.into_iter().map(place).collect()
    });
    found
        .await
        .map_err(|error| Error::new(ErrorKind::Other, attempt).caused_by(error))
}

/// Removes a file, if it is still the one that was ingested.
async fn remove(path: &Path, ingested: Option<State>) -> Result<()> {
    let failed = |kind, reason| {
        Error::new(kind, "delete the ingested file")
            .because(reason)
            .with("path", path.display())
    };
    let Some(ingested) = ingested else {
        return Err(failed(ErrorKind::Unsupported, "it is no regular file"));
    };
    let gone = |error: io::Error| failed(ErrorKind::Other, "it stays where it is").caused_by(error);
    let now = tokio::fs::metadata(path).await.map_err(gone)?;
    if State::of(&now) != ingested {
        return Err(failed(
            ErrorKind::SourceNotReadable,
            "it has changed since it was ingested, so it stays",
        ));
    }
    tokio::fs::remove_file(path).await.map_err(gone)
}
