//! An https authority on this machine, which gives a token to whoever knows the secret.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use kusto_ingest::external::url::form_urlencoded;
use kusto_ingest::transport::crypto_provider;
use kusto_ingest::transport::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use kusto_ingest::transport::rustls::{ServerConfig, ServerConnection, StreamOwned};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// An authority that gives one token.
pub(crate) struct Authority {
    pub(crate) url: String,
    /// The certificate that its own is signed with; nobody else believes it.
    pub(crate) root: String,
    asked: Arc<Mutex<Vec<(String, String)>>>,
}

impl Authority {
    pub(crate) fn open(secret: &'static str, token: &'static str) -> Self {
        let root = root();
        let config = Arc::new(config(&root));
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let port = listener.local_addr().expect("it is bound").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let list = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that does not believe the certificate goes away.
                let _ = answer(stream, &config, secret, token, &list);
            }
        });
        Self {
            url: format!("https://localhost:{port}"),
            root: root.pem(),
            asked,
        }
    }

    /// The paths that it was asked for, and the scopes.
    pub(crate) fn asked(&self) -> Vec<(String, String)> {
        self.asked.lock().expect("no panic while it was held").clone()
    }
}

fn root() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).expect("they are parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("it is a key")).expect("it is signed")
}

fn config(root: &CertifiedIssuer<'static, KeyPair>) -> ServerConfig {
    let key = KeyPair::generate().expect("it is a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("they are parameters");
    let certificate = params.signed_by(&key, root).expect("it is signed");
    ServerConfig::builder_with_provider(crypto_provider().expect("it is built with TLS"))
        .with_safe_default_protocol_versions()
        .expect("there are versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(certificate)],
            PrivateKeyDer::try_from(key.serialize_der()).expect("it is a key"),
        )
        .expect("they fit")
}

/// Answers one request.
fn answer(
    stream: TcpStream,
    config: &Arc<ServerConfig>,
    secret: &str,
    token: &str,
    asked: &Mutex<Vec<(String, String)>>,
) -> std::io::Result<()> {
    let session = ServerConnection::new(config.clone()).map_err(std::io::Error::other)?;
    let mut reader = BufReader::new(StreamOwned::new(session, stream));
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(bytes) = line.strip_prefix("content-length: ") {
            length = bytes.parse().map_err(std::io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let said = |name: &str| {
        let mut pairs = form_urlencoded::parse(&body);
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    asked
        .lock()
        .expect("no panic while it was held")
        .push((path, said("scope")));
    let (status, text) = match said("client_secret") == secret {
        true => (
            200,
            format!(r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"{token}"}}"#),
        ),
        false => (
            401,
            r#"{"error":"invalid_client","error_codes":[7000215]}"#.to_owned(),
        ),
    };
    let stream = reader.get_mut();
    write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )?;
    stream.flush()?;
    stream.conn.send_close_notify();
    stream.flush()
}
