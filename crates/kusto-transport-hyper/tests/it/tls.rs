//! Whose certificates are believed.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use azure_core::error::ErrorKind as AzureKind;
use kusto_ingest_core::ErrorKind;
use kusto_transport_hyper::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use kusto_transport_hyper::rustls::{ClientConfig, HandshakeKind, RootCertStore, ServerConfig};
use kusto_transport_hyper::{HyperTransport, TransportOptions, crypto_provider};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::host::{Host, OK, call, noted, ours, patient, post, read_head, read_request, transport};

/// A certificate authority of the test's own.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(
            CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate"),
        )
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// What a client believes that was told of this authority, and of no other.
    pub(crate) fn client(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).expect("a root");
        ClientConfig::builder_with_provider(crypto_provider().expect("a build with TLS"))
            .with_safe_default_protocol_versions()
            .expect("protocols")
            .with_root_certificates(roots)
            .with_no_client_auth()
    }

    /// The host of that name.
    pub(crate) fn host(&self, name: &str, alpn: &[&[u8]]) -> TlsAcceptor {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        let chain = vec![CertificateDer::from(certificate)];
        let mut config = ServerConfig::builder_with_provider(crypto_provider().expect("a build with TLS"))
            .with_safe_default_protocol_versions()
            .expect("protocols")
            .with_no_client_auth()
            .with_single_cert(
                chain,
                PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
            )
            .expect("a configuration");
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }

    /// Answers every request that comes over TLS for a name.
    pub(crate) fn serve(
        &self,
        name: &str,
        alpn: &[&[u8]],
    ) -> impl Fn(TcpStream, usize) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync + use<> {
        let acceptor = self.host(name, alpn);
        move |stream, _| {
            let acceptor = acceptor.clone();
            Box::pin(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                while let Some((head, _)) = read_request(&mut stream).await {
                    assert!(
                        !head.to_lowercase().contains("proxy-authorization"),
                        "meant for the proxy alone"
                    );
                    stream.write_all(OK.as_bytes()).await.expect("it is written");
                    stream.flush().await.expect("it is written");
                }
            })
        }
    }
}

async fn post_to(transport: &HyperTransport, host: &Host, body: usize) -> azure_core::Result<()> {
    let url = format!("https://localhost:{}/blob?sig=SECRET", host.address.port());
    call(transport, post(&url, vec![7; body])).await.map(drop)
}

#[tokio::test]
async fn a_user_authority_is_trusted_as_a_root_or_as_a_whole_configuration() {
    let authority = Authority::new();
    let host = Host::start(authority.serve("localhost", &[]));
    for options in [
        patient().with_client_config(authority.client()),
        patient().with_extra_roots(authority.pem()),
    ] {
        let transport = transport(options);
        for size in [0, 1000, 3 << 20] {
            post_to(&transport, &host, size).await.expect("it is believed");
        }
    }
    assert_eq!(host.connections(), 2, "connections are kept over TLS as well");
}

#[tokio::test]
async fn a_second_connection_to_a_host_resumes_the_session_of_the_first() {
    let authority = Authority::new();
    let acceptor = authority.host("localhost", &[]);
    let handshakes = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&handshakes);
    let host = Host::start(move |stream, _| {
        let (acceptor, noted) = (acceptor.clone(), Arc::clone(&noted));
        async move {
            let mut stream = acceptor.accept(stream).await.expect("a handshake");
            let kind = stream.get_ref().1.handshake_kind();
            noted.lock().expect("a list").push(kind);
            // One answer, and the connection is closed.
            read_request(&mut stream).await.expect("a request");
            let closing = OK.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
            stream.write_all(closing.as_bytes()).await.expect("it is written");
            stream.shutdown().await.expect("it is closed");
        }
    });
    let transport = transport(patient().with_extra_roots(authority.pem()));
    for _ in 0..3 {
        post_to(&transport, &host, 10).await.expect("an answer");
    }
    let resumed = Some(HandshakeKind::Resumed);
    let seen = handshakes.lock().expect("a list").clone();
    assert_eq!(seen, [Some(HandshakeKind::Full), resumed, resumed]);
}

#[tokio::test]
async fn an_unknown_authority_or_another_name_is_refused_for_good_and_nothing_is_sent() {
    let authority = Authority::new();
    let host = Host::start(authority.serve("localhost", &[]));
    let elsewhere = Host::start(authority.serve("elsewhere", &[]));
    for (host, client) in [
        (&host, Authority::new().client()),
        (&elsewhere, authority.client()),
    ] {
        let transport = transport(patient().with_client_config(client));
        let error = post_to(&transport, host, 1000).await.unwrap_err();
        assert_eq!(ours(&error).kind(), ErrorKind::Connection, "{error:?}");
        assert!(ours(&error).is_permanent());
        assert_eq!(
            *error.kind(),
            AzureKind::Other,
            "a pipeline that retries would not help"
        );
        assert_eq!(noted(&error, "sent"), Some("nothing"));
        assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
    }
}

#[tokio::test]
async fn http_1_is_spoken_even_if_the_configuration_offers_http_2() {
    let authority = Authority::new();
    let host = Host::start(authority.serve("localhost", &[b"h2", b"http/1.1"]));
    let mut client = authority.client();
    client.alpn_protocols = vec![b"h2".to_vec()];
    post_to(&transport(patient().with_client_config(client)), &host, 10)
        .await
        .expect("an answer");
}

#[test]
fn roots_that_are_not_pem_are_refused_when_the_transport_is_made() {
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for (text, reason) in [
        (
            "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
            "not PEM",
        ),
        ("", "no certificate"),
        ("roots.pem", "no certificate"),
        (key, "no certificate"),
    ] {
        let error = HyperTransport::new(TransportOptions::new().with_extra_roots(text)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error:?}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn over_tls_as_well_the_outcome_is_unknown_only_after_the_last_byte() {
    let authority = Authority::new();
    let acceptor = authority.host("localhost", &[]);
    let host = Host::start(move |stream, number| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await.expect("a handshake");
            if number == 0 {
                read_request(&mut stream).await.expect("the whole request");
            } else {
                read_head(&mut stream).await.expect("its head");
            }
        }
    });
    let transport = transport(patient().with_client_config(authority.client()));

    let error = post_to(&transport, &host, 1 << 20).await.unwrap_err();
    assert_eq!(ours(&error).kind(), ErrorKind::OutcomeUnknown, "{error:?}");
    let error = post_to(&transport, &host, 64 << 20).await.unwrap_err();
    assert_eq!(ours(&error).kind(), ErrorKind::Io, "{error:?}");
}

/// Where roots are looked for is a matter of the environment, so another process is asked.
#[cfg(all(unix, not(target_vendor = "apple")))]
#[tokio::test(flavor = "multi_thread")]
async fn roots_that_could_not_be_read_are_looked_for_again() {
    let authority = Authority::new();
    let host = Host::start(authority.serve("localhost", &[]));
    let roots = std::env::temp_dir().join(format!("kusto-roots-{}.pem", host.address.port()));
    let mut child = std::process::Command::new(std::env::current_exe().expect("this program"));
    child
        .args(["--exact", "--ignored", "tls::reads_the_roots_of_the_environment"])
        .env("SSL_CERT_FILE", &roots)
        .env_remove("SSL_CERT_DIR")
        .env("ASK", format!("https://localhost:{}/", host.address.port()))
        .env("ROOT", authority.pem());
    let output = tokio::task::spawn_blocking(move || child.output())
        .await
        .expect("it runs")
        .expect("it runs");
    let _ = std::fs::remove_file(&roots);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[cfg(all(unix, not(target_vendor = "apple")))]
#[tokio::test]
#[ignore = "a part of the test above, which runs it in an environment of its own"]
async fn reads_the_roots_of_the_environment() {
    let told = |name| std::env::var(name).expect("the test above sets it");
    let (file, url) = (told("SSL_CERT_FILE"), told("ASK"));
    let transport = transport(patient());
    let error = call(&transport, post(&url, "body")).await.unwrap_err();
    let chain = ours(&error).chain();
    assert!(
        chain.contains("cannot be read") && chain.contains(&file),
        "{chain}"
    );
    assert!(ours(&error).is_permanent(), "this call does not wait for them");
    std::fs::write(&file, told("ROOT")).expect("a file");
    call(&transport, post(&url, "body"))
        .await
        .expect("they are there now");
}
