//! Sign-in by a code that the user enters in a browser, on any machine.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use kusto_connection::Secret;
use kusto_ingest_core::{Clock, Error, ErrorKind, Result, Timestamp};
use serde::Deserialize;

use super::Provider;
use super::entra::{Entra, Granted, authority_of, read, refusal, refused, successful};
use crate::attempts::Attempts;
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
    entra: Entra,
    clock: Arc<dyn Clock>,
    attempts: Attempts,
    refresh: Mutex<Option<Secret>>,
}

impl DeviceCodeProvider {
    pub(super) fn new(tenant: Option<String>, prompt: Prompt, entra: Entra, clock: Arc<dyn Clock>) -> Self {
        Self {
            tenant,
            prompt,
            entra,
            attempts: Attempts::new(clock.clone()),
            clock,
            refresh: Mutex::default(),
        }
    }

    async fn ask_user(&self, request: &TokenRequest, authority: &str) -> Result<BearerToken> {
        let scope = format!("{} offline_access", request.scope);
        let form = [("client_id", request.client_app_id.as_str()), ("scope", &scope)];
        let answer = self
            .attempts
            .run(|| async { successful(self.entra.post(authority, "devicecode", &form, &[]).await?, &[]) })
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
        let form = [
            ("client_id", request.client_app_id.as_str()),
            ("grant_type", GRANT),
            ("device_code", &begun.device_code),
        ];
        let device_code = Secret::from(begun.device_code.as_str());
        self.poll(authority, &form, &device_code, (interval, expires_at))
            .await
    }

    /// Asks until the user has entered the code, or has refused, or has waited too long.
    async fn poll(
        &self,
        authority: &str,
        form: &[(&str, &str)],
        device_code: &Secret,
        (mut interval, expires_at): (Duration, Timestamp),
    ) -> Result<BearerToken> {
        while self.clock.now() < expires_at {
            self.clock.sleep(interval).await;
            let answer = match self.entra.post(authority, "token", form, &[device_code]).await {
                Ok(answer) => answer,
                // The user may be typing; a bad moment of the network is no reason to make them start over.
                Err(error) if !error.is_permanent() => continue,
                Err(error) => return Err(error),
            };
            match answer.status {
                200..=299 => return Ok(self.keep(self.entra.granted(&answer)?)),
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

    async fn refresh(&self, request: &TokenRequest, authority: &str, token: &Secret) -> Result<BearerToken> {
        let scope = format!("{} offline_access", request.scope);
        let form = [
            ("client_id", request.client_app_id.as_str()),
            ("grant_type", "refresh_token"),
            ("refresh_token", token.expose()),
            ("scope", &scope),
        ];
        let secrets = [token];
        let asking = self.attempts.run(|| self.entra.token(authority, &form, &secrets));
        asking.await.map(|granted| self.keep(granted))
    }

    fn keep(&self, granted: Granted) -> BearerToken {
        if granted.refresh.is_some() {
            *self.kept() = granted.refresh;
        }
        granted.token
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Option<Secret>> {
        self.refresh.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Provider for DeviceCodeProvider {
    async fn token(&self, request: TokenRequest) -> Result<BearerToken> {
        let authority = authority_of(&request.login_endpoint, self.tenant.as_deref())?;
        let kept = self.kept().clone();
        if let Some(token) = kept {
            match self.refresh(&request, &authority, &token).await {
                // The sign-in was withdrawn or is too old: ask the user again.
                Err(error) if error.is_permanent() => *self.kept() = None,
                other => return other,
            }
        }
        let asked = self.ask_user(&request, &authority).await;
        asked.map_err(|error| error.with("method", "device code").with("authority", &authority))
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
