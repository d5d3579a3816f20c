//! The network that a sign-in goes over: its proxy, and its black holes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use kusto_auth::SignIn;
use kusto_connection::ConnectionString;
use kusto_ingest::{IngestClient, IngestionProperties, KustoBuilder, LocalSource};
use kusto_ingest_core::ErrorKind;
use kusto_transport_hyper::{HyperTransport, Proxy, ProxyUrl, TransportOptions};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::authority::{Authority, token};
use super::{CANARY, Hasty, clock, cluster, credential, sign_in};

#[tokio::test]
async fn s01_w18_metadata_and_tokens_are_asked_for_through_the_proxy() {
    let proxy = Authority::start_plain(|_| (502, String::new()));
    let options = TransportOptions::new().with_proxy(Proxy::Url(proxy.as_proxy()));
    let transport = HyperTransport::new(options).expect("a transport").as_transport();
    let connection = ConnectionString::for_cluster("https://help.kusto.windows.net")
        .expect("a cluster")
        .with_client_secret("contoso.com", "app", CANARY);
    let known = kusto_auth::FixedCloud::new(kusto_auth::CloudSettings::public());
    let begun = || SignIn::new(&connection, transport.clone(), Arc::new(Hasty(clock()))).expect("a sign-in");
    for (sign_in, host) in [
        (begun(), "help.kusto.windows.net"),
        (begun().with_cloud(Arc::new(known)), "login.microsoftonline.com"),
    ] {
        let before = proxy.asked().len();
        credential(sign_in, &connection)
            .token()
            .await
            .expect_err("the proxy lets nobody through");
        let asked = proxy.asked().split_off(before);
        assert!(!asked.is_empty());
        assert!(
            asked
                .iter()
                .all(|asked| asked.line == format!("CONNECT {host}:443")),
            "{asked:?}"
        );
    }
}

/// A proxy that closes each connection, and counts them.
struct DroppingProxy {
    url: ProxyUrl,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl DroppingProxy {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                drop(connection);
            }
        });
        Self {
            url: ProxyUrl::parse(format!("http://{address}")).expect("a proxy"),
            connections,
            task,
        }
    }

    fn options(&self) -> TransportOptions {
        TransportOptions::new().with_proxy(Proxy::Url(self.url.clone()))
    }
}

impl Drop for DroppingProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[tokio::test]
async fn one_question_through_a_proxy_that_drops_everything_makes_four_connections_at_most() {
    let connection = ConnectionString::for_cluster("https://help.kusto.windows.net")
        .expect("a cluster")
        .with_client_secret("contoso.com", "app", CANARY);
    let clock = || Arc::new(Hasty(clock()));
    let known = || Arc::new(kusto_auth::FixedCloud::new(kusto_auth::CloudSettings::public()));
    for knows_the_cloud in [false, true] {
        let proxy = DroppingProxy::start().await;
        let transport = HyperTransport::new(proxy.options())
            .expect("a transport")
            .as_transport();
        let sign_in = SignIn::new(&connection, transport, clock()).expect("a sign-in");
        let sign_in = match knows_the_cloud {
            false => sign_in,
            true => sign_in.with_cloud(known()),
        };
        let error = credential(sign_in, &connection)
            .token()
            .await
            .expect_err("no way");
        assert!(!error.is_permanent(), "{error:?}");
        assert!(error.is_retried(), "{error:?}");
        let made = proxy.connections.load(Ordering::SeqCst);
        assert!((1..=4).contains(&made), "{made} connections for a token");

        // The whole way: resources are asked for, which takes a token, which takes the cloud.
        let proxy = DroppingProxy::start().await;
        let kusto = KustoBuilder::new(connection.clone())
            .with_transport(proxy.options())
            .with_clock(clock())
            .with_sign_in(move |sign_in| {
                Ok(match knows_the_cloud {
                    false => sign_in,
                    true => sign_in.with_cloud(known()),
                })
            })
            .connect()
            .expect("a client");
        let source = LocalSource::from_bytes("1,text\n").with_name("a.csv").into();
        let properties = IngestionProperties::into_table("db", "t").expect("good names");
        kusto
            .queued()
            .ingest_source(source, &properties)
            .await
            .expect_err("no way");
        let made = proxy.connections.load(Ordering::SeqCst);
        assert!((1..=4).contains(&made), "{made} connections for one ingestion");
    }
}

#[tokio::test]
async fn an_authority_that_stays_silent_is_given_up_and_the_next_call_works() {
    let is_silent = Arc::new(AtomicBool::new(true));
    let silent = Arc::clone(&is_silent);
    let authority = Authority::start(move |_| match silent.load(Ordering::SeqCst) {
        true => (0, String::new()),
        false => token("token"),
    });
    let connection = cluster(&authority).with_client_secret("contoso.com", "app", CANARY);
    let clock = clock();
    let credential = credential(
        sign_in(&connection, &authority, Arc::new(clock.clone())),
        &connection,
    );
    let asking = Arc::clone(&credential);
    let asking = tokio::spawn(async move { asking.token().await });
    while !asking.is_finished() {
        if !authority.asked().is_empty() {
            clock.advance(Duration::from_secs(1));
        }
        tokio::task::yield_now().await;
    }
    let error = asking.await.expect("a task").expect_err("nobody answered");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(!error.is_permanent());

    is_silent.store(false, Ordering::SeqCst);
    // For so long, all who ask are told of what has just gone wrong.
    clock.advance(Duration::from_secs(10));
    assert_eq!(credential.token().await.expect("a token").expose(), "token");
}
