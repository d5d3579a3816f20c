//! The readers of the formats: from bytes to records.

pub(crate) mod delimited;
pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod w3c;

mod encoding;

pub(crate) use delimited::{Delimited, Dialect, Fields};
pub(crate) use encoding::open;
pub(crate) use lines::next_line;

/// A record larger than this is refused, so that a missing quote does not take the memory of the process.
pub(crate) const LARGEST_RECORD: usize = 64 << 20;
