//! Files as sources.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::future::ready;
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryStreamExt as _};
use kusto_ingest_core::{Error, ErrorKind, LocalSource, Payload, PayloadReader, Result};

use crate::file_state::FileState;
use crate::reader::reader;
use crate::runtime;

/// How many bytes are read at once, at most.
const CHUNK: u64 = 512 * 1024;

/// Up to this length a file is opened, checked and read by one visit to the disk.
const SMALL: u64 = 64 * 1024;

const OPEN: &str = "open the file";
const READ: &str = "read the file";

/// A source of a file, named as the file is: format and compression are inferred from that.
///
/// The file is opened again for every attempt. When it is another file by then, or has another length or time of
/// change, then or at any time until its last byte is handed out, reading it fails with
/// [`ErrorKind::SourceNotReadable`]: what is sent is the file as it was when this was called, or nothing. What is no
/// regular file, such as a pipe, cannot be replayed. An empty file is a source of length 0.
///
/// # Errors
/// [`ErrorKind::SourceNotFound`] when there is no such file; [`ErrorKind::SourceNotReadable`] when it cannot be
/// opened, or is a folder; [`ErrorKind::Unsupported`] outside of a tokio runtime. All name the path.
pub async fn file(path: impl AsRef<Path>) -> Result<LocalSource> {
    let path = Arc::new(path.as_ref().to_owned());
    let shared = Arc::clone(&path);
    let opened = runtime::blocking(OPEN, move || Opened::at(&shared)).await??;
    Ok(opened.into_source(path).0)
}

/// The source of a file that is ingested at once, and what the file looks like, if it is a regular one. A small file is
/// read by the same visit to the disk: what is sent is the file as it is now.
pub(crate) async fn open_file(path: &Path) -> Result<(LocalSource, Option<FileState>)> {
    let path = Arc::new(path.to_owned());
    let shared = Arc::clone(&path);
    let open = move || Opened::at(&shared)?.with_whole(shared);
    let opened = runtime::blocking(OPEN, open).await??;
    Ok(opened.into_source(path))
}

/// A file that is opened, as whether it may be read is better known now than in the middle of an upload.
struct Opened {
    file: File,
    /// Where it is a regular file.
    state: Option<FileState>,
    /// All of it, where that is read already.
    whole: Option<Bytes>,
}

impl Opened {
    fn at(path: &Path) -> Result<Self> {
        let open = || {
            if fs::metadata(path)?.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            let file = File::open(path)?;
            let metadata = file.metadata()?;
            Ok(Self {
                file,
                state: metadata.is_file().then(|| FileState::of(&metadata)),
                whole: None,
            })
        };
        open().map_err(|error| unopened(path, error))
    }

    /// Reads all of a small file.
    fn with_whole(self, path: Arc<PathBuf>) -> Result<Self> {
        let Some(first) = self.state.filter(is_small) else {
            return Ok(self);
        };
        let reading = Reading {
            file: self.file,
            path,
            first,
            left: first.bytes(),
        };
        let (whole, reading) = reading.next()?;
        Ok(Self {
            file: reading.file,
            whole: Some(whole.into()),
            ..self
        })
    }

    fn into_source(self, path: Arc<PathBuf>) -> (LocalSource, Option<FileState>) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let source = LocalSource::new(match self.state {
            Some(first) => payload(path, first, self.whole),
            None => reader(tokio::fs::File::from_std(self.file)),
        });
        let source = match name {
            Some(name) => source.with_name(name),
            None => source,
        };
        (source, self.state)
    }
}

fn is_small(file: &FileState) -> bool {
    file.bytes() <= SMALL
}

/// The bytes of a file, some of which may be read already.
fn payload(path: Arc<PathBuf>, first: FileState, whole: Option<Bytes>) -> Payload {
    let opened = Arc::clone(&path);
    let payload = Payload::replayable(Some(first.bytes()), move |offset| {
        let path = Arc::clone(&opened);
        async move {
            let begin = move || Reading::begin(path, first, offset);
            let reading = runtime::blocking(OPEN, begin).await.and_then(|begun| begun);
            let chunks = chunks(reading.map_err(io::Error::other)?);
            Ok(Box::pin(chunks.into_async_read()) as PayloadReader)
        }
    });
    match whole {
        Some(whole) => payload.with_whole(move || ready(Ok(whole.clone()))),
        None if is_small(&first) => payload.with_whole(move || whole_of(Arc::clone(&path), first)),
        None => payload,
    }
}

/// All of a small file, by one visit to the disk.
async fn whole_of(path: Arc<PathBuf>, first: FileState) -> io::Result<Bytes> {
    let read = move || Reading::begin(path, first, 0)?.next();
    let read = runtime::blocking(READ, read).await.and_then(|read| read);
    read.map(|(whole, _)| whole.into()).map_err(io::Error::other)
}

fn chunks(reading: Reading) -> BoxStream<'static, io::Result<Vec<u8>>> {
    let chunks = stream::try_unfold(reading, async |reading| {
        if reading.left == 0 {
            return Ok(None);
        }
        runtime::blocking(READ, || reading.next()).await?.map(Some)
    });
    chunks.map_err(io::Error::other::<Error>).boxed()
}

/// A file that is being read, and that must not change meanwhile.
struct Reading {
    file: File,
    path: Arc<PathBuf>,
    first: FileState,
    left: u64,
}

impl Reading {
    fn begin(path: Arc<PathBuf>, first: FileState, offset: u64) -> Result<Self> {
        let mut file = File::open(&*path).map_err(|error| unopened(&path, error))?;
        if offset > 0 {
            let sought = file.seek(SeekFrom::Start(offset));
            sought.map_err(|error| unread(&path, "it cannot be read").caused_by(error))?;
        }
        let left = first.bytes().saturating_sub(offset);
        let reading = Self {
            file,
            path,
            first,
            left,
        };
        reading.prove("it has changed since it was first opened")?;
        Ok(reading)
    }

    /// The next bytes, and what follows them. No byte is handed out that was not the file's when it was first opened.
    fn next(mut self) -> Result<(Vec<u8>, Self)> {
        let wanted = self.left.min(CHUNK);
        let mut chunk = Vec::with_capacity(usize::try_from(wanted).unwrap_or_default());
        let read = (&mut self.file).take(wanted).read_to_end(&mut chunk);
        let read = read.map_err(|error| unread(&self.path, "it cannot be read").caused_by(error))?;
        let changed = "it changed while it was read";
        if (read as u64) < wanted {
            return Err(unread(&self.path, changed));
        }
        self.prove(changed)?;
        self.left -= wanted;
        Ok((chunk, self))
    }

    /// Proves that the file is as it was when it was first opened.
    fn prove(&self, otherwise: &'static str) -> Result<()> {
        let now = self.file.metadata();
        let now = now.map_err(|error| unread(&self.path, "it cannot be read").caused_by(error))?;
        match FileState::of(&now) == self.first {
            true => Ok(()),
            false => Err(unread(&self.path, otherwise)),
        }
    }
}

fn unread(path: &Path, reason: &'static str) -> Error {
    Error::new(ErrorKind::SourceNotReadable, READ)
        .because(reason)
        .with("path", path.display())
}

fn unopened(path: &Path, error: io::Error) -> Error {
    let (kind, reason) = match error.kind() {
        io::ErrorKind::NotFound => (ErrorKind::SourceNotFound, "there is no such file"),
        io::ErrorKind::IsADirectory => (ErrorKind::SourceNotReadable, "it is a folder"),
        _ => (ErrorKind::SourceNotReadable, "it cannot be opened"),
    };
    Error::new(kind, OPEN)
        .because(reason)
        .with("path", path.display())
        .caused_by(error)
}
