//! The conformance cases K1-K32, K47-K50, K52 and K53: what a connection string is read as, and refused for.

use kusto_connection::{AuthMethod, ConnectionString, DEFAULT_CATALOG, Error, ErrorKind, Keyword};

const H: &str = "https://help.kusto.windows.net";

/// Reads a connection string in which `H` at the start stands for the help cluster.
fn try_parse(text: &str) -> Result<ConnectionString, Error> {
    match text.strip_prefix('H') {
        Some(rest) => ConnectionString::parse(&format!("{H}{rest}")),
        None => ConnectionString::parse(text),
    }
}

fn parse(text: &str) -> ConnectionString {
    try_parse(text).expect("a connection string")
}

fn refused(text: &str) -> Error {
    try_parse(text).expect_err("refused")
}

fn auth(text: &str) -> AuthMethod {
    parse(text).auth_method().expect("a sign-in method")
}

fn at_help(text: &str, initial_catalog: Option<&str>) {
    let connection = parse(text);
    assert_eq!(connection.data_source().as_str(), format!("{H}/"), "{text}");
    assert_eq!(connection.initial_catalog(), initial_catalog, "{text}");
    assert_eq!(
        connection.database(),
        initial_catalog.unwrap_or(DEFAULT_CATALOG),
        "{text}"
    );
}

fn key(text: &str) -> String {
    let secret = parse(text).secret(Keyword::ApplicationKey).cloned();
    secret.expect("a key").expose().to_owned()
}

fn prompt() -> AuthMethod {
    AuthMethod::UserPrompt {
        login_hint: None,
        tenant: None,
    }
}

#[test]
fn s01_k1_bare_address_names_the_cluster_and_nothing_else() {
    at_help("H", None);
    assert_eq!(DEFAULT_CATALOG, "NetDefaultDB");
    assert_eq!(auth("H"), AuthMethod::Unspecified);
}

#[test]
fn s01_k2_slash_at_the_end_changes_nothing() {
    assert_eq!(parse("H/"), parse("H"));
}

#[test]
fn s01_k3_path_of_one_segment_is_the_database() {
    at_help("H/Samples", Some("Samples"));
}

#[test]
fn s01_k4_path_of_one_segment_may_end_in_a_slash() {
    at_help("H/Samples/", Some("Samples"));
}

#[test]
fn s01_k5_keyword_goes_before_the_path() {
    at_help("H/Samples;Initial Catalog=X", Some("X"));
}

#[test]
fn s01_k6_keyword_goes_before_the_path_in_either_order() {
    at_help(&format!("Initial Catalog=X;Data Source={H}/Samples"), Some("X"));
}

#[test]
fn s01_k7_longer_path_is_kept() {
    let connection = parse("H/a/b");
    assert_eq!(connection.data_source().as_str(), format!("{H}/a/b"));
    assert_eq!(connection.initial_catalog(), None);
}

#[test]
fn s01_k8_address_is_brought_to_one_form_and_the_database_decoded() {
    at_help("https://Help.Kusto.Windows.NET:443/My%20Db", Some("My Db"));
}

#[test]
fn s01_k9_address_may_lack_its_scheme() {
    at_help("help.kusto.windows.net", None);
}

#[test]
fn s01_k10_host_and_port_are_not_taken_for_a_scheme() {
    assert_eq!(
        parse("localhost:8080").data_source().as_str(),
        "https://localhost:8080/"
    );
}

#[test]
fn s01_k11_no_federation_and_no_credential_mean_no_sign_in() {
    let connection = parse("http://localhost:8080/db;Fed=false");
    assert_eq!(connection.auth_method().unwrap(), AuthMethod::Anonymous);
    assert_eq!(connection.initial_catalog(), Some("db"));
}

#[test]
fn s01_k12_first_example_of_the_documentation_is_read() {
    at_help("H/Samples; Fed=true; Accept=true", Some("Samples"));
    assert_eq!(auth("H/Samples; Fed=true; Accept=true"), prompt());
}

#[test]
fn s01_k14_spaces_around_keywords_and_values_do_not_matter() {
    let spaced = format!(
        " Addr = {H} ; AppClientId = a ; AppKey =k; AuthorityId= t.com ; aad federated security = True "
    );
    assert_eq!(
        parse(&spaced),
        parse("H;Fed=True;AppClientId=a;AppKey=k;Authority Id=t.com")
    );
}

#[test]
fn s01_k16_value_keeps_its_equals_signs() {
    assert_eq!(key("H;AppKey=ab==;tid=t.com"), "ab==");
}

#[test]
fn s01_k17_doubled_quote_inside_a_quoted_value_is_one() {
    assert_eq!(key(r#"H;AppKey="a;b""c";tid=t.com"#), r#"a;b"c"#);
}

#[test]
fn s01_k18_single_quotes_quote_too() {
    assert_eq!(key("H;AppKey='x;y';tid=t.com"), "x;y");
}

#[test]
fn s01_k19_missing_closing_quote_is_refused() {
    let error = refused(r#"H;AppKey="abc"#);
    assert_eq!(
        (error.kind(), error.segment()),
        (ErrorKind::UnterminatedQuote, Some(2))
    );
}

#[test]
fn s01_k20_text_behind_a_closing_quote_is_refused() {
    let error = refused(r#"H;AppKey="abc"x"#);
    assert_eq!(
        (error.kind(), error.segment()),
        (ErrorKind::TrailingAfterQuote, Some(2))
    );
}

#[test]
fn s01_k21_last_of_two_values_wins_and_is_told() {
    let text = "H;AppClientId=a;AppKey=one;Application Key=two;tid=t.com";
    let connection = parse(text);
    assert_eq!(key(text), "two");
    assert_eq!(connection.duplicates(), [Keyword::ApplicationKey]);
}

#[test]
fn s01_k22_empty_segments_are_skipped() {
    assert_eq!(auth("H;;Fed=True;"), prompt());
}

#[test]
fn s01_k23_flags_are_read_in_every_usual_spelling() {
    for text in ["TRUE", "yes", "On", "1", " True ", "\"true\""] {
        assert_eq!(
            parse(&format!("H;Fed={text}")).federated_security(),
            Some(true),
            "{text}"
        );
    }
    for text in ["False", "NO", "OFF", "0"] {
        assert_eq!(
            parse(&format!("H;Fed={text}")).federated_security(),
            Some(false),
            "{text}"
        );
    }
}

#[test]
fn s01_k24_other_flags_are_refused() {
    let error = refused("H;Fed=maybe");
    assert_eq!(
        (error.kind(), error.keyword()),
        (ErrorKind::InvalidBool, Some(Keyword::FederatedSecurity))
    );
    assert!(!error.to_string().contains("maybe"), "{error}");
}

#[test]
fn s01_k25_empty_value_means_not_set() {
    assert_eq!(parse("H;Fed=").federated_security(), None);
    assert_eq!(parse("H;Fed=true;Fed=").federated_security(), None);
    assert_eq!(parse("H;AppKey=\"\""), parse("H"));
    assert_eq!(refused("H;Data Source=").kind(), ErrorKind::MissingDataSource);
}

#[test]
fn s01_k26_unknown_keyword_is_named_with_its_segment() {
    let error = refused("H;foo=1");
    assert_eq!(
        (error.kind(), error.segment()),
        (ErrorKind::UnknownKeyword, Some(2))
    );
    assert!(error.to_string().contains("`foo`"), "{error}");
}

#[test]
fn s01_k27_tail_of_a_badly_quoted_secret_is_not_shown() {
    for text in [
        "H;AppKey=s1;s2=",
        "H;AppKey=s1;;s2=x",
        "H;pwd=s1;s2",
        "H;AppKey=s1;s2;Fed=true",
        "H;=s2",
        "H;s2==",
        "H;s2=",
        "Data Source=\"H\";s2==",
        "H;s-2!=1",
    ] {
        let error = refused(text);
        assert!(!format!("{error} {error:?}").contains("s2"), "{text}: {error:?}");
        assert!(
            !format!("{error} {error:?}").contains("s-2!"),
            "{text}: {error:?}"
        );
        assert!(error.segment() >= Some(2), "{text}");
    }
    assert_eq!(refused("H;AppKey=s1;s2=").kind(), ErrorKind::UnknownKeyword);
}

#[test]
fn s01_k28_segment_without_equals_sign_is_refused() {
    let error = refused("H;NoEquals");
    assert_eq!(
        (error.kind(), error.segment()),
        (ErrorKind::MissingEquals, Some(2))
    );
}

#[test]
fn s01_k29_keywords_that_cannot_be_honoured_are_refused() {
    for (segment, keyword) in [
        ("DstsFed=true", Keyword::DstsFederatedSecurity),
        ("EnforceMfa=true", Keyword::EnforceMfa),
        ("Namespace=n", Keyword::Namespace),
        ("Region=r", Keyword::AzureRegion),
        ("server uri=x", Keyword::DataSourceUri),
        (
            "ApplicationCertificateIssuer=i",
            Keyword::ApplicationCertificateIssuerDistinguishedName,
        ),
        (
            "ApplicationCertificateSubject=s",
            Keyword::ApplicationCertificateSubjectDistinguishedName,
        ),
    ] {
        let error = refused(&format!("H;{segment}"));
        assert_eq!(
            (error.kind(), error.keyword()),
            (ErrorKind::UnsupportedKeyword, Some(keyword)),
            "{segment}"
        );
    }
}

#[test]
fn a_keyword_that_is_not_supported_may_say_that_it_is_off() {
    let text = "H;Dsts Federated Security=False;EnforceMfa=no;Region=;Namespace=\"\";msi_auth=off;az cli=0;Fed=False";
    assert_eq!(parse(text), parse("H;AAD Federated Security=False"));
    assert_eq!(auth(text), AuthMethod::Anonymous);
    assert_eq!(refused("H;Namespace=false").kind(), ErrorKind::UnsupportedKeyword);
    assert_eq!(
        refused("H;EnforceMfa=maybe").kind(),
        ErrorKind::UnsupportedKeyword
    );
}

#[test]
fn s01_k30_keywords_of_other_clients_are_refused_with_a_hint() {
    for (segment, hint) in [
        ("msi_auth=true", "`with_managed_identity`"),
        ("MSI Authentication=true", "`with_managed_identity`"),
        ("ManagedServiceIdentity=system", "`with_managed_identity`"),
        ("az cli=true", "`with_azure_cli`"),
        ("az_cli=true", "`with_azure_cli`"),
        ("interactive_login=true", "`with_device_code`"),
        (
            "Application Certificate PrivateKey=k",
            "`Application Certificate Blob`",
        ),
    ] {
        let error = refused(&format!("H;{segment}"));
        assert_eq!(error.kind(), ErrorKind::UnsupportedKeyword, "{segment}");
        assert!(error.to_string().contains(hint), "{error}");
    }
}

#[test]
fn s01_k31_empty_text_is_refused() {
    assert_eq!(refused("").kind(), ErrorKind::Empty);
    assert_eq!(refused("   ").kind(), ErrorKind::Empty);
}

#[test]
fn s01_k32_cluster_must_be_named() {
    for text in ["Fed=true", ";", " ; ;"] {
        assert_eq!(refused(text).kind(), ErrorKind::MissingDataSource, "{text}");
    }
}

#[test]
fn s01_k47_user_name_in_the_address_is_refused() {
    for text in [
        "https://u:p@h.kusto.windows.net",
        "https://u@h.kusto.windows.net",
        "u:p@h.kusto.windows.net",
    ] {
        let error = refused(text);
        assert_eq!(error.kind(), ErrorKind::InvalidDataSource, "{text}");
        assert!(!error.to_string().contains("u:p"), "{error}");
    }
}

#[test]
fn s01_k48_backslash_in_host_is_refused() {
    for text in [
        r"https://evil.com\.kusto.windows.net",
        r"https:\\h.kusto.windows.net",
        r"H\Samples",
    ] {
        assert_eq!(refused(text).kind(), ErrorKind::InvalidDataSource, "{text}");
    }
}

#[test]
fn s01_k49_query_and_fragment_are_refused() {
    for text in ["H?x=y", "H#f", "H?", "H/db?x", "Data Source=https://h.net?x=y"] {
        assert_eq!(refused(text).kind(), ErrorKind::InvalidDataSource, "{text}");
    }
}

#[test]
fn s01_k50_other_schemes_and_shorthands_are_refused() {
    for text in ["net.tcp://h/db", "ftp://h", "@help/Samples", "file:///h"] {
        assert_eq!(refused(text).kind(), ErrorKind::InvalidDataSource, "{text}");
    }
    assert!(refused("@help/Samples").to_string().contains("shorthand"));
}

#[test]
fn s01_k52_names_for_tracing_are_kept() {
    let connection = parse("H;TraceAppName=app;TraceUserName=usr");
    assert_eq!(connection.application_name_for_tracing(), Some("app"));
    assert_eq!(connection.user_name_for_tracing(), Some("usr"));
    assert_eq!(
        connection.expose(),
        format!("Data Source={H};Application Name for Tracing=app;User Name for Tracing=usr")
    );
}

#[test]
fn s01_k53_settings_of_queries_are_read() {
    let connection = parse("H;Query Consistency=weakconsistency;Uncompressed=true;Streaming=true");
    assert_eq!(connection.query_consistency(), Some("weakconsistency"));
    assert!(connection.uncompressed());
    assert_eq!(connection.flag(Keyword::Streaming), Some(true));
}

#[test]
fn text_beyond_64_kib_is_refused_and_so_is_one_that_would_be_rendered_so() {
    let long = |length: usize| format!("H;TraceAppName={}", "x".repeat(length));
    assert_eq!(refused(&long(64 * 1024)).kind(), ErrorKind::TooLong);
    assert!(try_parse(&long(60 * 1024)).is_ok());
    let quotes = format!("H;TraceAppName=x{}", "\"".repeat(60 * 1024));
    assert_eq!(refused(&quotes).kind(), ErrorKind::TooLong);
}
