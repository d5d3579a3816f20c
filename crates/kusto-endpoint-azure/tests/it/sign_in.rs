//! Tokens: sent where nobody listens in, and nowhere else.

use std::sync::Arc;

use crate::wire::{Answer, Wire};
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use futures::executor::block_on;
use kusto_endpoint::{ManagementEndpoint, RequestProperties};
use kusto_endpoint_azure::AzureEndpoint;
use kusto_ingest_core::{DatabaseName, ErrorKind, Result};

const SCOPE: &str = "https://help.kusto.windows.net/.default";

#[derive(Debug)]
struct Token(Option<&'static str>);

#[async_trait::async_trait]
impl TokenCredential for Token {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        assert_eq!(scopes, [SCOPE]);
        self.0
            .map(|token| AccessToken::new(token, OffsetDateTime::UNIX_EPOCH))
            .ok_or_else(|| {
                azure_core::Error::with_message(
                    azure_core::error::ErrorKind::Credential,
                    "nobody is signed in",
                )
            })
    }
}

fn ask(base: &str, token: Token, wire: &Wire) -> Result<()> {
    let endpoint = AzureEndpoint::new(base.parse().expect("it is a URL"), wire.transport())?
        .with_credential(Arc::new(token), SCOPE);
    assert!(!format!("{endpoint:?}").contains("SECRET"));
    let (database, nothing) = (DatabaseName::net_default(), RequestProperties::new());
    block_on(endpoint.execute(&database, ".show version", &nothing)).map(drop)
}

#[test]
fn a_token_goes_over_https_and_to_loopback_addresses_only() {
    for (base, sent) in [
        ("https://help.kusto.windows.net", true),
        ("http://127.0.0.1:8080", true),
        ("http://[::1]:8080", true),
        ("http://localhost:8080", true),
        ("http://localhost.evil.example", false),
        ("http://help.kusto.windows.net", false),
    ] {
        let wire = Wire::answering([Answer::new(200, r#"{"Tables":[]}"#.to_owned())]);
        let asked = ask(base, Token(Some("SECRET")), &wire);
        let seen = wire.seen();
        let tokens: Vec<_> = seen
            .iter()
            .filter_map(|seen| seen.header("authorization"))
            .collect();
        if sent {
            asked.expect(base);
            assert_eq!(tokens, ["Bearer SECRET"], "{base}");
        } else {
            assert_eq!(asked.expect_err(base).kind(), ErrorKind::InvalidInput);
            assert!(seen.is_empty(), "{base}");
        }
    }
}

#[test]
fn without_a_token_nothing_is_sent() {
    let wire = Wire::answering([]);
    let error = ask("https://help.kusto.windows.net", Token(None), &wire).expect_err("nobody is signed in");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(error.chain().contains("nobody is signed in"), "{}", error.chain());
    assert!(wire.seen().is_empty());
}
