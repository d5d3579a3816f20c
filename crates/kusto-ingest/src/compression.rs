//! From a payload to gzip, and how large it was before.
//!
//! More is in the guide: `docs/guide/sources.md#compression`.

#[doc(inline)]
pub use kusto_ingest_compression::{
    Compressor, Encoded, EncodedSizes, GzipLevel, InlineCompressor, chunked, detect, estimate,
    estimate_from_compressed, gzip_raw_size, passthrough, should_compress, verify_compression,
};
#[doc(inline)]
pub use kusto_ingest_tokio::ThreadedCompressor;
