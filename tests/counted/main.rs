//! What a small ingestion takes, counted: allocations, connections, and what is asked of the disk. Counts are the same on
//! every machine, so they are tests and no benchmarks.

#[expect(dead_code, reason = "the client here has resources that are issued")]
#[path = "../benches/measured/client.rs"]
mod client;
mod disk;
#[path = "../benches/measured/issued.rs"]
mod issued;
mod sink;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use kusto_ingest::queued::QueuedIngestClient;
use kusto_ingest_core::{IngestClient as _, LocalSource, ReceiptState};
use sink::Sink;
use tokio::runtime::Builder;

/// How many ingestions are counted.
const COUNT: usize = 100;

async fn ingest(client: &QueuedIngestClient, source: LocalSource) {
    let receipt = client.ingest_source(source.into(), &client::properties()).await;
    assert_eq!(receipt.expect("the sink takes it").state, ReceiptState::Queued);
}

fn rows() -> LocalSource {
    LocalSource::from_bytes(Bytes::from_static(
        b"2026-11-30,INFO,checkout,request completed\n",
    ))
}

/// Allocations of each ingestion, once connections and caches are there.
fn allocations(accounts: usize) -> u64 {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let sink = Sink::start();
    let client = issued::by(&sink.address(), accounts);
    let several = || {
        runtime.block_on(async {
            for _ in 0..COUNT {
                ingest(&client, rows()).await;
            }
        });
    };
    several();
    allocation_counter::measure(several).count_total / COUNT as u64
}

#[test]
fn a_small_ingestion_makes_at_most_130_allocations() {
    let each = allocations(1);
    assert!(each <= 130, "{each} allocations for each ingestion");
}

#[test]
fn sixteen_accounts_take_no_more_allocations_than_one() {
    let (one, many) = (allocations(1), allocations(16));
    assert!(
        many <= one + 5,
        "{many} allocations with 16 accounts, and {one} with one"
    );
}

#[tokio::test]
async fn sixty_four_ingestions_at_once_over_three_accounts_make_no_more_connections_to_any_host() {
    const AT_ONCE: usize = 64;
    let hosts = [Sink::start(), Sink::start(), Sink::start()];
    let addresses: Vec<_> = hosts.iter().map(Sink::address).collect();
    let client = issued::at(&addresses.iter().map(String::as_str).collect::<Vec<_>>());
    stream::iter(0..20 * AT_ONCE)
        .for_each_concurrent(AT_ONCE, |_| ingest(&client, rows()))
        .await;
    for host in &hosts {
        let (connections, requests) = (host.connections(), host.requests());
        assert!(requests > 0, "every account is used");
        assert!(
            connections <= AT_ONCE,
            "{connections} connections for {requests} requests"
        );
    }
}
