//! The code that a user enters in a browser: entered, not yet, too fast, declined, expired.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::executor::block_on;
use kusto_auth::{CloudSettings, DeviceCodePrompt, FixedCloud, SignIn};
use kusto_connection::ConnectionString;
use kusto_ingest_core::{Clock, Error, ErrorKind, ManualClock};

use crate::script::{CANARY, HELP, LOGIN, Reply, SCOPE, Script, all_of, clock, credential, start};

const APP: &str = "db662dc1-0cfe-4e1c-a843-19a68e65be58";

fn begun() -> Reply {
    Reply::json(
        200,
        format!(
            r#"{{"device_code":"{CANARY}","user_code":"ABCD","verification_uri":"https://x/device",
            "message":"enter ABCD","expires_in":900,"interval":5}}"#
        ),
    )
}

fn refuses(word: &str) -> Reply {
    Reply::json(
        400,
        format!(r#"{{"error":"{word}","error_description":"{CANARY}"}}"#),
    )
}

fn pending() -> Reply {
    refuses("authorization_pending")
}

fn done() -> Reply {
    Reply::json(
        200,
        format!(r#"{{"access_token":"first","refresh_token":"{CANARY}","expires_in":3600}}"#),
    )
}

/// A user who is asked.
struct User {
    clock: ManualClock,
    prompts: Arc<Mutex<Vec<DeviceCodePrompt>>>,
    sign_in: SignIn,
}

fn user(script: &Script) -> User {
    let clock = clock();
    let prompts = Arc::new(Mutex::new(Vec::new()));
    let connection = ConnectionString::parse(&format!("{HELP};Fed=true")).expect("a user is to be asked");
    let seen = Arc::clone(&prompts);
    let sign_in = SignIn::new(&connection, script.transport(), Arc::new(clock.clone()))
        .expect("a sign-in")
        .with_cloud(Arc::new(FixedCloud::new(CloudSettings::public())))
        .with_device_code(move |prompt| seen.lock().expect("a list").push(prompt.clone()));
    User {
        clock,
        prompts,
        sign_in,
    }
}

fn fails(script: &Script) -> Error {
    let User { sign_in, .. } = user(script);
    let credentials = sign_in.finish().expect("credentials");
    block_on(credential(&credentials, HELP).token()).expect_err("no token")
}

#[test]
fn a_code_is_shown_and_asked_about_until_it_was_entered() {
    let script = Script::in_order(vec![
        begun,
        pending,
        || Reply::json(503, ""),
        || refuses("slow_down"),
        done,
    ]);
    let User {
        clock,
        prompts,
        sign_in,
    } = user(&script);
    let credentials = sign_in.finish().expect("credentials");
    let token = block_on(credential(&credentials, HELP).token()).expect("a token");
    assert_eq!(token.expose(), "first");

    let prompts = prompts.lock().expect("a list");
    let [prompt] = &prompts[..] else {
        panic!("the user was asked {} times", prompts.len());
    };
    assert_eq!(prompt.message, "enter ABCD");
    assert_eq!(
        (prompt.user_code.as_str(), prompt.verification_uri.as_str()),
        ("ABCD", "https://x/device")
    );
    assert_eq!(prompt.expires_at, start() + Duration::from_secs(900));

    let sent = script.sent();
    assert_eq!(
        sent[0].line,
        format!("POST {LOGIN}/organizations/oauth2/v2.0/devicecode")
    );
    assert_eq!(
        sent[0].form,
        form(&[("client_id", APP), ("scope", &format!("{SCOPE} offline_access"))])
    );
    for asked in &sent[1..] {
        assert_eq!(
            asked.line,
            format!("POST {LOGIN}/organizations/oauth2/v2.0/token")
        );
        assert_eq!(
            asked.form,
            form(&[
                ("client_id", APP),
                ("device_code", CANARY),
                ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ])
        );
    }
    // 5 s three times, and 10 s after it was asked to slow down.
    assert_eq!(clock.now().since(start()), Duration::from_secs(25));
}

#[test]
fn the_tenant_of_the_connection_string_is_the_one_to_sign_in_to() {
    let script = Script::in_order(vec![begun, done]);
    let connection = ConnectionString::parse(&format!("{HELP};Fed=true;tid=contoso.com")).expect("a user");
    let sign_in = SignIn::new(&connection, script.transport(), Arc::new(clock()))
        .expect("a sign-in")
        .with_cloud(Arc::new(FixedCloud::new(CloudSettings::public())))
        .with_device_code(|_| {});
    let credentials = sign_in.finish().expect("credentials");
    block_on(credential(&credentials, HELP).token()).expect("a token");
    assert_eq!(
        script.lines()[0],
        format!("POST {LOGIN}/contoso.com/oauth2/v2.0/devicecode")
    );
}

#[test]
fn a_user_who_declines_ends_it() {
    for word in ["authorization_declined", "access_denied"] {
        let script = Script::new(move |_, number| if number == 0 { begun() } else { refuses(word) });
        let error = fails(&script);
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        assert!(error.to_string().contains("declined"), "{error}");
        assert_eq!(script.sent().len(), 2);
        assert!(!all_of(&error).contains(CANARY));
    }
}

#[test]
fn a_code_that_expired_ends_it_whoever_says_so() {
    for word in ["expired_token", "bad_verification_code", "authorization_pending"] {
        let script = Script::new(move |_, number| if number == 0 { begun() } else { refuses(word) });
        let error = fails(&script);
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        assert_eq!(error.code(), Some("expired_token"));
        let asked = if word == "authorization_pending" {
            900 / 5
        } else {
            1
        };
        assert_eq!(script.sent().len(), 1 + asked);
        assert!(!all_of(&error).contains(CANARY));
    }
}

#[test]
fn any_other_refusal_ends_it_with_the_words_of_the_authority_but_not_the_code() {
    let script = Script::in_order(vec![begun, || {
        Reply::refusal(65001, &format!("no consent for {CANARY}"))
    }]);
    let error = fails(&script);
    assert_eq!(error.code(), Some("AADSTS65001"));
    assert!(error.to_string().contains("no consent for …"), "{error}");
    assert!(!all_of(&error).contains(CANARY));
}

#[test]
fn an_answer_that_cannot_be_read_is_not_repeated() {
    for bad in [
        || Reply::json(200, format!(r#""{CANARY}""#)),
        || Reply::json(200, format!(r#"{{"access_token":"x","expires_in":"{CANARY}"}}"#)),
    ] {
        let script = Script::in_order(vec![begun, bad]);
        let error = fails(&script);
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(!all_of(&error).contains(CANARY));
    }
}

#[test]
fn a_token_is_renewed_without_the_user_until_the_authority_refuses() {
    let script = Script::in_order(vec![begun, done, done, || refuses("invalid_grant"), begun, done]);
    let User {
        clock,
        prompts,
        sign_in,
    } = user(&script);
    let credentials = sign_in.finish().expect("credentials");
    let credential = credential(&credentials, HELP);
    let asked = || prompts.lock().expect("a list").len();

    block_on(credential.token()).expect("a token");
    clock.advance(Duration::from_secs(3600));
    block_on(credential.token()).expect("a renewed token");
    assert_eq!(asked(), 1);
    let renewal = &script.sent()[2].form;
    assert_eq!(
        (renewal["grant_type"].as_str(), renewal["refresh_token"].as_str()),
        ("refresh_token", CANARY)
    );

    clock.advance(Duration::from_secs(3600));
    block_on(credential.token()).expect("a token after the user was asked again");
    assert_eq!(asked(), 2);
}

#[test]
fn a_code_that_was_shown_is_gone_on_with_by_the_next_who_asks() {
    let script = Script::in_order(vec![begun, pending, done]);
    let user = user(&script);
    let credentials = user.sign_in.finish().expect("credentials");
    let credential = credential(&credentials, HELP);
    block_on(async {
        let mut given_up = Box::pin(credential.token());
        while script.sent().len() < 2 {
            assert!(futures::poll!(&mut given_up).is_pending());
        }
    });
    assert_eq!(block_on(credential.token()).expect("a token").expose(), "first");
    assert_eq!(
        user.prompts.lock().expect("a list").len(),
        1,
        "the user is asked once"
    );

    // A code that is over is not gone on with.
    let script = Script::new(|sent, _| match sent.line.ends_with("devicecode") {
        true => begun(),
        false => pending(),
    });
    let user = self::user(&script);
    let credentials = user.sign_in.finish().expect("credentials");
    let credential = self::credential(&credentials, HELP);
    for asked in 1..=2 {
        block_on(credential.token()).expect_err("nobody enters it");
        assert_eq!(user.prompts.lock().expect("a list").len(), asked);
        user.clock.advance(Duration::from_secs(60));
    }
}

#[test]
fn answers_that_ask_for_absurd_waits_do_no_harm() {
    let absurd = || {
        Reply::json(
            200,
            format!(
                r#"{{"device_code":"x","user_code":"x","verification_uri":"x","expires_in":20,"interval":{}}}"#,
                u64::MAX
            ),
        )
    };
    let script = Script::in_order(vec![absurd, || refuses("slow_down")]);
    let User { clock, sign_in, .. } = user(&script);
    let credentials = sign_in.finish().expect("credentials");
    let error = block_on(credential(&credentials, HELP).token()).expect_err("it is never entered");
    assert_eq!(error.code(), Some("expired_token"));
    assert_eq!(clock.now().since(start()), Duration::from_secs(20));
}

#[test]
fn without_anything_to_ask_with_the_error_names_what_is_missing() {
    for text in [
        format!("{HELP};Fed=true"),
        format!("{HELP};User ID=someone@contoso.com"),
    ] {
        let connection = ConnectionString::parse(&text).expect("a user is to be asked");
        let sign_in = SignIn::new(&connection, Script::nobody().transport(), Arc::new(clock()));
        let error = sign_in
            .expect("a sign-in")
            .finish()
            .expect_err("nothing to ask with");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("with_device_code"), "{error}");
    }
}

fn form(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
