//! Many ingestions at once, and accounts that die and come back: what a client that runs for long costs and does.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan, Route};
use kusto_ingest::status::ReceiptState;
use kusto_ingest::{ErrorKind, IngestClientExt, Kusto, LocalSource};
use kusto_ingest_core::ManualClock;
use kusto_ingest_core::testing::now;
use kusto_storage::Operation;

use crate::setup::{client, emulator, paused, properties, row};

const PUT: Route = Route::Storage(Operation::PutBlob);
const POST: Route = Route::Storage(Operation::PutMessage);

/// Two accounts, and a client whose clock stands until it is moved.
struct World {
    emulator: Emulator,
    clock: ManualClock,
    kusto: Kusto,
}

impl World {
    async fn start() -> Self {
        let clock = ManualClock::new(now());
        let shared = Arc::new(clock.clone());
        let builder = paused().with_clock(shared.clone());
        let emulator = emulator(builder.with_accounts(["accta", "acctb"])).await;
        let kusto = client(&emulator, |builder| builder.with_clock(shared));
        Self {
            emulator,
            clock,
            kusto,
        }
    }

    async fn ingest(&self) {
        let receipt = self.kusto.queued().ingest(row(), &properties()).await;
        let state = receipt.map(|receipt| receipt.state);
        assert!(matches!(state, Ok(ReceiptState::Queued)), "{state:?}");
    }

    /// How many blobs and messages were sent to an account so far.
    fn asked_of(&self, account: &str) -> [usize; 2] {
        let requests = self.emulator.requests();
        [PUT, POST].map(|route| {
            let at_account = format!("/{account}/");
            requests
                .iter()
                .filter(|request| request.route == route && request.path.starts_with(&at_account))
                .count()
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_at_once_cost_two_requests_each_and_none_to_the_service_once_it_is_warm() {
    let world = World::start().await;
    world.ingest().await;
    let cold = world.emulator.request_count(Route::Management);
    assert_eq!(cold, 2, "resources and token");
    for round in 1..=8 {
        join_all((0..64).map(|_| world.ingest())).await;
        let sent = 1 + 64 * round;
        assert_eq!(
            (
                world.emulator.request_count(PUT),
                world.emulator.request_count(POST)
            ),
            (sent, sent)
        );
        assert_eq!(
            world.emulator.request_count(Route::Management),
            cold,
            "the cache is warm"
        );
        let all = world.emulator.requests().len() as u64;
        assert_eq!(all, cold + 2 * sent, "nothing else is asked");
    }
    let sockets = world.emulator.connection_count();
    assert!(
        sockets <= 128,
        "{sockets} sockets, for more ingestions as for few"
    );
}

#[tokio::test]
async fn s02_d20_a_dead_account_is_left_at_once_and_used_again_when_it_is_back() {
    let world = World::start().await;
    let throttled = HttpFault::Status(503, "ServerBusy".to_owned());
    for (fault, route) in [(HttpFault::ResetBeforeBody, PUT), (throttled, POST)] {
        let plan = HttpFaultPlan::new(fault).on(route).in_account("accta").forever();
        world.emulator.plan(plan);
    }
    // The order of equals is drawn: soon it is the turn of the dead one.
    while world.asked_of("accta") == [0, 0] {
        world.ingest().await;
        assert!(world.emulator.request_count(PUT) < 200, "it is never tried");
    }
    let (dead, alive) = (world.asked_of("accta"), world.asked_of("acctb"));
    assert_eq!(dead[0] + dead[1], 1, "one failure is enough to be avoided");
    for _ in 0..20 {
        world.ingest().await;
    }
    assert_eq!(
        world.asked_of("accta"),
        dead,
        "the healthy account is tried first"
    );
    assert_eq!(world.asked_of("acctb"), alive.map(|before| before + 20));

    world.emulator.clear_faults();
    world.ingest().await;
    assert_eq!(world.asked_of("accta"), dead, "nobody has told that it is back");
    world.clock.advance(Duration::from_secs(60));
    while world
        .asked_of("accta")
        .iter()
        .zip(dead)
        .any(|(now, before)| *now == before)
    {
        world.ingest().await;
        assert!(world.emulator.request_count(PUT) < 400, "it never heals");
    }
}

#[tokio::test]
async fn s02_c26_a_stream_without_a_format_opens_no_connection() {
    let world = World::start().await;
    let stream = LocalSource::from_reader(futures::io::Cursor::new("1,2,3\n"));
    let error = world
        .kusto
        .queued()
        .ingest(stream, &properties())
        .await
        .expect_err("nobody knows the format");
    assert_eq!(error.kind(), ErrorKind::FormatNotSpecified, "{}", error.chain());
    assert!(error.is_permanent());
    assert_eq!(world.emulator.connection_count(), 0);
}
