//! The gzip encoder of bytes that are pushed: for bodies in one go, and for threads.

use std::fmt;
use std::io::Write as _;

use bytes::Bytes;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
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

/// Compresses what is pushed into one gzip member, whose header bears neither a name nor a time: the same bytes
/// always become the same bytes.
pub struct GzipEncoder(GzEncoder<Vec<u8>>);

impl GzipEncoder {
    /// An encoder of a level.
    #[must_use]
    pub fn new(level: GzipLevel) -> Self {
        let level = Compression::new(level.0.into());
        Self(GzBuilder::new().mtime(0).write(Vec::new(), level))
    }

    /// Compresses more bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] when the compressor fails.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write_all(bytes).map_err(failed)
    }

    /// How many compressed bytes wait to be taken.
    #[must_use]
    pub fn ready(&self) -> usize {
        self.0.get_ref().len()
    }

    /// Takes the compressed bytes so far.
    pub fn take(&mut self) -> Bytes {
        std::mem::take(self.0.get_mut()).into()
    }

    /// Ends the member and takes what is left.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] when the compressor fails.
    pub fn finish(self) -> Result<Bytes> {
        self.0.finish().map(Bytes::from).map_err(failed)
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Data, "compress the source").caused_by(error)
}

impl fmt::Debug for GzipEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GzipEncoder")
            .field("ready", &self.ready())
            .finish_non_exhaustive()
    }
}
