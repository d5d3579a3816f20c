//! Answers of success by what is no Kusto, or that came too early or broken: nothing counts as ingested by them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use kusto_ingest::storage::{BlobName, BlockId, ResourceUri};
use kusto_ingest::streaming::StreamingLimits;
use kusto_ingest::{Error, ErrorKind, Files, IngestClient, Kusto, LocalSource};

use crate::setup::{folder, properties};

/// How much of a request is read before it is answered. The connection stays open.
#[derive(Clone, Copy, PartialEq)]
enum Reads {
    All,
    Head,
}

/// What answers every request the same.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(reads: Reads, answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address").to_string();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let hears = Arc::clone(&asked);
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for stream in listener.incoming().flatten() {
                // A client that goes away has all that it wanted.
                let _ = serve(&stream, reads, &answer, &hears);
                open.push(stream);
            }
        });
        Self { address, asked }
    }

    fn kusto(&self) -> Kusto {
        Kusto::builder(&format!("http://{};Fed=false", self.address))
            .expect("a good address")
            .connect()
            .expect("nothing is sent yet")
    }

    /// The first lines of the requests so far.
    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic while it was held").clone()
    }
}

fn serve(
    mut stream: &TcpStream,
    reads: Reads,
    answer: &[u8],
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut request = BufReader::with_capacity(256, stream);
    let (mut first, mut length) = (String::new(), 0);
    for line in request.by_ref().lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if first.is_empty() {
            first = line;
        }
    }
    if reads == Reads::All {
        std::io::copy(&mut request.take(length), &mut std::io::sink())?;
    }
    asked.lock().expect("no panic while it was held").push(first);
    stream.write_all(answer)
}

/// An answer of status 200 with these headers.
fn success(headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

fn page() -> Vec<u8> {
    success(
        "content-type: text/html\r\n",
        b"<html><title>Sign in to the network</title></html>",
    )
}

fn row() -> LocalSource {
    LocalSource::from_bytes("1\n").with_name("a.csv")
}

/// What each way in that asks the engine once makes of such an answer.
async fn told(answer: &[u8]) -> Vec<(&'static str, Error)> {
    let mut errors = Vec::new();
    for way in ["streaming", "direct"] {
        let server = Server::start(Reads::All, answer.to_vec());
        let kusto = server.kusto();
        let client: Box<dyn IngestClient> = match way {
            "streaming" => Box::new(kusto.streaming()),
            _ => Box::new(kusto.direct()),
        };
        let ingested = client.ingest_source(row().into(), &properties()).await;
        errors.push((way, ingested.expect_err("it is no answer of Kusto's")));
        let asked = server.asked();
        assert_eq!(asked.len(), 1, "{way}: nothing is sent twice: {asked:?}");
    }
    errors
}

#[tokio::test]
async fn a_page_that_says_success_is_no_ingestion_and_no_refusal() {
    for (way, error) in told(&page()).await {
        let chain = error.chain();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{way}: {chain}");
        assert!(error.receipt().is_some(), "{way}: it carries one");
        assert!(chain.contains("Sign in to the network"), "{way}: {chain}");
    }
}

#[tokio::test]
async fn a_file_stays_where_a_page_says_that_it_was_streamed() {
    let folder = folder("strange_answers");
    let file = folder.write("a.csv", "1\n");
    let server = Server::start(Reads::All, page());
    let files = Files::new([&file]).with_delete_after_ingestion();
    let told = files
        .ingest_with(&server.kusto().streaming(), &properties())
        .await;
    assert!(file.exists(), "{told:?}");
}

#[tokio::test]
async fn a_success_whose_gzip_is_broken_leaves_the_outcome_unknown() {
    for (way, error) in told(&success("content-encoding: gzip\r\n", b"no gzip")).await {
        let chain = error.chain();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{way}: {chain}");
        assert!(error.receipt().is_some(), "{way}: it carries one");
        assert!(chain.contains("says that it is gzip"), "{way}: {chain}");
    }
}

/// More than the buffers between a client and a server hold.
const LARGE: usize = 64 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_success_before_the_data_is_there_is_no_ingestion() {
    let server = Server::start(Reads::Head, success("", b"{}"));
    let limits = StreamingLimits::new().with_wire_bytes(2 * LARGE as u64);
    let streaming = server.kusto().streaming().with_limits(limits);
    let source = LocalSource::from_bytes(vec![b'x'; LARGE]);
    let properties = properties()
        .with_format("parquet".parse().expect("a format"))
        .with_ignore_size_limit();
    let error = streaming
        .ingest_source(source.into(), &properties)
        .await
        .expect_err("nobody read it");
    let chain = error.chain();
    assert_eq!(
        (error.kind(), error.is_permanent()),
        (ErrorKind::Io, false),
        "{chain}"
    );
    assert!(chain.contains("before all of it was sent"), "{chain}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_is_created_before_its_bytes_are_there_is_none() {
    let created = b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n";
    let server = Server::start(Reads::Head, created.to_vec());
    let address = format!("http://{}/account/container?sig=x", server.address);
    let container = ResourceUri::parse(&address).expect("an address");
    let name = BlobName::parse("a.csv").expect("a name");
    let blobs = server.kusto().blob_store();
    let body = vec![b'x'; LARGE];
    for (what, put) in [
        ("whole", blobs.put(&container, &name, body.clone().into()).await),
        (
            "block",
            blobs.stage(&container, &name, BlockId::new(0), body.into()).await,
        ),
    ] {
        let error = put.expect_err("nobody read it");
        assert_eq!(
            (error.kind(), error.http_status()),
            (ErrorKind::Io, None),
            "{what}: {}",
            error.chain()
        );
    }
}
