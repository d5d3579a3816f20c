//! What engines of compression cost over three kinds of data: `client` for the whole client, `cores` for two cores beside
//! one, `table` for all levels, `noise` for what does not compress. Every ratio is of runs that took turns; the middle one
//! counts. A number is how many turns. ISA-L is among the engines with `--features isal`.

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
#[path = "../measured/kinds.rs"]
mod kinds;
#[path = "../measured/sink.rs"]
mod sink;
#[path = "../measured/target.rs"]
mod target;

mod whole;

use std::num::NonZeroUsize;
use std::sync::Arc;

use bytes::Bytes;
use cost::Cost;
use futures::StreamExt as _;
use kusto_ingest::compression::{Compressor as _, DeflateEngine, GzipLevel, ThreadedCompressor, ZlibRs};
use kusto_ingest_core::Payload;
use kusto_ingest_core::testing::noise;
use target::{At, verdict, wanted};
use tokio::runtime::{Builder, Runtime};

const MIB: usize = 1024 * 1024;
const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// How often each takes its turn: seven times, or as often as a number on the command line says.
fn turns() -> usize {
    let number = |word: String| word.parse().ok();
    std::env::args().skip(1).find_map(number).unwrap_or(7)
}

fn main() {
    if std::env::args().any(|word| word == sink::ROLE) {
        return sink::serve(client::TAKEN).expect("loopback can be listened on");
    }
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    if wanted("client") {
        whole::clients(&runtime);
    }
    if wanted("cores") {
        cores(&runtime);
    }
    if wanted("table") {
        table(&runtime);
    }
    if wanted("noise") {
        does_not_compress(&runtime);
    }
}

/// The engines of this build, by name.
fn engines() -> Vec<(&'static str, Arc<dyn DeflateEngine>)> {
    vec![
        ("zlib-rs", Arc::new(ZlibRs::new())),
        #[cfg(feature = "isal")]
        ("isal", Arc::new(kusto_ingest::compression::Isal::new())),
    ]
}

fn compressor(engine: &Arc<dyn DeflateEngine>, threads: usize, level: u8) -> ThreadedCompressor {
    ThreadedCompressor::new()
        .with_threads(NonZeroUsize::new(threads).expect("there is a thread"))
        .with_level(GzipLevel::new(level).expect("it is a level"))
        .with_engine(Arc::clone(engine))
}

/// Compresses a source, and tells how many bytes came out.
fn compressed(runtime: &Runtime, compressor: &ThreadedCompressor, source: &Bytes) -> (f64, Cost) {
    cost::of(|| {
        runtime.block_on(async {
            let mut chunks = compressor
                .gzip(&Payload::from_bytes(source.clone()))
                .await
                .expect("it opens");
            let mut size = 0;
            while let Some(chunk) = chunks.next().await {
                size += chunk.expect("it is compressed").len();
            }
            size as f64
        })
    })
}

/// One source on two threads, beside the same on one.
fn cores(runtime: &Runtime) {
    for (name, engine) in engines() {
        for (kind, of) in kinds::KINDS {
            let source = Bytes::from(of(256 * MIB));
            let mut ratios = Vec::new();
            for turn in 0..=turns() {
                let (_, one) = compressed(runtime, &compressor(&engine, 1, 3), &source);
                let (_, two) = compressed(runtime, &compressor(&engine, 2, 3), &source);
                if turn > 0 {
                    ratios.push(two.wall / one.wall);
                }
            }
            println!("{name}, {kind}: the wall of two threads, to that of one");
            verdict("wall", cost::median(ratios), At::Most(0.60));
        }
    }
}

/// Processor seconds a GiB and ratio, for each engine, level and kind.
fn table(runtime: &Runtime) {
    println!("| engine, level | kind | CPU s/GiB | ratio |\n|---|---|---|---|");
    for (kind, of) in kinds::KINDS {
        let source = Bytes::from(of(64 * MIB));
        for (name, engine) in engines() {
            for level in [1, 2, 3, 4, 6, 9] {
                let runs = (0..3).map(|_| compressed(runtime, &compressor(&engine, 1, level), &source));
                let (sizes, costs): (Vec<f64>, Vec<Cost>) = runs.unzip();
                let cpu = costs.iter().filter_map(|cost| cost.cpu).collect();
                let (length, size) = (source.len() as f64, cost::median(sizes));
                println!(
                    "| {name} {level} | {kind} | {:.2} | {:.3} |",
                    cost::median(cpu) * GIB / length,
                    length / size
                );
            }
        }
    }
}

/// Noise, beside text of the same length.
fn does_not_compress(runtime: &Runtime) {
    let (random, text) = (
        Bytes::from(noise(256 * MIB)),
        Bytes::from((kinds::KINDS[0].1)(256 * MIB)),
    );
    for (name, engine) in engines() {
        let mut ratios = Vec::new();
        for turn in 0..=turns() {
            let (_, stored) = compressed(runtime, &compressor(&engine, 2, 3), &random);
            let (_, deflated) = compressed(runtime, &compressor(&engine, 2, 3), &text);
            if turn > 0 {
                println!("  {name}: {stored} for noise, {deflated} for text");
                ratios.extend(
                    stored
                        .cpu
                        .zip(deflated.cpu)
                        .map(|(stored, deflated)| stored / deflated),
                );
            }
        }
        let most = if name == "zlib-rs" { 0.10 } else { 0.50 };
        verdict("processor time", cost::median(ratios), At::Most(most));
    }
}
