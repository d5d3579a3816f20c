//! Zip archives, as far as clients send them: stored or deflated files, listed at the archive's end.

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use flate2::CrcReader;
use flate2::read::DeflateDecoder;
use kusto_ingest_core::zip::{Directory, Entry, LocalHeader, Method};
use kusto_ingest_core::{Error, Result};

use super::refusal::refused;

/// One file of an archive, still compressed.
pub(super) struct ArchivedFile {
    /// Its path in the archive.
    pub(super) name: String,
    bytes: Bytes,
    is_deflated: bool,
    crc: u32,
}

/// Lists the files of an archive, without folders, in the archive's order.
///
/// # Errors
/// `BadRequest_InvalidArchive` when it is broken, encrypted, or packed otherwise.
pub(super) fn files(archive: &Bytes) -> Result<Vec<ArchivedFile>> {
    let list = Directory::find(archive, 0)
        .and_then(|list| part(archive, list.at, list.len))
        .ok_or_else(|| invalid("the archive has no list of its files"))?;
    let mut files = Vec::new();
    for entry in Directory::entries(&list) {
        let entry = entry.ok_or_else(|| invalid("the list of files is broken"))?;
        let file = ArchivedFile::of(archive, &entry)?;
        if !file.name.ends_with('/') {
            files.push(file);
        }
    }
    Ok(files)
}

impl ArchivedFile {
    /// The file that an entry of the list is about.
    fn of(archive: &Bytes, entry: &Entry<'_>) -> Result<Self> {
        let is_deflated = match entry.method {
            Method::Stored if !entry.is_encrypted => false,
            Method::Deflated if !entry.is_encrypted => true,
            _ => {
                return Err(invalid(
                    "a file of the archive is encrypted or packed in a rare way",
                ));
            }
        };
        let bytes = packed_bytes(archive, entry).ok_or_else(|| invalid("a file of the archive is broken"))?;
        Ok(Self {
            name: String::from_utf8_lossy(entry.name).into_owned(),
            bytes,
            is_deflated,
            crc: entry.crc,
        })
    }

    /// Its uncompressed bytes. Reading fails at their end if the checksum differs.
    pub(super) fn open(self) -> Box<dyn Read> {
        let packed = self.bytes.reader();
        let plain: Box<dyn Read> = match self.is_deflated {
            false => Box::new(packed),
            true => Box::new(DeflateDecoder::new(packed)),
        };
        Box::new(ChecksumReader {
            plain: CrcReader::new(plain),
            crc: self.crc,
        })
    }
}

fn packed_bytes(archive: &Bytes, entry: &Entry<'_>) -> Option<Bytes> {
    let rest = archive.get(usize::try_from(entry.header_at).ok()?..)?;
    let header = LocalHeader::read(rest)?;
    part(archive, entry.header_at + header.len as u64, entry.packed)
}

/// A slice of the archive; `None` where it is out of bounds.
fn part(archive: &Bytes, at: u64, len: u64) -> Option<Bytes> {
    let (begin, end) = (
        usize::try_from(at).ok()?,
        usize::try_from(at.checked_add(len)?).ok()?,
    );
    (end <= archive.len()).then(|| archive.slice(begin..end))
}

/// A reader that compares a checksum at its end.
struct ChecksumReader<R> {
    plain: CrcReader<R>,
    crc: u32,
}

impl<R: Read> Read for ChecksumReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.plain.read(buffer)?;
        if count == 0 && !buffer.is_empty() && self.plain.crc().sum() != self.crc {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a file of the archive is not what was packed",
            ));
        }
        Ok(count)
    }
}

fn invalid(why: &'static str) -> Error {
    refused("BadRequest_InvalidArchive", why)
}
