//! Whom a sign-in talks to: nobody who was not found trustworthy, in any mode.

use std::sync::Arc;

use futures::executor::block_on;
use kusto_auth::{BearerToken, Credentials, SignIn};
use kusto_connection::{
    AuthMethod, ConnectionString, ErrorKind as ConnectionKind, ManagedIdentity, MatchRule, TrustedEndpoints,
};
use kusto_ingest_core::{Error, ErrorKind};

use crate::script::{
    CANARY, HELP, LOGIN, Reply, Script, all_of, clock, connection_kind, credential, first_token, url,
};

const EVIL: &str = "https://kusto.attacker.example.com";

/// Every way to sign in that sends a token, for the cluster at `endpoint`.
fn every_method(endpoint: &str) -> Vec<ConnectionString> {
    let connection = || ConnectionString::for_cluster(endpoint).expect("a cluster");
    let (tenant, client_id) = (|| "contoso.com".to_owned(), || "app".to_owned());
    let certificate = || kusto_connection::Certificate::from_blob(CANARY);
    [
        AuthMethod::ClientSecret {
            tenant: tenant(),
            client_id: client_id(),
            secret: CANARY.into(),
        },
        AuthMethod::ClientCertificate {
            tenant: tenant(),
            client_id: client_id(),
            certificate: certificate(),
        },
        AuthMethod::UserToken(CANARY.into()),
        AuthMethod::ApplicationToken(CANARY.into()),
        AuthMethod::UserPrompt {
            login_hint: None,
            tenant: None,
        },
        AuthMethod::DeviceCode { tenant: None },
        AuthMethod::ManagedIdentity(ManagedIdentity::System),
        AuthMethod::WorkloadIdentity {
            tenant: None,
            client_id: None,
            token_file: None,
        },
        AuthMethod::AzurePipelines {
            tenant: tenant(),
            client_id: client_id(),
            service_connection_id: "connection".to_owned(),
            access_token: CANARY.into(),
        },
        AuthMethod::AzureCli,
        AuthMethod::DeveloperTools,
        AuthMethod::Environment,
    ]
    .into_iter()
    .map(|method| connection().with_auth(method))
    .collect()
}

fn sign_in(connection: &ConnectionString, script: &Script) -> SignIn {
    SignIn::new(connection, script.transport(), Arc::new(clock()))
        .expect("a sign-in")
        .with_variables(|_| None)
        .with_device_code(|_| panic!("nobody is asked"))
}

fn by_callback(endpoint: &str, script: &Script) -> SignIn {
    let connection = ConnectionString::for_cluster(endpoint).expect("a cluster");
    SignIn::new(&connection, script.transport(), Arc::new(clock()))
        .expect("a sign-in")
        .with_variables(|_| None)
        .with_token_callback(|_| async { Ok(BearerToken::new("token")) })
}

fn refused(credentials: &Credentials, endpoint: &str) -> Error {
    credentials
        .for_endpoint(&url(endpoint))
        .expect_err("nobody trusts it")
}

#[test]
fn s01_t19_an_untrusted_host_receives_nothing_in_any_mode() {
    let script = Script::nobody();
    let mut all: Vec<Credentials> = every_method(EVIL)
        .iter()
        .map(|connection| sign_in(connection, &script).finish().expect("credentials"))
        .collect();
    all.push(by_callback(EVIL, &script).finish().expect("credentials"));
    for credentials in all {
        let error = refused(&credentials, EVIL);
        assert_eq!(connection_kind(&error), Some(ConnectionKind::UntrustedEndpoint));
        assert!(error.is_permanent());
        assert!(!all_of(&error).contains(CANARY), "{error:?}");
    }
    assert!(script.sent().is_empty());
}

#[test]
fn s01_t8_and_t11_hosts_that_only_look_like_kusto_receive_nothing() {
    let script = Script::nobody();
    let credentials = by_callback(HELP, &script).finish().expect("credentials");
    for endpoint in [
        "https://kusto.windows.net",
        "https://evilkusto.windows.net",
        "https://x.kusto.windows.net.",
        "https://x.kusto.windows.net@evil.com",
        "https://evil.com/.kusto.windows.net",
        "https://evil.com\\.kusto.windows.net",
        "https://EVIL.com",
        "https://x.kusto.windows。net.evil.com",
        "https://10.0.0.1",
        "https://ingest-kusto.aria.microsoft.com",
    ] {
        let error = refused(&credentials, endpoint);
        assert_eq!(
            connection_kind(&error),
            Some(ConnectionKind::UntrustedEndpoint),
            "{endpoint}"
        );
    }
    assert!(script.sent().is_empty());
}

#[test]
fn s01_t6_a_host_of_one_cloud_that_signs_in_at_another_is_refused() {
    for (endpoint, login) in [
        ("https://k.kusto.chinacloudapi.cn", LOGIN),
        (HELP, "https://login.partner.microsoftonline.cn"),
        (HELP, "https://evil.example"),
    ] {
        let script = Script::new(move |_, _| metadata(login, "https://kusto.kusto.windows.net"));
        for connection in every_method(endpoint) {
            let error = first_token(sign_in(&connection, &script), endpoint).expect_err("another cloud");
            assert_eq!(connection_kind(&error), Some(ConnectionKind::UntrustedEndpoint));
        }
        assert!(script.sent().iter().all(|sent| sent.is_metadata()));
    }
}

#[test]
fn s01_t20_the_login_endpoint_may_be_spelled_in_any_case_and_with_a_slash() {
    let script = Script::new(|_, _| {
        metadata(
            "HTTPS://Login.MicrosoftOnline.com/",
            "https://kusto.kusto.windows.net",
        )
    });
    let credentials = by_callback(HELP, &script).finish().expect("credentials");
    let token = block_on(credential(&credentials, HELP).token());
    assert_eq!(token.expect("a token").expose(), "token");
}

#[test]
fn s01_t21_a_secret_is_not_sent_to_a_login_endpoint_that_nobody_knows() {
    let endpoint = "https://kusto.contoso.example";
    let trusted =
        TrustedEndpoints::new().with_rule(MatchRule::exact("kusto.contoso.example").expect("a rule"));
    for login in [
        "https://evil.example",
        "http://login.microsoftonline.com",
        "https://login.microsoftonline.com/x",
    ] {
        let script = Script::new(move |_, _| metadata(login, "https://kusto.kusto.windows.net"));
        let connection = ConnectionString::for_cluster(endpoint)
            .expect("a cluster")
            .with_client_secret("contoso.com", "app", CANARY);
        let sign_in = sign_in(&connection, &script).with_trusted_endpoints(trusted.clone());
        let error = first_token(sign_in, endpoint).expect_err("nobody knows that place");
        assert_eq!(
            connection_kind(&error),
            Some(ConnectionKind::UntrustedLoginEndpoint)
        );
        assert!(!all_of(&error).contains(CANARY));
        assert_eq!(script.lines(), [format!("GET {endpoint}/v1/rest/auth/metadata")]);
    }
}

#[test]
fn a_cluster_on_this_machine_may_be_its_own_authority_over_tls_and_no_other_one() {
    let ask = |endpoint: &'static str, login: &'static str| {
        let script = Script::new(move |sent, _| {
            if sent.is_metadata() {
                metadata(login, "https://kusto.kusto.windows.net")
            } else {
                Reply::token("token")
            }
        });
        let connection = ConnectionString::for_cluster(endpoint)
            .expect("a cluster")
            .with_client_secret("contoso.com", "app", CANARY);
        (
            first_token(sign_in(&connection, &script), endpoint),
            script.lines(),
        )
    };
    let (token, lines) = ask("https://localhost:8443", "https://localhost:8443");
    token.expect("a token");
    assert_eq!(
        lines[1],
        "POST https://localhost:8443/contoso.com/oauth2/v2.0/token"
    );
    for (endpoint, login) in [
        ("https://localhost:8443", "https://localhost:8444"),
        ("https://localhost:8443", "https://127.0.0.1:8443"),
        ("https://localhost:8443", "http://localhost:8443"),
        ("https://localhost:8443", "https://localhost:8443/elsewhere"),
        ("https://127.0.0.1:8443", "https://evil.example"),
    ] {
        let (token, lines) = ask(endpoint, login);
        let error = token.expect_err(login);
        assert_eq!(
            connection_kind(&error),
            Some(ConnectionKind::UntrustedLoginEndpoint),
            "{login}"
        );
        assert_eq!(lines.len(), 1, "{lines:?}");
    }
}

#[test]
fn a_login_endpoint_that_was_configured_is_used_whatever_the_cluster_tells() {
    let endpoint = "https://kusto.contoso.example";
    let script = Script::new(|sent, _| {
        if sent.is_metadata() {
            metadata("https://evil.example", "https://kusto.contoso.example")
        } else {
            Reply::token("token")
        }
    });
    let connection = ConnectionString::for_cluster(endpoint)
        .expect("a cluster")
        .with_client_secret("contoso.com", "app", "secret");
    let sign_in = sign_in(&connection, &script)
        .with_trusted_endpoints(
            TrustedEndpoints::new().with_rule(MatchRule::suffix(".contoso.example").expect("a rule")),
        )
        .with_authority_host("https://Login.Contoso.example/")
        .expect("a login endpoint");
    first_token(sign_in, endpoint).expect("a token");
    assert_eq!(
        script.lines()[1],
        "POST https://login.contoso.example/contoso.com/oauth2/v2.0/token"
    );
}

#[test]
fn a_login_endpoint_that_is_no_plain_https_address_is_refused() {
    let connection = ConnectionString::for_cluster(HELP).expect("a cluster");
    let begin = || sign_in(&connection, &Script::nobody());
    for text in [
        "",
        "login.contoso.example",
        "http://login.contoso.example",
        "https://login.contoso.example/tenant",
        "https://login.contoso.example?x",
        "https://login.contoso.example#x",
        "https://someone@login.contoso.example",
        "https:\\\\login.contoso.example",
    ] {
        let error = begin().with_authority_host(text).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let named = text.to_owned();
        let by_variable =
            begin().with_variables(move |name| (name == "AadAuthorityUri").then(|| named.clone()));
        // An empty variable is none.
        assert_eq!(by_variable.finish().is_ok(), text.is_empty(), "{text}");
    }
}

#[test]
fn the_environment_may_name_the_login_endpoint_for_clusters_that_tell_none() {
    let endpoint = "https://kusto.contoso.example";
    let script = Script::new(|sent, _| {
        if sent.is_metadata() {
            Reply::json(404, "")
        } else {
            Reply::token("token")
        }
    });
    let connection = ConnectionString::for_cluster(endpoint)
        .expect("a cluster")
        .with_client_secret("contoso.com", "app", "secret");
    let sign_in = sign_in(&connection, &script)
        .with_trusted_endpoints(TrustedEndpoints::new().with_any_host())
        .with_variables(|name| {
            (name == "AadAuthorityUri").then(|| "https://login.contoso.example".to_owned())
        });
    first_token(sign_in, endpoint).expect("a token");
    assert_eq!(
        script.lines()[1],
        "POST https://login.contoso.example/contoso.com/oauth2/v2.0/token"
    );
}

#[test]
fn a_host_that_only_the_user_trusts_gets_no_token_for_other_services() {
    let endpoint = "https://kusto.contoso.example";
    let trusted =
        || TrustedEndpoints::new().with_rule(MatchRule::exact("kusto.contoso.example").expect("a rule"));
    for (resource, is_given) in [
        ("https://management.azure.com", false),
        ("not a URL", false),
        ("https://kusto.contoso.example", true),
        ("https://kusto.kusto.windows.net", true),
    ] {
        let script = Script::new(move |_, _| metadata(LOGIN, resource));
        let ask = |sign_in: SignIn| first_token(sign_in.with_trusted_endpoints(trusted()), endpoint);
        let token = ask(by_callback(endpoint, &script));
        assert_eq!(token.is_ok(), is_given, "{resource}");
        let named = by_callback(endpoint, &script).with_scope("https://management.azure.com/.default");
        ask(named).expect("the user said so");
    }
}

#[test]
fn who_decides_about_hosts_need_not_decide_about_the_resource_of_kusto() {
    let endpoint = "https://kusto.contoso.example";
    let own_host = |url: &url::Url| url.host_str() == Some("kusto.contoso.example");
    let trusted = TrustedEndpoints::new().with_override_policy(own_host);
    let script = Script::in_order(vec![|| metadata(LOGIN, "https://kusto.kusto.windows.net")]);
    let sign_in = by_callback(endpoint, &script).with_trusted_endpoints(trusted.clone());
    first_token(sign_in, endpoint).expect("a token");
    let error = by_callback(HELP, &script).with_trusted_endpoints(trusted);
    refused(&error.finish().expect("credentials"), HELP);
}

#[test]
fn s01_t14_a_token_given_as_text_needs_no_metadata_of_a_host_that_the_user_trusts() {
    let endpoint = "https://some.someotherdomain1.net";
    let script = Script::nobody();
    let connection = ConnectionString::for_cluster(endpoint)
        .expect("a cluster")
        .with_user_token("token");
    let rule = MatchRule::suffix(".someotherdomain1.net").expect("a rule");
    let sign_in =
        sign_in(&connection, &script).with_trusted_endpoints(TrustedEndpoints::new().with_rule(rule));
    assert_eq!(first_token(sign_in, endpoint).expect("a token").expose(), "token");
}

#[test]
fn without_a_sign_in_the_host_is_used_as_given_unless_it_is_to_be_checked() {
    let script = Script::nobody();
    let anonymous = ConnectionString::for_cluster("http://kusto-emulator:8080")
        .expect("a cluster")
        .without_auth();
    let endpoint = url("http://kusto-emulator:8080");
    let credentials = sign_in(&anonymous, &script).finish().expect("credentials");
    assert!(credentials.for_endpoint(&endpoint).expect("no check").is_none());
    let checked = sign_in(&anonymous, &script).with_endpoint_check();
    let credentials = checked.finish().expect("credentials");
    let error = credentials.for_endpoint(&endpoint).expect_err("a check");
    assert_eq!(connection_kind(&error), Some(ConnectionKind::UntrustedEndpoint));
}

#[test]
fn nothing_said_means_no_sign_in_on_this_machine_and_an_error_elsewhere() {
    let script = Script::nobody();
    let ask = |address: &str| {
        let connection = ConnectionString::parse(address).expect("a cluster");
        let credentials = sign_in(&connection, &script).finish().expect("credentials");
        credentials.for_endpoint(&url(address))
    };
    assert!(ask("http://127.0.0.1:8080").expect("this machine").is_none());
    let error = ask(HELP).expect_err("nobody said how");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(error.chain().contains("Fed=false"));
}

#[test]
fn a_token_given_in_code_never_travels_in_the_clear() {
    let script = Script::nobody();
    let endpoint = "http://kusto.contoso.example";
    let trusted = TrustedEndpoints::new().with_any_host();
    let credentials = by_callback(endpoint, &script)
        .with_trusted_endpoints(trusted)
        .finish();
    let error = refused(&credentials.expect("credentials"), endpoint);
    assert!(error.to_string().contains("https"), "{error}");
}

fn metadata(login: &str, resource: &str) -> Reply {
    Reply::json(
        200,
        format!(r#"{{"AzureAD":{{"LoginEndpoint":"{login}","KustoServiceResourceId":"{resource}"}}}}"#),
    )
}
