//! Signing in where the emulator wants it: where tokens come from, who needs one, and when one is over.

use std::time::Duration;

use kusto_emulator::Emulator;
use kusto_ingest_core::ErrorKind;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const METADATA: &str = "GET /v1/rest/auth/metadata";
const TOKEN: &str = "POST /tenant/oauth2/v2.0/token";
const APPLICATION: &str = "grant_type=client_credentials&client_id=app&client_secret=any&scope=x";
const COMMAND: &str = r#"{"db":"NetDefaultDB","csl":".show tables"}"#;

/// Status, headers and JSON of what is answered.
async fn asked(emulator: &Emulator, request: &str, token: Option<&str>, body: &str) -> (u16, String, Value) {
    let (mut client, server) = tokio::io::duplex(64 << 10);
    let authorization = token.map_or_else(String::new, |token| format!("authorization: Bearer {token}\r\n"));
    let request = format!(
        "{request} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{authorization}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let talk = async move {
        client.write_all(request.as_bytes()).await.expect("it reads");
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("it answers");
        answer
    };
    let (answer, ()) = futures::join!(talk, emulator.serve(server));
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head[9..12].parse().expect("a status");
    (
        status,
        head.to_lowercase(),
        serde_json::from_str(body).unwrap_or_default(),
    )
}

async fn emulator() -> Emulator {
    Emulator::builder()
        .with_tls()
        .with_sign_in()
        .start()
        .await
        .expect("a port")
}

#[tokio::test]
async fn without_a_token_everything_of_kustos_is_refused_and_says_where_to_sign_in() {
    let emulator = emulator().await;
    for (request, token) in [
        ("POST /v1/rest/mgmt", None),
        ("POST /v1/rest/query", None),
        ("POST /v2/rest/query", Some("made up")),
        ("POST /v1/rest/ingest/NetDefaultDB/T?streamFormat=csv", None),
        ("GET /v1/rest/whatever", None),
    ] {
        let (status, head, _) = asked(&emulator, request, token, COMMAND).await;
        let names = format!(
            "www-authenticate: bearer authorization_uri=\"{}/common\"",
            emulator.cluster()
        );
        assert!(status == 401 && head.contains(&names), "{request}: {head}");
    }
    for (request, expect) in [
        (METADATA, 200),
        ("GET /v1/rest/ping", 200),
        ("GET /__emulator/state", 200),
        ("GET /acct0/ingestdata-0/blob", 403),
    ] {
        assert_eq!(asked(&emulator, request, None, "").await.0, expect, "{request}");
    }
}

#[tokio::test]
async fn a_token_of_the_named_authority_is_good_for_an_hour_of_the_emulators_clock() {
    let emulator = emulator().await;
    let (_, _, metadata) = asked(&emulator, METADATA, None, "").await;
    assert_eq!(metadata["AzureAD"]["LoginEndpoint"], json!(emulator.cluster()));
    for (tenant, endpoint) in [("t/v2.0", "t/oauth2/v2.0/token"), ("adfs", "adfs/oauth2/token")] {
        let offers = format!("GET /{tenant}/.well-known/openid-configuration");
        let (_, _, offers) = asked(&emulator, &offers, None, "").await;
        assert_eq!(
            offers["token_endpoint"],
            json!(format!("{}/{endpoint}", emulator.cluster()))
        );
        let (status, _, given) = asked(&emulator, &format!("POST /{endpoint}"), None, APPLICATION).await;
        assert_eq!(status, 200, "{given}");
        let token = given["access_token"].as_str().expect("a token").to_owned();
        let ask = async || {
            asked(&emulator, "POST /v1/rest/mgmt", Some(&token), COMMAND)
                .await
                .0
        };
        assert_eq!(ask().await, 200);
        emulator.clock().advance(Duration::from_secs(3500));
        assert_eq!(ask().await, 200);
        emulator.clock().advance(Duration::from_secs(101));
        assert_eq!(ask().await, 401);
    }
    let discovery = asked(&emulator, "GET /common/discovery/instance", None, "").await;
    assert!(discovery.2["tenant_discovery_endpoint"].is_string());
}

#[tokio::test]
async fn who_does_not_name_an_application_and_a_secret_gets_no_token() {
    let emulator = emulator().await;
    for (form, status, error) in [
        (
            "grant_type=device_code&client_id=app",
            400,
            "unsupported_grant_type",
        ),
        (
            "grant_type=client_credentials&client_id=app",
            401,
            "invalid_client",
        ),
        (
            "grant_type=client_credentials&client_id=app&client_secret=",
            401,
            "invalid_client",
        ),
        (
            "grant_type=client_credentials&client_secret=x",
            401,
            "invalid_client",
        ),
    ] {
        let (found, _, told) = asked(&emulator, TOKEN, None, form).await;
        assert_eq!((found, &told["error"]), (status, &json!(error)), "{form}");
    }
    let shown = format!("{:?}", emulator.requests());
    assert!(!shown.contains("client_secret"), "{shown}");
}

#[tokio::test]
async fn nobody_signs_in_where_nobody_has_to_and_none_without_tls() {
    let open = Emulator::start().await.expect("a port");
    let (_, _, metadata) = asked(&open, METADATA, None, "").await;
    assert_eq!(
        metadata["AzureAD"]["LoginEndpoint"],
        "https://login.microsoftonline.com"
    );
    assert_ne!(asked(&open, TOKEN, None, APPLICATION).await.0, 200);
    let refused = Emulator::builder()
        .with_sign_in()
        .start()
        .await
        .expect_err("it is refused");
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
}
