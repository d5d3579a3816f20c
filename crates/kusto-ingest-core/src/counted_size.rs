//! A size that is known once the bytes have been read.

use std::sync::{Arc, OnceLock};

/// The uncompressed size of bytes that are compressed while they are read: unknown until whoever compresses them has
/// come to their end. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct CountedSize(Arc<OnceLock<u64>>);

impl CountedSize {
    /// Not known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All bytes were counted. The first count stands.
    pub fn complete(&self, bytes: u64) {
        let _first = self.0.get_or_init(|| bytes);
    }

    /// The count, once it is complete.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        self.0.get().copied()
    }
}
