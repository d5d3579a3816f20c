//! One client for several runtimes, which are not driven all the time.

use kusto_emulator::Emulator;
use kusto_ingest::{IngestClient, Kusto};
use tokio::runtime::{Builder, Runtime};

use crate::setup::{paused, properties, row, start};

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
