//! The bytes of a blob, as the worker reads them: downloaded, unpacked, and not more than fit.

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use flate2::read::MultiGzDecoder;
use kusto_ingest_core::{BlobSource, Error, Result};
use kusto_storage::{Place, ResourceKind, ResourceUri, StoredBlob};

use super::ingest::refused;
use crate::FakeKusto;

/// How gzip begins; names and headers say less, as clients get them wrong.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// How a zip archive begins.
const ZIP: [u8; 2] = *b"PK";

/// The plain bytes of a blob. It ends with an error where there are more of them than are allowed.
pub(super) struct Source {
    bytes: Box<dyn Read>,
    left: u64,
    is_too_large: bool,
}

/// Opens a blob of this Kusto's own storage.
///
/// # Errors
/// `Download_SourceNotFound`, `Download_Forbidden`, `BadRequest_EmptyBlob`; `BadRequest_NotSupported` for a zip
/// archive, which this Kusto does not read.
pub(super) fn open(kusto: &FakeKusto, blob: &BlobSource) -> Result<Source> {
    let blob = download(kusto, blob)?;
    let mut head = Chunks::of(&blob);
    let mut start = Vec::new();
    let unreadable = |error| refused("BadRequest_InvalidBlob", "the blob cannot be read").caused_by(error);
    head.by_ref()
        .take(2)
        .read_to_end(&mut start)
        .map_err(unreadable)?;
    let plain = Chunks::of(&blob);
    let bytes: Box<dyn Read> = match start.as_slice() {
        [] => return Err(refused("BadRequest_EmptyBlob", "the blob has no bytes")),
        start if start == GZIP => Box::new(MultiGzDecoder::new(plain)),
        start if start == ZIP => {
            return Err(refused(
                "BadRequest_NotSupported",
                "this Kusto reads no zip archives",
            ));
        }
        _ => Box::new(plain),
    };
    Ok(Source {
        bytes,
        left: kusto.state().largest_source,
        is_too_large: false,
    })
}

/// Data that came as text.
pub(super) fn of_text(kusto: &FakeKusto, text: String) -> Source {
    Source {
        bytes: Box::new(io::Cursor::new(text)),
        left: kusto.state().largest_source,
        is_too_large: false,
    }
}

/// Data that came as bytes.
pub(super) fn of_bytes(kusto: &FakeKusto, data: Bytes) -> Source {
    let is_gzip = data.starts_with(&GZIP);
    let plain = io::Cursor::new(data);
    Source {
        bytes: match is_gzip {
            true => Box::new(MultiGzDecoder::new(plain)),
            false => Box::new(plain),
        },
        left: kusto.state().largest_source,
        is_too_large: false,
    }
}

/// Nothing is fetched from anywhere else: only what was put into this Kusto's storage is found.
fn download(kusto: &FakeKusto, blob: &BlobSource) -> Result<StoredBlob> {
    let not_found = |error: Error| {
        refused(
            "Download_SourceNotFound",
            "there is no such blob in this Kusto's storage",
        )
        .caused_by(error)
    };
    let forbidden = |error: Error| {
        refused("Download_Forbidden", "the storage refuses the blob's signature").caused_by(error)
    };
    let (container, name) = ResourceUri::of_blob(blob.uri()).map_err(not_found)?;
    let place = Place::from(&container);
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
    /// Why reading ended early, if it was for the size.
    pub(super) fn refusal(&self) -> Option<Error> {
        let why = "the uncompressed data is larger than this Kusto holds in memory";
        self.is_too_large.then(|| refused("BadRequest_FileTooLarge", why))
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
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
