//! The conformance cases K13, K15, K33-K46, K51 and K56: which sign-in method a connection string adds up to.

use kusto_connection::{AuthMethod, CertificateSource, ConnectionString, Error, ErrorKind, Keyword, Secret};

const H: &str = "https://help.kusto.windows.net";

/// Reads a connection string in which `H` at the start stands for the help cluster.
fn parse(text: &str) -> ConnectionString {
    let read = match text.strip_prefix('H') {
        Some(rest) => ConnectionString::parse(&format!("{H}{rest}")),
        None => ConnectionString::parse(text),
    };
    read.expect("a connection string")
}

fn auth(text: &str) -> AuthMethod {
    parse(text).auth_method().expect("a sign-in method")
}

fn no_auth(text: &str) -> Error {
    parse(text).auth_method().expect_err("no sign-in method")
}

fn app_key(secret: &str) -> AuthMethod {
    AuthMethod::ClientSecret {
        tenant: "t.com".into(),
        client_id: "a".into(),
        secret: secret.into(),
    }
}

fn prompt(login_hint: Option<&str>, tenant: Option<&str>) -> AuthMethod {
    AuthMethod::UserPrompt {
        login_hint: login_hint.map(Into::into),
        tenant: tenant.map(Into::into),
    }
}

#[test]
fn s01_k13_application_key() {
    assert_eq!(
        auth(&format!(
            "Data Source={H};Fed=True;AppClientId=a;AppKey=k;Authority Id=t.com"
        )),
        app_key("k")
    );
}

#[test]
fn s01_k15_credential_implies_federation() {
    assert_eq!(
        auth(&format!(
            "Network Address={H};ApplicationClientId=a;APPLICATION KEY=k;TID=t.com"
        )),
        app_key("k")
    );
}

#[test]
fn s01_k33_key_without_client_is_incomplete() {
    let error = no_auth("H;AppKey=k;tid=t.com");
    assert_eq!(
        (error.kind(), error.keyword()),
        (
            ErrorKind::IncompleteCredentials,
            Some(Keyword::ApplicationClientId)
        )
    );
}

#[test]
fn s01_k34_client_without_key_is_incomplete() {
    assert_eq!(
        no_auth("H;AppClientId=a;tid=t.com;Fed=true").kind(),
        ErrorKind::IncompleteCredentials
    );
    assert_eq!(no_auth("H;Pwd=p").kind(), ErrorKind::IncompleteCredentials);
}

#[test]
fn s01_k35_application_needs_a_tenant() {
    assert_eq!(
        no_auth("H;AppClientId=a;AppKey=k").kind(),
        ErrorKind::MissingAuthority
    );
}

#[test]
fn s01_k36_application_signs_in_to_one_tenant() {
    for tenant in ["organizations", "Common", "CONSUMERS"] {
        let error = no_auth(&format!("H;AppClientId=a;AppKey=k;tid={tenant}"));
        assert_eq!(error.kind(), ErrorKind::InvalidAuthority, "{tenant}");
    }
}

#[test]
fn s01_k37_tenant_is_an_id_or_a_domain() {
    for tenant in ["../x", "..", "t.com/x", "t com", "tést"] {
        let error = no_auth(&format!("H;AppClientId=a;AppKey=k;tid={tenant}"));
        assert_eq!(error.kind(), ErrorKind::InvalidAuthority, "{tenant}");
        assert_eq!(
            no_auth(&format!("H;Fed=true;tid={tenant}")).kind(),
            ErrorKind::InvalidAuthority,
            "{tenant}"
        );
    }
}

#[test]
fn s01_k38_credential_contradicts_no_federation() {
    for credential in [
        "AppClientId=a;AppKey=k;tid=t.com",
        "usrtoken=t",
        "apptoken=t",
        "uid=u",
    ] {
        let error = no_auth(&format!("H;{credential};Fed=false"));
        assert_eq!(
            error.kind(),
            ErrorKind::CredentialsWithoutFederation,
            "{credential}"
        );
    }
}

#[test]
fn s01_k39_user_token_goes_before_an_application() {
    let token = AuthMethod::UserToken(Secret::from("eyJ.x.y"));
    assert_eq!(
        auth("H;UserToken=eyJ.x.y;AppClientId=a;AppKey=k;tid=t.com"),
        token
    );
}

#[test]
fn s01_k40_two_credentials_of_an_application_conflict() {
    for text in [
        "H;AppToken=eyJ;AppClientId=a;AppKey=k;tid=t.com",
        "H;AppClientId=a;AppKey=k;Application Certificate Blob=b;tid=t.com",
        "H;AppClientId=a;AppKey=k;UID=u;Pwd=p;tid=t.com;Fed=true",
    ] {
        assert_eq!(no_auth(text).kind(), ErrorKind::ConflictingCredentials, "{text}");
    }
}

#[test]
fn s01_k41_token_is_the_bare_token() {
    for token in ["Bearer zqj", "bearer zqj", "zq j", "zqé", "zq\tj"] {
        let error = no_auth(&format!("H;usrtoken={token}"));
        assert_eq!(error.kind(), ErrorKind::InvalidToken, "{token}");
        assert!(!format!("{error:?}").contains("zq"), "{error:?}");
    }
}

#[test]
fn s01_k42_user_may_be_hinted_at() {
    assert_eq!(
        auth("H;Fed=true;User ID=u@c.com;tid=c.com"),
        prompt(Some("u@c.com"), Some("c.com"))
    );
    assert_eq!(auth("H;User ID=u@c.com"), prompt(Some("u@c.com"), None));
}

#[test]
fn s01_k43_user_and_password_are_read_and_refused_for_sign_in() {
    let connection = parse("H;Fed=true;UID=u;Pwd=p");
    assert_eq!(connection.secret(Keyword::Password).unwrap().expose(), "p");
    assert_eq!(
        connection.auth_method().unwrap_err().kind(),
        ErrorKind::UserPasswordUnsupported
    );
}

#[test]
fn s01_k44_basic_authentication_is_blocked() {
    assert_eq!(no_auth("H;UID=u;Pwd=p").kind(), ErrorKind::BasicAuthBlocked);
    assert_eq!(
        no_auth("H;UID=u;Pwd=p;Fed=false").kind(),
        ErrorKind::BasicAuthBlocked
    );
}

#[test]
fn s01_k45_credential_over_plain_http_is_refused() {
    for credential in ["AppClientId=a;AppKey=k;tid=t.com", "Fed=true", "usrtoken=t"] {
        let error = no_auth(&format!("http://h.kusto.windows.net;{credential}"));
        assert_eq!(error.kind(), ErrorKind::InsecureTransport, "{credential}");
    }
    assert_eq!(auth("http://h.kusto.windows.net"), AuthMethod::Unspecified);
    assert_eq!(
        auth("http://kusto-emulator:8080;Fed=false"),
        AuthMethod::Anonymous
    );
}

#[test]
fn s01_k46_credential_over_plain_http_may_go_to_this_machine() {
    assert_eq!(
        auth("http://127.0.0.1:8080;AppToken=t"),
        AuthMethod::ApplicationToken("t".into())
    );
}

#[test]
fn s01_k51_certificate_store_is_not_looked_into() {
    let connection = parse("H;AppClientId=a;AppCert=ABCD;tid=t.com");
    assert_eq!(
        connection.auth_method().unwrap_err().kind(),
        ErrorKind::CertificateStoreUnsupported
    );
    let guarded = connection.without_local_secrets();
    assert_eq!(
        guarded.auth_method().unwrap_err().kind(),
        ErrorKind::LocalSecretAccessDisabled
    );
}

#[test]
fn certificate_comes_with_its_thumbprint_in_one_spelling() {
    let text =
        "H;AppClientId=a;tid=t.com;Application Certificate Blob=-----BEGIN X-----;sendx5c=true;AppCert=";
    let sha1 = "aa:bb cc".to_owned() + &"0".repeat(34);
    let AuthMethod::ClientCertificate { certificate, .. } = auth(&format!("{text}{sha1}")) else {
        panic!("a certificate")
    };
    assert_eq!(
        certificate.thumbprint(),
        Some(format!("AABBCC{}", "0".repeat(34)).as_str())
    );
    assert_eq!(
        certificate.source(),
        &CertificateSource::Blob("-----BEGIN X-----".into())
    );
    assert!(certificate.sends_chain());
    assert_eq!(
        no_auth(&format!("{text}AABB")).kind(),
        ErrorKind::InvalidThumbprint
    );
}

#[test]
fn s01_k56_test_string_of_another_client_is_read_and_its_credentials_conflict() {
    let text = "H/Samples;aad user id=1234;password=****;application key=1234;application client id=1234;\
                application key=0987;authority id=123456;application token=token;user token=usertoken;Fed=true";
    let connection = parse(text);
    assert_eq!(
        connection.secret(Keyword::ApplicationKey).unwrap().expose(),
        "0987"
    );
    assert_eq!(
        connection.auth_method().unwrap_err().kind(),
        ErrorKind::ConflictingCredentials
    );
}
