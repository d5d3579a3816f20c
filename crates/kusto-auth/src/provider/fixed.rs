//! A token that is given as text.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kusto_connection::Secret;
use kusto_ingest_core::{Clock, Error, ErrorKind, Result, Timestamp};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

use super::{GET_TOKEN, Provider};
use crate::{BearerToken, TokenRequest};

/// A token that is given as text, and is used as it is.
#[derive(Debug)]
pub(crate) struct FixedProvider {
    token: BearerToken,
    clock: Arc<dyn Clock>,
}

impl FixedProvider {
    pub(crate) fn new(text: &Secret, clock: Arc<dyn Clock>) -> Self {
        let token = BearerToken::new(text.clone());
        let token = match expiry(text) {
            Some(at) => token.with_expiry(at),
            None => token,
        };
        Self { token, clock }
    }
}

#[async_trait]
impl Provider for FixedProvider {
    async fn token(&self, _request: TokenRequest) -> Result<BearerToken> {
        match self.token.expires_at() {
            // The service would only say 401, and nobody would know why.
            Some(at) if at <= self.clock.now() => Err(Error::new(ErrorKind::Unauthenticated, GET_TOKEN)
                .because(format!("the token that was given expired at {at}"))),
            _ => Ok(self.token.clone()),
        }
    }

    fn uses_login_endpoint(&self) -> bool {
        false
    }

    fn needs_cloud(&self) -> bool {
        false
    }
}

#[derive(Deserialize)]
struct Claims {
    exp: f64,
}

/// When a token says that it expires, if it is a JSON Web Token. Nothing else in it is looked at, or believed.
fn expiry(token: &Secret) -> Option<Timestamp> {
    let claims = token.expose().split('.').nth(1)?;
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let Claims { exp } = serde_json::from_slice(&claims).ok()?;
    let since = Duration::try_from_secs_f64(exp).ok()?;
    Some(Timestamp::UNIX_EPOCH + since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expiry_of_a_web_token_is_read_and_other_tokens_have_none() {
        let token = |claims: &str| Secret::from(format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims)));
        let read = |claims: &str| expiry(&token(claims)).map(|at| at.to_string());
        assert_eq!(
            read(r#"{"exp":1700000000}"#).as_deref(),
            Some("2023-11-14T22:13:20.0000000Z")
        );
        for claims in ["{}", r#"{"exp":"soon"}"#, r#"{"exp":-1}"#, "no"] {
            assert_eq!(read(claims), None, "{claims}");
        }
        assert_eq!(expiry(&Secret::from("opaque")), None);
    }
}
