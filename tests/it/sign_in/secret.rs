//! A client secret: one request for all who wait, and none to who is not believed.

use std::sync::Arc;

use kusto_ingest_core::ErrorKind;

use super::authority::{Authority, token};
use super::{CANARY, all_of, clock, cluster, credential, sign_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_cold_calls_at_once_make_one_request_for_metadata_and_one_for_a_token() {
    let authority = Authority::start(|_| token("token"));
    let connection = cluster(&authority).with_client_secret("contoso.com", "app", CANARY);
    let sign_in = sign_in(&connection, &authority, Arc::new(clock()));
    let credential = credential(sign_in, &connection);
    let asking: Vec<_> = (0..100)
        .map(|_| {
            let credential = Arc::clone(&credential);
            tokio::spawn(async move { credential.token().await })
        })
        .collect();
    for asked in asking {
        let given = asked.await.expect("a task").expect("a token");
        assert_eq!(given.expose(), "token");
    }
    assert_eq!(authority.all_asked().len(), 2, "metadata, and a token");
    let [asked] = &authority.asked()[..] else {
        panic!("more than one request for a token");
    };
    assert_eq!(asked.line, "POST /contoso.com/oauth2/v2.0/token");
    assert_eq!(asked.form["client_secret"], CANARY);
    assert_eq!(asked.form["scope"], "https://kusto.kusto.windows.net/.default");
}

#[tokio::test]
async fn a_refusal_as_entra_writes_it_is_understood() {
    // With an apostrophe and a line end as JSON escapes.
    let refusal = format!(
        r#"{{"error":"invalid_client","error_codes":[7000222],
            "error_description":"AADSTS7000222: The key {CANARY} isn\u0027t valid.\r\nTrace ID: 1"}}"#
    );
    let authority = Authority::start(move |_| (401, refusal.clone()));
    let connection = cluster(&authority).with_client_secret("contoso.com", "app", CANARY);
    let credential = credential(sign_in(&connection, &authority, Arc::new(clock())), &connection);
    let error = credential.token().await.expect_err("it has expired");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert_eq!(error.code(), Some("AADSTS7000222"));
    assert!(error.to_string().contains("isn't valid"), "{error}");
    assert!(error.to_string().contains("has expired"), "{error}");
    assert!(!all_of(&error).contains(CANARY));
}

#[tokio::test]
async fn an_authority_whose_certificate_is_not_believed_is_sent_nothing() {
    let authority = Authority::start(|_| token("token"));
    let believed = Authority::start(|_| token("token"));
    let connection = cluster(&authority).with_client_secret("contoso.com", "app", CANARY);
    let sign_in = kusto_auth::SignIn::new(&connection, believed.transport(), Arc::new(clock()))
        .expect("a sign-in")
        .with_authority_host(authority.url())
        .expect("a login endpoint");
    let error = credential(sign_in, &connection)
        .token()
        .await
        .expect_err("it is not believed");
    assert!(error.is_permanent(), "{error:?}");
    assert!(!all_of(&error).contains(CANARY));
    assert!(authority.all_asked().is_empty());
}
