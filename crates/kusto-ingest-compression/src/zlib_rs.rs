//! Deflate by zlib-rs, which is pure Rust.

use flate2::{Compress, CompressError, Compression, FlushCompress, Status};
use kusto_ingest_core::{Error, ErrorKind, Result};

use crate::deflate::WINDOW;
use crate::{DeflateEncoder, DeflateEngine, GzipLevel};

/// Up to this size, most of the time of a balanced encoder goes into codes of the source's own, which make it some hundred
/// bytes smaller: no packet less on its way.
const SMALL: usize = 2048;

/// What covers a dictionary and the bytes right behind it.
static BLANK: [u8; WINDOW + 64] = [0; WINDOW + 64];

/// The engine of pure Rust: zlib-rs, by way of flate2. Every compressor has it by default.
///
/// Up to the [balanced](GzipLevel::balanced) level, a whole source of 2 KiB or less gets fixed codes, as by the
/// [fastest](GzipLevel::fastest) level: that takes a third of the time.
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
        Box::new(ZlibEncoder {
            level,
            deflate: compress(level),
            of_small: None,
        })
    }
}

fn compress(level: GzipLevel) -> Compress {
    Compress::new(Compression::new(level.number().into()), false)
}

struct ZlibEncoder {
    level: GzipLevel,
    deflate: Compress,
    /// For small sources, once there was one.
    of_small: Option<Compress>,
}

impl DeflateEncoder for ZlibEncoder {
    fn whole(&mut self, source: &[u8], code: &mut Vec<u8>) -> Result<()> {
        let deflate = match source.len() <= SMALL && self.level <= GzipLevel::balanced() {
            true => self
                .of_small
                .get_or_insert_with(|| compress(GzipLevel::fastest())),
            false => &mut self.deflate,
        };
        deflate.reset();
        encode(deflate, source, FlushCompress::Finish, code).map_err(failed)
    }

    fn piece(&mut self, window: &[u8], piece: &[u8], code: &mut Vec<u8>) -> Result<()> {
        start_behind(&mut self.deflate, window).map_err(failed)?;
        encode(&mut self.deflate, piece, FlushCompress::Sync, code).map_err(failed)
    }
}

/// Starts anew, with `window` as what came before.
fn start_behind(deflate: &mut Compress, window: &[u8]) -> std::result::Result<(), CompressError> {
    deflate.reset();
    if window.is_empty() {
        return Ok(());
    }
    // For the last positions of a dictionary zlib-rs also hashes the byte behind it, which a reset leaves as the
    // last source had it. In a new encoder that is zero, so it is made zero here.
    deflate.set_dictionary(&BLANK)?;
    deflate.reset();
    deflate.set_dictionary(window)?;
    Ok(())
}

fn encode(
    deflate: &mut Compress,
    bytes: &[u8],
    flush: FlushCompress,
    code: &mut Vec<u8>,
) -> std::result::Result<(), CompressError> {
    let room = bytes.len() / 2 + 128;
    code.reserve(room);
    loop {
        let taken = usize::try_from(deflate.total_in()).unwrap_or(bytes.len());
        let status = deflate.compress_vec(&bytes[taken..], code, flush)?;
        // Room is left only where everything is out.
        let is_flushed = status == Status::BufError || code.len() < code.capacity();
        if status == Status::StreamEnd || (is_flushed && !matches!(flush, FlushCompress::Finish)) {
            return Ok(());
        }
        code.reserve(room);
    }
}

fn failed(error: CompressError) -> Error {
    Error::new(ErrorKind::Data, "compress the source").caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of text, of so many bytes.
    fn rows(bytes: usize) -> Vec<u8> {
        let mut rows: Vec<u8> = (0_u64..200)
            .flat_map(|row| format!("{row},checkout,{:x}\n", row * row * 977).into_bytes())
            .collect();
        rows.truncate(bytes);
        rows
    }

    fn whole(level: GzipLevel, source: &[u8]) -> Vec<u8> {
        let mut code = Vec::new();
        let mut encoder = ZlibRs::new().encoder(level);
        encoder.whole(source, &mut code).expect("it has room");
        code
    }

    #[test]
    fn a_small_source_is_compressed_as_fast_as_can_be_unless_small_is_what_was_asked_for() {
        let [fastest, balanced, smallest] =
            [GzipLevel::fastest(), GzipLevel::balanced(), GzipLevel::smallest()];
        let (small, larger) = (rows(SMALL), rows(SMALL + 1));
        assert_eq!(whole(balanced, &small), whole(fastest, &small));
        assert!(whole(balanced, &larger).len() < whole(fastest, &larger).len());
        assert!(whole(smallest, &small).len() < whole(fastest, &small).len());
    }
}
