//! Tokens: sent where nobody listens in, and nowhere else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// Tokens that stay the same until they are forgotten.
#[derive(Debug, Default)]
struct Kept(AtomicUsize);

#[async_trait::async_trait]
impl TokenCredential for Kept {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let token = format!("t{}", self.0.load(Ordering::Relaxed));
        Ok(AccessToken::new(token, OffsetDateTime::UNIX_EPOCH))
    }
}

#[test]
fn s01_w11_a_refused_token_is_renewed_once() {
    for (refusals, sent) in [
        (1, vec!["Bearer t0", "Bearer t1"]),
        (2, vec!["Bearer t0", "Bearer t1"]),
    ] {
        let refused = (0..refusals).map(|_| Answer::new(401, ""));
        let wire = Wire::answering(refused.chain([Answer::new(200, r#"{"Tables":[]}"#)]));
        let kept = Arc::new(Kept::default());
        let forgotten = kept.clone();
        let endpoint = AzureEndpoint::new(
            "https://help.kusto.windows.net".parse().expect("a URL"),
            wire.transport(),
        )
        .expect("a good address")
        .with_credential(kept, SCOPE)
        .with_token_invalidation(move || {
            forgotten.0.fetch_add(1, Ordering::Relaxed);
        });
        let (database, nothing) = (DatabaseName::net_default(), RequestProperties::new());
        let asked = block_on(endpoint.execute(&database, ".show version", &nothing));
        let tokens: Vec<String> = wire
            .seen()
            .iter()
            .filter_map(|seen| seen.header("authorization").map(str::to_owned))
            .collect();
        assert_eq!(tokens, sent);
        match asked {
            Ok(_) => assert_eq!(refusals, 1),
            Err(error) => {
                assert!(refusals == 2 && error.kind() == ErrorKind::Unauthenticated && error.is_permanent())
            }
        }
    }
}

/// A credential that fails as whoever asked for the token knows best.
#[derive(Debug)]
struct Failing(ErrorKind);

#[async_trait::async_trait]
impl TokenCredential for Failing {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let error = kusto_ingest_core::Error::new(self.0, "ask for a token");
        Err(azure_core::Error::new(
            azure_core::error::ErrorKind::Credential,
            error,
        ))
    }
}

#[test]
fn a_login_host_that_is_down_is_no_refusal() {
    for (asked, kind, permanent) in [
        (ErrorKind::Unavailable, ErrorKind::Unavailable, false),
        (ErrorKind::OutcomeUnknown, ErrorKind::Unavailable, false),
        (ErrorKind::Unauthenticated, ErrorKind::Unauthenticated, true),
    ] {
        let wire = Wire::answering([]);
        let endpoint = AzureEndpoint::new(
            "https://help.kusto.windows.net".parse().expect("a URL"),
            wire.transport(),
        )
        .expect("a good address")
        .with_credential(Arc::new(Failing(asked)), SCOPE);
        let (database, nothing) = (DatabaseName::net_default(), RequestProperties::new());
        let error =
            block_on(endpoint.execute(&database, ".show version", &nothing)).expect_err("there is no token");
        assert_eq!(
            (error.kind(), error.is_permanent()),
            (kind, permanent),
            "{}",
            error.chain()
        );
    }
}
