//! Hosts that accept and stay silent: every leg returns within its limit, and the next call works.
//!
//! Time is tokio's paused clock: it moves when everything waits, so that a slow machine is no silent host.

use std::sync::Arc;
use std::time::Duration;

use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan, Route};
use kusto_ingest::endpoint::RequestProperties;
use kusto_ingest::retry::CallLimits;
use kusto_ingest::status::ReceiptState;
use kusto_ingest::{Error, ErrorKind, IngestClient, Kusto, LocalSource, Result};
use kusto_ingest_core::ManualClock;
use kusto_ingest_core::testing::now;
use kusto_storage::Operation;

use crate::setup::{client, database, emulator, silence, tracked, with_table};

const LIMIT: Duration = Duration::from_millis(150);
const BLOCK: usize = 64 * 1024;

/// For how long others are told of a look-up that failed slowly, at most.
const TOLD: Duration = Duration::from_secs(10);

/// An emulator whose clock stands, so that a delayed answer never comes, and a client whose waits between attempts
/// take no time, by its clock.
async fn world() -> (Emulator, Kusto, ManualClock) {
    let builder = with_table("a:string").with_clock(Arc::new(ManualClock::new(now())));
    let emulator = emulator(builder).await;
    let limits = CallLimits::new().with_overall(LIMIT);
    let clock = ManualClock::advancing(now());
    let kusto = client(&emulator, |builder| {
        builder
            .with_clock(Arc::new(clock.clone()))
            .with_blocks(BLOCK, 2)
            .with_command_limits(limits)
            .with_block_limits(limits)
            .with_storage_limits(limits)
    });
    (emulator, kusto, clock)
}

/// Ingests a source of three blocks and reads its status.
async fn flow(kusto: &Kusto) -> Result<ReceiptState> {
    let properties = tracked().with_format("parquet".parse()?);
    let source = LocalSource::from_bytes(vec![b'x'; 2 * BLOCK + 1]);
    let receipt = kusto.queued().ingest_source(source.into(), &properties).await?;
    if let Some(row) = receipt.status_locator() {
        kusto.status().fetch(row).await?;
    }
    Ok(receipt.state)
}

/// Whether the limit of the whole call ended it, somewhere down the chain.
fn ended_by_limit(error: &Error) -> bool {
    error.chain().contains("limit overall")
}

#[tokio::test(start_paused = true)]
async fn every_leg_returns_within_its_limit_and_the_next_call_works() {
    for route in [
        Route::Management,
        Route::Storage(Operation::StageBlock),
        Route::Storage(Operation::CommitBlocks),
        Route::Storage(Operation::InsertEntity),
        Route::Storage(Operation::GetEntity),
    ] {
        let (emulator, kusto, clock) = world().await;
        silence(&emulator, route);
        let error = flow(&kusto).await.expect_err("nobody answers");
        assert!(ended_by_limit(&error), "{route:?}: {}", error.chain());
        assert!(!error.is_permanent(), "{route:?}: {}", error.chain());
        emulator.clear_faults();
        clock.advance(TOLD);
        let state = flow(&kusto).await;
        assert!(
            matches!(state, Ok(ReceiptState::Tracked(_))),
            "{route:?}: {state:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_queue_leaves_the_outcome_unknown_and_is_not_asked_twice() {
    let (emulator, kusto, _) = world().await;
    let post = Route::Storage(Operation::PutMessage);
    silence(&emulator, post);
    let error = flow(&kusto).await.expect_err("the message may have arrived");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{}", error.chain());
    assert!(ended_by_limit(&error), "{}", error.chain());
    let receipt = error.receipt().expect("it carries one");
    assert!(
        receipt.status_locator().is_some(),
        "its row tells more: {receipt:?}"
    );
    assert_eq!(emulator.request_count(post), 1);
    emulator.clear_faults();
    assert!(matches!(flow(&kusto).await, Ok(ReceiptState::Tracked(_))));
}

#[tokio::test(start_paused = true)]
async fn a_silent_engine_is_left_and_asked_again() {
    let (emulator, kusto, _) = world().await;
    let database = database();
    emulator.plan(HttpFaultPlan::new(HttpFault::Delay(Duration::from_secs(3_600))).on(Route::Query));
    let (queries, ask) = (kusto.query_endpoint(), RequestProperties::new());
    let error = queries
        .query(&database, "t | count", &ask)
        .await
        .expect_err("nobody answers");
    assert!(
        matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Io) && ended_by_limit(&error),
        "{}",
        error.chain()
    );
    assert!(queries.query(&database, "t | count", &ask).await.is_ok());
}
