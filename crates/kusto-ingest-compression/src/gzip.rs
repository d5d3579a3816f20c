//! The gzip encoder of sources in memory, reused for one source after the other.

use std::fmt;

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use kusto_ingest_core::{Error, ErrorKind, Result};

/// How hard to compress, from 1 (fast) to 9 (small).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GzipLevel(u8);

impl GzipLevel {
    /// A level from 1 to 9.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for other numbers.
    pub fn new(level: u8) -> Result<Self> {
        if (1..=9).contains(&level) {
            return Ok(Self(level));
        }
        Err(
            Error::new(ErrorKind::InvalidInput, "set the level of compression")
                .because("levels go from 1 (fast) to 9 (small)")
                .with("level", level),
        )
    }

    pub(crate) fn number(self) -> u8 {
        self.0
    }
}

impl Default for GzipLevel {
    /// Level 3: within a few percent as small as level 6, at half its time.
    fn default() -> Self {
        Self(3)
    }
}

/// Compresses sources that are in memory, one after the other, each in one go into a gzip member of its own.
///
/// It keeps its tables and windows from one to the next: for a kilobyte, getting those anew costs about as much as the
/// compression does. The same bytes always become the same member, whatever came before.
pub struct GzipEncoder {
    level: GzipLevel,
    pub(crate) deflate: Compress,
}

impl GzipEncoder {
    /// An encoder of a level.
    #[must_use]
    pub fn new(level: GzipLevel) -> Self {
        Self {
            level,
            deflate: Compress::new(Compression::new(level.number().into()), false),
        }
    }

    /// Compresses one source.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] when the compressor fails; the encoder can be used again.
    pub fn member(&mut self, bytes: &[u8]) -> Result<Bytes> {
        self.deflate.reset();
        let mut member = Vec::with_capacity(bytes.len() / 2 + 128);
        member.extend(header(self.level));
        loop {
            let taken = usize::try_from(self.deflate.total_in()).unwrap_or(bytes.len());
            let status = self
                .deflate
                .compress_vec(&bytes[taken..], &mut member, FlushCompress::Finish);
            match status.map_err(failed)? {
                Status::StreamEnd => break,
                Status::Ok | Status::BufError => member.reserve(bytes.len() / 2 + 128),
            }
        }
        let mut check = Crc::new();
        check.update(bytes);
        member.extend(check.sum().to_le_bytes());
        member.extend(check.amount().to_le_bytes());
        Ok(member.into())
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

fn failed(error: flate2::CompressError) -> Error {
    Error::new(ErrorKind::Data, "compress the source").caused_by(error)
}

impl fmt::Debug for GzipEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GzipEncoder")
            .field("level", &self.level)
            .finish_non_exhaustive()
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
                let member = used.member(&bytes).unwrap();
                let anew = GzipEncoder::new(level).member(&bytes).unwrap();
                assert!(member == anew, "{level:?}, {} bytes", bytes.len());
                let mut read = Vec::new();
                GzDecoder::new(&member[..]).read_to_end(&mut read).unwrap();
                assert!(read == bytes, "{level:?}, {} bytes", bytes.len());
            }
        }
    }
}
