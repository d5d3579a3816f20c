//! An https authority on loopback, whose certificate is believed by nobody else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use azure_core::http::Transport;
use kusto_transport_hyper::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use kusto_transport_hyper::rustls::{ClientConfig, RootCertStore, ServerConfig};
use kusto_transport_hyper::{HyperTransport, Proxy, ProxyUrl, TransportOptions, crypto_provider};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What it was asked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// Method and path, with the query.
    pub(super) line: String,
    /// By names in lower case.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) form: BTreeMap<String, String>,
}

/// What it answers: a status, and JSON. The status 0 is silence.
pub(super) type Answer = (u16, String);

type Answering = dyn Fn(&Asked) -> Answer + Send + Sync;

/// A host on loopback, until it is dropped. It answers for a cluster's metadata itself.
pub(super) struct Authority {
    url: String,
    root: CertifiedIssuer<'static, KeyPair>,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl Authority {
    /// Over https.
    pub(super) fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let root = root();
        let acceptor = acceptor(&root);
        Self::serve("https", root, Some(acceptor), Arc::new(answer))
    }

    /// Over plain http, as the identity services of machines are reached.
    pub(super) fn start_plain(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::serve("http", root(), None, Arc::new(answer))
    }

    fn serve(
        scheme: &str,
        root: CertifiedIssuer<'static, KeyPair>,
        acceptor: Option<TlsAcceptor>,
        answer: Arc<Answering>,
    ) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket of tokio's kind");
        let port = listener.local_addr().expect("an address").port();
        let listener = TcpListener::from_std(listener).expect("a listener");
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let list = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, acceptor.clone(), answer.clone(), list.clone()));
            }
        });
        Self {
            url: format!("{scheme}://localhost:{port}"),
            root,
            asked,
            task,
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// A transport that believes this authority, and no other.
    pub(super) fn transport(&self) -> Transport {
        self.hyper().as_transport()
    }

    pub(super) fn hyper(&self) -> HyperTransport {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.der().clone()).expect("a root");
        let config = ClientConfig::builder_with_provider(crypto_provider().expect("a build with TLS"))
            .with_safe_default_protocol_versions()
            .expect("protocols")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let options = TransportOptions::new()
            .with_proxy(Proxy::None)
            .with_client_config(config);
        HyperTransport::new(options).expect("a transport")
    }

    pub(super) fn root_pem(&self) -> String {
        self.root.pem()
    }

    /// Its address as a proxy.
    pub(super) fn as_proxy(&self) -> ProxyUrl {
        ProxyUrl::parse(self.url()).expect("a proxy")
    }

    /// What it was asked, but for metadata.
    pub(super) fn asked(&self) -> Vec<Asked> {
        let mut asked = self.all_asked();
        asked.retain(|asked| !asked.is_metadata());
        asked
    }

    pub(super) fn all_asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no test panicked in here").clone()
    }
}

impl Asked {
    pub(super) fn is_metadata(&self) -> bool {
        self.line == "GET /v1/rest/auth/metadata"
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A token for an hour.
pub(super) fn token(text: &str) -> Answer {
    let body = format!(r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"{text}"}}"#);
    (200, body)
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
            vec![CertificateDer::from(certificate)],
            PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
        )
        .expect("a configuration");
    TlsAcceptor::from(Arc::new(config))
}

async fn converse(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    answer: Arc<Answering>,
    list: Arc<Mutex<Vec<Asked>>>,
) {
    match acceptor {
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                answer_all(stream, &*answer, &list).await;
            }
        }
        None => answer_all(stream, &*answer, &list).await,
    }
}

async fn answer_all(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: &Answering,
    list: &Mutex<Vec<Asked>>,
) {
    while let Some(asked) = read(&mut stream).await {
        let is_metadata = asked.is_metadata();
        list.lock().expect("no test panicked in here").push(asked.clone());
        let (status, body) = if is_metadata {
            (404, String::new())
        } else {
            answer(&asked)
        };
        if status == 0 {
            return std::future::pending().await;
        }
        let head = format!(
            "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let answered = stream.write_all(format!("{head}{body}").as_bytes()).await;
        if answered.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
}

/// One request, or none when the client has gone.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .map_or(Some(0), |it| it.parse().ok())?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let form = url::form_urlencoded::parse(&body).into_owned().collect();
    Some(Asked { line, headers, form })
}
