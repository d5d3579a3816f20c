//! What clusters tell of their cloud, and what is made of it when they do not.

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use futures::future::join_all;
use kusto_auth::{CloudSettings, CloudSource, MetadataCloud, SignInLimits};
use kusto_ingest_core::{CallLimits, Clock, ErrorKind, ManualClock, Result};

use crate::script::{HELP, Reply, Script, clock, start, url};

const FULL: &str = r#"{"AzureAD":{"LoginEndpoint":"https://login.microsoftonline.us","LoginMfaRequired":true,
    "KustoClientAppId":"app","KustoClientRedirectUri":"https://microsoft/kustoclient","Surprise":[1],
    "KustoServiceResourceId":"https://kusto.dev.kusto.windows.net",
    "FirstPartyAuthorityUrl":"https://login.microsoftonline.us/first"},
    "dSTS":{"CloudEndpointSuffix":"windows.net"},"more":null}"#;

fn full() -> Reply {
    Reply::json(200, FULL)
}

fn cloud(script: &Script) -> MetadataCloud {
    MetadataCloud::new(script.transport(), Arc::new(clock()))
}

fn ask(cloud: &MetadataCloud, endpoint: &str) -> Result<CloudSettings> {
    block_on(cloud.settings(&url(endpoint)))
}

#[test]
fn s01_m1_a_full_answer_is_read_and_asked_for_once() {
    let script = Script::in_order(vec![full]);
    let cloud = cloud(&script);
    let told = ask(&cloud, HELP).expect("settings");
    assert_eq!(told.login_endpoint, "https://login.microsoftonline.us");
    assert!(told.login_mfa_required);
    assert_eq!(told.client_app_id, "app");
    assert_eq!(told.redirect_uri, "https://microsoft/kustoclient");
    assert_eq!(told.resource_id, "https://kusto.dev.kusto.windows.net");
    assert_eq!(
        told.first_party_authority_url,
        "https://login.microsoftonline.us/first"
    );
    assert_eq!(ask(&cloud, HELP).expect("settings"), told);

    let [sent] = &script.sent()[..] else {
        panic!("more than one request");
    };
    assert_eq!(
        sent.line,
        "GET https://help.kusto.windows.net/v1/rest/auth/metadata"
    );
    assert_eq!(sent.headers["accept"], "application/json");
    assert!(!sent.headers.contains_key("authorization"));
    assert_eq!(
        sent.limits.and_then(|limits: CallLimits| limits.overall),
        Some(Duration::from_secs(12))
    );
}

#[test]
fn s01_m2_not_found_means_the_defaults_and_is_kept() {
    for body in ["", "<html>not here</html>"] {
        let script = Script::new(move |_, _| Reply::json(404, body));
        let cloud = cloud(&script);
        assert_eq!(ask(&cloud, HELP).expect("settings"), CloudSettings::public());
        assert_eq!(ask(&cloud, HELP).expect("settings"), CloudSettings::public());
        assert_eq!(script.sent().len(), 1);
    }
}

#[test]
fn s01_m3_a_bad_moment_is_waited_out() {
    for bad in [
        || Reply::json(500, "busy"),
        || Reply::json(429, ""),
        || Reply::json(408, ""),
        || Reply::Fails(ErrorKind::Io),
        || Reply::Fails(ErrorKind::OutcomeUnknown),
        || Reply::Fails(ErrorKind::Connection),
    ] {
        let script = Script::in_order(vec![bad, full]);
        assert!(ask(&cloud(&script), HELP).expect("settings").login_mfa_required);
        assert_eq!(script.sent().len(), 2);
    }
}

#[test]
fn a_cluster_may_say_how_long_to_wait() {
    let script = Script::in_order(vec![
        || Reply::Answer(429, vec![("retry-after", "20".to_owned())], String::new()),
        full,
    ]);
    let time = clock();
    let cloud = MetadataCloud::new(script.transport(), Arc::new(time.clone()));
    ask(&cloud, HELP).expect("settings");
    let waited = time.now().since(start());
    let (least, most) = (Duration::from_secs(20), Duration::from_millis(20_500));
    assert!((least..=most).contains(&waited), "{waited:?}");
}

#[test]
fn a_wait_longer_than_the_time_left_is_not_begun() {
    for seconds in [31, 3_600, 86_400] {
        let script = Script::new(move |_, _| {
            Reply::Answer(503, vec![("retry-after", seconds.to_string())], String::new())
        });
        let time = clock();
        let cloud = MetadataCloud::new(script.transport(), Arc::new(time.clone()));
        let error = ask(&cloud, HELP).expect_err("it asks for too much");
        assert_eq!(
            (error.kind(), error.is_permanent()),
            (ErrorKind::Unavailable, false)
        );
        assert_eq!((time.now(), script.sent().len()), (start(), 1));
    }
}

#[test]
fn s01_m4_a_bad_day_is_an_error_after_thirty_seconds_and_not_kept() {
    let script = Script::in_order(vec![|| Reply::json(503, "")]);
    let time = clock();
    let cloud = MetadataCloud::new(script.transport(), Arc::new(time.clone()));
    let error = ask(&cloud, HELP).expect_err("it is down");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(!error.is_permanent());
    assert_eq!(error.http_status(), Some(503));
    assert!(error.is_retried());
    let took = time.now().since(start());
    assert!(
        (Duration::from_secs(20)..=Duration::from_secs(30)).contains(&took),
        "{took:?}"
    );
    let asked = script.sent().len();
    time.advance(Duration::from_secs(10));
    ask(&cloud, HELP).expect_err("it is down still");
    assert!(script.sent().len() > asked);
}

#[test]
fn s01_m5_a_redirect_is_an_error_and_is_not_followed() {
    let script = Script::in_order(vec![|| {
        Reply::Answer(
            302,
            vec![("location", "https://evil.example/".to_owned())],
            FULL.to_owned(),
        )
    }]);
    let error = ask(&cloud(&script), HELP).expect_err("a redirect");
    assert!(error.is_permanent());
    assert_eq!(error.http_status(), Some(302));
    assert_eq!(
        script.lines(),
        ["GET https://help.kusto.windows.net/v1/rest/auth/metadata"]
    );
}

#[test]
fn s01_m6_an_empty_answer_is_an_error_and_one_without_the_cloud_means_the_defaults() {
    for (body, is_read) in [
        ("", false),
        ("{}", false),
        ("[]", false),
        ("<html/>", false),
        (r#"{"AzureAD":7}"#, false),
        (r#"{"AzureAD":null}"#, true),
        (r#"{"dSTS":{}}"#, true),
    ] {
        let script = Script::new(move |_, _| Reply::json(200, body));
        let cloud = cloud(&script);
        match ask(&cloud, HELP) {
            Ok(settings) => {
                assert!(is_read, "{body}");
                assert_eq!(settings, CloudSettings::public());
            }
            Err(error) => {
                assert!(!is_read, "{body}");
                assert_eq!(error.kind(), ErrorKind::Protocol);
                ask(&cloud, HELP).expect_err("the same again");
                assert_eq!(
                    script.sent().len(),
                    2,
                    "a failure was kept, or was tried again at once"
                );
            }
        }
    }
}

#[test]
fn s01_m7_without_login_endpoint_or_resource_it_is_an_error() {
    for missing in ["LoginEndpoint", "KustoServiceResourceId"] {
        for instead in [
            format!(r#""{missing}":" ","Other""#),
            format!(r#""not{missing}""#),
        ] {
            let body = FULL.replace(&format!(r#""{missing}""#), &instead);
            let script = Script::new(move |_, _| Reply::json(200, body.clone()));
            let error = ask(&cloud(&script), HELP).expect_err("half an answer");
            assert_eq!(error.kind(), ErrorKind::Protocol);
            assert!(error.to_string().contains(missing), "{error}");
        }
    }
}

#[test]
fn what_else_is_missing_is_that_of_the_public_cloud() {
    let script = Script::in_order(vec![|| {
        Reply::json(
            200,
            r#"{"AzureAD":{"LoginEndpoint":"https://l","KustoServiceResourceId":"https://r"}}"#,
        )
    }]);
    let told = ask(&cloud(&script), HELP).expect("settings");
    let public = CloudSettings::public();
    assert_eq!(
        (told.login_endpoint.as_str(), told.scope().as_str()),
        ("https://l", "https://r/.default")
    );
    assert_eq!(told.client_app_id, public.client_app_id);
    assert!(!told.login_mfa_required);
}

#[test]
fn s01_m8_unknown_keys_do_not_matter() {
    let script = Script::in_order(vec![full]);
    assert!(FULL.contains("Surprise"));
    ask(&cloud(&script), HELP).expect("settings");
}

#[test]
fn s01_m9_answers_are_kept_by_scheme_host_and_port() {
    let script = Script::in_order(vec![full]);
    let cloud = cloud(&script);
    for endpoint in [
        "https://h.example/db1",
        "https://H.example:443/db2",
        "https://h.example",
    ] {
        ask(&cloud, endpoint).expect("settings");
    }
    assert_eq!(script.sent().len(), 1);
    ask(&cloud, "http://h.example").expect("settings");
    ask(&cloud, "https://h.example:444").expect("settings");
    assert_eq!(script.sent().len(), 3);
}

#[test]
fn s01_m10_twenty_at_once_make_one_request() {
    let script = Script::in_order(vec![full]);
    let cloud = cloud(&script);
    let endpoint = url(HELP);
    let told = block_on(join_all((0..20).map(|_| cloud.settings(&endpoint))));
    assert!(told.iter().all(Result::is_ok));
    assert_eq!(script.sent().len(), 1);
}

#[test]
fn s01_m11_silence_ends_after_twelve_seconds_of_each_attempt_and_thirty_of_all() {
    let asked_within = |limits: Option<SignInLimits>| {
        let script = Script::new(|_, _| Reply::Silence);
        let time = clock();
        let cloud = MetadataCloud::new(script.transport(), Arc::new(time.clone()));
        let cloud = match limits {
            Some(limits) => cloud.with_limits(limits),
            None => cloud,
        };
        let error = ask(&cloud, HELP).expect_err("it is silent");
        assert_eq!(error.kind(), ErrorKind::Timeout);
        (script.sent().len(), time.now().since(start()))
    };
    assert_eq!(asked_within(None), (3, Duration::from_secs(30)));
    let seconds = Duration::from_secs;
    let limits = SignInLimits::new()
        .with_attempt(seconds(3))
        .with_metadata(seconds(5));
    assert_eq!(asked_within(Some(limits)), (2, seconds(5)));
}

#[test]
fn s01_m11_one_silent_cluster_holds_up_no_other() {
    let script = Script::new(|sent, _| {
        if sent.line.contains("silent") {
            Reply::Silence
        } else {
            full()
        }
    });
    let cloud = MetadataCloud::new(script.transport(), Arc::new(ManualClock::new(start())));
    let (silent, other) = (url("https://silent.kusto.windows.net"), url(HELP));
    block_on(async {
        let mut waiting = cloud.settings(&silent);
        assert!(futures::poll!(&mut waiting).is_pending());
        assert!(cloud.settings(&other).await.is_ok());
        assert!(futures::poll!(&mut waiting).is_pending());
    });
}

#[test]
fn s01_m14_the_path_of_the_endpoint_does_not_matter() {
    let script = Script::in_order(vec![full]);
    ask(&cloud(&script), "https://h.example:8443/a/b?x=y#z").expect("settings");
    assert_eq!(
        script.lines(),
        ["GET https://h.example:8443/v1/rest/auth/metadata"]
    );
}

#[test]
fn other_refusals_are_errors_and_never_the_defaults() {
    for status in [400, 401, 403, 410] {
        let script = Script::new(move |_, _| Reply::json(status, FULL));
        let error = ask(&cloud(&script), HELP).expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::Rejected);
        assert_eq!(script.sent().len(), 1);
    }
}

#[test]
fn this_machine_is_given_the_defaults_whatever_fails_and_is_asked_again() {
    let script = Script::in_order(vec![
        || Reply::json(500, ""),
        || Reply::Fails(ErrorKind::Connection),
        full,
    ]);
    let cloud = cloud(&script);
    for _ in 0..2 {
        let settings = ask(&cloud, "http://127.0.0.1:8080").expect("the defaults");
        assert_eq!(settings, CloudSettings::public());
    }
    let told = ask(&cloud, "http://127.0.0.1:8080").expect("settings");
    assert!(told.login_mfa_required);
    assert_eq!(script.sent().len(), 3);
}

#[test]
fn what_is_known_is_not_asked_for_until_it_is_invalidated() {
    let script = Script::in_order(vec![full]);
    let cloud = cloud(&script);
    cloud.insert(&url(HELP), CloudSettings::public());
    assert_eq!(ask(&cloud, HELP).expect("settings"), CloudSettings::public());
    assert!(script.sent().is_empty());
    cloud.invalidate(&url(HELP));
    assert!(ask(&cloud, HELP).expect("settings").login_mfa_required);
}

#[test]
fn an_ask_that_nobody_waits_for_any_longer_ends_and_the_next_one_starts_anew() {
    let script = Script::new(|_, number| if number == 0 { Reply::Silence } else { full() });
    let cloud = MetadataCloud::new(script.transport(), Arc::new(ManualClock::new(start())));
    let endpoint = url(HELP);
    block_on(async {
        let mut given_up = cloud.settings(&endpoint);
        assert!(futures::poll!(&mut given_up).is_pending());
        drop(given_up);
        assert!(cloud.settings(&endpoint).await.is_ok());
    });
    assert_eq!(script.sent().len(), 2);
}
