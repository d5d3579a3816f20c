//! Streams that can be read only once: what fails in passing does not end them, and many of one feed do not wait for one
//! another.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use futures::io::{AsyncRead, Cursor};
use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan, Route};
use kusto_ingest::{IngestClientExt, Kusto, LocalSource, Source};
use kusto_ingest_core::testing::noise;
use kusto_storage::Operation;

use super::{World, failures, properties};

const BLOCK: usize = 16 * 1024;

#[tokio::test(start_paused = true)]
async fn a_503_on_a_block_of_each_of_100_streams_fails_none() {
    let emulator = Emulator::builder()
        .with_ingestion_paused()
        .start()
        .await
        .expect("a free port");
    let kusto = Kusto::builder(&emulator.cluster())
        .expect("a good address")
        .with_blocks(BLOCK, 2)
        .connect()
        .expect("good settings");
    let properties = properties().with_format("parquet".parse().expect("a format"));
    let bytes = noise(BLOCK * 5 / 2);
    for number in 0..100 {
        let busy = HttpFaultPlan::new(HttpFault::Status(503, "ServerBusy".to_owned()));
        emulator.plan(busy.on(Route::Storage(Operation::StageBlock)).after(number % 3));
        let stream = LocalSource::from_reader(Cursor::new(bytes.clone()));
        let ingested = kusto.queued().ingest(stream, &properties).await;
        assert!(ingested.is_ok(), "stream {number}: {ingested:?}");
    }
    assert_eq!(emulator.fake().queued_message_count(), 100);
    assert_eq!(
        emulator.request_count(Route::Storage(Operation::StageBlock)),
        400,
        "a block of each was sent twice"
    );
}

/// One feed, cut into streams: none of them gives its next piece before all have been asked for theirs.
struct Feed {
    streams: usize,
    asked: usize,
    piece: usize,
    waiting: Vec<Waker>,
}

/// A stream of the feed.
struct OfFeed {
    feed: Arc<Mutex<Feed>>,
    piece: Vec<u8>,
    pieces: usize,
    given: usize,
    has_asked: bool,
    rest: usize,
}

impl AsyncRead for OfFeed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<std::io::Result<usize>> {
        if self.rest == 0 && self.given == self.pieces {
            return Poll::Ready(Ok(0));
        }
        if self.rest == 0 {
            let feed = Arc::clone(&self.feed);
            let mut feed = feed.lock().expect("unpoisoned");
            if !self.has_asked {
                self.has_asked = true;
                feed.asked += 1;
                if feed.asked == feed.streams {
                    (feed.asked, feed.piece) = (0, feed.piece + 1);
                    feed.waiting.drain(..).for_each(Waker::wake);
                }
            }
            if feed.piece <= self.given {
                feed.waiting.push(context.waker().clone());
                return Poll::Pending;
            }
            (self.has_asked, self.given, self.rest) = (false, self.given + 1, self.piece.len());
        }
        let count = self.rest.min(buffer.len());
        let from = self.piece.len() - self.rest;
        buffer[..count].copy_from_slice(&self.piece[from..from + count]);
        self.rest -= count;
        Poll::Ready(Ok(count))
    }
}

/// So many streams of so many pieces of one feed.
fn coupled(streams: usize, pieces: usize, piece: &[u8]) -> Vec<Source> {
    let feed = Arc::new(Mutex::new(Feed {
        streams,
        asked: 0,
        piece: 0,
        waiting: Vec::new(),
    }));
    let stream = || OfFeed {
        feed: Arc::clone(&feed),
        piece: piece.to_vec(),
        pieces,
        given: 0,
        has_asked: false,
        rest: 0,
    };
    let source = || LocalSource::from_reader(stream()).with_name("a.parquet").into();
    (0..streams).map(|_| source()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_thousand_streams_of_one_feed_and_a_hundred_longer_ones_make_progress_together() {
    for (streams, pieces, piece) in [(1_000, 1, 1_024), (100, 32, 64 * 1024)] {
        let world = World::start().await;
        let result = world
            .ingest(coupled(streams, pieces, &noise(piece)), streams)
            .await;
        assert_eq!(failures(&result), [""; 0], "{streams} streams");
        assert_eq!(world.messages(), streams);
    }
}
