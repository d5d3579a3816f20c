//! TLS: for which names there is a certificate, what is issued, and what is said to whoever does not speak it.

use std::sync::Arc;

use kusto_emulator::{Emulator, StorageAddresses};
use kusto_storage::ResourceKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

fn address(emulator: &Emulator) -> String {
    emulator.cluster().replace("https://localhost", "127.0.0.1")
}

/// A client that believes this emulator's authority, and no other.
fn connector(emulator: &Emulator) -> TlsConnector {
    let pem = emulator.certificate_authority().expect("it speaks TLS");
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM");
    roots.add(root).expect("a root");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocols")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// What is answered under a name, or why it is not believed.
async fn asked(emulator: &Emulator, name: &str, target: &str) -> Result<String, String> {
    let stream = TcpStream::connect(address(emulator)).await.expect("it listens");
    let server = ServerName::try_from(name.to_owned()).expect("a name");
    let connected = connector(emulator).connect(server, stream).await;
    let mut stream = connected.map_err(|error| error.to_string())?;
    let host = if name.contains(':') {
        format!("[{name}]")
    } else {
        name.to_owned()
    };
    let request = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .map_err(|error| error.to_string())?;
    Ok(answer)
}

#[tokio::test]
async fn every_name_of_this_machine_has_a_certificate_and_no_other_has() {
    let builder = Emulator::builder()
        .with_tls()
        .with_host_name("emu.kusto.windows.net");
    let emulator = builder.start().await.expect("a port");
    for name in [
        "localhost",
        "127.0.0.1",
        "::1",
        "ingest-localhost",
        "cluster.localhost",
        "acct0.table.localhost",
        "emu.kusto.windows.net",
        "ingest-emu.kusto.windows.net",
        "acct0.blob.emu.kusto.windows.net",
    ] {
        let answer = asked(&emulator, name, "/v1/rest/ping").await;
        assert!(
            answer
                .as_ref()
                .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 ")),
            "{name}: {answer:?}"
        );
    }
    for name in ["example.com", "notemu.kusto.windows.net", "127.0.0.2"] {
        let answer = asked(&emulator, name, "/v1/rest/ping")
            .await
            .expect_err("it is none of ours");
        assert!(answer.contains("invalid peer certificate"), "{name}: {answer}");
    }
}

#[tokio::test]
async fn who_speaks_plain_http_is_told_that_the_port_speaks_tls() {
    let emulator = Emulator::builder().with_tls().start().await.expect("a port");
    let mut stream = TcpStream::connect(address(&emulator)).await.expect("it listens");
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    assert!(
        answer.starts_with("HTTP/1.1 400 ") && answer.contains(&emulator.cluster()),
        "{answer}"
    );
}

#[tokio::test]
async fn storage_is_addressed_by_path_or_by_host_and_answers_to_both() {
    for (form, kind, host) in [
        (StorageAddresses::Paths, ResourceKind::Table, "localhost"),
        (
            StorageAddresses::TablesByHost,
            ResourceKind::Table,
            "acct0.table.localhost",
        ),
        (StorageAddresses::TablesByHost, ResourceKind::Queue, "localhost"),
        (
            StorageAddresses::Hosts,
            ResourceKind::Container,
            "acct0.blob.localhost",
        ),
        (
            StorageAddresses::Hosts,
            ResourceKind::Queue,
            "acct0.queue.localhost",
        ),
    ] {
        let builder = Emulator::builder().with_tls().with_storage_addresses(form);
        let emulator = builder.start().await.expect("a port");
        let issued = emulator.fake().issued_resources().expect("it issues");
        let issued = match kind {
            ResourceKind::Container => &issued.containers[0],
            ResourceKind::Queue => &issued.queues[0],
            ResourceKind::Table => &issued.status_table,
        };
        let url = issued.expose();
        assert_eq!(
            (url.host_str(), issued.account()),
            (Some(host), "acct0"),
            "{form:?} {kind}"
        );
        let query = url.query().expect("a SAS");
        for (host, path) in [
            (host, url.path().to_owned()),
            ("localhost", format!("/acct0/{}", issued.name())),
        ] {
            let extra = if kind == ResourceKind::Container {
                "&restype=container"
            } else {
                ""
            };
            let answer = asked(&emulator, host, &format!("{path}?{query}{extra}"))
                .await
                .expect("a certificate");
            assert!(
                answer.starts_with("HTTP/1.1 200 "),
                "{form:?} {kind} {host}{path}: {answer}"
            );
        }
    }
}

#[tokio::test]
async fn the_account_is_in_the_host_over_tls_alone() {
    let builder = Emulator::builder().with_storage_addresses(StorageAddresses::Hosts);
    let error = builder.start().await.expect_err("there is no TLS");
    assert!(error.to_string().contains("start the emulator"), "{error}");
    assert!(
        error.reason().is_some_and(|reason| reason.contains("TLS")),
        "{error:?}"
    );
}
