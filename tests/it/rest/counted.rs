//! Requests of many small sources, counted.

use kusto_emulator::Route;
use kusto_ingest::LocalSource;
use kusto_ingest::queued::Protocol;
use kusto_ingest::sources::Sources;
use kusto_storage::Operation;

use super::start;
use crate::setup::{drained_rows, properties};

const COUNT: u64 = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_small_sources_take_at_most_eleven_hundred_requests() {
    let (emulator, kusto) = start(Protocol::Rest, |builder| builder).await;
    let sources =
        (0..COUNT).map(|number| LocalSource::from_bytes(format!("{number},x\n")).with_name("a.csv"));
    let result = Sources::new(sources)
        .with_concurrency(40)
        .ingest_with(&kusto.queued(), &properties())
        .await;
    assert_eq!(result.errors().count(), 0);
    let [blobs, named, asked] = [
        Route::Storage(Operation::PutBlob),
        Route::QueuedSubmission,
        Route::IngestionConfiguration,
    ]
    .map(|route| emulator.request_count(route));
    assert_eq!((blobs, asked), (COUNT, 1));
    assert!(
        blobs + named <= COUNT * 11 / 10,
        "{named} requests name {COUNT} blobs"
    );
    assert_eq!(
        emulator.requests().len() as u64,
        blobs + named + asked,
        "nothing else is asked"
    );
    assert_eq!(drained_rows(&emulator).await as u64, COUNT);
}
