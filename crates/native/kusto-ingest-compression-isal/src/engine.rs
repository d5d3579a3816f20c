//! The engine: ISA-L behind the seam of compressors.

use kusto_ingest_compression::{DeflateEncoder, DeflateEngine, GzipLevel};
use kusto_ingest_core::Result;

use crate::stream::{Level, Stream};

/// Deflate by ISA-L.
///
/// It has three levels, which do for our nine: 1 to 3, [`GzipLevel::fastest`] and [`GzipLevel::balanced`] among them, are its
/// level 1; 4 to 6 its level 2; 7 to 9, and so [`GzipLevel::smallest`], its level 3. Who wants the fewest bytes at any price
/// stays with [`ZlibRs`](kusto_ingest_compression::ZlibRs).
///
/// On one kind of processor the same bytes become the same bytes. On another kind they may become others, since ISA-L has
/// code of its own for several.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Isal;

impl Isal {
    /// The engine.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl DeflateEngine for Isal {
    fn encoder(&self, level: GzipLevel) -> Box<dyn DeflateEncoder> {
        let level = match level.number() {
            ..=3 => Level::One,
            4..=6 => Level::Two,
            7.. => Level::Three,
        };
        Box::new(Stream::new(level))
    }
}

impl DeflateEncoder for Stream {
    fn whole(&mut self, source: &[u8], code: &mut Vec<u8>) -> Result<()> {
        self.start();
        self.deflate_last(source, code)
    }

    fn piece(&mut self, window: &[u8], piece: &[u8], code: &mut Vec<u8>) -> Result<()> {
        self.start();
        self.set_window(window)?;
        self.deflate_open(piece, code)
    }
}
