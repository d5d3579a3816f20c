//! What it costs from the start of a process until its first message is in a queue, over TLS: a service in another
//! process, and a new process for each run.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark measures real time and speaks on the terminal"
)]

#[expect(dead_code, reason = "each process is asked for its own cost")]
#[path = "../measured/cost.rs"]
mod cost;
mod service;
#[expect(dead_code, reason = "nothing here should be large, and there are no parts")]
#[path = "../measured/target.rs"]
mod target;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use kusto_ingest::Kusto;
use kusto_ingest::transport::TransportOptions;
use kusto_ingest_core::{DataFormat, IngestClient as _, IngestionProperties, LocalSource, ReceiptState};
use target::{At, verdict};
use tokio::runtime::Builder;

const RUNS: usize = 15;
const SERVICE: &str = "service";
const CLIENT: &str = "client";

fn main() {
    let words: Vec<_> = std::env::args().collect();
    match words.get(1..).unwrap_or_default() {
        [role] if role == SERVICE => service::serve().expect("loopback can be listened on"),
        [role, address, root] if role == CLIENT => ingest_one(address, root),
        _ => measure(),
    }
}

/// Starts process after process.
fn measure() {
    let mut service = again(&[SERVICE]);
    let mut lines = BufReader::new(service.stdout.take().expect("it is a pipe")).lines();
    let mut line = || lines.next().expect("the service speaks").expect("it is text");
    let (address, root) = (line(), line());
    let (mut cpu, mut wall) = (Vec::new(), Vec::new());
    for _ in 0..=RUNS {
        let begun = Instant::now();
        let done = again(&[CLIENT, &address, &root])
            .wait_with_output()
            .expect("it ends");
        let told = String::from_utf8(done.stdout).expect("it is text");
        cpu.push(told.trim().parse::<f64>().expect("it says its cost"));
        wall.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let _already_gone = service.kill();
    let _already_gone = service.wait();
    println!("from process start to the first message over TLS, {RUNS} runs");
    println!("  {:.1} ms on the wall", cost::median(wall));
    verdict("ms of processor", cost::median(cpu), At::Most(12.0));
}

fn again(arguments: &[&str]) -> Child {
    let program = std::env::current_exe().expect("this program has a path");
    let started = Command::new(program)
        .args(arguments)
        .stdout(Stdio::piped())
        .stdin(Stdio::null())
        .spawn();
    started.expect("this program starts again")
}

/// The other process: one message, and what it cost until then.
fn ingest_one(address: &str, root: &str) {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let state = runtime.expect("a runtime starts").block_on(async {
        let root = std::fs::read(root).expect("the service wrote it");
        let options = TransportOptions::new().with_extra_roots(root);
        let kusto = Kusto::builder(address).expect("it is an address");
        let kusto = kusto.with_transport(options).connect();
        let table = IngestionProperties::into_table("Samples", "Logs").expect("these are names");
        let source = LocalSource::from_bytes("2026-11-30,INFO,checkout,request completed\n");
        let receipt = kusto
            .expect("it is assembled")
            .queued()
            .ingest_source(source.into(), &table.with_format(DataFormat::Csv))
            .await;
        println!("{:.3}", milliseconds());
        receipt.expect("the service takes it").state
    });
    assert_eq!(state, ReceiptState::Queued);
}

/// Processor time of all threads of this process so far, where the system tells.
fn milliseconds() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let spent = tasks.filter_map(|task| {
        let statistics = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        statistics.split(' ').next()?.parse::<f64>().ok()
    });
    spent.sum::<f64>() / 1e6
}
