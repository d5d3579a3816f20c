//! A service that issues a folder in place of a container, through the facade and over a socket.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use kusto_ingest::{
    ErrorKind, IngestClient, IngestionProperties, Kusto, KustoBuilder, LocalSource, Receipt, Result,
};
use kusto_ingest_message::DecodedMessage;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A service that issues one folder and one queue, and keeps what is put on the queue.
struct Premises {
    address: String,
    folder: PathBuf,
    posted: Arc<Mutex<Vec<String>>>,
}

impl Premises {
    async fn open(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder).expect("the target folder can be written");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let posted = Arc::default();
        let premises = Self {
            address: address.clone(),
            folder: folder.clone(),
            posted: Arc::clone(&posted),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (address, folder, posted) = (address.clone(), folder.clone(), posted.clone());
                tokio::spawn(async move { serve(stream, &address, &folder, &posted).await });
            }
        });
        premises
    }

    fn builder(&self) -> KustoBuilder {
        Kusto::builder(&self.address).expect("a good address")
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.folder).expect("it is there");
        let paths = entries.map(|entry| entry.expect("it is listed").path());
        paths.filter(|path| path.is_file()).collect()
    }

    fn messages(&self) -> Vec<DecodedMessage> {
        let posted = self.posted.lock().expect("no test panicked");
        let decoded = posted
            .iter()
            .map(|text| DecodedMessage::decode(text).expect("a good message"));
        decoded.collect()
    }
}

impl Drop for Premises {
    fn drop(&mut self) {
        let _gone_already = fs::remove_dir_all(&self.folder);
    }
}

/// Answers the requests of one connection.
async fn serve(mut stream: TcpStream, address: &str, folder: &Path, posted: &Mutex<Vec<String>>) {
    while let Some((line, body)) = request(&mut stream).await {
        let (status, answer) = if line.contains("/account/queue/messages") {
            let text = body.split_once("<MessageText>").expect("a message").1;
            let text = text.split_once("</MessageText>").expect("it ends").0;
            posted.lock().expect("no test panicked").push(text.to_owned());
            ("201 Created", String::new())
        } else if body.contains(".get ingestion resources") {
            let rows = serde_json::json!([
                [
                    "SecuredReadyForAggregationQueue",
                    format!("{address}/account/queue?sig=S")
                ],
                ["TempStorage", folder.display().to_string()],
            ]);
            ("200 OK", table(&["ResourceTypeName", "StorageRoot"], &rows))
        } else {
            let rows = serde_json::json!([["TOKEN"]]);
            ("200 OK", table(&["AuthorizationContext"], &rows))
        };
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\n");
        let answer = format!("{head}content-length: {}\r\n\r\n{answer}", answer.len());
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The next request: its first line and its body.
async fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_ascii_lowercase();
            let length = lower
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().expect("a number"));
            if body.len() >= length {
                let line = head.lines().next().unwrap_or_default();
                return Some((line.to_owned(), body.to_owned()));
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

fn table(columns: &[&str], rows: &serde_json::Value) -> String {
    let columns: Vec<_> = columns
        .iter()
        .map(|name| serde_json::json!({"ColumnName": name, "DataType": "String", "ColumnType": "string"}))
        .collect();
    let table = serde_json::json!({"TableName": "Table_0", "Columns": columns, "Rows": rows});
    serde_json::json!({"Tables": [table]}).to_string()
}

async fn ingest(kusto: &Kusto) -> Result<Receipt> {
    let properties = IngestionProperties::into_table("db", "t")?;
    let source = LocalSource::from_bytes("1,2\n").with_name("a.csv");
    kusto.queued().ingest_source(source.into(), &properties).await
}

#[tokio::test]
async fn an_issued_folder_gets_the_blob_and_the_message_names_it() {
    let premises = Premises::open("issued folder").await;
    let kusto = premises
        .builder()
        .with_folders()
        .connect()
        .expect("nothing is sent yet");
    let receipt = ingest(&kusto).await.expect("it is queued");
    let files = premises.files();
    assert_eq!(files.len(), 1);
    let messages = premises.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].source_id, Some(receipt.source_id));
    assert_eq!(messages[0].expose_blob_path(), files[0].display().to_string());
    let bytes = fs::read(&files[0]).expect("it is there");
    assert_eq!(bytes[..2], [0x1f, 0x8b], "it is gzip, as its name says");
}

#[tokio::test]
async fn an_issued_folder_is_left_alone_unless_folders_are_accepted() {
    let premises = Premises::open("refused folder").await;
    let kusto = premises.builder().connect().expect("nothing is sent yet");
    let error = ingest(&kusto).await.expect_err("there is no container");
    assert_eq!(error.kind(), ErrorKind::NoResources, "{}", error.chain());
    assert!(premises.files().is_empty() && premises.messages().is_empty());
}
