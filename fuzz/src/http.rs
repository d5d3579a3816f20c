//! What must hold for any bytes that come to the emulator's port: it answers or closes, and never fails.

use std::sync::OnceLock;

use kusto_emulator::Emulator;
use kusto_ingest_core::{DatabaseName, TableName};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::runtime::{Builder, Runtime};

/// The runtime and the emulator that all runs share.
struct World {
    runtime: Runtime,
    emulator: Emulator,
    /// Where each kind of request goes: the first line of its head, with what authorises it.
    lines: Vec<String>,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let emulator = runtime.block_on(async {
            let database = DatabaseName::parse("Samples").expect("a name");
            let table = TableName::parse("T").expect("a name");
            let schema = "a:string,b:long,c:dynamic".parse().expect("a schema");
            let builder = Emulator::builder().with_table(database, table, schema);
            builder.start().await.expect("a port")
        });
        let lines = lines(&emulator);
        World {
            runtime,
            emulator,
            lines,
        }
    })
}

fn lines(emulator: &Emulator) -> Vec<String> {
    let issued = emulator.fake().issued_resources().expect("issued");
    let path = |uri: &kusto_storage::ResourceUri, below: &str, query: &str| {
        let url = uri.expose();
        let sas = url.query().unwrap_or_default();
        format!("{}{below}?{query}{sas}", url.path())
    };
    let (container, queue, table) = (&issued.containers[0], &issued.successes, &issued.status_table);
    let batch = path(table, "", "").replace("ingestionsstatus", "$batch");
    vec![
        "POST /v1/rest/mgmt HTTP/1.1".to_owned(),
        "POST /v1/rest/query HTTP/1.1".to_owned(),
        "POST /v2/rest/query HTTP/1.1".to_owned(),
        "POST /v1/rest/ingest/Samples/T?streamFormat=csv HTTP/1.1".to_owned(),
        "POST /v1/rest/ingest/Samples/T?streamFormat=multijson HTTP/1.1".to_owned(),
        "POST /v1/rest/ingest/Samples/T?streamFormat=csv&sourceKind=uri HTTP/1.1".to_owned(),
        format!("PUT {} HTTP/1.1\r\nx-ms-blob-type: BlockBlob", path(container, "/b", "")),
        format!("PUT {} HTTP/1.1", path(container, "/b", "comp=blocklist&")),
        format!("PATCH {} HTTP/1.1", path(container, "/b", "action=append&position=0&")),
        format!("POST {} HTTP/1.1", path(queue, "/messages", "")),
        format!("POST {} HTTP/1.1", path(table, "", "")),
        format!("PATCH {} HTTP/1.1", path(table, "(PartitionKey='p',RowKey='r')", "")),
        format!("POST {batch} HTTP/1.1\r\ncontent-type: multipart/mixed; boundary=b"),
        "POST /__emulator/faults HTTP/1.1".to_owned(),
    ]
}

/// Sends bytes as they are; or, as the first byte says, as the body of a request of some kind.
///
/// # Panics
/// When the emulator fails, or answers what is no answer.
pub fn http_any(data: &[u8]) {
    let [choice, data @ ..] = data else { return };
    let world = world();
    let bytes = match world.lines.get(usize::from(choice & 15)) {
        None => data.to_vec(),
        Some(line) => {
            let head = format!("{line}\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", data.len());
            [head.as_bytes(), data].concat()
        }
    };
    let answer = world.runtime.block_on(answered(&world.emulator, &bytes));
    world.emulator.clear_faults();
    let text = String::from_utf8_lossy(&answer);
    let status: Option<u16> = text.get(9..12).and_then(|status| status.parse().ok());
    match status {
        None => assert!(answer.is_empty(), "{text}"),
        Some(status) => assert!(status < 500 || status == 501, "{text}"),
    }
}

async fn answered(emulator: &Emulator, bytes: &[u8]) -> Vec<u8> {
    let (mut client, server) = duplex(64 << 10);
    let talk = async {
        // The server may have had enough before all is sent.
        let _ = client.write_all(bytes).await;
        let _ = client.shutdown().await;
        let mut answer = Vec::new();
        let _ = client.read_to_end(&mut answer).await;
        answer
    };
    tokio::join!(talk, emulator.serve(server)).0
}
