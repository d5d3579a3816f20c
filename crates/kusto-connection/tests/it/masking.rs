//! The conformance case K54: what is shown of a connection string.

use kusto_connection::{ConnectionString, Error, Keyword};

fn parse(text: &str) -> ConnectionString {
    ConnectionString::parse(text).expect("a connection string")
}

#[test]
fn s01_k54_secrets_are_masked_wherever_it_is_shown() {
    let connection =
        parse("https://help.kusto.windows.net;Fed=True;AppClientId=a;AppKey=k;Authority Id=t.com");
    for shown in [
        connection.to_string(),
        format!("{connection:?}"),
        format!("{connection:#?}"),
    ] {
        assert!(shown.contains("Application Key=****"), "{shown}");
        assert!(!shown.contains("=k;"), "{shown}");
    }
}

#[test]
fn every_secret_keyword_is_masked_in_every_way_of_showing_it() {
    const CANARY: &str = "c4n4ry";
    for keyword in Keyword::all().filter(|keyword| keyword.is_secret() && keyword.is_supported()) {
        let connection = parse(&format!(
            "https://help.kusto.windows.net;tid=t.com;AppClientId=a;uid=u;{keyword}={CANARY}"
        ));
        let auth = connection.auth_method();
        let shown = format!(
            "{connection} {connection:?} {auth:?} {}",
            auth.as_ref().map_or_else(Error::to_string, |_| String::new())
        );
        assert!(!shown.contains(CANARY), "{shown}");
        assert!(connection.expose().contains(CANARY), "{keyword}");
    }
}
