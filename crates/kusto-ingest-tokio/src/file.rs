//! Files as sources.

use std::fs::Metadata;
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use futures::io::AsyncRead;
use kusto_ingest_core::{Error, ErrorKind, LocalSource, Payload, PayloadReader, Result};
use tokio::fs::File;
use tokio::io::AsyncSeekExt as _;

use crate::reader::Reader;
use crate::runtime;

/// A source of a file, named as the file is: format and compression are inferred from that.
///
/// The file is opened again for every attempt. When it has another length or another time of change by then, or
/// another length at its end, reading it fails: a retry sends the same bytes as the first attempt, or none. What is
/// no regular file, such as a pipe, flows once. An empty file is a source of length 0.
///
/// # Errors
/// [`ErrorKind::SourceNotFound`] when there is no such file; [`ErrorKind::SourceNotReadable`] when it cannot be
/// opened, or is a folder; [`ErrorKind::Unsupported`] outside of a tokio runtime. All name the path.
pub async fn file(path: impl AsRef<Path>) -> Result<LocalSource> {
    Ok(open_file(path.as_ref()).await?.0)
}

/// The source of a file, and what the file looks like, if it is a regular one.
pub(crate) async fn open_file(path: &Path) -> Result<(LocalSource, Option<State>)> {
    let _runtime = runtime::current("open the file")?;
    let (payload, state) = payload(path).await.map_err(|error| about(path, error))?;
    let source = LocalSource::new(payload);
    let source = match path.file_name() {
        Some(name) => source.with_name(name.to_string_lossy()),
        None => source,
    };
    Ok((source, state))
}

async fn payload(path: &Path) -> io::Result<(Payload, Option<State>)> {
    let metadata = tokio::fs::metadata(path).await?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    // Whether it may be read is better known now than in the middle of an upload.
    let opened = File::open(path).await?;
    if !metadata.is_file() {
        return Ok((Payload::once(Reader(Box::pin(opened))), None));
    }
    let first = State::of(&opened.metadata().await?);
    let path = path.to_owned();
    let payload = Payload::reopenable(Some(first.len), move |offset| {
        let path = path.clone();
        async move {
            let reader = open(&path, first, offset).await;
            reader.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
        }
    });
    Ok((payload, Some(first)))
}

fn about(path: &Path, error: io::Error) -> Error {
    let (kind, reason) = match error.kind() {
        io::ErrorKind::NotFound => (ErrorKind::SourceNotFound, "there is no such file"),
        io::ErrorKind::IsADirectory => (ErrorKind::SourceNotReadable, "it is a folder"),
        _ => (ErrorKind::SourceNotReadable, "it cannot be opened"),
    };
    Error::new(kind, "open the file")
        .because(reason)
        .with("path", path.display())
        .caused_by(error)
}

/// What a file looked like when it was first opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    len: u64,
    /// Not every file system knows.
    changed: Option<SystemTime>,
}

impl State {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            len: metadata.len(),
            changed: metadata.modified().ok(),
        }
    }
}

async fn open(path: &PathBuf, first: State, offset: u64) -> io::Result<PayloadReader> {
    runtime::current("open the file").map_err(io::Error::other)?;
    let mut file = File::open(path).await?;
    if State::of(&file.metadata().await?) != first {
        return Err(has_changed());
    }
    if offset > 0 {
        file.seek(SeekFrom::Start(offset)).await?;
    }
    Ok(Box::pin(Proven {
        reader: Reader(Box::pin(file)),
        left: first.len.saturating_sub(offset),
    }))
}

fn has_changed() -> io::Error {
    io::Error::other("it has changed since it was first opened")
}

/// A reader that ends where it should, or in an error.
struct Proven {
    reader: Reader<File>,
    left: u64,
}

impl AsyncRead for Proven {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = ready!(Pin::new(&mut self.reader).poll_read(context, buffer))?;
        let is_early_end = read == 0 && !buffer.is_empty() && self.left > 0;
        let left = self.left.checked_sub(read as u64).filter(|_| !is_early_end);
        self.left = left.ok_or_else(has_changed)?;
        Poll::Ready(Ok(read))
    }
}
