//! A thousand sources of sizes around all borders, and each as a gzip member.

use std::num::NonZeroUsize;
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt as _;
use kusto_ingest::compression::{Compressor as _, DeflateEngine, ThreadedCompressor, ZlibRs};
use kusto_ingest_compression::GzipBlock;
use kusto_ingest_core::Payload;
use kusto_ingest_core::testing::noise;

/// How many sources there are.
pub(super) const SOURCES: usize = 1_000;

/// The engines that this build has, by name.
pub(super) fn engines() -> Vec<(&'static str, Arc<dyn DeflateEngine>)> {
    vec![
        ("zlib-rs", Arc::new(ZlibRs::new())),
        #[cfg(feature = "isal")]
        ("ISA-L", Arc::new(kusto_ingest::compression::Isal::new())),
    ]
}

/// The sizes: all small ones, and those around the borders of the window, of a thread's worth, and of one to three blocks.
pub(super) fn sizes() -> Vec<usize> {
    let around = |border: usize, by: usize| border - by..=border + by;
    let sizes: Vec<usize> = (0..=612)
        .chain(around(32 * 1024, 75))
        .chain(around(64 * 1024, 90))
        .chain(around(GzipBlock::SIZE, 20))
        .chain(around(2 * GzipBlock::SIZE, 5))
        .chain(around(3 * GzipBlock::SIZE, 1))
        .collect();
    assert_eq!(sizes.len(), SOURCES);
    sizes
}

/// The source of a size: text, noise, or both, by turns.
pub(super) fn source(size: usize) -> Bytes {
    let row = format!(
        "2026-11-30T11:{:02},{size},checkout,\"request completed\",",
        size % 60
    );
    let mut bytes: Vec<u8> = (0..size / 40 + 1)
        .flat_map(|number| format!("{row}{}\n", number * 7_919 % 104_729).into_bytes())
        .take(size)
        .collect();
    let random = match size % 3 {
        0 => 0,
        1 => size / 2,
        _ => size,
    };
    bytes[..random].copy_from_slice(&noise(random));
    bytes.into()
}

/// The member of a source.
pub(super) async fn member(engine: &Arc<dyn DeflateEngine>, threads: usize, source: &Bytes) -> Vec<u8> {
    let threads = NonZeroUsize::new(threads).expect("there is a thread");
    let compressor = ThreadedCompressor::new()
        .with_threads(threads)
        .with_engine(Arc::clone(engine));
    let encoded = compressor.gzip(&Payload::from_bytes(source.clone())).await;
    let chunks: Vec<Bytes> = encoded
        .expect("it opens")
        .try_collect()
        .await
        .expect("it is read");
    chunks.concat()
}
