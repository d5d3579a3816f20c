//! What a client holds at most: the memory of one very long stream and of many sources at once, and the connections of
//! very many.

use std::io::Write as _;
use std::path::Path;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use kusto_ingest::queued::QueuedIngestClient;
use kusto_ingest_core::{IngestClient as _, LocalSource, ReceiptState};
use kusto_ingest_tokio::{ThreadedCompressor, blocking_reader};
use kusto_ingest_upload::MemoryBudget;
use tokio::runtime::Runtime;

use super::endless::Endless;
use super::sink::Sink;
use super::target::{At, verdict};
use super::{client, cost, logs, memory};

const MIB: usize = 1024 * 1024;
const LONG: usize = 8 * 1024 * MIB;
const MANY: usize = 1_000;
const BUDGET: usize = 64 * MIB;
const AT_ONCE: usize = 64;

/// One generated stream, compressed on the way.
pub(super) fn one_long_stream(runtime: &Runtime, sink: &Sink) {
    let client = client::of(&sink.address, MemoryBudget::default(), ThreadedCompressor::new());
    let text = Bytes::from(logs::csv(MIB));
    println!("one stream of {} MiB", LONG / MIB);
    let (((), before, peak), cost) =
        cost::of(|| memory::peak_of(|| runtime.block_on(ingest(&client, &text, LONG))));
    println!("  {cost}, {before:.1} MiB resident before");
    verdict("MiB at most", peak, At::Most(100.0));
}

/// The defaults: a large file, and 4 GiB of a stream that is read as standard input is.
pub(super) fn resident(runtime: &Runtime, sink: &Sink, large: &Path) {
    let client = client::of(&sink.address, MemoryBudget::default(), ThreadedCompressor::new());
    let (_, _, peak) = memory::peak_of(|| runtime.block_on(super::large(&client, large)));
    verdict("MiB for a file", peak, At::Most(48.0));
    let text = Bytes::from(logs::csv(MIB));
    let input = Endless::new(text, 4 * 1024 * MIB);
    let source = LocalSource::new(blocking_reader(input));
    let ((), _, peak) = memory::peak_of(|| runtime.block_on(accepted(&client, source)));
    verdict("MiB for input", peak, At::Most(48.0));
}

/// Sources of 1 MiB, all at once, under a budget that does not do for all. The threads that compress hold 2 MiB each
/// beside it.
pub(super) fn many_at_once(runtime: &Runtime, sink: &Sink) {
    let client = client::of(
        &sink.address,
        MemoryBudget::new(BUDGET),
        ThreadedCompressor::new(),
    );
    let text = Bytes::from(logs::csv(MIB));
    // Connections, threads and buffers are there before the memory is measured.
    runtime.block_on(ingest(&client, &text, MIB));
    println!(
        "{MANY} streams of 1 MiB at once, under a budget of {} MiB",
        BUDGET / MIB
    );
    let (((), before, peak), cost) =
        cost::of(|| memory::peak_of(|| runtime.block_on(together(&client, &text, MANY, MANY, MIB))));
    println!("  {cost}, {before:.1} MiB resident before");
    verdict("MiB more", peak - before, At::Most((BUDGET / MIB) as f64));
}

/// Small sources, a few at once: ten times as many need no more connections.
pub(super) fn very_many(runtime: &Runtime, sink: &mut Sink) {
    let client = client::of(&sink.address, MemoryBudget::default(), ThreadedCompressor::new());
    let text = Bytes::from(logs::csv(900));
    let before = connections(sink);
    let mut opened = Vec::new();
    for count in [10_000, 100_000] {
        let ((), cost) = cost::of(|| runtime.block_on(together(&client, &text, count, AT_ONCE, text.len())));
        let so_far = connections(sink) - before;
        println!("  {count} sources, {AT_ONCE} at once: {so_far} connections so far, {cost}");
        opened.push(so_far as f64);
    }
    verdict("connections", opened[1], At::Most(128.0));
    verdict("more for more", opened[1] - opened[0], At::Most(0.0));
}

async fn together(client: &QueuedIngestClient, text: &Bytes, count: usize, at_once: usize, length: usize) {
    let tasks = stream::iter(0..count).map(|_| {
        let (client, text) = (client.clone(), text.clone());
        tokio::spawn(async move { ingest(&client, &text, length).await })
    });
    let mut done = tasks.buffer_unordered(at_once);
    while let Some(one) = done.next().await {
        one.expect("it ingests");
    }
}

async fn ingest(client: &QueuedIngestClient, text: &Bytes, length: usize) {
    accepted(
        client,
        LocalSource::from_reader(Endless::new(text.clone(), length)),
    )
    .await;
}

async fn accepted(client: &QueuedIngestClient, source: LocalSource) {
    let receipt = client.ingest_source(source.into(), &client::properties()).await;
    assert_eq!(receipt.expect("the sink takes it").state, ReceiptState::Queued);
}

fn connections(sink: &mut Sink) -> usize {
    if let Some(questions) = &mut sink.process.stdin {
        writeln!(questions).expect("the sink listens");
    }
    sink.heard()
        .expect("the sink answers")
        .parse()
        .expect("it is a number")
}
