//! What is logged at `trace` while people sign in, and that no secret is in it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kusto_auth::BearerToken;
use kusto_connection::{AuthMethod, Certificate, ConnectionString};
use kusto_ingest_core::ManualClock;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::authority::{Answer, Asked, Authority, token};
use super::child::{myself, succeeded};
use super::{CANARY, Hasty, all_of, clock, cluster, credential, sign_in};

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("unpoisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives a token full of secrets, or repeats what it was sent and refuses.
fn answer(asked: &Asked) -> Answer {
    if asked.line.ends_with("/devicecode") {
        let begun = format!(
            r#"{{"device_code":"{CANARY}","user_code":"ABCD","verification_uri":"https://x","expires_in":9,"interval":0}}"#
        );
        return (200, begun);
    }
    if asked.form.get("client_id").is_some_and(|id| id == "refused") {
        let repeated = format!(r#"{{"error":"{CANARY}","error_codes":[1],"error_description":"{CANARY}"}}"#);
        return (400, repeated);
    }
    let (status, body) = token(CANARY);
    let with_refresh = format!(r#"{{"refresh_token":"{CANARY}","#);
    (status, body.replacen('{', &with_refresh, 1))
}

/// One token, and another when it has expired; what the error shows, where there is one.
async fn signs_in(connection: &ConnectionString, authority: &Authority, clock: ManualClock) -> String {
    let sign_in = sign_in(connection, authority, Arc::new(Hasty(clock.clone()))).with_device_code(|_| {});
    let sign_in = match connection.auth_method() {
        Ok(AuthMethod::Unspecified) => {
            let expired = clock_now_and(&clock, Duration::from_secs(60));
            sign_in.with_token_callback(move |_| {
                let token = BearerToken::new(CANARY).with_expiry(expired);
                async move { Ok(token) }
            })
        }
        _ => sign_in,
    };
    let credential = credential(sign_in, connection);
    let mut shown = format!("{credential:?}");
    for _ in 0..2 {
        match credential.token().await {
            Ok(token) => shown += &format!("{token:?}"),
            Err(error) => shown += &all_of(&error),
        }
        clock.advance(Duration::from_secs(3600));
    }
    shown
}

fn clock_now_and(clock: &ManualClock, more: Duration) -> kusto_ingest_core::Timestamp {
    kusto_ingest_core::Clock::now(clock) + more
}

#[tokio::test]
async fn no_secret_is_logged_or_shown_however_one_signs_in() {
    // Whether a line is logged is decided once for a process, and the tests beside this one listen to nothing.
    let child = myself("sign_in::logs::the_child_logs_everything").output().await;
    succeeded(&child.expect("it runs"));
}

#[tokio::test]
#[ignore = "is run by the test above, in a process of its own"]
async fn the_child_logs_everything() {
    let log = Log::default();
    let sink = log.clone();
    let listening = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || sink.clone())
        .finish()
        .set_default();
    let authority = Authority::start(answer);
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).expect("a key");
    let certificate = Certificate::from_blob(key.serialize_pem()).with_thumbprint("0".repeat(64));
    let cluster = || cluster(&authority);
    let mut shown = String::new();
    for connection in [
        cluster(),
        cluster().with_client_secret("contoso.com", "app", CANARY),
        cluster().with_client_secret("contoso.com", "refused", CANARY),
        cluster().with_client_certificate("contoso.com", "app", certificate.clone()),
        cluster().with_client_certificate("contoso.com", "app", Certificate::from_blob(CANARY)),
        cluster().with_user_token(CANARY),
        cluster().with_auth(AuthMethod::DeviceCode { tenant: None }),
    ] {
        shown += &signs_in(&connection, &authority, clock()).await;
    }
    drop(listening);
    assert!(authority.asked().len() >= 7, "they signed in");
    let logged = String::from_utf8_lossy(&log.0.lock().expect("unpoisoned")).into_owned();
    assert!(
        logged.contains("/oauth2/v2.0/token"),
        "the log was listened to: {logged}"
    );
    for secret in [CANARY, &key.serialize_pem()[40..80]] {
        assert!(!logged.contains(secret), "{logged}");
        assert!(!shown.contains(secret), "{shown}");
    }
}
