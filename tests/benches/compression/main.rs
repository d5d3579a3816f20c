//! Compression of one large source beside two plain encoders, and what its neighbours in the runtime notice.
//!
//! Every figure is a ratio of two runs that took turns in this process, so that it says the same on any machine with
//! two cores to spare; the middle one of five counts. `beside` and `neighbours` on the command line choose a part.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark measures real time and speaks on the terminal"
)]

#[path = "../measured/chance.rs"]
mod chance;
#[path = "../measured/cost.rs"]
mod cost;
#[path = "../measured/logs.rs"]
mod logs;
#[path = "../measured/pair.rs"]
mod pair;
#[path = "../measured/target.rs"]
mod target;

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::StreamExt as _;
use kusto_ingest_compression::Compressor as _;
use kusto_ingest_core::Payload;
use kusto_ingest_tokio::ThreadedCompressor;
use target::{At, verdict, wanted};
use tokio::runtime::{Builder, Runtime};

const SOURCE: usize = 192 * 1024 * 1024;
const RUNS: usize = 5;
const BYSTANDING: Duration = Duration::from_secs(4);

fn main() {
    let source = Bytes::from(logs::csv(SOURCE));
    println!(
        "one source of {} MiB on two threads, beside two encoders of half of it each",
        source.len() / (1024 * 1024)
    );
    let runtime = runtime();
    if wanted("beside") {
        beside_two_encoders(&runtime, &source);
    }
    if wanted("neighbours") {
        neighbours(&runtime, &source);
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
}

fn beside_two_encoders(runtime: &Runtime, source: &Bytes) {
    let (mut throughput, mut cpu, mut size) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let (plain, two) = cost::of(|| pair::two_encoders(source));
        let (ours, one) = cost::of(|| runtime.block_on(one_source(source)));
        // The first turn finds cold caches and an unwarmed allocator.
        if run == 0 {
            continue;
        }
        println!("  run {run}: two encoders {two}, one source {one}");
        throughput.push(two.wall / one.wall);
        cpu.extend(one.cpu.zip(two.cpu).map(|(one, two)| one / two));
        size.push(ours / plain);
    }
    verdict("throughput", cost::median(throughput), At::Least(0.90));
    verdict("processor time", cost::median(cpu), At::Most(1.10));
    verdict("compressed size", cost::median(size), At::Most(1.02));
}

/// All of it through our compressor on two threads; how much came out.
async fn one_source(source: &Bytes) -> f64 {
    let compressor = ThreadedCompressor::new().with_threads(NonZeroUsize::MIN.saturating_add(1));
    let payload = Payload::from_bytes(source.clone());
    let mut chunks = compressor.gzip(&payload).await.expect("it opens");
    let mut size = 0;
    while let Some(chunk) = chunks.next().await {
        size += chunk.expect("it is compressed").len();
    }
    size as f64
}

fn neighbours(runtime: &Runtime, source: &Bytes) {
    println!("a task that wakes every millisecond, beside two busy threads and beside one source");
    let mut later = Vec::new();
    for run in 1..=RUNS {
        let busy = beside_busy_threads(runtime);
        let ours = beside_one_source(runtime, source);
        println!(
            "  run {run}: p99 {:.2} ms late beside two threads, {:.2} ms beside one source",
            busy * 1e3,
            ours * 1e3
        );
        later.push(ours / busy);
    }
    verdict("lateness", cost::median(later), At::Most(4.0));
}

fn beside_busy_threads(runtime: &Runtime) -> f64 {
    let stop = Arc::new(AtomicBool::new(false));
    let threads = [(); 2].map(|()| {
        let stop = Arc::clone(&stop);
        thread::spawn(move || {
            let mut burnt = 0_u64;
            while !stop.load(Ordering::Relaxed) {
                burnt = black_box(burnt.wrapping_mul(31).wrapping_add(7));
            }
        })
    });
    let late = runtime.block_on(async { tokio::spawn(wakings(BYSTANDING)).await });
    stop.store(true, Ordering::Relaxed);
    for thread in threads {
        thread.join().expect("it only counts");
    }
    p99(late.expect("it only sleeps"))
}

fn beside_one_source(runtime: &Runtime, source: &Bytes) -> f64 {
    runtime.block_on(async {
        let source = source.clone();
        let compressing = tokio::spawn(async move {
            loop {
                black_box(one_source(&source).await);
            }
        });
        let late = tokio::spawn(wakings(BYSTANDING)).await;
        compressing.abort();
        p99(late.expect("it only sleeps"))
    })
}

/// Wakes every millisecond, and tells how late each time.
async fn wakings(lasting: Duration) -> Vec<Duration> {
    let (begun, wake) = (Instant::now(), Duration::from_millis(1));
    let mut late = Vec::new();
    while begun.elapsed() < lasting {
        let slept = Instant::now();
        tokio::time::sleep(wake).await;
        late.push(slept.elapsed().saturating_sub(wake));
    }
    late
}

/// How late wakings were: the one in a hundred that was latest.
fn p99(mut late: Vec<Duration>) -> f64 {
    late.sort_unstable();
    let place = late.len().saturating_sub(1) * 99 / 100;
    late.get(place).map_or(f64::NAN, Duration::as_secs_f64)
}
