//! From a payload to gzip, and how large it was before.
//!
//! More is in the guide: `docs/guide/sources.md#compression`.

#[doc(inline)]
pub use kusto_ingest_compression::{
    Compressor, DeflateEncoder, DeflateEngine, Encoded, EncodedSizes, GzipLevel, InlineCompressor, ZlibRs,
    chunked, detect, estimate, estimate_from_compressed, gzip_raw_size, passthrough, should_compress,
    verify_compression,
};
#[cfg(feature = "isal")]
#[doc(inline)]
pub use kusto_ingest_compression_isal::Isal;
#[doc(inline)]
pub use kusto_ingest_tokio::ThreadedCompressor;
