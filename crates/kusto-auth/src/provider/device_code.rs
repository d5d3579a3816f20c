//! Sign-in by a code that the user enters in a browser, on any machine.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::headers::{ACCEPT, CONTENT_TYPE};
use azure_core::http::{Method, Request};
use kusto_connection::Secret;
use kusto_ingest_core::{Clock, Error, ErrorKind, Result, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;
use url::form_urlencoded::Serializer;

use super::Provider;
use crate::attempts::Attempts;
use crate::cloud::authority;
use crate::failure;
use crate::http::{Answer, Http};
use crate::{BearerToken, TokenRequest};

const SIGN_IN: &str = "sign in with a device code";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// How much longer to wait between two questions each time the authority asks to slow down.
const SLOWER: Duration = Duration::from_secs(5);

/// How long to wait between two questions where the authority does not say.
const INTERVAL: Duration = Duration::from_secs(5);

/// What to show to the user who is to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceCodePrompt {
    /// What to do, in words of the authority.
    pub message: String,
    /// The code to enter.
    pub user_code: String,
    /// Where to enter it.
    pub verification_uri: String,
    /// Until when.
    pub expires_at: Timestamp,
}

pub(crate) type Prompt = Arc<dyn Fn(&DeviceCodePrompt) + Send + Sync>;

/// Sign-in by a code, with the application that the cluster names. The user is asked again only when the refresh
/// token that the first sign-in brought is refused.
pub(crate) struct DeviceCodeProvider {
    tenant: Option<String>,
    prompt: Prompt,
    http: Http,
    clock: Arc<dyn Clock>,
    attempts: Attempts,
    refresh: Mutex<Option<Secret>>,
}

impl DeviceCodeProvider {
    pub(crate) fn new(tenant: Option<String>, prompt: Prompt, http: Http, clock: Arc<dyn Clock>) -> Self {
        Self {
            tenant,
            prompt,
            http,
            attempts: Attempts::new(clock.clone()),
            clock,
            refresh: Mutex::default(),
        }
    }

    async fn ask_user(&self, request: &TokenRequest) -> Result<BearerToken> {
        let scope = format!("{} offline_access", request.scope);
        let form = [("client_id", request.client_app_id.as_str()), ("scope", &scope)];
        let answer = self
            .attempts
            .run(|| async { successful(self.post(request, "devicecode", &form, &[]).await?, &[]) })
            .await?;
        let begun: Begun = read(&answer)?;
        let expires_at = self.clock.now() + Duration::from_secs(begun.expires_in);
        (self.prompt)(&DeviceCodePrompt {
            message: begun.message,
            user_code: begun.user_code,
            verification_uri: begun.verification_uri,
            expires_at,
        });
        let interval = begun.interval.map_or(INTERVAL, Duration::from_secs);
        self.poll(request, &begun.device_code.into(), interval, expires_at)
            .await
    }

    /// Asks until the user has entered the code, or has refused, or has waited too long.
    async fn poll(
        &self,
        request: &TokenRequest,
        device_code: &Secret,
        mut interval: Duration,
        expires_at: Timestamp,
    ) -> Result<BearerToken> {
        let form = [
            ("client_id", request.client_app_id.as_str()),
            ("grant_type", GRANT),
            ("device_code", device_code.expose()),
        ];
        while self.clock.now() < expires_at {
            self.clock.sleep(interval).await;
            let answer = match self.post(request, "token", &form, &[device_code]).await {
                Ok(answer) => answer,
                // The user may be typing; a bad moment of the network is no reason to make them start over.
                Err(error) if !error.is_permanent() => continue,
                Err(error) => return Err(error),
            };
            match answer.status {
                200..=299 => return self.keep(&answer),
                429 => {
                    interval += SLOWER;
                    continue;
                }
                408 | 500..=599 => continue,
                _ => {}
            }
            match refusal(&answer).error.as_str() {
                "authorization_pending" => {}
                "slow_down" => interval += SLOWER,
                "authorization_declined" | "access_denied" => {
                    return Err(Error::new(ErrorKind::Unauthenticated, SIGN_IN)
                        .because("the user declined")
                        .with_code("authorization_declined"));
                }
                "expired_token" | "bad_verification_code" => break,
                _ => return Err(refused(&answer, &[device_code])),
            }
        }
        Err(Error::new(ErrorKind::Unauthenticated, SIGN_IN)
            .because("the code was not entered before it expired")
            .with_code("expired_token"))
    }

    async fn refresh(&self, request: &TokenRequest, token: &Secret) -> Result<BearerToken> {
        let scope = format!("{} offline_access", request.scope);
        let form = [
            ("client_id", request.client_app_id.as_str()),
            ("grant_type", "refresh_token"),
            ("refresh_token", token.expose()),
            ("scope", &scope),
        ];
        let answer = self
            .attempts
            .run(|| async { successful(self.post(request, "token", &form, &[token]).await?, &[token]) })
            .await?;
        self.keep(&answer)
    }

    fn keep(&self, answer: &Answer) -> Result<BearerToken> {
        let signed_in: SignedIn = read(answer)?;
        if let Some(refresh) = signed_in.refresh_token {
            *self.kept() = Some(refresh.into());
        }
        let expires_at = self.clock.now() + Duration::from_secs(signed_in.expires_in);
        Ok(BearerToken::new(signed_in.access_token).with_expiry(expires_at))
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Option<Secret>> {
        self.refresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn post(
        &self,
        request: &TokenRequest,
        leaf: &str,
        form: &[(&str, &str)],
        secrets: &[&Secret],
    ) -> Result<Answer> {
        let authority = authority(&request.login_endpoint, self.tenant.as_deref());
        let url = Url::parse(&format!("{authority}/oauth2/v2.0/{leaf}")).map_err(|_| {
            Error::new(ErrorKind::InvalidInput, SIGN_IN).because("the authority is not a URL")
        })?;
        let mut http_request = Request::new(url, Method::Post);
        http_request.insert_header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        http_request.insert_header(ACCEPT, "application/json");
        http_request.set_body(Serializer::new(String::new()).extend_pairs(form).finish());
        let answer = self.http.send(http_request, SIGN_IN, secrets).await;
        answer.map_err(|error| error.with("authority", &authority))
    }
}

#[async_trait]
impl Provider for DeviceCodeProvider {
    async fn token(&self, request: TokenRequest) -> Result<BearerToken> {
        let kept = self.kept().clone();
        if let Some(token) = kept {
            match self.refresh(&request, &token).await {
                // The sign-in was withdrawn or is too old: ask the user again.
                Err(error) if error.is_permanent() => *self.kept() = None,
                other => return other,
            }
        }
        self.ask_user(&request).await
    }
}

impl fmt::Debug for DeviceCodeProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCodeProvider")
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Begun {
    device_code: String,
    user_code: String,
    verification_uri: String,
    #[serde(default)]
    message: String,
    expires_in: u64,
    interval: Option<u64>,
}

#[derive(Deserialize)]
struct SignedIn {
    access_token: String,
    refresh_token: Option<String>,
    expires_in: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Refusal {
    error: String,
    error_description: String,
    error_codes: Vec<i64>,
}

/// The complaint of a parser may quote what it could not read, which may be a token, and is therefore dropped.
fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T> {
    serde_json::from_slice(&answer.body).map_err(|_| {
        Error::new(ErrorKind::Protocol, SIGN_IN).because("the answer is not what such an answer looks like")
    })
}

fn successful(answer: Answer, secrets: &[&Secret]) -> Result<Answer> {
    match answer.status {
        200..=299 => Ok(answer),
        _ => Err(refused(&answer, secrets)),
    }
}

fn refusal(answer: &Answer) -> Refusal {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

fn refused(answer: &Answer, secrets: &[&Secret]) -> Error {
    let error = failure::of_status(answer.status, Some(&answer.headers), SIGN_IN);
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
