#![doc = include_str!("../README.md")]

// Whether.
mod decision;
mod detect;
mod verify;

// How.
mod blocks;
mod compressor;
mod deflate;
mod encoded;
mod gzip;
mod inline;
mod level;
mod raw;
mod stored;
mod zlib_rs;

// How large it was.
mod estimate;

// What fits into one streaming request.
mod streaming;

// What tests share.
#[cfg(feature = "testing")]
pub mod testing;

pub use blocks::GzipMember;
pub use compressor::Compressor;
pub use decision::should_compress;
pub use deflate::{DeflateEncoder, DeflateEngine};
pub use detect::detect;
pub use encoded::{Encoded, EncodedSizes};
pub use estimate::{estimate, estimate_from_compressed, gzip_raw_size};
pub use gzip::{GzipBlock, GzipEncoder};
pub use inline::InlineCompressor;
pub use level::GzipLevel;
pub use raw::{chunked, passthrough};
pub use streaming::{StreamingBody, StreamingLimits, ingested_bytes, streaming_body};
pub use verify::verify_compression;
pub use zlib_rs::ZlibRs;

#[cfg(feature = "mock")]
pub use compressor::MockCompressor;

/// What only the crates of this workspace need. Nothing is promised of it.
#[doc(hidden)]
pub mod internal {
    pub use crate::estimate::archived_raw_size;
}
