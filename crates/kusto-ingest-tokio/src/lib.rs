#![doc = include_str!("../README.md")]

mod blocking_reader;
mod clock;
mod deletion;
mod file;
mod file_state;
mod files;
mod private_file;
mod reader;
mod spool;

mod compressor;
mod encoder_pool;
mod member;
mod threads;
mod workers;

mod folders;

mod runtime;

// What tests share.
#[cfg(feature = "testing")]
pub mod testing;

pub use blocking_reader::blocking_reader;
pub use clock::TokioClock;
pub use compressor::ThreadedCompressor;
pub use deletion::{delete_if_unchanged, find_duplicate, interrupted_deletions};
pub use file::file;
pub use file_state::FileState;
pub use files::{Files, SourceFile};
pub use folders::{BlobsByScheme, FileSystemBlobs};
pub use reader::reader;
pub use spool::RowSpool;

/// What only the crates of this workspace need. Nothing is promised of it.
#[doc(hidden)]
pub mod internal {
    pub use crate::private_file::{append_private_file, create_private_file};
    pub use crate::runtime::require_runtime;
}
