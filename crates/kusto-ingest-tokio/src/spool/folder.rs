//! The folder of a spool, and the chunks in it as files.

use std::io;
use std::path::{Path, PathBuf};

use futures::AsyncReadExt as _;
use kusto_ingest_core::{Error, ErrorKind, LocalSource, PayloadReader, Result, Timestamp};
use tokio::fs::{DirBuilder, File};
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use crate::file::file;

/// How much is written at once.
const AT_ONCE: usize = 256 * 1024;

/// A folder of its own for the chunks of one source of rows.
#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// A new folder, which only its owner may look into: rows are nobody else's business, least of all in a folder
    /// for temporary files.
    pub(super) async fn create(root: &Path, now: Timestamp) -> Result<Self> {
        let path = root.join(folder_name(now, Uuid::new_v4()));
        let builder = &mut DirBuilder::new();
        #[cfg(unix)]
        let builder = builder.mode(0o700);
        builder.create(&path).await.map_err(|error| {
            let kind = match error.kind() {
                io::ErrorKind::NotFound => ErrorKind::InvalidInput,
                _ => ErrorKind::Other,
            };
            Error::new(kind, "make a folder for the rows")
                .with("path", path.display())
                .caused_by(error)
        })?;
        Ok(Self(path))
    }

    /// The same error, which tells that the rows are still in the folder.
    pub(super) fn kept(&self, error: Error) -> Error {
        error.with("kept in", self.0.display())
    }

    /// Writes a chunk to its file.
    pub(super) async fn write(&self, chunk: LocalSource) -> Result<SpooledChunk> {
        let name = chunk.name().unwrap_or_default().to_owned();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let number = chunk.chunk().unwrap_or(0);
        let path = self.0.join(format!("{}_{number:05}.{extension}", chunk.id()));
        let partial = path.with_extension(format!("{extension}.partial"));
        let mut reader = chunk.payload().open(0).await?;
        copy(&mut reader, &partial)
            .await
            .map_err(|failure| failure.error(&partial))?;
        let renamed = tokio::fs::rename(&partial, &path).await;
        renamed.map_err(|error| Failure::Writing(error).error(&path))?;
        Ok(SpooledChunk { path, chunk })
    }

    /// Removes the folder, which is empty by now.
    pub(super) async fn remove(&self) -> Result<()> {
        let removed = tokio::fs::remove_dir(&self.0).await;
        removed.map_err(|error| irremovable(&self.0, error))
    }
}

/// A chunk in its file.
#[derive(Debug)]
pub(super) struct SpooledChunk {
    path: PathBuf,
    chunk: LocalSource,
}

impl SpooledChunk {
    /// Its path.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The chunk as it was, but read from the file.
    pub(super) async fn source(&self) -> Result<LocalSource> {
        let file = file(&self.path).await?;
        Ok(self.chunk.clone().with_payload(file.payload().clone()))
    }

    pub(super) async fn remove(&self) -> Result<()> {
        let removed = tokio::fs::remove_file(&self.path).await;
        removed.map_err(|error| irremovable(&self.path, error))
    }
}

enum Failure {
    Reading(io::Error),
    Writing(io::Error),
}

impl Failure {
    fn error(self, path: &Path) -> Error {
        match self {
            Self::Reading(error) => Error::new(ErrorKind::SourceNotReadable, "take rows").caused_by(error),
            Self::Writing(error) => Error::new(ErrorKind::Other, "write the rows to disk")
                .with("path", path.display())
                .caused_by(error),
        }
    }
}

async fn copy(reader: &mut PayloadReader, path: &Path) -> Result<(), Failure> {
    let mut file = File::create_new(path).await.map_err(Failure::Writing)?;
    let mut buffer = vec![0; AT_ONCE];
    loop {
        match reader.read(&mut buffer).await.map_err(Failure::Reading)? {
            0 => return file.flush().await.map_err(Failure::Writing),
            bytes => file.write_all(&buffer[..bytes]).await.map_err(Failure::Writing)?,
        }
    }
}

fn irremovable(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Other, "clear the ingested rows away")
        .with("path", path.display())
        .caused_by(error)
}

fn folder_name(now: Timestamp, id: Uuid) -> String {
    let at = now.as_datetime();
    format!(
        "Ingestions_{:04}-{:02}-{:02}-{:02}-{:02}-{:02}-{:03}_{id}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.millisecond(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s02_c93_the_folder_is_named_after_the_moment_and_unlike_any_other() {
        let now = Timestamp::parse("2026-01-02T03:04:05.006789Z").unwrap();
        let id = Uuid::nil();
        assert_eq!(
            folder_name(now, id),
            "Ingestions_2026-01-02-03-04-05-006_00000000-0000-0000-0000-000000000000"
        );
    }
}
