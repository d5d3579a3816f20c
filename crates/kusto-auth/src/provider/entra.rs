//! Requests to the token endpoint of Microsoft Entra, and what its answers say.

use std::sync::Arc;
use std::time::Duration;

use azure_core::http::headers::{ACCEPT, CONTENT_TYPE};
use azure_core::http::{Method, Request};
use kusto_connection::Secret;
use kusto_ingest_core::{Clock, Error, ErrorKind, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;
use url::form_urlencoded::Serializer;

use super::GET_TOKEN;
use crate::cloud::authority;
use crate::http::{Answer, Http};
use crate::{BearerToken, failure};

/// One tenant's token endpoint.
#[derive(Clone, Debug)]
pub(super) struct TokenEndpoint {
    http: Http,
    clock: Arc<dyn Clock>,
}

/// A token, and what another one can be had for.
pub(super) struct TokenGrant {
    pub(super) token: BearerToken,
    pub(super) refresh: Option<Secret>,
}

/// What an authority says when it refuses.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Refusal {
    pub(super) error: String,
    error_description: String,
    error_codes: Vec<i64>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    refresh_token: Option<String>,
    expires_in: u64,
}

impl TokenEndpoint {
    pub(super) fn new(http: Http, clock: Arc<dyn Clock>) -> Self {
        Self { http, clock }
    }

    /// Posts a form to `leaf` of a tenant's authority, once. An answer with any status is one.
    pub(super) async fn post(
        &self,
        authority: &str,
        leaf: &str,
        form: &[(&str, &str)],
        secrets: &[&Secret],
    ) -> Result<Answer> {
        let url = Url::parse(&format!("{authority}/oauth2/v2.0/{leaf}")).map_err(|_| {
            Error::new(ErrorKind::InvalidInput, GET_TOKEN).because("the authority is not a URL")
        })?;
        let mut request = Request::new(url, Method::Post);
        request.insert_header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.insert_header(ACCEPT, "application/json");
        request.set_body(Serializer::new(String::new()).extend_pairs(form).finish());
        self.http.send(request, GET_TOKEN, secrets).await
    }

    /// Posts a form that asks for a token, once.
    pub(super) async fn token(
        &self,
        authority: &str,
        form: &[(&str, &str)],
        secrets: &[&Secret],
    ) -> Result<TokenGrant> {
        let answer = self.post(authority, "token", form, secrets).await?;
        self.granted(&successful(answer, secrets)?)
    }

    pub(super) fn granted(&self, answer: &Answer) -> Result<TokenGrant> {
        let answer: TokenAnswer = read(answer)?;
        let expires_at = self.clock.now() + Duration::from_secs(answer.expires_in);
        Ok(TokenGrant {
            token: BearerToken::new(answer.access_token).with_expiry(expires_at),
            refresh: answer.refresh_token.map(Secret::from),
        })
    }
}

/// The authority of a tenant whose name may have come from anywhere.
pub(super) fn authority_of(login_endpoint: &str, tenant: Option<&str>) -> Result<String> {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '-');
    match tenant {
        Some(tenant) if tenant.is_empty() || !tenant.chars().all(is_plain) => {
            Err(Error::new(ErrorKind::InvalidInput, GET_TOKEN)
                .because("the tenant is not a tenant's id or domain"))
        }
        tenant => Ok(authority(login_endpoint, tenant)),
    }
}

/// The complaint of a parser may quote what it could not read, which may be a token, and is therefore dropped.
pub(super) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T> {
    serde_json::from_slice(&answer.body).map_err(|_| {
        Error::new(ErrorKind::Protocol, GET_TOKEN).because("the answer does not have the expected form")
    })
}

pub(super) fn successful(answer: Answer, secrets: &[&Secret]) -> Result<Answer> {
    match answer.status {
        200..=299 => Ok(answer),
        _ => Err(refused(&answer, secrets)),
    }
}

pub(super) fn refusal(answer: &Answer) -> Refusal {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// What an authority, or a service that is written like one, says about a refusal.
pub(super) fn said(answer: &Answer, secrets: &[&Secret]) -> String {
    let Refusal {
        error,
        error_description,
        ..
    } = refusal(answer);
    let said = if error_description.is_empty() {
        error
    } else {
        error_description
    };
    failure::shortened(&said, secrets)
}

/// The error that an answer other than success stands for.
pub(super) fn refused(answer: &Answer, secrets: &[&Secret]) -> Error {
    let error = failure::of_status(answer.status, Some(&answer.headers), GET_TOKEN);
    let refusal = refusal(answer);
    let Some(code) = refusal.error_codes.first().map(i64::to_string) else {
        return error.because(failure::shortened(&refusal.error, secrets));
    };
    let said = failure::shortened(&refusal.error_description, secrets);
    let reason = match failure::hint(&code) {
        Some(hint) => format!("{hint}; the authority said: {said}"),
        None => said,
    };
    error.because(reason).with_code(format!("AADSTS{code}"))
}
