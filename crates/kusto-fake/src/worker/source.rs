//! The files of a blob, as the worker reads them: downloaded, unpacked, and not more than fit.

use std::collections::BTreeMap;
use std::io::{self, Read};

use bytes::{Buf, Bytes};
use flate2::read::MultiGzDecoder;
use kusto_ingest_core::{BlobSource, Error, Result};
use kusto_storage::{ResourceKind, ResourceUri};

use super::archive::{self, ArchivedFile};
use super::pattern::Pattern;
use super::refusal::refused;
use crate::{FakeKusto, ResourcePath, StoredBlob};

/// The first bytes of gzip. Names and headers are not trusted: clients get them wrong.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The first bytes of a zip archive: of a file, or of the directory of an empty archive.
const ZIP: [[u8; 4]; 2] = [*b"PK\x03\x04", *b"PK\x05\x06"];

/// The uncompressed bytes of a source, file after file: an archive may hold several, any other source is one file.
/// Reading ends with an error where all files together exceed the limit.
pub(super) struct Source {
    files: std::vec::IntoIter<File>,
    current: Box<dyn Read>,
    left: u64,
    is_too_large: bool,
}

/// One file, as it was uploaded.
enum File {
    Plain(Box<dyn Read>),
    Gzip(Box<dyn Read>),
    Zip(ArchivedFile),
}

/// Opens a blob of this Kusto's own storage. Of an archive, only files that fit the pattern are read.
///
/// # Errors
/// `Download_SourceNotFound`, `Download_Forbidden`, `BadRequest_EmptyBlob`; `BadRequest_InvalidBlob` where the name says gzip
/// and the bytes are none; `BadRequest_InvalidArchive` where it says zip so, and for an archive that cannot be read;
/// `BadRequest_EmptyArchive`, also where no file fits.
pub(super) fn open(kusto: &FakeKusto, blob: &BlobSource, pattern: Option<&str>) -> Result<Source> {
    let blob = download(kusto, blob)?;
    let mut plain: Box<dyn Read> = Box::new(Chunks::of(&blob));
    let start = start_of(&mut plain)?;
    let name = blob.name.to_ascii_lowercase();
    let files = match SourceEncoding::of(&start) {
        _ if start.is_empty() => return Err(refused("BadRequest_EmptyBlob", "the blob has no bytes")),
        Some(SourceEncoding::Gzip) => vec![File::Gzip(Box::new(Chunks::of(&blob)))],
        Some(SourceEncoding::Zip) => unpacked(&blob.chunks.concat().into(), pattern)?,
        None if name.ends_with(".gz") => {
            return Err(refused(
                "BadRequest_InvalidBlob",
                "its name says gzip, and its bytes are none",
            ));
        }
        None if name.ends_with(".zip") => {
            return Err(refused(
                "BadRequest_InvalidArchive",
                "its name says zip, and its bytes are none",
            ));
        }
        None => vec![File::Plain(Box::new(Chunks::of(&blob)))],
    };
    Ok(Source::of(kusto, files))
}

/// The compression of a source.
enum SourceEncoding {
    Gzip,
    Zip,
}

impl SourceEncoding {
    /// Detected by the first bytes.
    fn of(start: &[u8]) -> Option<Self> {
        match start {
            start if start.starts_with(&GZIP) => Some(Self::Gzip),
            start if ZIP.iter().any(|zip| start == zip) => Some(Self::Zip),
            _ => None,
        }
    }
}

/// The first four bytes, or fewer where there are no more.
fn start_of(input: &mut dyn Read) -> Result<Vec<u8>> {
    let mut start = Vec::new();
    input
        .take(4)
        .read_to_end(&mut start)
        .map_err(|error| refused("BadRequest_InvalidBlob", "the data cannot be unpacked").caused_by(error))?;
    Ok(start)
}

fn unpacked(archive: &Bytes, pattern: Option<&str>) -> Result<Vec<File>> {
    let pattern = pattern.map(Pattern::parse).transpose()?;
    let mut files = archive::files(archive)?;
    files.retain(|file| pattern.as_ref().is_none_or(|pattern| pattern.fits(&file.name)));
    if files.is_empty() {
        return Err(refused(
            "BadRequest_EmptyArchive",
            "the archive has no such files",
        ));
    }
    Ok(files.into_iter().map(File::Zip).collect())
}

/// Data that came as text.
pub(super) fn of_text(kusto: &FakeKusto, text: Bytes) -> Source {
    Source::of(kusto, vec![File::Plain(Box::new(io::Cursor::new(text)))])
}

/// Data that came as bytes.
pub(super) fn of_bytes(kusto: &FakeKusto, data: Bytes) -> Source {
    let is_gzip = data.starts_with(&GZIP);
    let data = Box::new(io::Cursor::new(data));
    let file = match is_gzip {
        true => File::Gzip(data),
        false => File::Plain(data),
    };
    Source::of(kusto, vec![file])
}

/// Only what was put into this Kusto's storage is found, and what is in a store that somebody allowed.
fn download(kusto: &FakeKusto, blob: &BlobSource) -> Result<StoredBlob> {
    if let Some(downloader) = kusto.downloader_of(blob.uri()) {
        let chunks = downloader.download(blob.uri())?;
        let name = blob.uri().redacted().rsplit('/').next().unwrap_or_default();
        return Ok(StoredBlob {
            name: name.to_owned(),
            length: chunks.iter().map(|chunk| chunk.len() as u64).sum(),
            chunks,
            content_type: None,
            metadata: BTreeMap::new(),
            etag: String::new(),
            last_modified: kusto.now(),
        });
    }
    let not_found = |error: Error| {
        refused(
            "Download_SourceNotFound",
            "there is no such blob in this Kusto's storage",
        )
        .caused_by(error)
    };
    let forbidden =
        |error: Error| refused("Download_Forbidden", "the storage refuses the blob's SAS").caused_by(error);
    let (container, name) = ResourceUri::of_blob(blob.uri()).map_err(not_found)?;
    let place = ResourcePath::from(&container);
    if kusto.storage().exists(ResourceKind::Container, &place) {
        let query = container.expose().query().unwrap_or_default();
        kusto
            .storage()
            .authorize(ResourceKind::Container, &place, query)
            .map_err(forbidden)?;
    }
    kusto.storage().blob(&place, name.as_str()).map_err(not_found)
}

impl Source {
    fn of(kusto: &FakeKusto, files: Vec<File>) -> Self {
        Self {
            files: files.into_iter(),
            current: Box::new(io::empty()),
            left: kusto.state().limits.max_raw_bytes,
            is_too_large: false,
        }
    }

    /// Goes on to the next file, if there is one. Before the first, there is nothing to read.
    ///
    /// # Errors
    /// `BadRequest_InvalidBlob` when it cannot be unpacked, or holds what is packed once more.
    pub(super) fn next_file(&mut self) -> Result<bool> {
        let Some(file) = self.files.next() else {
            return Ok(false);
        };
        let mut unpacked: Box<dyn Read> = match file {
            File::Plain(plain) => {
                self.current = plain;
                return Ok(true);
            }
            File::Gzip(packed) => Box::new(MultiGzDecoder::new(packed)),
            File::Zip(packed) => packed.open(),
        };
        let start = start_of(&mut unpacked)?;
        if SourceEncoding::of(&start).is_some() {
            let why = "it is packed twice: what was unpacked is gzip or zip again";
            return Err(refused("BadRequest_InvalidBlob", why));
        }
        self.current = Box::new(Read::chain(io::Cursor::new(start), unpacked));
        Ok(true)
    }

    /// Why reading ended early, if it was for the size.
    pub(super) fn refusal(&self) -> Option<Error> {
        let why = "the uncompressed data is larger than this Kusto holds in memory";
        self.is_too_large.then(|| refused("BadRequest_FileTooLarge", why))
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.current.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => {
                self.is_too_large = true;
                return Err(io::Error::other("the source is too large"));
            }
        }
        Ok(count)
    }
}

/// The chunks of a blob one after the other, without putting them together.
struct Chunks {
    chunks: std::vec::IntoIter<Bytes>,
    current: Bytes,
}

impl Chunks {
    fn of(blob: &StoredBlob) -> Self {
        Self {
            chunks: blob.chunks.clone().into_iter(),
            current: Bytes::new(),
        }
    }
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.chunks.next() {
                Some(chunk) => self.current = chunk,
                None => return Ok(0),
            }
        }
        let count = buffer.len().min(self.current.len());
        self.current.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}
