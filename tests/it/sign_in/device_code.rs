//! A device code over the wire: pending, slow down, declined, expired.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kusto_connection::AuthMethod;
use kusto_ingest_core::{Clock, Error, Result};

use super::authority::{Answer, Authority};
use super::{CANARY, Hasty, all_of, clock, cluster, credential, sign_in};

/// Signs in with an authority that answers so, one after another; tells how long it took, too.
async fn signs_in(answers: Vec<Answer>) -> (Result<String>, Duration) {
    let number = AtomicUsize::new(0);
    let last = answers.len() - 1;
    let authority = Authority::start(move |asked| {
        if asked.line.ends_with("/devicecode") {
            let begun = format!(
                r#"{{"device_code":"{CANARY}","user_code":"ABCD","verification_uri":"https://x/device",
                   "message":"enter ABCD","expires_in":60,"interval":1}}"#
            );
            return (200, begun);
        }
        assert_eq!(asked.form["device_code"], CANARY);
        answers[number.fetch_add(1, Ordering::SeqCst).min(last)].clone()
    });
    let connection = cluster(&authority).with_auth(AuthMethod::DeviceCode { tenant: None });
    let clock = Hasty(clock());
    let begun = clock.now();
    let prompted = Arc::new(AtomicUsize::new(0));
    let count = prompted.clone();
    let sign_in = sign_in(&connection, &authority, Arc::new(clock.clone())).with_device_code(move |prompt| {
        assert_eq!(prompt.user_code, "ABCD");
        count.fetch_add(1, Ordering::SeqCst);
    });
    let token = credential(sign_in, &connection).token().await;
    assert_eq!(prompted.load(Ordering::SeqCst), 1, "the user is asked once");
    (
        token.map(|token| token.expose().to_owned()),
        clock.now().since(begun),
    )
}

fn refuses(word: &str) -> Answer {
    (400, format!(r#"{{"error":"{word}"}}"#))
}

fn declined(result: (Result<String>, Duration)) -> Error {
    let error = result.0.expect_err("no token");
    assert!(error.is_permanent());
    assert!(!all_of(&error).contains(CANARY));
    error
}

#[tokio::test]
async fn who_has_not_entered_it_yet_is_waited_for_and_longer_when_asked_to_slow_down() {
    let (token, took) = signs_in(vec![
        refuses("authorization_pending"),
        refuses("slow_down"),
        super::authority::token("token"),
    ])
    .await;
    assert_eq!(token.expect("a token"), "token");
    assert_eq!(took, Duration::from_secs(1 + 1 + 6));
}

#[tokio::test]
async fn who_declines_ends_it() {
    let error = declined(signs_in(vec![refuses("authorization_declined")]).await);
    assert!(error.to_string().contains("declined"), "{error}");
}

#[tokio::test]
async fn a_code_ends_with_its_time_or_by_the_word_of_the_authority() {
    for word in ["expired_token", "authorization_pending"] {
        let error = declined(signs_in(vec![refuses(word)]).await);
        assert_eq!(error.code(), Some("expired_token"));
    }
}
