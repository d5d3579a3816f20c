//! The conformance cases T1-T22: which hosts are talked to. T23 stands beside the table.

use kusto_connection::{
    ConnectionString, Error, ErrorKind, IngestionEndpoint, LoginEndpoint, MatchRule, Trust, TrustedEndpoints,
};

const PUBLIC: &str = "https://login.microsoftonline.com";

fn check_with(trusted: &TrustedEndpoints, text: &str) -> Result<Trust, Error> {
    trusted.check(&text.parse().expect("a URL"))
}

fn check(text: &str) -> Result<Trust, Error> {
    check_with(&TrustedEndpoints::new(), text)
}

fn cloud(login: &str) -> Trust {
    Trust::Cloud(LoginEndpoint::known(login).expect("a known login endpoint"))
}

fn rejected(text: &str) {
    assert_eq!(
        check(text).expect_err(text).kind(),
        ErrorKind::UntrustedEndpoint,
        "{text}"
    );
}

fn is_public(text: &str) {
    assert_eq!(check(text), Ok(cloud(PUBLIC)), "{text}");
}

#[test]
fn s01_t1_clusters_of_the_public_cloud_are_trusted() {
    is_public("https://x.westeurope.kusto.windows.net");
    is_public("https://X.WESTEUROPE.KUSTO.WINDOWS.NET");
    is_public("https://x.westeurope.kusto.windows.net:443");
}

#[test]
fn s01_t2_mfa_and_development_clusters_are_trusted() {
    is_public("https://x.westeurope.kustomfa.windows.net");
    is_public("https://x.westeurope.kustodev.windows.net");
}

#[test]
fn s01_t3_synapse_fabric_and_data_clusters_are_trusted() {
    is_public("https://w.ws.kusto.azuresynapse.net");
    is_public("https://a.z7.kusto.fabric.microsoft.com");
    is_public("https://a.b.kusto.data.microsoft.com");
}

#[test]
fn s01_t4_services_with_one_name_are_trusted() {
    is_public("https://kusto.aria.microsoft.com");
    is_public("https://ade.loganalytics.io");
    is_public("https://adx.monitor.azure.com");
    is_public("https://api.securityplatform.microsoft.com");
}

#[test]
fn s01_t5_nothing_below_a_service_with_one_name_is_trusted() {
    rejected("https://cluster.kusto.aria.microsoft.com");
    rejected("https://cluster.ade.loganalytics.io");
    rejected("https://cluster.adx.monitor.azure.com");
}

#[test]
fn s01_t6_cluster_must_sign_in_where_its_cloud_does() {
    let trust = check("https://k.kusto.chinacloudapi.cn").unwrap();
    assert_eq!(trust, cloud("https://login.partner.microsoftonline.cn"));
    assert_eq!(trust.confirm("https://login.partner.microsoftonline.cn"), Ok(()));
    for login in [PUBLIC, "https://evil.example", ""] {
        assert_eq!(
            trust.confirm(login).unwrap_err().kind(),
            ErrorKind::UntrustedEndpoint,
            "{login}"
        );
    }
}

#[test]
fn s01_t7_clusters_of_other_clouds_are_trusted() {
    for (host, login) in [
        ("k.kusto.usgovcloudapi.net", "https://login.microsoftonline.us"),
        (
            "k.kusto.core.eaglex.ic.gov",
            "https://login.microsoftonline.eaglex.ic.gov",
        ),
        (
            "k.kusto.core.microsoft.scloud",
            "https://login.microsoftonline.microsoft.scloud",
        ),
        ("k.kusto.sovcloud-api.fr", "https://login.sovcloud-identity.fr"),
        ("k.kusto.sovcloud-api.de", "https://login.sovcloud-identity.de"),
        ("k.kusto.sovcloud-api.sg", "https://login.sovcloud-identity.sg"),
    ] {
        assert_eq!(check(&format!("https://{host}")), Ok(cloud(login)), "{host}");
    }
}

#[test]
fn s01_t8_domain_itself_and_names_that_end_alike_are_rejected() {
    rejected("https://kusto.windows.net");
    rejected("https://evilkusto.windows.net");
}

#[test]
fn s01_t9_other_hosts_are_rejected() {
    for text in [
        "https://kusto.azurewebsites.net",
        "https://bing.com",
        "https://localhostess",
        "https://127.0.0.1.a",
    ] {
        rejected(text);
    }
}

#[test]
fn s01_t10_known_host_elsewhere_in_the_address_does_not_help() {
    for text in [
        "https://x.kusto.windows.net@evil.com",
        "https://evil.com/.kusto.windows.net",
        "https://evil.com#.kusto.windows.net",
        "https://evil.com@x.kusto.windows.net",
        r"https://evil.com\.kusto.windows.net",
    ] {
        rejected(text);
        assert!(
            !ConnectionString::parse(text)
                .is_ok_and(|it| TrustedEndpoints::new().check(it.data_source()).is_ok())
        );
    }
}

#[test]
fn s01_t11_dot_at_the_end_is_rejected() {
    rejected("https://x.kusto.windows.net.");
}

#[test]
fn s01_t12_this_machine_is_trusted() {
    for text in [
        "http://localhost:8080",
        "https://127.0.0.1",
        "https://127.1.2.3",
        "https://127.1",
        "https://[::1]:1",
    ] {
        assert_eq!(check(text), Ok(Trust::Loopback), "{text}");
    }
}

#[test]
fn s01_t13_private_and_mapped_addresses_are_rejected() {
    rejected("https://10.0.0.1");
    rejected("https://[::ffff:127.0.0.1]");
}

#[test]
fn s01_t14_suffix_of_the_users_is_trusted() {
    let trusted = TrustedEndpoints::new().with_rule(MatchRule::suffix(".SomeOtherDomain1.net").unwrap());
    assert_eq!(
        check_with(&trusted, "https://some.someotherdomain1.net"),
        Ok(Trust::Custom)
    );
    assert!(check_with(&trusted, "https://someotherdomain1.net").is_err());
    assert!(check_with(&trusted, "https://evilsomeotherdomain1.net").is_err());
}

#[test]
fn s01_t15_host_of_the_users_is_trusted_and_nothing_below_it() {
    let trusted = TrustedEndpoints::new()
        .with_rule(MatchRule::exact("WWW.someotherdomain2.net").unwrap())
        .with_rule(MatchRule::exact("10.0.0.1").unwrap())
        .with_rule(MatchRule::exact("[2001:DB8::1]").unwrap());
    for text in [
        "https://www.someotherdomain2.net",
        "https://10.0.0.1:444",
        "https://[2001:db8::1]",
    ] {
        assert_eq!(check_with(&trusted, text), Ok(Trust::Custom), "{text}");
    }
    assert!(check_with(&trusted, "https://some.someotherdomain2.net").is_err());
}

#[test]
fn s01_t16_rules_that_would_trust_too_much_are_refused() {
    for domain in [
        "",
        ".",
        "contoso.com",
        ".com",
        ".com.",
        ".1.2",
        "..com",
        ".a..com",
        ".*.com",
    ] {
        assert_eq!(
            MatchRule::suffix(domain).expect_err(domain).kind(),
            ErrorKind::InvalidMatchRule
        );
    }
    for host in ["", "https://h.net", "h.net:443", "*.h.net"] {
        assert_eq!(
            MatchRule::exact(host).expect_err(host).kind(),
            ErrorKind::InvalidMatchRule
        );
    }
}

#[test]
fn s01_t17_decision_of_the_users_can_trust_any_host() {
    assert_eq!(
        check_with(
            &TrustedEndpoints::new().with_override_policy(|_| true),
            "https://bing.com"
        ),
        Ok(Trust::Custom)
    );
    let open = TrustedEndpoints::new().with_any_host();
    assert!(open.trusts_any_host());
    assert_eq!(check_with(&open, "https://bing.com"), Ok(Trust::Custom));
}

#[test]
fn s01_t18_decision_of_the_users_replaces_the_table_but_not_the_rules() {
    let none = TrustedEndpoints::new().with_override_policy(|_| false);
    assert!(check_with(&none, "https://x.kusto.windows.net").is_err());
    assert_eq!(check_with(&none, "http://localhost"), Ok(Trust::Loopback));
    let ruled = none.with_rule(MatchRule::exact("x.kusto.windows.net").unwrap());
    assert_eq!(
        check_with(&ruled, "https://x.kusto.windows.net"),
        Ok(Trust::Custom)
    );
}

/// That no byte is sent is proven where bytes are sent; the answer that prevents it is the same for every method.
#[test]
fn s01_t19_untrusted_host_is_rejected_whatever_the_sign_in_method() {
    let host = "https://kusto.attacker.example.com";
    for credential in [
        "",
        ";UserToken=t",
        ";AppToken=t",
        ";AppClientId=a;AppKey=k;tid=t.com",
        ";Fed=true",
    ] {
        let connection = ConnectionString::parse(&format!("{host}{credential}")).unwrap();
        connection.auth_method().expect("a sign-in method");
        for url in [
            connection.engine_endpoint().unwrap().url(),
            connection.ingestion_endpoint().unwrap().url(),
        ] {
            assert_eq!(
                TrustedEndpoints::new().check(url).unwrap_err().kind(),
                ErrorKind::UntrustedEndpoint
            );
        }
    }
}

#[test]
fn s01_t20_login_endpoint_is_known_in_every_spelling() {
    for text in [
        "https://login.microsoftonline.com/",
        "https://LOGIN.MicrosoftOnline.com",
        "https://login.microsoftonline.com:443",
    ] {
        assert_eq!(LoginEndpoint::known(text).unwrap().as_str(), PUBLIC, "{text}");
        assert_eq!(cloud(PUBLIC).confirm(text), Ok(()), "{text}");
    }
}

#[test]
fn s01_t21_unknown_login_endpoint_is_refused() {
    for text in [
        "https://evil.example",
        "http://login.microsoftonline.com",
        "https://login.microsoftonline.com/evil",
        "https://login.microsoftonline.com:444",
        "https://login.microsoftonline.com@evil.example",
        "https://evil.login.microsoftonline.com",
        "https://login.microsoftonline.com.",
        "",
    ] {
        assert_eq!(
            LoginEndpoint::known(text).expect_err(text).kind(),
            ErrorKind::UntrustedLoginEndpoint
        );
    }
}

#[test]
fn s01_t22_derived_address_is_checked_for_itself() {
    let connection = ConnectionString::for_cluster("https://adx.monitor.azure.com").unwrap();
    let ingestion: IngestionEndpoint = connection.ingestion_endpoint().unwrap();
    is_public(connection.engine_endpoint().unwrap().url().as_str());
    rejected(ingestion.url().as_str());
}
