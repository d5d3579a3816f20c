//! The seam inside a compressor: what deflates its blocks.

use std::fmt::Debug;

use kusto_ingest_core::Result;

use crate::GzipLevel;

/// How far back deflate can refer, in bytes.
pub(crate) const WINDOW: usize = 32 * 1024;

/// Makes encoders of deflate, the code inside gzip.
///
/// [`ZlibRs`](crate::ZlibRs) is the one of pure Rust. Another one is given to a compressor that takes engines.
///
/// # Contract
/// - An engine has no state. All encoders of one level make the same code of the same bytes, whatever they encoded before.
/// - Any thread may use an encoder, one at a time.
pub trait DeflateEngine: Debug + Send + Sync + 'static {
    /// A new encoder of a level.
    fn encoder(&self, level: GzipLevel) -> Box<dyn DeflateEncoder>;
}

/// Deflates one piece after the other. It keeps its memory from one to the next, and nothing else.
///
/// # Contract
/// Code is appended to `code`. After an error the encoder can be used again, and `code` cannot.
pub trait DeflateEncoder: Send {
    /// Deflates a whole source. The last block of the code says that it is the last.
    fn whole(&mut self, source: &[u8], code: &mut Vec<u8>) -> Result<()>;

    /// Deflates a piece that stands right behind `window`, which is 32 KiB at most. The code ends on a border of bytes, and
    /// none of its blocks says that it is the last.
    fn piece(&mut self, window: &[u8], piece: &[u8], code: &mut Vec<u8>) -> Result<()>;
}
