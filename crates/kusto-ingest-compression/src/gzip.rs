//! The gzip encoder of sources and blocks in memory, reused for one after the other.

use std::fmt;

use bytes::Bytes;
use flate2::Crc;
use kusto_ingest_core::Result;

use crate::deflate::WINDOW;
use crate::stored::{StoredEnd, is_incompressible, store};
use crate::{DeflateEncoder, DeflateEngine, EncodedSizes, GzipLevel, ZlibRs};

/// Compresses what is in memory, one after the other: whole sources into gzip members of their own, and blocks of larger ones.
///
/// It keeps its tables and windows from one to the next: for a kilobyte, getting those anew costs about as much as the
/// compression does. The same bytes always become the same member or block, whatever came before.
///
/// A source or block of 64 KiB or more that does not compress is stored, after a look at a part of it.
pub struct GzipEncoder {
    level: GzipLevel,
    deflate: Box<dyn DeflateEncoder>,
}

impl GzipEncoder {
    /// An encoder of a level, in pure Rust.
    #[must_use]
    pub fn new(level: GzipLevel) -> Self {
        Self::with_engine(level, &ZlibRs::new())
    }

    /// An encoder of a level, by an engine.
    #[must_use]
    pub fn with_engine(level: GzipLevel, engine: &dyn DeflateEngine) -> Self {
        let deflate = engine.encoder(level);
        Self { level, deflate }
    }

    /// Compresses one source, and counts its bytes as raw, and as stored where it was stored.
    ///
    /// # Errors
    /// [`ErrorKind::Data`](kusto_ingest_core::ErrorKind::Data) when the engine fails; the encoder can be used again.
    pub fn member(&mut self, source: &[u8], sizes: &EncodedSizes) -> Result<Bytes> {
        let mut member = Vec::with_capacity(source.len() / 2 + 128);
        member.extend(header(self.level));
        sizes.add_raw(source.len() as u64);
        if is_incompressible(&mut *self.deflate, source)? {
            sizes.add_stored(source.len() as u64);
            store(source, StoredEnd::Last, &mut member);
        } else {
            self.deflate.whole(source, &mut member)?;
        }
        let mut check = Crc::new();
        check.update(source);
        member.extend(check.sum().to_le_bytes());
        member.extend(check.amount().to_le_bytes());
        Ok(member.into())
    }

    /// Compresses a block that stands in its source right behind `before`.
    ///
    /// The block refers back to the last 32 KiB of those bytes, so that it is about as small as if all had been
    /// compressed in one go. More of them are not looked at; where the source begins there are none.
    ///
    /// # Errors
    /// [`ErrorKind::Data`](kusto_ingest_core::ErrorKind::Data) when the engine fails; the encoder can be used again.
    pub fn block(&mut self, before: &[u8], block: &[u8]) -> Result<GzipBlock> {
        let mut code = Vec::new();
        let is_stored = is_incompressible(&mut *self.deflate, block)?;
        if is_stored {
            store(block, StoredEnd::Open, &mut code);
        } else {
            let window = &before[before.len().saturating_sub(WINDOW)..];
            self.deflate.piece(window, block, &mut code)?;
        }
        let mut check = Crc::new();
        check.update(block);
        Ok(GzipBlock {
            code,
            check,
            is_stored,
        })
    }
}

/// Neither a name nor a time; whether it was compressed fast or small; made on no system in particular.
fn header(level: GzipLevel) -> [u8; 10] {
    let effort = match level.number() {
        1 => 4,
        9 => 2,
        _ => 0,
    };
    [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, effort, 0xFF]
}

impl fmt::Debug for GzipEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GzipEncoder")
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}

/// A part of a source, compressed for its place in a [`GzipMember`](crate::GzipMember).
///
/// Blocks know of each other only the bytes before them, so any number can be compressed at once. The same bytes
/// become the same block, wherever and whenever that happens.
#[derive(Debug)]
pub struct GzipBlock {
    pub(crate) code: Vec<u8>,
    pub(crate) check: Crc,
    is_stored: bool,
}

impl GzipBlock {
    /// How long every block but the last one is: long enough that starting anew costs little.
    pub const SIZE: usize = 512 * 1024;

    /// Compresses a block by an encoder of its own; as [`GzipEncoder::block`].
    ///
    /// # Errors
    /// As [`GzipEncoder::block`].
    pub fn encode(level: GzipLevel, before: &[u8], block: &[u8]) -> Result<Self> {
        GzipEncoder::new(level).block(before, block)
    }

    /// Whether its bytes are stored as they are, because they do not compress.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.is_stored
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;
    use kusto_ingest_core::testing::noise;

    use super::*;

    #[test]
    fn members_hold_their_bytes_and_are_the_same_whatever_came_before() {
        for level in 1..=9 {
            let level = GzipLevel::new(level).unwrap();
            let mut used = GzipEncoder::new(level);
            for bytes in [
                b"a,b\n".to_vec(),
                vec![7; 60_000],
                // It does not compress, so that the room has to grow.
                noise(60_000),
                Vec::new(),
                b"a,b\n".to_vec(),
            ] {
                let member = used.member(&bytes, &EncodedSizes::new()).unwrap();
                let anew = GzipEncoder::new(level)
                    .member(&bytes, &EncodedSizes::new())
                    .unwrap();
                assert!(member == anew, "{level:?}, {} bytes", bytes.len());
                let mut read = Vec::new();
                GzDecoder::new(&member[..]).read_to_end(&mut read).unwrap();
                assert!(read == bytes, "{level:?}, {} bytes", bytes.len());
            }
        }
    }

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
                assert!(again.code == anew.code, "level {number}, behind {end} bytes");
            }
        }
    }
}
