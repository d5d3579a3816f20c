//! Streaming of 1 KiB beside the same requests through a bare pipeline of `azure_core` over our transport, and
//! through bare hyper, against an engine in another process that takes all. `plain` and `gzipped` on the command line
//! choose a part.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark measures real time and speaks on the terminal"
)]

mod bare;
#[path = "../measured/chance.rs"]
mod chance;
#[path = "../measured/cost.rs"]
mod cost;
#[path = "../measured/logs.rs"]
mod logs;
#[path = "../measured/sink.rs"]
mod sink;
#[expect(dead_code, reason = "nothing here should be large")]
#[path = "../measured/target.rs"]
mod target;

use std::future::Future;
use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::{StreamExt as _, stream};
use kusto_endpoint::{ClientHeaders, StreamingCall, StreamingRequest};
use kusto_ingest::Kusto;
use kusto_ingest::streaming::StreamingIngestClient;
use kusto_ingest_core::{
    ClientDetails, DataFormat, IngestClient as _, IngestionProperties, LocalSource, ReceiptState,
};
use sink::Sink;
use target::{At, verdict, wanted};
use tokio::runtime::{Builder, Runtime};

/// What an engine says to a request that it carried out.
const TAKEN: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 410\r\nContent-Type: application/json\r\n\
    x-ms-activity-id: 1\r\nx-ms-client-request-id: 1\r\n\r\n\
    {\"Tables\":[{\"TableName\":\"Table_0\",\"Columns\":[\
    {\"ColumnName\":\"ConsumedRecordsCount\",\"DataType\":\"Int64\",\"ColumnType\":\"long\"},\
    {\"ColumnName\":\"UpdatePolicyStatus\",\"DataType\":\"String\",\"ColumnType\":\"string\"},\
    {\"ColumnName\":\"UpdatePolicyFailureCode\",\"DataType\":\"String\",\"ColumnType\":\"string\"},\
    {\"ColumnName\":\"UpdatePolicyFailureReason\",\"DataType\":\"String\",\"ColumnType\":\"string\"}],\
    \"Rows\":[[5,\"Inactive\",\"Unknown\",null]]}]}";

const KIB: usize = 1024;
const REQUESTS: usize = 20_000;
const AT_ONCE: usize = 64;
const RUNS: usize = 5;
/// The level of our default.
const LEVEL: u32 = 3;

fn main() {
    if std::env::args().any(|word| word == sink::ROLE) {
        return sink::serve(TAKEN).expect("loopback can be listened on");
    }
    let sink = Sink::start().expect("this program starts again");
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    // The transports keep their connections on the runtime that is current.
    let _entered = runtime.enter();
    if wanted("plain") {
        let body = Body::Plain(Bytes::from(logs::csv(900)));
        compare(&runtime, &sink.address, &body);
    }
    if wanted("gzipped") {
        compare(&runtime, &sink.address, &Body::Gzipped(gzip_of_a_kib()));
    }
}

/// What all three clients are given.
#[derive(Clone, Debug)]
enum Body {
    /// CSV, which each of them gzips for every request.
    Plain(Bytes),
    /// Gzip, which each of them sends as it is.
    Gzipped(Bytes),
}

impl Body {
    fn bytes(&self) -> &Bytes {
        match self {
            Self::Plain(bytes) | Self::Gzipped(bytes) => bytes,
        }
    }

    fn on_the_wire(&self) -> Bytes {
        match self {
            Self::Plain(bytes) => gzip(bytes),
            Self::Gzipped(bytes) => bytes.clone(),
        }
    }
}

fn compare(runtime: &Runtime, address: &str, body: &Body) {
    let (what, sent) = match body {
        Body::Plain(_) => ("plain, gzipped by each client", body.on_the_wire().len()),
        Body::Gzipped(_) => ("gzipped before", body.bytes().len()),
    };
    let given = body.bytes().len();
    println!("{REQUESTS} bodies of {given} bytes, {AT_ONCE} at once, {what}: {sent} bytes on the wire");
    let kusto = Kusto::connect(address).expect("it is an address");
    let properties = Arc::new(properties());
    let call = written(body, &properties);
    let (ours, pipeline, hyper) = (
        kusto.streaming(),
        bare::Pipeline::new(address, &call),
        bare::Hyper::new(address, &call),
    );
    let (mut of_pipeline, mut of_hyper) = (Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let ours = many(runtime, || {
            streamed(ours.clone(), body.clone(), properties.clone())
        });
        let pipeline = many(runtime, || pipeline.clone().post(body.clone()));
        let hyper = many(runtime, || hyper.clone().post(body.clone()));
        // The first turn finds cold caches and no connections.
        if run > 0 {
            println!("  run {run}: streaming {ours}, azure_core {pipeline}, hyper {hyper}");
            of_pipeline.extend(ours.cpu.zip(pipeline.cpu).map(|(ours, bare)| ours / bare));
            of_hyper.extend(ours.cpu.zip(hyper.cpu).map(|(ours, bare)| ours / bare));
        }
    }
    verdict("to azure_core", cost::median(of_pipeline), At::Most(1.30));
    println!("{:<16} {:.3}", "to bare hyper", cost::median(of_hyper));
}

fn many<F>(runtime: &Runtime, one: impl Fn() -> F) -> cost::Cost
where
    F: Future<Output = ()> + Send + 'static,
{
    let tasks = stream::iter(0..REQUESTS).map(|_| tokio::spawn(one()));
    let mut tasks = tasks.buffer_unordered(AT_ONCE);
    let all = async {
        while let Some(done) = tasks.next().await {
            done.expect("the engine takes it");
        }
    };
    let ((), cost) = cost::of(|| runtime.block_on(all));
    cost
}

async fn streamed(client: StreamingIngestClient, body: Body, properties: Arc<IngestionProperties>) {
    let source = LocalSource::from_bytes(body.bytes().clone());
    let receipt = client.ingest_source(source.into(), &properties).await;
    assert_eq!(
        receipt.expect("the engine takes it").state,
        ReceiptState::Streamed
    );
}

fn properties() -> IngestionProperties {
    let table = IngestionProperties::into_table("Samples", "Logs").expect("these are names");
    table.with_format(DataFormat::Csv)
}

/// Address and headers of our own requests, which the bare clients send as well.
fn written(body: &Body, properties: &IngestionProperties) -> StreamingCall {
    let request = StreamingRequest::of_bytes(body.on_the_wire(), DataFormat::Csv);
    let details = ClientHeaders::from(ClientDetails::default().with_application("streaming"));
    let call = StreamingCall::new(&properties.database, &properties.table, &request, &details);
    call.expect("it can be written")
}

fn gzip(plain: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(LEVEL));
    encoder.write_all(plain).expect("memory takes all");
    encoder.finish().expect("memory takes all").into()
}

/// As much of a log as makes a KiB of gzip.
fn gzip_of_a_kib() -> Bytes {
    let mut larger = (1..).map(|rows| gzip(&logs::csv(rows * 100)));
    larger.find(|gzip| gzip.len() >= KIB).expect("logs have no end")
}
