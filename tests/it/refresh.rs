//! A runtime that ends in the middle of a look-up or of a refresh: the next runtime's call works.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use kusto_emulator::{Emulator, Route};
use kusto_ingest::status::ReceiptState;
use kusto_ingest::{IngestClient, Kusto};
use kusto_ingest_core::testing::now;
use kusto_ingest_core::{ManualClock, within};
use kusto_ingest_tokio::TokioClock;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::setup::{client, emulator, paused, properties, row, silence};

/// Within which a call ends that waits for nobody.
const IN_TIME: Duration = Duration::from_secs(60);

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// An emulator that outlives the runtimes of its clients, on a thread of its own. Its clock stands.
struct Service {
    emulator: Arc<Emulator>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Service {
    fn start() -> Self {
        let (stop, stopped) = oneshot::channel();
        let (send, started) = channel();
        let thread = spawn(move || runtime().block_on(Self::serve(send, stopped)));
        let emulator = started.recv().expect("it starts");
        let (stop, thread) = (Some(stop), Some(thread));
        Self {
            emulator,
            stop,
            thread,
        }
    }

    async fn serve(started: Sender<Arc<Emulator>>, stopped: oneshot::Receiver<()>) {
        let builder = paused().with_clock(Arc::new(ManualClock::new(now())));
        let emulator = Arc::new(emulator(builder).await);
        started.send(emulator).expect("somebody waits");
        // Whether it is told or dropped: it is the end.
        drop(stopped.await);
    }

    /// Commands are not answered until [`Emulator::clear_faults`].
    fn is_silent(&self) {
        silence(&self.emulator, Route::Management);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            assert!(thread.join().is_ok(), "the emulator ends well");
        }
    }
}

async fn ingest(kusto: Kusto) -> kusto_ingest::Result<ReceiptState> {
    let receipt = kusto.queued().ingest_source(row().into(), &properties()).await?;
    Ok(receipt.state)
}

/// Begins to ingest on a runtime of its own, which ends as soon as so many commands were asked in all.
fn ends_within(service: &Service, kusto: &Kusto, commands: u64) {
    let runtime = runtime();
    let ingesting = runtime.spawn(ingest(kusto.clone()));
    runtime.block_on(async {
        while service.emulator.request_count(Route::Management) < commands {
            tokio::task::yield_now().await;
        }
    });
    drop(runtime);
    let ended = runtime_result(ingesting);
    assert!(!ended.is_some_and(|error| error.is_panic()), "nothing panics");
}

/// How a task ended whose runtime is gone, if it did not end by itself.
fn runtime_result<T>(task: tokio::task::JoinHandle<T>) -> Option<tokio::task::JoinError> {
    futures::executor::block_on(task).err()
}

fn works(kusto: &Kusto) {
    let ingesting = ingest(kusto.clone());
    let in_time = async { within(&TokioClock::new(), IN_TIME, "ingest", ingesting).await };
    let state = runtime().block_on(in_time);
    assert!(matches!(state, Ok(ReceiptState::Queued)), "{state:?}");
}

fn kusto(service: &Service, clock: &ManualClock) -> Kusto {
    client(&service.emulator, |builder| {
        builder.with_clock(Arc::new(clock.clone()))
    })
}

#[test]
fn a_runtime_dropped_in_the_first_look_up_leaves_no_trace() {
    let (service, clock) = (Service::start(), ManualClock::new(now()));
    let kusto = kusto(&service, &clock);
    service.is_silent();
    for round in 1..=3 {
        ends_within(&service, &kusto, round);
    }
    service.emulator.clear_faults();
    works(&kusto);
}

#[test]
fn a_runtime_dropped_in_the_middle_of_a_refresh_leaves_the_old_value_and_the_next_one_works() {
    let (service, clock) = (Service::start(), ManualClock::new(now()));
    let kusto = kusto(&service, &clock);
    works(&kusto);
    for round in 0..3 {
        // The resources are due, and the last flight is a minute old.
        clock.advance(Duration::from_secs(3_600));
        service.is_silent();
        let before = service.emulator.request_count(Route::Management);
        ends_within(&service, &kusto, before + 1);
        // At the pause after a flight that was dropped, and after it.
        works(&kusto);
        service.emulator.clear_faults();
        clock.advance(Duration::from_secs(61));
        let before = service.emulator.request_count(Route::Management);
        works(&kusto);
        let asked = service.emulator.request_count(Route::Management) - before;
        assert!(asked >= 1, "round {round}: it is refreshed in the end");
    }
}
