//! One gzip member out of blocks that are compressed side by side.

use bytes::Bytes;
use flate2::Crc;

use crate::GzipBlock;

/// No flags, no time, no name, made on no system in particular.
const HEADER: [u8; 10] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];
/// An empty block that says of itself that it is the last.
const LAST: [u8; 2] = [3, 0];

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
        block.code.into()
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
    use crate::GzipLevel;

    #[test]
    fn checksum_and_length_are_right_beyond_4_gib() {
        let zeros = GzipBlock::encode(GzipLevel::default(), &[], &[0; GzipBlock::SIZE]).unwrap();
        let mut member = GzipMember::new();
        for _ in 0..(1 << 32) / GzipBlock::SIZE as u64 + 3 {
            // Compressing all of them would tell nothing more of how they are added up.
            member.0.combine(&zeros.check);
        }
        let end = member.finish();
        // Of 4 GiB and three blocks of zeros, by zlib's `crc32` over the bytes themselves.
        assert_eq!(end[2..6], 0x05A3_113D_u32.to_le_bytes());
        assert_eq!(end[6..], (3 * 512 * 1024_u32).to_le_bytes());
    }
}
