//! Connection strings put together in code: what each step sets, replaces and leaves alone.

use kusto_connection::{
    AuthMethod, Certificate, ConnectionString, ErrorKind, Keyword, ManagedIdentity, Secret,
};

fn help() -> ConnectionString {
    ConnectionString::for_cluster("https://help.kusto.windows.net/Samples").expect("an address")
}

/// Every method that needs nothing but itself to be complete.
fn methods() -> Vec<AuthMethod> {
    let tenant = || "t.com".to_owned();
    let client_id = || "a".to_owned();
    vec![
        AuthMethod::Unspecified,
        AuthMethod::Anonymous,
        AuthMethod::ClientSecret {
            tenant: tenant(),
            client_id: client_id(),
            secret: "c4n4ry".into(),
        },
        AuthMethod::ClientCertificate {
            tenant: tenant(),
            client_id: client_id(),
            certificate: Certificate::from_blob("c4n4ry")
                .with_chain()
                .with_thumbprint("AB".repeat(20)),
        },
        AuthMethod::ClientCertificate {
            tenant: tenant(),
            client_id: client_id(),
            certificate: Certificate::from_file("/a.pfx").with_password("c4n4ry"),
        },
        AuthMethod::UserToken("c4n4ry".into()),
        AuthMethod::ApplicationToken("c4n4ry".into()),
        AuthMethod::UserPrompt {
            login_hint: Some("u@t.com".into()),
            tenant: Some(tenant()),
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
            service_connection_id: "s".into(),
            access_token: "c4n4ry".into(),
        },
        AuthMethod::AzureCli,
        AuthMethod::DeveloperTools,
        AuthMethod::Environment,
    ]
}

#[test]
fn every_method_comes_back_as_it_was_chosen() {
    for method in methods() {
        assert_eq!(help().with_auth(method.clone()).auth_method(), Ok(method));
    }
}

#[test]
fn every_method_replaces_every_other_and_nothing_else() {
    for before in methods() {
        for after in methods() {
            let first = help().with_auth(before.clone());
            let tenant = first.authority_id().unwrap_or_default().to_owned();
            let replaced = first.with_auth(after.clone());
            let text = format!("https://help.kusto.windows.net/Samples;Authority Id={tenant}");
            let alone = ConnectionString::parse(&text).expect("an address");
            assert_eq!(replaced, alone.with_auth(after));
            assert_eq!(replaced.initial_catalog(), Some("Samples"));
        }
    }
}

#[test]
fn the_tenant_of_the_connection_string_is_kept_by_every_method_that_names_none() {
    let text = "https://help.kusto.windows.net;Authority Id=contoso.com;Fed=true";
    let connection = ConnectionString::parse(text).expect("a connection string");
    for method in methods() {
        let chosen = connection.clone().with_auth(method.clone());
        let own = format!("{method:?}").contains("t.com");
        let expect = if own { "t.com" } else { "contoso.com" };
        assert_eq!(chosen.authority_id(), Some(expect), "{method:?}");
    }
    let tenant = || Some("contoso.com".to_owned());
    for (chosen, expect) in [
        (
            connection.clone().with_device_code(),
            AuthMethod::DeviceCode { tenant: tenant() },
        ),
        (
            connection.clone().with_workload_identity(),
            AuthMethod::WorkloadIdentity {
                tenant: tenant(),
                client_id: None,
                token_file: None,
            },
        ),
        (
            connection.clone().with_client_secret("", "a", "c4n4ry"),
            AuthMethod::ClientSecret {
                tenant: "contoso.com".to_owned(),
                client_id: "a".to_owned(),
                secret: "c4n4ry".into(),
            },
        ),
        (
            connection.with_auth(AuthMethod::UserPrompt {
                login_hint: None,
                tenant: None,
            }),
            AuthMethod::UserPrompt {
                login_hint: None,
                tenant: tenant(),
            },
        ),
    ] {
        assert_eq!(chosen.auth_method(), Ok(expect));
    }
}

#[test]
fn no_method_shows_its_secret() {
    for method in methods() {
        let connection = help().with_auth(method.clone());
        let shown = format!("{method:?} {} {connection} {connection:?}", method.name());
        assert!(!shown.contains("c4n4ry"), "{shown}");
    }
}

#[test]
fn method_without_keywords_is_rendered_as_federation_only() {
    let connection = help().with_managed_identity(ManagedIdentity::ClientId("m".into()));
    assert_eq!(
        connection.expose(),
        "Data Source=https://help.kusto.windows.net;Initial Catalog=Samples;AAD Federated Security=True"
    );
}

#[test]
fn method_with_keywords_can_be_written_down_and_read_again() {
    let connection = help()
        .with_client_secret("t.com", "a", "x;y")
        .with_application_name_for_tracing(" my app ");
    assert_eq!(ConnectionString::parse(&connection.expose()), Ok(connection));
}

#[test]
fn empty_texts_are_not_set() {
    let connection = help()
        .with_client_secret("t.com", "a", "")
        .with_initial_catalog("");
    assert_eq!(connection.secret(Keyword::ApplicationKey), None);
    assert_eq!(connection.initial_catalog(), None);
    assert_eq!(
        connection.auth_method().unwrap_err().kind(),
        ErrorKind::IncompleteCredentials
    );
}

#[test]
fn methods_chosen_in_code_keep_the_rules_of_those_in_keywords() {
    let cluster = || ConnectionString::for_cluster("http://h.kusto.windows.net").expect("an address");
    let insecure = cluster().with_azure_cli().auth_method().unwrap_err();
    assert_eq!(insecure.kind(), ErrorKind::InsecureTransport);
    let tenant = Some("../x".to_owned());
    let escaped = help()
        .with_auth(AuthMethod::DeviceCode { tenant })
        .auth_method()
        .unwrap_err();
    assert_eq!(escaped.kind(), ErrorKind::InvalidAuthority);
    let many = help()
        .with_client_certificate("common", "a", Certificate::from_file("/a.pem"))
        .auth_method();
    assert_eq!(many.unwrap_err().kind(), ErrorKind::InvalidAuthority);
    let token = help()
        .with_user_token(Secret::from("Bearer x"))
        .auth_method()
        .unwrap_err();
    assert_eq!(token.kind(), ErrorKind::InvalidToken);
}
