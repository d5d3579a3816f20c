//! Streams that can be read only once: what fails in passing does not end them, and many of one feed do not wait for one
//! another.

use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use futures::io::Cursor;
use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_ingest::{IngestClientExt, LocalSource, Source};
use kusto_ingest_core::testing::{noise, reader};
use kusto_storage::Operation;

use super::{World, failures};
use crate::setup::{client, emulator, paused, properties};

const BLOCK: usize = 16 * 1024;

#[tokio::test(start_paused = true)]
async fn a_503_on_a_block_of_each_of_100_streams_fails_none() {
    let emulator = emulator(paused()).await;
    let kusto = client(&emulator, |builder| builder.with_blocks(BLOCK, 2));
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

impl Feed {
    /// A stream asks for its next piece.
    fn ask(&mut self) {
        self.asked += 1;
        if self.asked == self.streams {
            (self.asked, self.piece) = (0, self.piece + 1);
            self.waiting.drain(..).for_each(Waker::wake);
        }
    }
}

/// A stream of so many pieces of the feed.
fn stream(feed: Arc<Mutex<Feed>>, pieces: usize, piece: Vec<u8>) -> Source {
    let (mut given, mut has_asked, mut rest) = (0, false, 0);
    let reader = reader(move |context, buffer| {
        if rest == 0 && given == pieces {
            return Poll::Ready(Ok(0));
        }
        if rest == 0 {
            let mut feed = feed.lock().expect("unpoisoned");
            if !std::mem::replace(&mut has_asked, true) {
                feed.ask();
            }
            if feed.piece <= given {
                feed.waiting.push(context.waker().clone());
                return Poll::Pending;
            }
            (has_asked, given, rest) = (false, given + 1, piece.len());
        }
        let count = rest.min(buffer.len());
        let from = piece.len() - rest;
        buffer[..count].copy_from_slice(&piece[from..from + count]);
        rest -= count;
        Poll::Ready(Ok(count))
    });
    LocalSource::from_reader(reader).with_name("a.parquet").into()
}

/// So many streams of so many pieces of one feed.
fn coupled(streams: usize, pieces: usize, piece: &[u8]) -> Vec<Source> {
    let feed = Arc::new(Mutex::new(Feed {
        streams,
        asked: 0,
        piece: 0,
        waiting: Vec::new(),
    }));
    let stream = |_| stream(Arc::clone(&feed), pieces, piece.to_vec());
    (0..streams).map(stream).collect()
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
