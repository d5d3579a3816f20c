//! One client for several runtimes, which are not driven all the time.

use std::time::Duration;

use kusto_emulator::{Emulator, Route};
use kusto_ingest::{IngestClient, Kusto};
use tokio::runtime::{Builder, Runtime};

use crate::setup::{paused, properties, row, silence, start};

/// A runtime that goes on by itself, with the emulator, and a client of it.
fn driven() -> (Runtime, Emulator, Kusto) {
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).enable_all().build().expect("a runtime");
    let (emulator, kusto) = runtime.block_on(start(paused()));
    (runtime, emulator, kusto)
}

/// A runtime that stands still but for `block_on`.
fn still() -> Runtime {
    let mut runtime = Builder::new_current_thread();
    runtime.enable_all().build().expect("a runtime")
}

#[test]
fn a_runtime_that_stands_still_holds_up_no_other_by_the_connections_it_made() {
    let (_driven, emulator, kusto) = driven();
    let (first, second) = (still(), still());
    for runtime in [&first, &second, &first] {
        let ingested = runtime.block_on(kusto.queued().ingest_source(row().into(), &properties()));
        ingested.unwrap_or_else(|error| panic!("{}", error.chain()));
    }
    assert_eq!(emulator.fake().queued_message_count(), 3);
}

#[test]
fn a_look_up_that_stands_still_with_its_runtime_holds_up_no_other() {
    let (_driven, emulator, kusto) = driven();
    silence(&emulator, Route::Management);
    let first = still();
    let queued = kusto.queued();
    first.block_on(async {
        drop(tokio::spawn(async move {
            queued.ingest_source(row().into(), &properties()).await
        }));
        while emulator.request_count(Route::Management) == 0 {
            tokio::task::yield_now().await;
        }
    });
    emulator.clear_faults();
    // The deadline would end a wait for the first runtime.
    let queued = kusto.queued().with_deadline(Duration::from_secs(30));
    let ingested = still().block_on(queued.ingest_source(row().into(), &properties()));
    ingested.unwrap_or_else(|error| panic!("{}", error.chain()));
    assert_eq!(emulator.fake().queued_message_count(), 1);
}
