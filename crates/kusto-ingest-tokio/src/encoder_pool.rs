//! Encoders that wait for the next source, or the next block of one.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use kusto_ingest_compression::{DeflateEngine, EncodedSizes, GzipBlock, GzipEncoder, GzipLevel};
use kusto_ingest_core::Result;

/// Encoders of one engine and level that wait for the next source or block. There are as many as were ever in use at the same time,
/// and no more than a number that is worth keeping.
#[derive(Clone)]
pub(crate) struct EncoderPool {
    engine: Arc<dyn DeflateEngine>,
    level: GzipLevel,
    most: usize,
    idle: Arc<Mutex<Vec<GzipEncoder>>>,
}

impl EncoderPool {
    pub(crate) fn new(engine: Arc<dyn DeflateEngine>, level: GzipLevel, most: usize) -> Self {
        Self {
            engine,
            level,
            most,
            idle: Arc::default(),
        }
    }

    pub(crate) fn with_engine(&self, engine: Arc<dyn DeflateEngine>) -> Self {
        Self::new(engine, self.level, self.most)
    }

    pub(crate) fn with_level(&self, level: GzipLevel) -> Self {
        Self::new(self.engine.clone(), level, self.most)
    }

    pub(crate) fn with_most(&self, most: usize) -> Self {
        Self::new(self.engine.clone(), self.level, most)
    }

    /// Compresses a source into one gzip member.
    pub(crate) fn member(&self, bytes: &[u8], sizes: &EncodedSizes) -> Result<Bytes> {
        self.with(|encoder| encoder.member(bytes, sizes))
    }

    /// Compresses a block that stands behind another one.
    pub(crate) fn block(&self, before: &[u8], block: &[u8]) -> Result<GzipBlock> {
        self.with(|encoder| encoder.block(before, block))
    }

    fn with<T>(&self, work: impl FnOnce(&mut GzipEncoder) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let spare = idle().pop();
        let mut encoder = spare.unwrap_or_else(|| GzipEncoder::with_engine(self.level, &*self.engine));
        let done = work(&mut encoder);
        let mut idle = idle();
        if idle.len() < self.most {
            idle.push(encoder);
        }
        done
    }
}

impl fmt::Debug for EncoderPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncoderPool")
            .field("engine", &self.engine)
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}
