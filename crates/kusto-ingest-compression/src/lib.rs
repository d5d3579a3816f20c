#![doc = include_str!("../README.md")]

mod compressor;
mod decision;
mod encoded;

pub use compressor::Compressor;
pub use decision::should_compress;
pub use encoded::{Encoded, EncodedSizes};

#[cfg(feature = "mock")]
pub use compressor::MockCompressor;
