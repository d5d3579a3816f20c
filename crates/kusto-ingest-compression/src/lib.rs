#![doc = include_str!("../README.md")]

mod compressor;
mod decision;
mod encoded;
mod estimate;

mod identity;
mod inline;

pub use compressor::Compressor;
pub use decision::should_compress;
pub use encoded::{Encoded, EncodedSizes};
pub use estimate::{FACTOR, estimate};
pub use identity::identity;
pub use inline::{InlineCompressor, gzip_bytes};

#[cfg(feature = "mock")]
pub use compressor::MockCompressor;
