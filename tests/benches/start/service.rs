//! A service over TLS that issues one container and one queue of its own, and takes all that is put there.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use kusto_transport_hyper::crypto_provider;
use kusto_transport_hyper::rustls::ServerConfig;
use kusto_transport_hyper::rustls::pki_types::PrivateKeyDer;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Says its address and the file of its root, and serves until it is ended.
pub(crate) fn serve() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let root = root();
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("start.pem");
        std::fs::write(&file, root.pem())?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("https://localhost:{}", listener.local_addr()?.port());
        println!("{address}\n{}", file.display());
        let acceptor = acceptor(&root);
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(converse(stream, acceptor.clone(), address.clone()));
        }
    })
}

async fn converse(stream: TcpStream, acceptor: TlsAcceptor, address: String) -> io::Result<()> {
    let mut stream = BufReader::new(acceptor.accept(stream).await?);
    loop {
        let (mut length, mut line, mut request) = (0, String::new(), String::new());
        while stream.read_line(&mut line).await? > 0 && !line.trim_end().is_empty() {
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().unwrap_or(0);
                }
                _ if request.is_empty() => request.clone_from(&line),
                _ => {}
            }
            line.clear();
        }
        if request.is_empty() {
            return Ok(());
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        let answer = answer(&request, &String::from_utf8_lossy(&body), &address);
        stream.write_all(answer.as_bytes()).await?;
        stream.flush().await?;
    }
}

fn answer(request: &str, body: &str, address: &str) -> String {
    let table = match request {
        _ if body.contains(".get kusto identity token") => {
            table(&["AuthorizationContext"], &json!([["token"]]))
        }
        _ if body.contains(".get ingestion resources") => {
            let rows = json!([
                ["TempStorage", format!("{address}/account/container?sig=none")],
                [
                    "SecuredReadyForAggregationQueue",
                    format!("{address}/account/queue?sig=none")
                ],
            ]);
            table(&["ResourceTypeName", "StorageRoot"], &rows)
        }
        _ if request.starts_with("GET") => {
            return "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned();
        }
        _ => return "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n".to_owned(),
    };
    let length = table.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{table}")
}

fn table(columns: &[&str], rows: &Value) -> String {
    let columns: Vec<_> = columns
        .iter()
        .map(|name| json!({ "ColumnName": name, "DataType": "String" }))
        .collect();
    json!({ "Tables": [{ "TableName": "Table_0", "Columns": columns, "Rows": rows }] }).to_string()
}

fn root() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate")
}

fn acceptor(root: &CertifiedIssuer<'static, KeyPair>) -> TlsAcceptor {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let certificate = params.signed_by(&key, root).expect("a certificate");
    let config = ServerConfig::builder_with_provider(crypto_provider().expect("a build with TLS"))
        .with_safe_default_protocol_versions()
        .expect("protocols")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        );
    TlsAcceptor::from(Arc::new(config.expect("a key that fits")))
}
