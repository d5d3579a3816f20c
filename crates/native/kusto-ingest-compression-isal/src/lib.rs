#![doc = include_str!("../README.md")]

// Without ISA-L there is nothing: one of the two features says where it comes from.
#[cfg(any(feature = "bundled", feature = "system"))]
mod engine;
#[cfg(any(feature = "bundled", feature = "system"))]
mod stream;

#[cfg(any(feature = "bundled", feature = "system"))]
pub use engine::Isal;
