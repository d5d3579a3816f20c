//! Zip archives, as far as clients send them: the list at their end, and stored or deflated files.

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use flate2::CrcReader;
use flate2::read::DeflateDecoder;
use kusto_ingest_core::{Error, Result};

use super::refusal::refused;

/// The end of the archive: where the list is, and how many files stand in it.
const END: (u32, usize) = (0x0605_4b50, 22);
/// One file in the list.
const LISTED: (u32, usize) = (0x0201_4b50, 46);
/// What stands before the bytes of a file.
const LOCAL: (u32, usize) = (0x0403_4b50, 30);

const STORED: usize = 0;
const DEFLATED: usize = 8;

/// One file of an archive, packed still.
pub(super) struct Packed {
    /// Its path in the archive.
    pub(super) name: String,
    bytes: Bytes,
    method: usize,
    crc: u32,
}

/// Lists the files of an archive, without folders, in the archive's order.
///
/// # Errors
/// `BadRequest_InvalidArchive` when it is broken, encrypted, or larger than the plain format knows.
pub(super) fn files(archive: &Bytes) -> Result<Vec<Packed>> {
    let list = Record::last(archive).ok_or_else(|| invalid("the archive has no list of its files"))?;
    let (count, mut at) = (list.two(10), list.four(16));
    let mut files = Vec::with_capacity(count);
    for _ in 0..count {
        let listed = Record::at(archive, at, LISTED).ok_or_else(|| invalid("the list of files is broken"))?;
        let (name, extra, comment) = (listed.two(28), listed.two(30), listed.two(32));
        let file = listed
            .file(name)
            .ok_or_else(|| invalid("a file of the archive is broken"))?;
        if listed.two(8) & 1 == 1 || ![STORED, DEFLATED].contains(&file.method) {
            return Err(invalid(
                "a file of the archive is encrypted or packed in a rare way",
            ));
        }
        if !file.name.ends_with('/') {
            files.push(file);
        }
        at += LISTED.1 + name + extra + comment;
    }
    Ok(files)
}

impl Packed {
    /// Its plain bytes; reading them fails at their end if they are not what was packed.
    pub(super) fn open(self) -> Box<dyn Read> {
        let packed = self.bytes.reader();
        let plain: Box<dyn Read> = match self.method {
            STORED => Box::new(packed),
            _ => Box::new(DeflateDecoder::new(packed)),
        };
        Box::new(Checked {
            plain: CrcReader::new(plain),
            crc: self.crc,
        })
    }
}

/// A part of an archive that begins with a mark and has fields at known places.
struct Record<'a> {
    archive: &'a Bytes,
    fields: &'a [u8],
    at: usize,
}

impl<'a> Record<'a> {
    fn at(archive: &'a Bytes, at: usize, (mark, length): (u32, usize)) -> Option<Self> {
        let fields = archive.get(at..at.checked_add(length)?)?;
        let record = Self { archive, fields, at };
        (record.four(0) == mark as usize).then_some(record)
    }

    /// The end of an archive, behind which a comment of up to 64 KiB may stand.
    fn last(archive: &'a Bytes) -> Option<Self> {
        let latest = archive.len().checked_sub(END.1)?;
        let earliest = latest.saturating_sub(usize::from(u16::MAX));
        (earliest..=latest)
            .rev()
            .find_map(|at| Self::at(archive, at, END))
    }

    /// The file that this record of the list is about.
    fn file(&self, name_length: usize) -> Option<Packed> {
        let name = self.archive.get(self.at + LISTED.1..)?.get(..name_length)?;
        let local = Self::at(self.archive, self.four(42), LOCAL)?;
        let begin = local.at + LOCAL.1 + local.two(26) + local.two(28);
        let end = begin.checked_add(self.four(20))?;
        (end <= self.archive.len()).then(|| Packed {
            name: String::from_utf8_lossy(name).into_owned(),
            bytes: self.archive.slice(begin..end),
            method: self.two(10),
            crc: u32::try_from(self.four(16)).unwrap_or_default(),
        })
    }

    /// A number of two bytes. All places lie within the record.
    fn two(&self, at: usize) -> usize {
        (&self.fields[at..]).get_u16_le().into()
    }

    /// A number of four bytes.
    fn four(&self, at: usize) -> usize {
        (&self.fields[at..]).get_u32_le() as usize
    }
}

/// Bytes whose sum is compared at their end.
struct Checked<R> {
    plain: CrcReader<R>,
    crc: u32,
}

impl<R: Read> Read for Checked<R> {
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
