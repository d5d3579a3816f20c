//! Every other way to sign in: what is sent for it, and what its failures say.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::executor::block_on;
use kusto_auth::{CloudSettings, FixedCloud, SignIn, SignInLimits};
use kusto_connection::{ConnectionString, MatchRule, TrustedEndpoints};
use kusto_ingest_core::{Clock, ErrorKind, ManualClock, Result};

use crate::script::{
    CANARY, HELP, LOGIN, Reply, SCOPE, Script, all_of, clock, credential, first_token, sign_in, sign_in_at,
    start,
};

fn cluster() -> ConnectionString {
    ConnectionString::for_cluster(HELP).expect("a cluster")
}

fn by_secret() -> ConnectionString {
    cluster().with_client_secret("contoso.com", "app", CANARY)
}

fn token(sign_in: SignIn) -> Result<String> {
    first_token(sign_in, HELP).map(|token| token.expose().to_owned())
}

#[test]
fn a_client_secret_is_sent_to_the_tenants_authority_under_a_limit() {
    let script = Script::new(|_, _| Reply::token("token"));
    let given = first_token(sign_in(&by_secret(), &script), HELP).expect("a token");
    assert_eq!(given.expose(), "token");
    assert_eq!(given.expires_at(), Some(start() + Duration::from_secs(3_600)));
    let [sent] = &script.sent()[..] else {
        panic!("more than one request");
    };
    assert_eq!(sent.line, format!("POST {LOGIN}/contoso.com/oauth2/v2.0/token"));
    let form = |name: &str| sent.form[name].as_str();
    assert_eq!((form("client_id"), form("client_secret")), ("app", CANARY));
    assert_eq!((form("grant_type"), form("scope")), ("client_credentials", SCOPE));
    assert!(sent.limits.is_some_and(|limits| limits.overall.is_some()));
}

#[test]
fn a_refusal_says_its_code_and_what_helps_and_is_final() {
    let script =
        Script::new(|_, _| Reply::refusal(7_000_215, &format!("Invalid secret '{CANARY}' provided.")));
    let error = token(sign_in(&by_secret(), &script)).expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(error.is_permanent());
    assert_eq!(error.code(), Some("AADSTS7000215"));
    let said = error.to_string();
    for part in [
        "client secret is wrong",
        "Invalid secret '…'",
        "client id app",
        "client secret",
        "/contoso.com",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!all_of(&error).contains(CANARY));
    assert_eq!(script.sent().len(), 1);
}

#[test]
fn an_authority_that_does_not_answer_is_asked_three_times_and_the_error_is_transient() {
    for (reply, kind) in [
        (
            (|| Reply::Fails(ErrorKind::Connection)) as fn() -> Reply,
            ErrorKind::Connection,
        ),
        // Asking for a token may be repeated, whatever became of the first request.
        (|| Reply::Fails(ErrorKind::OutcomeUnknown), ErrorKind::Io),
        (|| Reply::Silence, ErrorKind::Timeout),
    ] {
        let time = clock();
        let script = Script::in_order(vec![reply]);
        let error = token(sign_in_at(&by_secret(), &script, &time)).expect_err("trouble");
        assert_eq!(error.kind(), kind, "{}", error.chain());
        assert!(!error.is_permanent());
        assert!(error.is_retried(), "nobody is to ask the same again");
        assert_eq!(script.sent().len(), 3);
        assert!(time.now().since(start()) <= Duration::from_secs(30));
        assert!(!all_of(&error).contains(CANARY));
    }
}

#[test]
fn an_authority_that_is_busy_is_outlasted_for_twenty_seconds_and_given_up_after_thirty() {
    for (status, kind) in [(503, ErrorKind::Unavailable), (429, ErrorKind::Throttled)] {
        for (busy_for, is_outlasted) in [(20, true), (3_600, false)] {
            let time = clock();
            let now = time.clone();
            let back = start() + Duration::from_secs(busy_for);
            let script = Script::new(move |_, _| match now.now() < back {
                true => Reply::json(status, r#"{"error":"busy"}"#),
                false => Reply::token("token"),
            });
            match token(sign_in_at(&by_secret(), &script, &time)) {
                Ok(token) => assert!(is_outlasted && token == "token"),
                Err(error) => {
                    assert!(!is_outlasted, "{}", error.chain());
                    assert_eq!((error.kind(), error.is_permanent()), (kind, false));
                    assert!(error.is_retried());
                }
            }
            let took = time.now().since(start());
            assert!(took <= Duration::from_secs(30), "{took:?}");
        }
    }
}

#[test]
fn limits_of_an_attempt_and_of_a_token_can_be_set() {
    let time = clock();
    let script = Script::new(|_, _| Reply::Silence);
    let limits = SignInLimits::new()
        .with_attempt(Duration::from_secs(4))
        .with_token(Duration::from_secs(5));
    let sign_in = sign_in_at(&by_secret(), &script, &time).with_limits(limits);
    let error = token(sign_in).expect_err("nobody answers");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(time.now().since(start()) <= Duration::from_secs(5));
    let told = script.sent()[0].limits.and_then(|limits| limits.overall);
    assert_eq!(told, Some(Duration::from_secs(4)));
}

#[test]
fn an_answer_without_end_is_an_error_that_names_the_limit() {
    let script = Script::new(|_, _| Reply::json(200, " ".repeat(17 * 1024 * 1024)));
    let error = token(sign_in(&by_secret(), &script)).expect_err("it is too long");
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(
        error.chain().contains("longer than 16777216 bytes"),
        "{}",
        error.chain()
    );
    assert_eq!(script.sent().len(), 1);
}

#[test]
fn a_token_that_comes_in_an_answer_which_cannot_be_read_is_not_shown() {
    for body in [
        format!(r#""{CANARY}""#),
        format!(r#"{{"access_token":"x","expires_in":"{CANARY}"}}"#),
        CANARY.to_owned(),
    ] {
        let script = Script::new(move |_, _| Reply::json(200, body.clone()));
        let error = token(sign_in(&by_secret(), &script)).expect_err("no token");
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(!all_of(&error).contains(CANARY), "{}", all_of(&error));
    }
}

#[test]
fn a_workload_identity_reads_its_file_anew_for_each_token() {
    let folder = std::env::temp_dir().join(format!("kusto-auth-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("token");
    std::fs::write(&file, "first\n").expect("a file");
    let script = Script::new(|_, _| Reply::token("token"));
    let path = file.to_string_lossy().into_owned();
    // It stands still: reading a file takes time of its own.
    let time = ManualClock::new(start());
    let credentials = sign_in_at(&cluster().with_workload_identity(), &script, &time)
        .with_variables(move |name| match name {
            "AZURE_TENANT_ID" => Some("contoso.com".to_owned()),
            "AZURE_CLIENT_ID" => Some("app".to_owned()),
            "AZURE_FEDERATED_TOKEN_FILE" => Some(path.clone()),
            _ => None,
        })
        .finish()
        .expect("credentials");
    let credential = credential(&credentials, HELP);
    block_on(credential.token()).expect("a token");
    std::fs::write(&file, "second").expect("a file");
    credentials.invalidate_tokens();
    block_on(credential.token()).expect("a token");
    let sent = script.sent();
    let assertions: Vec<&str> = sent
        .iter()
        .map(|sent| sent.form["client_assertion"].as_str())
        .collect();
    assert_eq!(assertions, ["first", "second"]);

    std::fs::remove_dir_all(&folder).expect("the folder");
    time.advance(Duration::from_secs(60));
    credentials.invalidate_tokens();
    let error = block_on(credential.token()).expect_err("the file is gone");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
}

#[test]
fn a_workload_identity_that_is_not_whole_names_what_is_missing() {
    let script = Script::nobody();
    let error = token(sign_in(&cluster().with_workload_identity(), &script)).expect_err("nothing is set");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("AZURE_TENANT_ID"), "{error}");
}

#[test]
fn a_token_as_text_is_used_as_it_is_until_it_says_that_it_has_expired() {
    let jwt = |expiry: i64| {
        let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{expiry},"canary":"{CANARY}"}}"#));
        format!("e30.{claims}.sig")
    };
    let now = start().as_datetime().unix_timestamp();
    for text in ["opaque".to_owned(), jwt(now + 60)] {
        for connection in [
            cluster().with_user_token(&*text),
            cluster().with_application_token(&*text),
        ] {
            assert_eq!(
                token(sign_in(&connection, &Script::nobody())).expect("a token"),
                text
            );
        }
    }
    let expired = jwt(now - 60);
    let error =
        token(sign_in(&cluster().with_user_token(&*expired), &Script::nobody())).expect_err("it expired");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(
        error.to_string().contains("expired at 2023-11-14T22:12:20"),
        "{error}"
    );
    assert!(!all_of(&error).contains(&expired));
}

/// A credential of the user's.
#[derive(Debug)]
struct Own;

#[async_trait]
impl TokenCredential for Own {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let expires_on = (start() + Duration::from_secs(3600)).as_datetime();
        Ok(AccessToken::new(
            Secret::new(format!("for {}", scopes.join(" "))),
            expires_on,
        ))
    }
}

#[test]
fn any_credential_completes_a_connection_string_that_leaves_it_open_and_no_other() {
    for text in [HELP.to_owned(), format!("{HELP};Fed=true")] {
        let connection = ConnectionString::parse(&text).expect("a cluster");
        let sign_in = sign_in(&connection, &Script::nobody()).with_credential(Arc::new(Own));
        assert_eq!(token(sign_in).expect("a token"), format!("for {SCOPE}"));
    }
    // It is sent to no login endpoint, so the cluster may name one that nobody knows.
    let mut unknown = CloudSettings::public();
    unknown.login_endpoint = "https://login.example".to_owned();
    let elsewhere = ConnectionString::for_cluster("https://kusto.example").expect("a cluster");
    let own = sign_in(&elsewhere, &Script::nobody())
        .with_trusted_endpoints(
            TrustedEndpoints::new().with_rule(MatchRule::exact("kusto.example").expect("a host")),
        )
        .with_cloud(Arc::new(FixedCloud::new(unknown)))
        .with_credential(Arc::new(Own));
    let given = first_token(own, "https://kusto.example").expect("a token");
    assert_eq!(given.expose(), format!("for {SCOPE}"));
    for connection in [by_secret(), cluster().without_auth(), cluster().with_azure_cli()] {
        let sign_in = sign_in(&connection, &Script::nobody()).with_credential(Arc::new(Own));
        let error = sign_in.finish().expect_err("both say how");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn s01_k43_a_users_password_is_refused_with_the_reason() {
    let connection =
        ConnectionString::parse(&format!("{HELP};Fed=true;UID=u;Pwd={CANARY}")).expect("it parses");
    let error =
        SignIn::new(&connection, Script::nobody().transport(), Arc::new(clock())).expect_err("no passwords");
    assert_eq!(
        crate::script::connection_kind(&error),
        Some(kusto_connection::ErrorKind::UserPasswordUnsupported)
    );
    assert!(error.chain().contains("multi-factor"), "{}", error.chain());
    assert!(!all_of(&error).contains(CANARY));
}
