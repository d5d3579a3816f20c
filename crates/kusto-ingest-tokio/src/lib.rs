#![doc = include_str!("../README.md")]

mod clock;
mod file;
mod files;
mod reader;
mod spool;

mod compressor;
mod member;
mod spares;
mod workers;

mod folders;

mod runtime;

pub use clock::TokioClock;
pub use compressor::ThreadedCompressor;
pub use file::file;
pub use files::{Files, SourceFile};
pub use folders::{BlobsByScheme, FileSystemBlobs};
pub use reader::reader;
pub use spool::RowSpool;
