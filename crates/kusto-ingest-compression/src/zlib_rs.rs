//! Deflate by zlib-rs, which is pure Rust.

use flate2::{Compress, CompressError, Compression, FlushCompress, Status};
use kusto_ingest_core::{Error, ErrorKind, Result};

use crate::deflate::WINDOW;
use crate::{DeflateEncoder, DeflateEngine, GzipLevel};

/// What covers a dictionary and the bytes right behind it.
static BLANK: [u8; WINDOW + 64] = [0; WINDOW + 64];

/// The engine of pure Rust: zlib-rs, by way of flate2. Every compressor has it by default.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ZlibRs;

impl ZlibRs {
    /// The engine.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl DeflateEngine for ZlibRs {
    fn encoder(&self, level: GzipLevel) -> Box<dyn DeflateEncoder> {
        Box::new(ZlibEncoder(Compress::new(
            Compression::new(level.number().into()),
            false,
        )))
    }
}

struct ZlibEncoder(Compress);

impl DeflateEncoder for ZlibEncoder {
    fn whole(&mut self, source: &[u8], code: &mut Vec<u8>) -> Result<()> {
        self.0.reset();
        self.encode(source, FlushCompress::Finish, code).map_err(failed)
    }

    fn piece(&mut self, window: &[u8], piece: &[u8], code: &mut Vec<u8>) -> Result<()> {
        self.start_behind(window).map_err(failed)?;
        self.encode(piece, FlushCompress::Sync, code).map_err(failed)
    }
}

impl ZlibEncoder {
    /// Starts anew, with `window` as what came before.
    fn start_behind(&mut self, window: &[u8]) -> std::result::Result<(), CompressError> {
        self.0.reset();
        if window.is_empty() {
            return Ok(());
        }
        // For the last positions of a dictionary zlib-rs also hashes the byte behind it, which a reset leaves as the
        // last source had it. In a new encoder that is zero, so it is made zero here.
        self.0.set_dictionary(&BLANK)?;
        self.0.reset();
        self.0.set_dictionary(window)?;
        Ok(())
    }

    fn encode(
        &mut self,
        bytes: &[u8],
        flush: FlushCompress,
        code: &mut Vec<u8>,
    ) -> std::result::Result<(), CompressError> {
        let room = bytes.len() / 2 + 128;
        code.reserve(room);
        loop {
            let taken = usize::try_from(self.0.total_in()).unwrap_or(bytes.len());
            let status = self.0.compress_vec(&bytes[taken..], code, flush)?;
            // Room is left only where everything is out.
            let is_flushed = status == Status::BufError || code.len() < code.capacity();
            if status == Status::StreamEnd || (is_flushed && !matches!(flush, FlushCompress::Finish)) {
                return Ok(());
            }
            code.reserve(room);
        }
    }
}

fn failed(error: CompressError) -> Error {
    Error::new(ErrorKind::Data, "compress the source").caused_by(error)
}
