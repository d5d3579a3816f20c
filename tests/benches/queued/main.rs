//! The whole queued path against a sink in another process: one large file beside two plain encoders, and many small
//! sources; and what it holds at most. `large`, `small`, `resident`, `stream`, `many` and `sockets` on the command
//! line choose a part.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark measures real time and speaks on the terminal"
)]

#[path = "../measured/chance.rs"]
mod chance;
#[path = "../measured/client.rs"]
mod client;
#[path = "../measured/cost.rs"]
mod cost;
mod endless;
mod limits;
#[path = "../measured/logs.rs"]
mod logs;
#[path = "../measured/memory.rs"]
mod memory;
#[path = "../measured/pair.rs"]
mod pair;
#[path = "../measured/sink.rs"]
mod sink;
#[path = "../measured/target.rs"]
mod target;

use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use kusto_ingest::queued::QueuedIngestClient;
use kusto_ingest_core::{IngestClient as _, LocalSource, ReceiptState};
use kusto_ingest_tokio::{ThreadedCompressor, file};
use kusto_ingest_upload::MemoryBudget;
use sink::Sink;
use target::{At, verdict, wanted};
use tokio::runtime::{Builder, Runtime};

const LARGE: usize = 192 * 1024 * 1024;
const SMALL: usize = 20_000;
const AT_ONCE: usize = 64;
const RUNS: usize = 5;

fn main() {
    if std::env::args().any(|word| word == sink::ROLE) {
        return sink::serve(client::TAKEN).expect("loopback can be listened on");
    }
    let mut sink = Sink::start().expect("this program starts again");
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let client = client::of(&sink.address, MemoryBudget::default(), ThreadedCompressor::new());
    if wanted("large") {
        one_large_file(&runtime, &client);
    }
    if wanted("small") {
        many_small_sources(&runtime, &client);
    }
    if wanted("stream") {
        limits::one_long_stream(&runtime, &sink);
    }
    if wanted("many") {
        limits::many_at_once(&runtime, &sink);
    }
    if wanted("resident") {
        let path = Scratch::new("resident.csv", &logs::csv(LARGE));
        limits::resident(&runtime, &sink, &path.0);
    }
    if wanted("sockets") {
        limits::very_many(&runtime, &mut sink);
    }
}

fn one_large_file(runtime: &Runtime, client: &QueuedIngestClient) {
    let source = Bytes::from(logs::csv(LARGE));
    let path = Scratch::new("large.csv", &source);
    println!(
        "one file of {} MiB, beside two encoders",
        source.len() / (1024 * 1024)
    );
    let (mut throughput, mut cpu) = (Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let (_, two) = cost::of(|| pair::two_encoders(&source));
        let ((), one) = cost::of(|| runtime.block_on(large(client, &path.0)));
        // The first turn finds cold caches and no connections.
        if run > 0 {
            println!("  run {run}: two encoders {two}, the queued path {one}");
            throughput.push(two.wall / one.wall);
            cpu.extend(one.cpu.zip(two.cpu).map(|(one, two)| one / two));
        }
    }
    verdict("throughput", cost::median(throughput), At::Least(0.90));
    verdict("processor time", cost::median(cpu), At::Most(1.10));
}

async fn large(client: &QueuedIngestClient, path: &Path) {
    let source = file(path).await.expect("it is there");
    let receipt = client
        .ingest_source(source.into(), &client::properties())
        .await
        .expect("the sink takes it");
    assert_eq!(receipt.state, ReceiptState::Queued);
}

fn many_small_sources(runtime: &Runtime, client: &QueuedIngestClient) {
    let row = Bytes::from(logs::csv(900));
    println!("{SMALL} sources of {} bytes, {AT_ONCE} at once", row.len());
    let (mut rate, mut spent) = (Vec::new(), Vec::new());
    for run in 1..=RUNS {
        let ((), cost) = cost::of(|| runtime.block_on(small(client, &row)));
        println!("  run {run}: {cost}");
        rate.push(SMALL as f64 / cost.wall);
        spent.extend(cost.cpu.map(|cpu| cpu * 1e3 / SMALL as f64));
    }
    verdict("a second", cost::median(rate), At::Least(5_000.0));
    verdict("ms of processor", cost::median(spent), At::Most(0.15));
}

async fn small(client: &QueuedIngestClient, row: &Bytes) {
    let tasks = stream::iter(0..SMALL).map(|_| {
        let (client, row) = (client.clone(), row.clone());
        tokio::spawn(async move {
            let source = LocalSource::from_bytes(row);
            client
                .ingest_source(source.into(), &client::properties())
                .await
                .expect("the sink takes it")
        })
    });
    let mut receipts = tasks.buffer_unordered(AT_ONCE);
    while let Some(receipt) = receipts.next().await {
        assert_eq!(receipt.expect("it ingests").state, ReceiptState::Queued);
    }
}

/// A file of this run, gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, contents: &[u8]) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, contents).expect("the target folder can be written");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_file(&self.0);
    }
}
