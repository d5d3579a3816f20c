//! The identity of a machine or an app: what its service is asked, and how long it is waited for.

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use kusto_auth::{SignIn, SignInLimits};
use kusto_connection::{AuthMethod, ConnectionString, ManagedIdentity};
use kusto_ingest_core::{Clock, Error, ErrorKind, ManualClock, Result};

use crate::script::{
    CANARY, HELP, Reply, Script, Sent, all_of, clock, credential, first_token, sign_in, sign_in_at, start,
};

const RESOURCE: &str = "https%3A%2F%2Fkusto.kusto.windows.net";
const MACHINE: &str = "GET http://169.254.169.254/metadata/identity/oauth2/token";

fn cluster() -> ConnectionString {
    ConnectionString::for_cluster(HELP).expect("a cluster")
}

fn identity() -> AuthMethod {
    AuthMethod::ManagedIdentity(ManagedIdentity::System)
}

fn granted() -> Reply {
    Reply::json(
        200,
        r#"{"access_token":"token","expires_on":"4102444800","token_type":"Bearer","resource":"r"}"#,
    )
}

/// Whether it asks for a token, and not only whether anybody is there.
fn asks_for_a_token(sent: &Sent) -> bool {
    sent.headers.contains_key("metadata")
}

/// The service of a machine, which gives these answers to the first requests for a token.
fn machine(first: Vec<fn() -> Reply>) -> Script {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    Script::new(move |sent, _| {
        if !asks_for_a_token(sent) {
            return Reply::json(400, r#"{"error":"invalid_request"}"#);
        }
        let number = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        first.get(number).map_or_else(granted, |reply| reply())
    })
}

/// The three ways in which a managed identity is come by.
fn ways(script: &Script, time: &ManualClock) -> [SignIn; 3] {
    [
        sign_in_at(&cluster().with_auth(identity()), script, time),
        sign_in_at(&cluster(), script, time).with_credential_chain([identity()]),
        sign_in_at(&cluster().with_auth(AuthMethod::Environment), script, time),
    ]
}

fn token(sign_in: SignIn) -> Result<String> {
    first_token(sign_in, HELP).map(|token| token.expose().to_owned())
}

fn refused(sign_in: SignIn) -> Error {
    token(sign_in).expect_err("no token")
}

#[test]
fn it_is_named_in_each_way_that_azure_knows() {
    for (identity, machine_name, app_name, value) in [
        (ManagedIdentity::System, None, None, ""),
        (
            ManagedIdentity::ClientId("c".into()),
            Some("client_id"),
            Some("client_id"),
            "c",
        ),
        (
            ManagedIdentity::ObjectId("o".into()),
            Some("object_id"),
            Some("object_id"),
            "o",
        ),
        (
            ManagedIdentity::ResourceId("/r".into()),
            Some("msi_res_id"),
            Some("mi_res_id"),
            "%2Fr",
        ),
    ] {
        let named = |name: Option<&str>| name.map(|name| format!("&{name}={value}")).unwrap_or_default();
        let connection = cluster().with_managed_identity(identity);

        let script = Script::new(|_, _| granted());
        assert_eq!(token(sign_in(&connection, &script)).expect("a token"), "token");
        let query = format!("api-version=2019-08-01&resource={RESOURCE}");
        assert_eq!(
            script.lines(),
            [format!("{MACHINE}?{query}{}", named(machine_name))]
        );
        assert_eq!(script.sent()[0].headers["metadata"], "true");

        let script = Script::new(|_, _| granted());
        let of_an_app = sign_in(&connection, &script).with_variables(app);
        assert_eq!(token(of_an_app).expect("a token"), "token");
        assert_eq!(
            script.lines(),
            [format!("GET http://localhost/msi?{query}{}", named(app_name))]
        );
        assert_eq!(script.sent()[0].headers["x-identity-header"], CANARY);
    }
}

fn app(name: &str) -> Option<String> {
    match name {
        "IDENTITY_ENDPOINT" => Some("http://localhost/msi".to_owned()),
        "IDENTITY_HEADER" => Some(CANARY.to_owned()),
        _ => None,
    }
}

#[test]
fn a_service_that_asks_for_patience_gets_it_in_every_way_to_sign_in() {
    for busy in [
        (|| Reply::json(410, "{}")) as fn() -> Reply,
        || Reply::json(404, "{}"),
        || Reply::json(429, "{}"),
        || Reply::json(500, "{}"),
        || Reply::Answer(503, vec![("retry-after", "20".to_owned())], String::new()),
    ] {
        for way in 0..3 {
            let script = machine(vec![busy, busy]);
            let [alone, chain, environment] = ways(&script, &clock());
            let sign_in = [alone, chain, environment]
                .into_iter()
                .nth(way)
                .expect("three ways");
            assert_eq!(token(sign_in).expect("a token"), "token");
            let asked = script.sent().into_iter().filter(asks_for_a_token).count();
            assert_eq!(asked, 3);
        }
    }
}

#[test]
fn a_service_that_is_updated_for_seventy_seconds_is_outlasted_and_one_that_is_gone_is_given_up() {
    let gone_for = |seconds: u64| {
        let time = clock();
        let now = time.clone();
        let back = start() + Duration::from_secs(seconds);
        let script = Script::new(move |_, _| match now.now() < back {
            true => Reply::json(410, "{}"),
            false => granted(),
        });
        let asked = token(sign_in_at(&cluster().with_auth(identity()), &script, &time));
        (asked, time.now().since(start()))
    };
    let (outlasted, _) = gone_for(70);
    assert_eq!(outlasted.expect("a token"), "token");
    let (given_up, took) = gone_for(24 * 3_600);
    let error = given_up.expect_err("it is gone");
    assert_eq!(
        (error.kind(), error.http_status(), error.is_permanent()),
        (ErrorKind::Unavailable, Some(410), false)
    );
    assert!(error.is_retried());
    assert!(took <= Duration::from_secs(90), "{took:?}");
}

#[test]
fn a_wait_longer_than_the_time_left_is_not_begun() {
    let time = clock();
    let busy = || Reply::Answer(429, vec![("retry-after", "3600".to_owned())], String::new());
    let script = Script::new(move |_, _| busy());
    let error = refused(sign_in_at(&cluster().with_auth(identity()), &script, &time));
    assert_eq!(error.kind(), ErrorKind::Throttled);
    assert!(!error.is_permanent());
    assert_eq!(script.sent().len(), 1);
    assert_eq!(time.now(), start());
}

#[test]
fn who_gives_no_answer_is_asked_three_times_and_how_long_can_be_set() {
    let time = clock();
    let script = Script::new(|_, _| Reply::Silence);
    let limits = SignInLimits::new()
        .with_attempt(Duration::from_secs(1))
        .with_managed_identity(Duration::from_secs(60));
    let sign_in = sign_in_at(&cluster().with_auth(identity()), &script, &time).with_limits(limits);
    let error = refused(sign_in);
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("1s"), "{error}");
    assert_eq!(script.sent().len(), 3);
    let most = Duration::from_secs(3 + 2 + 4);
    assert!(time.now().since(start()) <= most);
}

#[test]
fn in_a_chain_it_is_looked_for_briefly_and_silence_is_no_final_answer() {
    let silent_once = || Script::new(|_, number| if number == 0 { Reply::Silence } else { granted() });
    let time = clock();
    let script = silent_once();
    let credentials = sign_in_at(&cluster(), &script, &time)
        .with_credential_chain([identity()])
        .finish()
        .expect("credentials");
    let credential = credential(&credentials, HELP);
    let error = block_on(credential.token()).expect_err("nobody answered");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(!error.is_permanent());
    assert!(error.is_retried(), "nobody asks the same again at once");
    assert_eq!(time.now().since(start()), Duration::from_secs(3));
    assert_eq!(script.lines(), [MACHINE], "a look, and no request for a token");

    time.advance(Duration::from_secs(10));
    assert_eq!(block_on(credential.token()).expect("a token").expose(), "token");
}

#[test]
fn a_chain_fails_for_good_only_if_each_of_its_ways_does() {
    let unassigned = || {
        Reply::json(
            400,
            r#"{"error":"invalid_request","error_description":"Identity not found"}"#,
        )
    };
    for (answer, is_permanent) in [
        (unassigned as fn() -> Reply, true),
        (|| Reply::Fails(ErrorKind::Connection), false),
    ] {
        let script = Script::new(move |_, _| answer());
        let ways = [
            AuthMethod::WorkloadIdentity {
                tenant: None,
                client_id: None,
                token_file: None,
            },
            identity(),
        ];
        let error = refused(sign_in(&cluster(), &script).with_credential_chain(ways));
        assert_eq!(error.is_permanent(), is_permanent, "{}", error.chain());
        assert_eq!(error.kind() == ErrorKind::Unauthenticated, is_permanent);
        let said = error.chain();
        assert!(
            said.contains("AZURE_TENANT_ID") && said.contains("managed identity"),
            "{said}"
        );
        assert_eq!(said.contains("Identity not found"), is_permanent, "{said}");
    }
}

#[test]
fn what_a_chain_found_is_kept_to_when_it_has_a_bad_moment() {
    let is_down = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let down = Arc::clone(&is_down);
    let script = Script::new(move |sent, _| {
        if sent.form.contains_key("client_secret") {
            Reply::token("of another application")
        } else if down.load(std::sync::atomic::Ordering::SeqCst) {
            Reply::json(503, "{}")
        } else {
            granted()
        }
    });
    let another = cluster().with_client_secret("contoso.com", "app", "secret");
    let another = another.auth_method().expect("a way to sign in");
    for by_environment in [false, true] {
        is_down.store(false, std::sync::atomic::Ordering::SeqCst);
        let time = clock();
        let sign_in = match by_environment {
            false => {
                sign_in_at(&cluster(), &script, &time).with_credential_chain([identity(), another.clone()])
            }
            true => sign_in_at(&cluster().with_auth(AuthMethod::Environment), &script, &time),
        };
        let credentials = sign_in.finish().expect("credentials");
        let credential = credential(&credentials, HELP);
        assert_eq!(block_on(credential.token()).expect("a token").expose(), "token");

        is_down.store(true, std::sync::atomic::Ordering::SeqCst);
        credentials.invalidate_tokens();
        let error = block_on(credential.token()).expect_err("a bad moment");
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.chain());
        assert!(!error.is_permanent());
    }
}

#[test]
fn its_secrets_are_not_shown_and_services_that_are_not_offered_are_named() {
    let script = Script::new(|_, _| Reply::json(403, format!(r#"{{"error_description":"wrong {CANARY}"}}"#)));
    let connection = cluster().with_auth(identity());
    let error = refused(sign_in(&connection, &script).with_variables(app));
    assert!(error.is_permanent());
    assert!(error.to_string().contains("wrong …"), "{error}");
    assert!(!all_of(&error).contains(CANARY));

    for (variables, place) in [
        (
            &[
                "IDENTITY_ENDPOINT",
                "IDENTITY_HEADER",
                "IDENTITY_SERVER_THUMBPRINT",
            ][..],
            "Service Fabric",
        ),
        (&["IDENTITY_ENDPOINT", "IMDS_ENDPOINT"], "Azure Arc"),
        (&["MSI_ENDPOINT", "MSI_SECRET"], "Azure Machine Learning"),
        (&["MSI_ENDPOINT"], "Cloud Shell"),
    ] {
        let set = move |name: &str| variables.contains(&name).then(|| "http://localhost".to_owned());
        let error = refused(sign_in(&connection, &Script::nobody()).with_variables(set));
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains(place), "{error}");
    }
}

#[test]
fn an_answer_without_an_end_that_can_be_read_is_refused() {
    for (body, is_read) in [
        (r#"{"access_token":"token","expires_on":4102444800}"#, true),
        (r#"{"access_token":"token","expires_on":"soon"}"#, false),
        (r#"{"access_token":"token"}"#, false),
    ] {
        let script = Script::new(move |_, _| Reply::json(200, body));
        match token(sign_in(&cluster().with_auth(identity()), &script)) {
            Ok(token) => assert!(is_read && token == "token", "{body}"),
            Err(error) => assert!(!is_read && error.kind() == ErrorKind::Protocol, "{body}"),
        }
    }
}
