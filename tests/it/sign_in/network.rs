//! The network that a sign-in goes over: its proxy, and its black holes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kusto_auth::SignIn;
use kusto_connection::ConnectionString;
use kusto_ingest_core::ErrorKind;
use kusto_transport_hyper::{HyperTransport, Proxy, TransportOptions};

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
    assert_eq!(credential.token().await.expect("a token").expose(), "token");
}
