//! Many streams at once: those whose bytes are there are read a few at a time, so that what they have in hand is bounded.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use kusto_ingest::LocalSource;
use kusto_ingest::sources::Sources;
use kusto_ingest::upload::MemoryBudget;
use kusto_ingest_core::testing::reader;

use crate::setup::{client, emulator, paused, properties};

const MIB: usize = 1024 * 1024;

/// How many streams are being read, now and at most.
#[derive(Default)]
struct Reading {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// A stream of a MiB, which is there whenever it is asked for.
fn stream(reading: Arc<Reading>) -> LocalSource {
    let (mut has_begun, mut left) = (false, MIB);
    let reader = reader(move |_, buffer| {
        if !std::mem::replace(&mut has_begun, true) {
            let now = reading.now.fetch_add(1, Ordering::Relaxed) + 1;
            reading.most.fetch_max(now, Ordering::Relaxed);
        }
        let given = left.min(buffer.len());
        buffer[..given].fill(b'1');
        left -= given;
        if given == 0 {
            reading.now.fetch_sub(1, Ordering::Relaxed);
        }
        Poll::Ready(Ok(given))
    });
    LocalSource::from_reader(reader).with_name("a.csv")
}

#[tokio::test]
async fn of_40_streams_at_once_two_are_read_at_a_time_under_a_budget_of_64_mib() {
    let emulator = emulator(paused()).await;
    let kusto = client(&emulator, |builder| {
        builder.with_memory(MemoryBudget::new(64 * MIB))
    });
    let reading = Arc::<Reading>::default();
    let streams = (0..40).map(|_| stream(Arc::clone(&reading)));
    let sources = Sources::new(streams).with_concurrency(40);

    let result = sources.ingest_with(&kusto.queued(), &properties()).await;

    let failures: Vec<_> = result.errors().map(kusto_ingest::Error::chain).collect();
    assert_eq!(failures, [""; 0]);
    assert_eq!(emulator.fake().queued_message_count(), 40);
    assert_eq!(reading.most.load(Ordering::Relaxed), 2);
}
