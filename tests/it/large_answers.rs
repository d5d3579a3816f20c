//! Answers of a gigibyte, on every leg: a clear error, and little memory. Measured in a process of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use flate2::{Compression, write::GzEncoder};
use kusto_auth::{CloudSettings, CloudSource as _, FixedCloud, MetadataCloud, SignIn};
use kusto_connection::{AuthMethod, ConnectionString, ManagedIdentity};
use kusto_ingest::endpoint::RequestProperties;
use kusto_ingest::properties::DatabaseName;
use kusto_ingest::retry::CallLimits;
use kusto_ingest::{Error, ErrorKind, Kusto};
use kusto_ingest_tokio::TokioClock;
use kusto_storage::{EntityKey, QueueStore as _, ResourceUri, TableStore as _};
use kusto_storage_azure::AzureStorage;
use kusto_transport_hyper::{HyperTransport, Proxy, ProxyUrl, TransportOptions};

use crate::sign_in::child::{myself, succeeded};

const MIB: usize = 1024 * 1024;
const GIB: usize = 1024 * MIB;
/// How much memory the process may have needed in the end.
const MOST_KIB: u64 = 100 * 1024;

/// Where zeros come from, and where what unfolds to zeros does.
const PLAIN: &str = "KUSTO_TEST_PLAIN";
const PACKED: &str = "KUSTO_TEST_PACKED";

/// Answers every request by a gigibyte: of zeros, or of zeros in gzip.
fn answering(head: &'static str, piece: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let piece = piece.clone();
            std::thread::spawn(move || {
                // Who has read enough hangs up.
                let _ = answer(stream, head, &piece);
            });
        }
    });
    address
}

fn answer(mut stream: TcpStream, head: &str, piece: &[u8]) -> std::io::Result<()> {
    let mut request = BufReader::new(stream.try_clone()?);
    let mut length = 0;
    for line in request.by_ref().lines() {
        let line = line?.to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if line.is_empty() {
            break;
        }
    }
    std::io::copy(&mut request.take(length), &mut std::io::sink())?;
    stream.write_all(head.as_bytes())?;
    for _ in 0..GIB / MIB {
        stream.write_all(piece)?;
    }
    Ok(())
}

/// A mebibyte of zeros, as one member of gzip.
fn packed() -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&vec![0; MIB]).expect("memory takes it");
    gzip.finish().expect("memory takes it")
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_answer_of_a_gigibyte_is_a_clear_error_on_every_leg_and_takes_little_memory() {
    let plain = answering("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", vec![b'0'; MIB]);
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n";
    let packed = answering(head, packed());
    let child = myself("large_answers::the_child_asks_on_every_leg")
        .env(PLAIN, plain.to_string())
        .env(PACKED, packed.to_string())
        .env("IDENTITY_ENDPOINT", format!("http://{plain}/msi/token"))
        .env("IDENTITY_HEADER", "header")
        .output()
        .await
        .expect("it runs");
    succeeded(&child);
}

/// The child's part: every leg, one after the other, and then a look at what it took.
#[tokio::test]
#[ignore = "is run by the test above, in a process of its own"]
async fn the_child_asks_on_every_leg() {
    for (what, error) in [
        ("a command", command(PLAIN).await),
        ("a command, in gzip", command(PACKED).await),
        ("a query", query(PLAIN).await),
        ("a query, in gzip", query(PACKED).await),
        ("a token", token().await),
        ("the cloud's metadata", metadata().await),
        ("a look at a queue", peek().await),
        ("an entity", entity().await),
    ] {
        let chain = error.chain();
        assert!(chain.contains("longer than the limit of"), "{what}: {chain}");
        assert!(chain.contains("limit response"), "{what}: {chain}");
        assert_eq!(
            (error.kind(), error.is_permanent()),
            (ErrorKind::Protocol, true),
            "{what}: {chain}"
        );
    }
    let most = peak();
    assert!(most.is_none_or(|most| most < MOST_KIB), "{most:?} KiB");
}

/// The most memory that this process ever had, in KiB, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    Some(number.expect("the kernel tells"))
}

fn address(of: &str) -> String {
    std::env::var(of).expect("the parent sets it")
}

fn kusto(of: &str) -> Kusto {
    Kusto::builder(&format!("http://{};Fed=false", address(of)))
        .expect("a good address")
        // A result may have 256 MiB unless somebody says so; all else 16 MiB in any case.
        .with_command_limits(CallLimits::new().with_response(16 * MIB as u64))
        .connect()
        .expect("nothing is sent yet")
}

async fn command(of: &str) -> Error {
    let (database, ask) = (DatabaseName::net_default(), RequestProperties::new());
    let kusto = kusto(of);
    let answer = kusto
        .data_management()
        .execute(&database, ".show version", &ask)
        .await;
    answer.expect_err("it is too long")
}

async fn query(of: &str) -> Error {
    let (database, ask) = (DatabaseName::net_default(), RequestProperties::new());
    let kusto = kusto(of);
    let answer = kusto.query_endpoint().query(&database, "t", &ask).await;
    answer.expect_err("it is too long")
}

fn transport(proxy: Proxy) -> azure_core::http::Transport {
    HyperTransport::new(TransportOptions::new().with_proxy(proxy))
        .expect("good options")
        .as_transport()
}

async fn token() -> Error {
    let connection = ConnectionString::for_cluster("https://help.kusto.windows.net")
        .expect("a cluster")
        .with_auth(AuthMethod::ManagedIdentity(ManagedIdentity::System));
    let sign_in = SignIn::new(&connection, transport(Proxy::None), Arc::new(TokioClock::new()))
        .expect("a sign-in")
        .with_cloud(Arc::new(FixedCloud::new(CloudSettings::public())));
    let credential = crate::sign_in::credential(sign_in, &connection);
    credential.token().await.expect_err("it is too long")
}

async fn metadata() -> Error {
    // What a loopback address answers would not matter, so the host is one that is reached through a proxy.
    let proxy = ProxyUrl::parse(format!("http://{}", address(PLAIN))).expect("a good address");
    let cloud = MetadataCloud::new(transport(Proxy::Url(proxy)), Arc::new(TokioClock::new()));
    let cluster = "http://cluster.test".parse().expect("a URL");
    cloud.settings(&cluster).await.expect_err("it is too long")
}

fn resource() -> ResourceUri {
    ResourceUri::parse(&format!("http://{}/account/name?sig=x", address(PLAIN))).expect("an address")
}

async fn peek() -> Error {
    let storage = AzureStorage::new(transport(Proxy::None));
    storage.peek(&resource(), 32).await.expect_err("it is too long")
}

async fn entity() -> Error {
    let storage = AzureStorage::new(transport(Proxy::None));
    let key = EntityKey::new("p", "0");
    storage.get(&resource(), &key).await.expect_err("it is too long")
}
