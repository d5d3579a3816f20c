//! Encoders of small sources that wait for the next one.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use kusto_ingest_compression::{GzipEncoder, GzipLevel};
use kusto_ingest_core::Result;

/// Encoders of one level that wait for the next small source. There are as many as were ever in use at the same time,
/// and no more than a number that is worth keeping.
#[derive(Clone)]
pub(crate) struct EncoderPool {
    level: GzipLevel,
    most: usize,
    idle: Arc<Mutex<Vec<GzipEncoder>>>,
}

impl EncoderPool {
    pub(crate) fn new(level: GzipLevel, most: usize) -> Self {
        let idle = Arc::default();
        Self { level, most, idle }
    }

    /// Compresses a source into one gzip member.
    pub(crate) fn member(&self, bytes: &[u8]) -> Result<Bytes> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let spare = idle().pop();
        let mut encoder = spare.unwrap_or_else(|| GzipEncoder::new(self.level));
        let member = encoder.member(bytes);
        let mut idle = idle();
        if idle.len() < self.most {
            idle.push(encoder);
        }
        member
    }
}

impl fmt::Debug for EncoderPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncoderPool")
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}
