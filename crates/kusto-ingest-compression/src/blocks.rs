//! One gzip member out of blocks that are compressed side by side.

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use kusto_ingest_core::{Error, ErrorKind, Result};

use crate::GzipLevel;

/// How far back gzip can refer.
const WINDOW: usize = 32 * 1024;
/// No flags, no time, no name, made on no system in particular.
const HEADER: [u8; 10] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];
/// An empty block that says of itself that it is the last.
const LAST: [u8; 2] = [3, 0];

/// A part of a source, compressed for its place in a [`GzipMember`].
///
/// Blocks know of each other only the bytes before them, so any number can be compressed at once. The same bytes
/// become the same block, wherever and whenever that happens.
#[derive(Debug)]
pub struct GzipBlock {
    deflated: Vec<u8>,
    check: Crc,
}

impl GzipBlock {
    /// How long every block but the last one is: long enough that starting anew costs little.
    pub const SIZE: usize = 512 * 1024;

    /// Compresses a block that stands in its source right behind `before`.
    ///
    /// The block refers back to the last 32 KiB of those bytes, so that it is about as small as if all had been
    /// compressed in one go. More of them are not looked at; where the source begins there are none.
    ///
    /// Its encoder is its own: one that has compressed other blocks before may find other matches behind a dictionary.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] when the compressor fails.
    pub fn encode(level: GzipLevel, before: &[u8], block: &[u8]) -> Result<Self> {
        let mut encoder = Compress::new(Compression::new(level.number().into()), false);
        let window = &before[before.len().saturating_sub(WINDOW)..];
        if !window.is_empty() {
            encoder.set_dictionary(window).map_err(failed)?;
        }
        let mut check = Crc::new();
        check.update(block);
        let deflated = deflate(&mut encoder, block).map_err(failed)?;
        Ok(Self { deflated, check })
    }
}

/// Compresses all bytes up to a border of bytes, where another block can follow.
fn deflate(encoder: &mut Compress, block: &[u8]) -> std::result::Result<Vec<u8>, flate2::CompressError> {
    let mut deflated = Vec::with_capacity(block.len() / 2 + 64);
    loop {
        let taken = usize::try_from(encoder.total_in()).unwrap_or(block.len());
        let status = encoder.compress_vec(&block[taken..], &mut deflated, FlushCompress::Sync)?;
        // Room is left only where everything is out.
        if status == Status::BufError || deflated.len() < deflated.capacity() {
            return Ok(deflated);
        }
        deflated.reserve(block.len() / 2 + 64);
    }
}

fn failed(error: flate2::CompressError) -> Error {
    Error::new(ErrorKind::Data, "compress the source").caused_by(error)
}

/// Puts [`GzipBlock`]s together into one gzip member: its header, the blocks in the order of the source, its end.
#[derive(Debug, Default)]
pub struct GzipMember(Crc);

impl GzipMember {
    /// A member without blocks.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What comes before the first block: a header with neither a name nor a time.
    #[must_use]
    pub fn header(&self) -> Bytes {
        Bytes::from_static(&HEADER)
    }

    /// Adds the next block, and gives the bytes to write for it.
    pub fn push(&mut self, block: GzipBlock) -> Bytes {
        self.0.combine(&block.check);
        block.deflated.into()
    }

    /// What comes behind the last block: checksum and length of the source.
    #[must_use]
    pub fn finish(self) -> Bytes {
        let (sum, len) = (self.0.sum().to_le_bytes(), self.0.amount().to_le_bytes());
        [&LAST[..], &sum, &len].concat().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_and_length_are_right_beyond_4_gib() {
        let zeros = GzipBlock::encode(GzipLevel::default(), &[], &[0; GzipBlock::SIZE]).unwrap();
        // Compressing all of them would tell nothing more of how they are added up.
        let again = || {
            let mut check = Crc::new();
            check.combine(&zeros.check);
            let deflated = Vec::new();
            GzipBlock { deflated, check }
        };
        let mut member = GzipMember::new();
        for _ in 0..(1 << 32) / GzipBlock::SIZE as u64 + 3 {
            member.push(again());
        }
        let end = member.finish();
        // Of 4 GiB and three blocks of zeros, by zlib's `crc32` over the bytes themselves.
        assert_eq!(end[2..6], 0x05A3_113D_u32.to_le_bytes());
        assert_eq!(end[6..], (3 * 512 * 1024_u32).to_le_bytes());
    }
}
