//! The whole client with each engine, on files of the same data.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kusto_ingest::compression::{DeflateEngine, ThreadedCompressor};
use kusto_ingest::queued::QueuedIngestClient;
use kusto_ingest_core::IngestClient as _;
use kusto_ingest_tokio::file;
use kusto_ingest_upload::MemoryBudget;
use tokio::runtime::Runtime;

use super::sink::Sink;
use super::target::{At, verdict};
use super::{MIB, client, cost, engines, kinds, turns};

/// How large the file is.
const FILE: usize = 1024 * MIB;
/// At most this part of the processor time of zlib-rs at its default.
const MOST: f64 = 0.35;

/// CSV and JSON of 1 GiB.
pub(super) fn clients(runtime: &Runtime) {
    let sink = Sink::start().expect("this program starts again");
    let engines = engines();
    for ((kind, of), least) in kinds::KINDS.into_iter().zip([3.1, 2.7]) {
        let path = Scratch::new(kind, &of(FILE));
        let of_engine = |(name, engine): &(&'static str, Arc<dyn DeflateEngine>)| {
            let compressor = ThreadedCompressor::new().with_engine(Arc::clone(engine));
            (
                *name,
                client::of(&sink.address, MemoryBudget::default(), compressor),
            )
        };
        let clients: Vec<_> = engines.iter().map(of_engine).collect();
        println!("{kind} of 1 GiB, by each engine in turns");
        let mut spent: Vec<Vec<f64>> = vec![Vec::new(); clients.len()];
        let mut shrunk = vec![f64::NAN; clients.len()];
        for turn in 0..=turns() {
            for (place, (name, client)) in clients.iter().enumerate() {
                let (ratio, cost) = cost::of(|| runtime.block_on(ingested(client, &path.0)));
                shrunk[place] = ratio;
                if turn > 0 {
                    println!("  turn {turn}, {name}: {cost}, ratio {ratio:.3}");
                    spent[place].extend(cost.cpu);
                }
            }
        }
        for (place, (name, _)) in clients.iter().enumerate().skip(1) {
            let ratios = spent[place].iter().zip(&spent[0]).map(|(one, first)| one / first);
            println!("{kind} with {name}, beside {}", clients[0].0);
            verdict("processor time", cost::median(ratios.collect()), At::Most(MOST));
            verdict("ratio", shrunk[place], At::Least(least));
        }
    }
}

/// The ratio that the receipt tells.
async fn ingested(client: &QueuedIngestClient, path: &Path) -> f64 {
    let source = file(path).await.expect("it is there");
    let receipt = client.ingest_source(source.into(), &client::properties()).await;
    let receipt = receipt.expect("the sink takes it");
    receipt.compression_ratio().expect("both sizes are known")
}

/// A file of this run, gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(kind: &str, contents: &[u8]) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("engines.{kind}"));
        std::fs::write(&path, contents).expect("the target folder can be written");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_file(&self.0);
    }
}
