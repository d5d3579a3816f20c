//! One limit for the whole call: the attempts, the waits between them, and the queue.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::TryStreamExt as _;
use futures::executor::block_on;
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::testing::{SECOND, clock};
use kusto_ingest_core::{
    Clock as _, DataFormat, Error, ErrorKind, IngestClient, IngestionProperties, LocalSource, ManualClock,
    Payload, Receipt, Result, Source,
};
use kusto_ingest_managed::{DefaultPolicy, ManagedStreamingIngestClient, ManagedStreamingSettings};

/// A client that fails in passing after a while, and notes how much time it was given.
#[derive(Clone, Debug)]
struct Failing {
    takes: Duration,
    clock: ManualClock,
    given: Arc<Mutex<Vec<Option<Duration>>>>,
}

impl Failing {
    fn after(takes: Duration, clock: &ManualClock) -> Self {
        Self {
            takes,
            clock: clock.clone(),
            given: Arc::default(),
        }
    }

    fn given(&self) -> Vec<Option<Duration>> {
        self.given.lock().expect("unpoisoned").clone()
    }
}

#[async_trait]
impl IngestClient for Failing {
    async fn ingest_source(&self, _: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let left = properties.deadline.map(|end| end.remaining(&self.clock));
        self.given.lock().expect("unpoisoned").push(left);
        self.clock.sleep(self.takes).await;
        Err(Error::new(ErrorKind::Unavailable, "send it"))
    }
}

/// What a call with this limit comes to, after how long, and the time that each client was given.
fn ends(
    limit: Duration,
    takes: Duration,
    source: LocalSource,
) -> (Error, Duration, [Vec<Option<Duration>>; 2]) {
    let clock = clock();
    let (engine, queue) = (Failing::after(takes, &clock), Failing::after(takes, &clock));
    let client = ManagedStreamingIngestClient::new(
        Arc::new(engine.clone()),
        Arc::new(queue.clone()),
        Arc::new(InlineCompressor::new()),
        Arc::new(clock.clone()),
    )
    .with_policy(DefaultPolicy::new(
        ManagedStreamingSettings::new().with_retry(Arc::new(crate::world::Doubling)),
    ))
    .with_deadline(limit);
    let properties = IngestionProperties::into_table("D", "T").expect("these are names");
    let properties = properties.with_format(DataFormat::Csv);
    let error = block_on(client.ingest_source(source.into(), &properties)).expect_err("nothing is taken");
    (error, clock.monotonic(), [engine.given(), queue.given()])
}

#[test]
fn the_queue_is_asked_where_the_call_would_be_over_before_the_next_attempt() {
    let (error, ended, [engine, queue]) = ends(2 * SECOND, Duration::ZERO, LocalSource::from_bytes("1\n"));
    assert_eq!((error.kind(), ended), (ErrorKind::Unavailable, SECOND));
    assert_eq!(engine, [Some(2 * SECOND), Some(SECOND)]);
    assert_eq!(
        queue,
        [Some(SECOND)],
        "the next attempt would be made after two seconds"
    );
}

#[test]
fn each_client_is_told_how_much_is_left() {
    let (_, ended, [engine, queue]) = ends(60 * SECOND, 5 * SECOND, LocalSource::from_bytes("1\n"));
    let seconds = |left: Vec<Option<Duration>>| left.into_iter().flatten().map(|left| left.as_secs());
    assert!(
        seconds(engine).eq([60, 54, 47]),
        "three attempts of 5 s, with waits of 1 s and 2 s"
    );
    assert!(seconds(queue).eq([42]));
    assert_eq!(ended, 23 * SECOND);
}

#[test]
fn a_source_that_gives_nothing_is_not_waited_for_longer() {
    let silent =
        Payload::from_reader(futures::stream::pending::<std::io::Result<Vec<u8>>>().into_async_read());
    let (error, ended, given) = ends(3 * SECOND, Duration::ZERO, LocalSource::new(silent));
    assert_eq!((error.kind(), ended), (ErrorKind::Timeout, 3 * SECOND));
    assert_eq!(given, [vec![], vec![]], "nobody was given anything");
}
