#![doc = include_str!("../README.md")]

mod clock;
mod compressor;
mod file;
mod reader;

mod runtime;

pub use clock::TokioClock;
pub use compressor::ThreadedCompressor;
pub use file::file;
pub use reader::reader;
