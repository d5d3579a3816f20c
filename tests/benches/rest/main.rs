//! What a small ingestion costs over REST, against the same through queues: in turns, against one sink in another process.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark measures real time and speaks on the terminal"
)]

#[path = "../measured/chance.rs"]
mod chance;
#[expect(dead_code, reason = "the clients here have resources that are issued")]
#[path = "../measured/client.rs"]
mod client;
#[path = "../measured/cost.rs"]
mod cost;
#[path = "../measured/issued.rs"]
mod issued;
#[path = "../measured/logs.rs"]
mod logs;
#[path = "../measured/named.rs"]
mod named;
#[path = "../measured/sink.rs"]
mod sink;
#[expect(dead_code, reason = "nothing here should be large")]
#[path = "../measured/target.rs"]
mod target;

use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use kusto_ingest_core::{IngestClient, LocalSource};
use sink::Sink;
use target::{At, verdict};
use tokio::runtime::{Builder, Runtime};

const COUNT: usize = 10_000;
const AT_ONCE: usize = 40;
const TURNS: usize = 9;

fn main() {
    if std::env::args().any(|word| word == sink::ROLE) {
        return sink::serve(named::TAKEN).expect("loopback can be listened on");
    }
    let sink = Sink::start().expect("this program starts again");
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let row: Bytes = logs::csv(900).into();
    let by_queue: Arc<dyn IngestClient> = Arc::new(issued::by(&sink.address, 1));
    let by_rest: Arc<dyn IngestClient> = Arc::new(named::by(&sink.address));
    let ways = [by_queue, by_rest];
    for client in &ways {
        runtime.block_on(many(client, &row, COUNT / 10));
    }
    let (mut costs, mut ratios) = ([Vec::new(), Vec::new()], Vec::new());
    for turn in 0..TURNS {
        let spent = each_way(&runtime, &ways, &row, turn);
        ratios.push(spent[1] / spent[0]);
        for (costs, spent) in costs.iter_mut().zip(spent) {
            costs.push(spent);
        }
    }
    let [queue, rest] = costs.map(cost::median);
    println!(
        "900 bytes, {AT_ONCE} at once: {queue:.4} ms of processor through queues, {rest:.4} ms over REST"
    );
    verdict("REST to queues", cost::median(ratios), At::Most(0.7));
}

/// Milliseconds of processor for each source, by either way; the ways begin in turns.
fn each_way(runtime: &Runtime, ways: &[Arc<dyn IngestClient>; 2], row: &Bytes, turn: usize) -> [f64; 2] {
    let mut spent = [f64::NAN; 2];
    for way in [turn % 2, 1 - turn % 2] {
        let ((), cost) = cost::of(|| runtime.block_on(many(&ways[way], row, COUNT)));
        spent[way] = cost.cpu.unwrap_or(f64::NAN) * 1e3 / COUNT as f64;
    }
    spent
}

async fn many(client: &Arc<dyn IngestClient>, row: &Bytes, count: usize) {
    let tasks = stream::iter(0..count).map(|_| {
        let (client, source) = (client.clone(), LocalSource::from_bytes(row.clone()));
        tokio::spawn(async move {
            let receipt = client.ingest_source(source.into(), &client::properties()).await;
            assert!(receipt.expect("the sink takes it").state.is_accepted());
        })
    });
    let mut done = tasks.buffer_unordered(AT_ONCE);
    while let Some(one) = done.next().await {
        one.expect("it ingests");
    }
}
