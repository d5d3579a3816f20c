//! From a payload to gzip, and how large it was before.

#[doc(inline)]
pub use kusto_ingest_compression::{
    Compressor, Encoded, EncodedSizes, GzipLevel, InlineCompressor, detect, estimate,
    estimate_from_compressed, gzip_raw_size, identity, in_blocks, should_compress, verified,
};
#[doc(inline)]
pub use kusto_ingest_tokio::ThreadedCompressor;
