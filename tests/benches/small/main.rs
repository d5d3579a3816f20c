//! What a small ingestion costs, over accounts and concurrency, and a folder of small files, against a sink in another
//! process. `sweep` and `folder` on the command line choose a part; another word chooses what is swept, as in `bytes/64/3`.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark measures real time and speaks on the terminal"
)]

#[path = "../measured/chance.rs"]
mod chance;
#[expect(dead_code, reason = "the client here has resources that are issued")]
#[path = "../measured/client.rs"]
mod client;
#[path = "../measured/cost.rs"]
mod cost;
#[path = "../measured/issued.rs"]
mod issued;
#[path = "../measured/logs.rs"]
mod logs;
#[path = "../measured/sink.rs"]
mod sink;
#[expect(dead_code, reason = "nothing here should be large")]
#[path = "../measured/target.rs"]
mod target;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use kusto_ingest::queued::QueuedIngestClient;
use kusto_ingest_core::{IngestClient as _, LocalSource, ReceiptState};
use kusto_ingest_tokio::{Files, file};
use sink::Sink;
use target::{At, verdict, wanted};
use tokio::runtime::{Builder, Runtime};

const COUNT: usize = 10_000;
const FILES: usize = 500;
const FILE_BYTES: usize = 10 * 1024;
const FOLDER: usize = 20_000;
const RUNS: usize = 3;

fn main() {
    if std::env::args().any(|word| word == sink::ROLE) {
        return sink::serve(client::TAKEN).expect("loopback can be listened on");
    }
    let sink = Sink::start().expect("this program starts again");
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    sweep(&runtime, &sink);
    if wanted("folder") {
        folder(&runtime, &sink);
    }
}

/// What is ingested.
#[derive(Clone)]
enum Kind {
    Bytes(Bytes),
    Files(Arc<Scratch>),
}

impl Kind {
    async fn source(&self, number: usize) -> LocalSource {
        match self {
            Self::Bytes(row) => LocalSource::from_bytes(row.clone()),
            Self::Files(folder) => file(folder.path(number % FILES)).await.expect("it is there"),
        }
    }
}

fn sweep(runtime: &Runtime, sink: &Sink) {
    let kinds = [
        ("bytes", Kind::Bytes(logs::csv(900).into())),
        ("files", Kind::Files(Arc::new(Scratch::new("sweep", FILES)))),
    ];
    for (name, kind) in kinds {
        for at_once in [1, 8, 64, 256] {
            let mut of_one = f64::NAN;
            for accounts in [1, 3, 16] {
                if !wanted("sweep") && !wanted(&format!("{name}/{at_once}/{accounts}")) {
                    continue;
                }
                let client = issued::by(&sink.address, accounts);
                let spent = spent(runtime, &client, &kind, at_once);
                println!(
                    "{name:<6} {at_once:>4} at once, {accounts:>3} accounts: {spent:.4} ms of processor each"
                );
                match accounts {
                    1 => of_one = spent,
                    16 if at_once == 64 => verdict("16 to 1 account", spent / of_one, At::Most(1.15)),
                    _ => {}
                }
            }
        }
    }
}

/// Milliseconds of processor for each, in the middle of some runs.
fn spent(runtime: &Runtime, client: &QueuedIngestClient, kind: &Kind, at_once: usize) -> f64 {
    runtime.block_on(many(client, kind, COUNT / 10, at_once));
    let runs = (0..RUNS).map(|_| {
        let ((), cost) = cost::of(|| runtime.block_on(many(client, kind, COUNT, at_once)));
        cost.cpu.unwrap_or(f64::NAN) * 1e3 / COUNT as f64
    });
    cost::median(runs.collect())
}

async fn many(client: &QueuedIngestClient, kind: &Kind, count: usize, at_once: usize) {
    let tasks = stream::iter(0..count).map(|number| {
        let (client, kind) = (client.clone(), kind.clone());
        tokio::spawn(async move {
            let source = kind.source(number).await;
            let receipt = client.ingest_source(source.into(), &client::properties()).await;
            assert_eq!(receipt.expect("the sink takes it").state, ReceiptState::Queued);
        })
    });
    let mut done = tasks.buffer_unordered(at_once);
    while let Some(one) = done.next().await {
        one.expect("it ingests");
    }
}

/// A folder of small files: looked through, read and sent.
fn folder(runtime: &Runtime, sink: &Sink) {
    let scratch = Scratch::new("folder", FOLDER);
    let client = issued::by(&sink.address, 3);
    println!("{FOLDER} files of {} KiB in a folder", FILE_BYTES / 1024);
    let costs: Vec<_> = (0..RUNS)
        .map(|run| {
            let ((), cost) = cost::of(|| runtime.block_on(all_of(&client, &scratch)));
            println!("  run {run}: {cost}");
            cost
        })
        .collect();
    let spent = costs.iter().filter_map(|cost| cost.cpu).collect();
    println!("{:<16} {:.2} s", "processor time", cost::median(spent));
}

async fn all_of(client: &QueuedIngestClient, folder: &Scratch) {
    let found = std::fs::read_dir(&folder.0).expect("it is there");
    let paths = found.map(|entry| entry.expect("it can be read").path());
    let result = Files::new(paths)
        .with_concurrency(64)
        .ingest_with(client, &client::properties())
        .await;
    assert_eq!(result.receipts().count(), FOLDER);
}

/// A folder of this run, gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, files: usize) -> Self {
        let folder =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let scratch = Self(folder);
        std::fs::create_dir_all(&scratch.0).expect("the target folder can be written");
        let contents = logs::csv(FILE_BYTES);
        for number in 0..files {
            std::fs::write(scratch.path(number), &contents).expect("the target folder can be written");
        }
        scratch
    }

    fn path(&self, number: usize) -> PathBuf {
        self.0.join(format!("{number:05}.csv"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_dir_all(&self.0);
    }
}
