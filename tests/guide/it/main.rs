//! The guide: its examples run, its tables are those of the code, and its links lead somewhere.

#[path = "../blocks.rs"]
mod blocks;

mod page;
mod source;
mod world;

mod complete;
mod emulator;
mod features;
mod kusto;
mod links;
mod spans;
mod tables;
mod waits;
mod whole;
mod words;

/// A test of every Rust block, made by `build.rs`.
mod examples {
    include!(concat!(env!("OUT_DIR"), "/examples.rs"));
}
