//! Our client as a program like those of the other languages.

use std::io::BufRead as _;
use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use kusto_ingest::Kusto;
use kusto_ingest::transport::TransportOptions;
use kusto_ingest_core::{DataFormat, IngestClient, IngestionProperties, LocalSource, ReceiptState};
use kusto_ingest_tokio::file;

/// The word on the command line that makes this program the client.
pub(crate) const ROLE: &str = "ours";

/// How many ingestions there are at once.
const AT_ONCE: usize = 8;

/// Says `ready` after a first ingestion; then for each line `COUNT` or `COUNT FILE` it ingests the bytes or the file so
/// often, and says `done`.
pub(crate) fn ingest(address: &str, small: &str, root: Option<&str>) {
    let row = Bytes::from(std::fs::read(small).expect("it is there"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    let client = runtime.block_on(async { client(address, root) });
    let table = IngestionProperties::into_table("Samples", "Logs").expect("these are names");
    let work = Work {
        client,
        row,
        properties: table.with_format(DataFormat::Csv),
    };
    runtime.block_on(work.one(None));
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("it is text");
        let (count, path) = line
            .split_once(' ')
            .map_or((&*line, None), |(count, path)| (count, Some(path)));
        runtime.block_on(work.many(count.parse().expect("it is a number"), path));
        println!("done");
    }
}

fn client(address: &str, root: Option<&str>) -> Arc<dyn IngestClient> {
    let mut options = TransportOptions::new();
    if let Some(root) = root {
        options = options.with_extra_roots(std::fs::read(root).expect("the service wrote it"));
    }
    let kusto = Kusto::builder(address).expect("it is an address");
    let kusto = kusto.with_transport(options).connect().expect("it is assembled");
    Arc::new(kusto.queued())
}

#[derive(Clone)]
struct Work {
    client: Arc<dyn IngestClient>,
    row: Bytes,
    properties: IngestionProperties,
}

impl Work {
    async fn many(&self, count: usize, path: Option<&str>) {
        let path: Option<Arc<str>> = path.map(Arc::from);
        let tasks = stream::iter(0..count).map(|_| {
            let (work, path) = (self.clone(), path.clone());
            tokio::spawn(async move { work.one(path.as_deref()).await })
        });
        let mut done = tasks.buffer_unordered(AT_ONCE);
        while let Some(one) = done.next().await {
            one.expect("it ingests");
        }
    }

    async fn one(&self, path: Option<&str>) {
        let source = match path {
            Some(path) => file(path).await.expect("it is there"),
            None => LocalSource::from_bytes(self.row.clone()),
        };
        let receipt = self.client.ingest_source(source.into(), &self.properties).await;
        assert_eq!(receipt.expect("the sink takes it").state, ReceiptState::Queued);
    }
}
