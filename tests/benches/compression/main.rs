//! Compression of one large source beside two plain encoders, and what its neighbours in the runtime notice.
//!
//! Every figure is a ratio of two runs that took turns in this process, so that it says the same on any machine with
//! two cores to spare; the middle one of five counts. `beside` and `neighbours` on the command line choose a part.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark measures real time and speaks on the terminal"
)]

mod cost;
mod logs;

use std::hint::black_box;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use cost::Cost;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::StreamExt as _;
use kusto_ingest_compression::Compressor as _;
use kusto_ingest_core::Payload;
use kusto_ingest_tokio::ThreadedCompressor;
use tokio::runtime::{Builder, Runtime};

const SOURCE: usize = 192 * 1024 * 1024;
const LEVEL: u32 = 3;
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

/// Whether a part was named on the command line, or none.
fn wanted(part: &str) -> bool {
    let mut named = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .peekable();
    named.peek().is_none() || named.any(|word| word == part)
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
        let (plain, two) = cost::of(|| two_encoders(source));
        let (ours, one) = cost::of(|| runtime.block_on(one_source(source)));
        // The first turn finds cold caches and an unwarmed allocator.
        if run == 0 {
            continue;
        }
        println!(
            "  run {run}: two encoders {}, one source {}",
            shown(two),
            shown(one)
        );
        throughput.push(two.wall / one.wall);
        cpu.extend(one.cpu.zip(two.cpu).map(|(one, two)| one / two));
        size.push(ours / plain);
    }
    verdict("throughput", cost::median(throughput), At::Least(0.90));
    verdict("processor time", cost::median(cpu), At::Most(1.10));
    verdict("compressed size", cost::median(size), At::Most(1.02));
}

/// Half of the source each, on a thread each; how much came out.
fn two_encoders(source: &Bytes) -> f64 {
    let halves = [source.slice(..source.len() / 2), source.slice(source.len() / 2..)];
    let threads = halves.map(|half| {
        thread::spawn(move || {
            let mut encoder = GzEncoder::new(Counted(0), Compression::new(LEVEL));
            for piece in half.chunks(256 * 1024) {
                encoder.write_all(piece).expect("a sink takes all");
            }
            encoder.finish().expect("a sink takes all").0
        })
    });
    let sizes = threads.map(|thread| thread.join().expect("it compresses"));
    sizes.iter().sum::<usize>() as f64
}

struct Counted(usize);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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
    cost::p99(late.expect("it only sleeps"))
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
        cost::p99(late.expect("it only sleeps"))
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

#[derive(Clone, Copy)]
enum At {
    Least(f64),
    Most(f64),
}

fn verdict(what: &str, ratio: f64, target: At) {
    let (reached, word, limit) = match target {
        At::Least(limit) => (ratio >= limit, "at least", limit),
        At::Most(limit) => (ratio <= limit, "at most", limit),
    };
    let reached = if reached { "reached" } else { "MISSED" };
    println!("{what:<16} {ratio:.3}, {word} {limit:.2}: {reached}");
}

fn shown(cost: Cost) -> String {
    match cost.cpu {
        Some(cpu) => format!("{:.2} s on the wall and {cpu:.2} s of processors", cost.wall),
        None => format!("{:.2} s on the wall", cost.wall),
    }
}
