//! A token, and what is asked for one.

use std::fmt;

use azure_core::credentials::{AccessToken, Secret as AzureSecret};
use kusto_connection::Secret;
use kusto_ingest_core::Timestamp;
use url::Url;

/// A bearer token: what a token callback returns.
#[derive(Clone)]
pub struct BearerToken {
    text: Secret,
    expires_at: Option<Timestamp>,
}

impl BearerToken {
    /// A token without an expiry. It is used for one request.
    #[must_use]
    pub fn new(text: impl Into<Secret>) -> Self {
        Self {
            text: text.into(),
            expires_at: None,
        }
    }

    /// Caches the token until it expires.
    #[must_use]
    pub fn with_expiry(self, at: Timestamp) -> Self {
        Self {
            expires_at: Some(at),
            ..self
        }
    }

    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// Until when it is valid.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Whether its end has come, as far as that is known.
    pub(crate) fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// For `azure_core`, which wants an end; of a token without one, `now` is as good as any, since it is not to be kept.
    pub(crate) fn into_access_token(self, now: Timestamp) -> AccessToken {
        let expires_at = self.expires_at.unwrap_or(now);
        AccessToken::new(
            AzureSecret::new(self.text.expose().to_owned()),
            expires_at.as_datetime(),
        )
    }
}

impl From<AccessToken> for BearerToken {
    fn from(token: AccessToken) -> Self {
        Self::new(token.token.secret()).with_expiry(token.expires_on.into())
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerToken")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The request for a token, as a token callback gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenRequest {
    /// The cluster's endpoint that the token will be sent to. It is a trusted one.
    pub endpoint: Url,
    /// The scope, such as `https://kusto.kusto.windows.net/.default`.
    pub scope: String,
    /// Where tokens for this cluster are issued, such as `https://login.microsoftonline.com`.
    pub login_endpoint: String,
    /// The application as which users sign in.
    pub client_app_id: String,
}
