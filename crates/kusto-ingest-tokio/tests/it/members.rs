//! Large sources on several threads: one member, in order, the same whatever the threads; and no one in another's way.

use std::io::Cursor;
use std::num::NonZeroUsize;
use std::sync::mpsc;

use bytes::Bytes;
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, future};
use kusto_ingest_compression::testing::gunzip;
use kusto_ingest_compression::{Compressor as _, GzipBlock};
use kusto_ingest_core::testing::{noise, noise_of};
use kusto_ingest_core::{Payload, Result};
use kusto_ingest_tokio::{ThreadedCompressor, file, reader};
use proptest::prelude::{any, proptest};
use proptest::test_runner::Config;
use tokio::runtime::{Builder, Runtime};

use crate::folder::Scratch;

const BLOCK: usize = GzipBlock::SIZE;

fn text(len: usize) -> Vec<u8> {
    let rows: Vec<u8> = (0..9_000_usize)
        .flat_map(|row| format!("{row},{}\n", row * row % 977).into_bytes())
        .collect();
    let mut text = rows.repeat(len / rows.len() + 1);
    text.truncate(len);
    text
}

/// A runtime of one task thread and one blocking thread: whoever waits while holding either stops all.
fn narrow() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.max_blocking_threads(1).build().expect("a runtime starts")
}

fn threads(number: usize) -> ThreadedCompressor {
    ThreadedCompressor::new().with_threads(NonZeroUsize::new(number).expect("it is not zero"))
}

async fn gzipped(compressor: &ThreadedCompressor, payload: &Payload) -> Result<Vec<u8>> {
    let encoded = compressor.gzip(payload).await?;
    let sizes = encoded.sizes();
    let chunks: Vec<Bytes> = encoded.try_collect().await?;
    let gzip = chunks.concat();
    let trailer = gzip.last_chunk().copied().expect("it ends with its length");
    assert_eq!(sizes.raw(), u64::from(u32::from_le_bytes(trailer)));
    assert_eq!(sizes.encoded(), gzip.len() as u64);
    Ok(gzip)
}

#[tokio::test]
async fn sources_around_the_borders_of_blocks_are_one_member_whatever_the_number_of_threads() {
    let borders = [65_536, BLOCK, 2 * BLOCK].map(|border| [border - 1, border, border + 1]);
    for len in [0, 1, 5 * BLOCK + BLOCK / 2]
        .into_iter()
        .chain(borders.into_iter().flatten())
    {
        for data in [noise(len), text(len)] {
            let payload = Payload::from_bytes(data.clone());
            let first = gzipped(&threads(1), &payload).await.expect("it is read");
            assert!(gunzip(&first) == data, "{len} bytes");
            let again = gzipped(&threads(3), &payload).await.expect("it is read");
            assert!(again == first, "{len} bytes");
        }
    }
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(8) })]

    #[test]
    fn sources_of_any_length_and_content_come_out_as_they_went_in(
        len in 0..3 * BLOCK,
        random in 0..BLOCK,
        seed in 1..u64::MAX,
        number in 1_usize..5,
        once in any::<bool>(),
    ) {
        let mut data = text(len);
        let random = random.min(len);
        data[..random].copy_from_slice(&noise_of(seed, random));
        let payload = if once { reader(Cursor::new(data.clone())) } else { Payload::from_bytes(data.clone()) };
        let gzip = narrow().block_on(gzipped(&threads(number), &payload)).expect("it is read");
        assert!(gunzip(&gzip) == data);
    }
}

#[test]
fn many_files_at_once_get_by_with_one_blocking_thread() {
    let data = text(2 * BLOCK + 1);
    let scratch: Vec<_> = (0..6)
        .map(|name| Scratch::new(&format!("many-{name}.csv"), &data))
        .collect();
    let compressor = threads(2);
    narrow().block_on(async {
        let files = scratch.iter().map(|scratch| async {
            let source = file(&scratch.path).await?;
            gzipped(&compressor, source.payload()).await
        });
        for gzip in future::try_join_all(files).await.expect("all are read") {
            assert!(gunzip(&gzip) == data);
        }
    });
}

#[test]
fn a_source_without_end_leaves_a_file_its_turns() {
    let data = text(3 * BLOCK);
    let scratch = Scratch::new("beside-a-source-without-end.csv", &data);
    let compressor = threads(2);
    narrow().block_on(async {
        let endless = reader(tokio::io::repeat(b'x'));
        let endless = compressor.gzip(&endless).await.expect("it opens");
        let taken = tokio::spawn(endless.for_each(|chunk| async { drop(chunk.expect("it is compressed")) }));
        let source = file(&scratch.path).await.expect("it is there");
        let gzip = gzipped(&compressor, source.payload()).await.expect("it is read");
        assert!(gunzip(&gzip) == data);
        assert!(!taken.is_finished());
        taken.abort();
    });
}

#[test]
fn a_source_whose_chunks_nobody_takes_keeps_no_thread() {
    let data = text(3 * BLOCK);
    let compressor = threads(1);
    narrow().block_on(async {
        let payload = Payload::from_bytes(data.clone());
        let mut left_alone = compressor.gzip(&payload).await.expect("it opens");
        // One block of it is on its way from here on.
        left_alone
            .next()
            .await
            .expect("there is more")
            .expect("it is compressed");
        assert!(gunzip(gzipped(&compressor, &payload).await.expect("it is read")) == data);
        let rest: Vec<Bytes> = left_alone.try_collect().await.expect("it goes on");
        assert!(!rest.is_empty());
    });
}

#[test]
fn a_runtime_that_is_gone_ends_the_stream_in_an_error() {
    let payload = Payload::from_bytes(noise(9 * BLOCK));
    let gone = narrow();
    let stream = gone.block_on(threads(1).gzip(&payload)).expect("it opens");
    drop(gone);
    let outcome: Result<Vec<Bytes>> = futures::executor::block_on(stream.try_collect());
    let error = outcome.expect_err("nobody compresses any more");
    assert!(error.chain().contains("ended early"), "{}", error.chain());
}

#[test]
fn a_source_goes_on_where_another_runtime_that_shares_its_compressor_ends() {
    let (gone, lasting, compressor) = (narrow(), narrow(), threads(1));
    let data = noise(2 * BLOCK);
    let payload = Payload::from_bytes(data.clone());
    let begin = async || {
        let mut stream = compressor.gzip(&payload).await.expect("it opens");
        // The header, and then as much as can be done without a thread.
        let header = stream
            .next()
            .await
            .expect("there is more")
            .expect("it is compressed");
        let is_waiting = stream.next().now_or_never().is_none();
        assert!(is_waiting, "no thread is free");
        (header, stream)
    };
    let (open, gate) = mpsc::channel::<()>();
    let busy = lasting.spawn_blocking(move || gate.recv());
    let before = lasting.block_on(begin());
    // More blocks than a thread does in a row stand between those of the runtime that goes on.
    let others: Vec<_> = (0..20).map(|_| gone.block_on(begin())).collect();
    let behind = lasting.block_on(begin());
    drop((others, gone));
    open.send(()).expect("the thread waits for it");
    lasting.block_on(async {
        drop(busy.await);
        for (header, stream) in [before, behind] {
            let rest: Vec<Bytes> = stream.try_collect().await.expect("it goes on");
            assert!(gunzip([header, rest.concat().into()].concat()) == data);
        }
    });
}
