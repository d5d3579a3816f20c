//! A slow uplink, at full size: ten minutes of uploads through 2 Mbit/s. Run by hand, with `--ignored`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use kusto_emulator::Emulator;
use kusto_ingest::transport::{Proxy, ProxyUrl, TransportOptions};
use kusto_ingest::{IngestClient, IngestionProperties, Kusto, LocalSource};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

const BYTES_PER_SECOND: u32 = 250_000;
const PIECE: usize = 4_096;

/// The line that all connections share, a piece at a time and in turn.
type Line = Arc<Mutex<()>>;

/// A proxy that hands everything to this address, what goes up at the speed of the line.
async fn proxy(to: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    let line = Line::default();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let line = Arc::clone(&line);
            tokio::spawn(async move {
                let server = TcpStream::connect(to).await.expect("the emulator listens");
                let ((mut up, mut down), (mut answers, mut requests)) =
                    (client.into_split(), server.into_split());
                tokio::spawn(async move { copy(&mut answers, &mut down).await });
                let mut piece = vec![0; PIECE];
                while let Ok(read @ 1..) = up.read(&mut piece).await {
                    let turn = line.lock().await;
                    pace(
                        Duration::from_secs(1) * u32::try_from(read).expect("it is small") / BYTES_PER_SECOND,
                    )
                    .await;
                    drop(turn);
                    if requests.write_all(&piece[..read]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    address
}

#[expect(clippy::disallowed_methods, reason = "a slow line is slow in real time")]
async fn pace(time: Duration) {
    tokio::time::sleep(time).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes ten minutes"]
async fn files_of_all_sizes_pass_a_line_of_two_megabits_together() {
    let emulator = Emulator::start().await.expect("a free port");
    let cluster = emulator.cluster();
    let authority = cluster
        .split("//")
        .nth(1)
        .and_then(|rest| rest.split([';', '/']).next());
    let address = authority.and_then(|it| it.parse().ok()).expect("an address");
    let proxy = ProxyUrl::parse(format!("http://{}", proxy(address).await)).expect("a good address");
    let kusto = Kusto::builder(&cluster)
        .expect("a good address")
        .with_transport(TransportOptions::new().with_proxy(Proxy::Url(proxy)))
        .connect()
        .expect("nothing is sent yet");
    let properties = IngestionProperties::into_table("db", "t")
        .expect("good names")
        .with_format("parquet".parse().expect("a format"));
    let sizes = [vec![1; 16], vec![32; 4]].concat();
    let ingested = join_all(sizes.iter().map(async |mebibytes: &usize| {
        let source = LocalSource::from_bytes(vec![b'x'; mebibytes << 20]);
        kusto.queued().ingest_source(source.into(), &properties).await
    }))
    .await;
    let failed: Vec<_> = ingested
        .iter()
        .filter_map(|it| it.as_ref().err())
        .map(|it| it.chain())
        .collect();
    assert!(
        failed.is_empty(),
        "{} failed:\n{}",
        failed.len(),
        failed.join("\n")
    );
}
