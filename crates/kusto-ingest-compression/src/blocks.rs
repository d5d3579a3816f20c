//! One gzip member out of blocks that are compressed side by side.

use bytes::Bytes;
use flate2::{Compress, Crc, FlushCompress, Status};
use kusto_ingest_core::{Error, ErrorKind, Result};

use crate::{GzipEncoder, GzipLevel};

/// How far back gzip can refer.
const WINDOW: usize = 32 * 1024;
/// What covers a dictionary and the bytes right behind it.
static BLANK: [u8; WINDOW + 64] = [0; WINDOW + 64];
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

    /// Compresses a block by an encoder of its own; as [`GzipEncoder::block`].
    ///
    /// # Errors
    /// [`ErrorKind::Data`] when the compressor fails.
    pub fn encode(level: GzipLevel, before: &[u8], block: &[u8]) -> Result<Self> {
        GzipEncoder::new(level).block(before, block)
    }
}

impl GzipEncoder {
    /// Compresses a block that stands in its source right behind `before`.
    ///
    /// The block refers back to the last 32 KiB of those bytes, so that it is about as small as if all had been
    /// compressed in one go. More of them are not looked at; where the source begins there are none. The same bytes
    /// always become the same block, whatever the encoder did before.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] when the compressor fails; the encoder can be used again.
    pub fn block(&mut self, before: &[u8], block: &[u8]) -> Result<GzipBlock> {
        let window = &before[before.len().saturating_sub(WINDOW)..];
        self.start_behind(window).map_err(failed)?;
        let mut check = Crc::new();
        check.update(block);
        let deflated = deflate(&mut self.deflate, block).map_err(failed)?;
        Ok(GzipBlock { deflated, check })
    }

    /// Starts anew, with `window` as what came before.
    fn start_behind(&mut self, window: &[u8]) -> std::result::Result<(), flate2::CompressError> {
        self.deflate.reset();
        if window.is_empty() {
            return Ok(());
        }
        // For the last positions of a dictionary zlib-rs also hashes the byte behind it, which a reset leaves as the
        // last source had it. In a new encoder that is zero, so it is made zero here.
        self.deflate.set_dictionary(&BLANK)?;
        self.deflate.reset();
        self.deflate.set_dictionary(window)?;
        Ok(())
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
    use kusto_ingest_core::testing::noise;

    use super::*;

    #[test]
    fn a_block_is_the_same_whatever_its_encoder_has_compressed_before() {
        let text: Vec<u8> = noise(230_000).iter().map(|byte| b'a' + byte % 3).collect();
        for number in 1..=9 {
            let level = GzipLevel::new(number).unwrap();
            let mut used = GzipEncoder::new(level);
            for end in (3..150_000).step_by(7_919).chain([WINDOW, WINDOW + 1, 5, 4, 3]) {
                let (before, rest) = text.split_at(end);
                let block = &rest[..20_000 + end / 3];
                let anew = GzipBlock::encode(level, before, block).unwrap();
                let again = used.block(before, block).unwrap();
                assert!(
                    again.deflated == anew.deflated,
                    "level {number}, behind {end} bytes"
                );
            }
        }
    }

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
