//! Gzip on a thread.

use std::io::Cursor;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures::{AsyncReadExt as _, StreamExt as _, TryStreamExt as _, stream};
use kusto_ingest_compression::testing::gunzip;
use kusto_ingest_compression::{Compressor, GzipBlock, GzipLevel, InlineCompressor};
use kusto_ingest_core::testing::{breaking, noise, replayable};
use kusto_ingest_core::{ErrorKind, Payload};
use kusto_ingest_tokio::{ThreadedCompressor, reader};
use tokio::sync::oneshot;

const MIB: usize = 1024 * 1024;

async fn chunks(compressor: &dyn Compressor, payload: &Payload) -> Vec<Bytes> {
    let encoded = compressor.gzip(payload).await.expect("it opens");
    encoded.try_collect().await.expect("it is read")
}

fn two_threads() -> ThreadedCompressor {
    ThreadedCompressor::new().with_threads(NonZeroUsize::MIN.saturating_add(1))
}

#[tokio::test]
async fn payloads_of_every_kind_and_size_come_out_as_they_went_in() {
    for data in [Vec::new(), noise(1), noise(MIB), vec![b'a'; 2 * MIB + 1]] {
        for payload in [
            Payload::from_bytes(data.clone()),
            replayable(data.clone()),
            reader(Cursor::new(data.clone())),
        ] {
            let encoded = ThreadedCompressor::new().gzip(&payload).await.expect("it opens");
            let sizes = encoded.sizes();
            let chunks: Vec<Bytes> = encoded.try_collect().await.expect("it is read");
            assert!(
                gunzip(chunks.concat()) == data,
                "{} bytes, {payload:?}",
                data.len()
            );
            assert_eq!(sizes.raw(), data.len() as u64);
            assert_eq!(sizes.encoded(), chunks.concat().len() as u64);
        }
    }
}

#[tokio::test]
async fn what_does_not_compress_is_stored_and_counted_block_by_block() {
    let text = "2026-01-01,1\n".repeat(GzipBlock::SIZE / 13 + 1)[..GzipBlock::SIZE].to_owned();
    for (data, stored) in [
        (noise(3 * MIB), 3 * MIB),
        ([text.as_bytes(), &noise(MIB)[..], text.as_bytes()].concat(), MIB),
        (noise(100_000), 100_000),
        (text.into_bytes(), 0),
        (noise(1_000), 0),
    ] {
        let payload = Payload::from_bytes(data.clone());
        let encoded = two_threads().gzip(&payload).await.expect("it opens");
        let sizes = encoded.sizes();
        let chunks: Vec<Bytes> = encoded.try_collect().await.expect("it is read");
        assert!(gunzip(chunks.concat()) == data);
        assert_eq!(sizes.stored(), stored as u64, "{} bytes", data.len());
        // Five bytes for each 64 KiB that are stored, 16 for each block, 25 for the member.
        let most = stored + stored / 10_000 + 200 + (data.len() - stored) / 20;
        assert!(
            data.len() == 1_000 || chunks.concat().len() < most,
            "{} bytes",
            data.len()
        );
    }
}

#[tokio::test]
async fn a_source_of_one_block_is_one_chunk_and_the_same_as_from_the_task() {
    let level = GzipLevel::new(1).expect("it is a level");
    let [threaded, inline]: [&dyn Compressor; 2] = [
        &ThreadedCompressor::new().with_level(level),
        &InlineCompressor::new().with_level(level),
    ];
    for len in [0, 1, 65_535, 65_536, GzipBlock::SIZE - 1] {
        let data = "2026-01-01,1\n".repeat(len / 13 + 1)[..len].to_owned();
        let in_memory = Payload::from_bytes(data.clone());
        let once = reader(Cursor::new(data));
        let task = chunks(inline, &in_memory).await;
        assert_eq!(task.len(), 1);
        for payload in [&in_memory, &once] {
            assert!(
                chunks(threaded, payload).await == task,
                "{len} bytes, {payload:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_payload_that_breaks_ends_in_its_error() {
    let payload = breaking(None, noise(3 * MIB));
    let encoded = ThreadedCompressor::new().gzip(&payload).await.expect("it opens");
    let error = encoded
        .try_collect::<Vec<_>>()
        .await
        .expect_err("the rest is missing");
    assert_eq!(error.kind(), ErrorKind::SourceNotReadable);
    assert!(error.chain().contains("the disk is gone"), "{}", error.chain());
}

#[tokio::test]
async fn memory_is_bounded_however_slowly_the_chunks_are_taken() {
    let read = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&read);
    let endless = stream::repeat_with(move || {
        counted.fetch_add(256 * 1024, Ordering::Relaxed);
        Ok::<_, std::io::Error>(noise(256 * 1024))
    });
    let payload = Payload::from_reader(endless.into_async_read());
    let mut encoded = two_threads().gzip(&payload).await.expect("it opens");
    let mut taken = 0;
    for _ in 0..10 {
        let chunk = encoded.next().await.expect("there is more");
        taken += chunk.expect("it is compressed").len();
        let held = read.load(Ordering::Relaxed).saturating_sub(taken);
        assert!(held <= 5 * GzipBlock::SIZE, "{held} bytes are held after {taken}");
    }
}

#[tokio::test]
async fn the_runtime_is_free_while_the_thread_works() {
    let (let_go, held) = oneshot::channel::<()>();
    let rest = stream::once(async {
        held.await.expect("the other task ran");
        Ok::<_, std::io::Error>(noise(1))
    });
    let payload =
        Payload::from_reader(futures::io::Cursor::new(noise(MIB)).chain(Box::pin(rest).into_async_read()));
    let encoded = ThreadedCompressor::new().gzip(&payload).await.expect("it opens");
    let (chunks, sent) = tokio::join!(encoded.try_collect::<Vec<_>>(), async { let_go.send(()) });
    sent.expect("the payload waits for it");
    assert_eq!(gunzip(chunks.expect("it is read").concat()).len(), MIB + 1);
}

/// Bytes that tell when the last handle on them is gone.
struct Watched(Vec<u8>, Option<oneshot::Sender<()>>);

impl AsRef<[u8]> for Watched {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _nobody_waits = self.1.take().map(|gone| gone.send(()));
    }
}

#[tokio::test]
async fn dropping_the_stream_ends_the_work_with_the_blocks_in_hand() {
    for taken in [0, 1, 3] {
        let (gone, is_gone) = oneshot::channel();
        let payload = Payload::from_bytes(Bytes::from_owner(Watched(noise(16 * MIB), Some(gone))));
        let mut encoded = two_threads().gzip(&payload).await.expect("it opens");
        for _ in 0..taken {
            let chunk = encoded.next().await.expect("there is more");
            chunk.expect("it is compressed");
        }
        let sizes = encoded.sizes();
        drop((payload, encoded));
        is_gone.await.expect("the threads let go of the bytes");
        let (blocks, most) = (sizes.raw() / GzipBlock::SIZE as u64, taken + 4);
        assert!(
            blocks <= most,
            "it worked on {blocks} blocks, {taken} of which were taken"
        );
    }
}

#[test]
fn outside_of_a_runtime_a_large_payload_is_an_error_and_no_panic() {
    let large = Payload::from_bytes(noise(MIB));
    let error =
        futures::executor::block_on(ThreadedCompressor::new().gzip(&large)).expect_err("there is no runtime");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}
