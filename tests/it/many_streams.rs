//! Many streams at once: those whose bytes are there are read a few at a time, so that what they have in hand is bounded.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use futures::io::AsyncRead;
use kusto_emulator::Emulator;
use kusto_ingest::sources::Sources;
use kusto_ingest::upload::MemoryBudget;
use kusto_ingest::{IngestionProperties, Kusto, LocalSource};

const MIB: usize = 1024 * 1024;

/// How many streams are being read, now and at most.
#[derive(Default)]
struct Reading {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// A stream whose bytes are there whenever they are asked for.
struct Ready {
    reading: Arc<Reading>,
    has_begun: bool,
    left: usize,
}

impl AsyncRead for Ready {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<std::io::Result<usize>> {
        if !std::mem::replace(&mut self.has_begun, true) {
            let now = self.reading.now.fetch_add(1, Ordering::Relaxed) + 1;
            self.reading.most.fetch_max(now, Ordering::Relaxed);
        }
        let given = self.left.min(buffer.len());
        buffer[..given].fill(b'1');
        self.left -= given;
        if given == 0 {
            self.reading.now.fetch_sub(1, Ordering::Relaxed);
        }
        Poll::Ready(Ok(given))
    }
}

#[tokio::test]
async fn of_40_streams_at_once_two_are_read_at_a_time_under_a_budget_of_64_mib() {
    let emulator = Emulator::builder()
        .with_ingestion_paused()
        .start()
        .await
        .expect("a free port");
    let kusto = Kusto::builder(&emulator.cluster())
        .expect("a good address")
        .with_memory(MemoryBudget::new(64 * MIB))
        .connect()
        .expect("good settings");
    let reading = Arc::<Reading>::default();
    let stream = |_| {
        LocalSource::from_reader(Ready {
            reading: Arc::clone(&reading),
            has_begun: false,
            left: MIB,
        })
        .with_name("a.csv")
    };
    let properties = IngestionProperties::into_table("db", "t").expect("good names");
    let sources = Sources::new((0..40).map(stream)).with_concurrency(40);

    let result = sources.ingest_with(&kusto.queued(), &properties).await;

    let failures: Vec<_> = result.errors().map(kusto_ingest::Error::chain).collect();
    assert_eq!(failures, [""; 0]);
    assert_eq!(emulator.fake().queued_message_count(), 40);
    assert_eq!(reading.most.load(Ordering::Relaxed), 2);
}
