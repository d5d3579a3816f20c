//! Sign-in by a code that the user enters in a browser, on any machine.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use kusto_connection::Secret;
use kusto_ingest_core::{Clock, Deadline, Error, ErrorKind, Result, Timestamp, within};
use serde::Deserialize;

use super::entra::{TokenEndpoint, TokenGrant, authority_of, read, refusal, refused, successful};
use super::{GET_TOKEN, Provider, ProviderContext};
use crate::attempts::Attempts;
use crate::{BearerToken, TokenRequest};

const SIGN_IN: &str = "sign in with a device code";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// How much longer to wait between two questions each time the authority asks to slow down.
const SLOWER: Duration = Duration::from_secs(5);

/// How long to wait between two questions where the authority does not say, and at least.
const INTERVAL: Duration = Duration::from_secs(5);
const LEAST_INTERVAL: Duration = Duration::from_secs(1);

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
    entra: TokenEndpoint,
    clock: Arc<dyn Clock>,
    attempts: Attempts,
    attempt_limit: Duration,
    refresh: Mutex<Option<Secret>>,
    /// The code that was shown, and is neither entered nor over: who waited for it may have been dropped.
    shown: Mutex<Option<ShownCode>>,
}

/// A code that the user was shown.
#[derive(Clone)]
struct ShownCode {
    authority: String,
    scope: String,
    client_id: String,
    device_code: Secret,
    interval: Duration,
    ends: Deadline,
}

impl DeviceCodeProvider {
    pub(super) fn new(tenant: Option<String>, prompt: Prompt, context: &ProviderContext) -> Self {
        Self {
            tenant,
            prompt,
            entra: context.entra(),
            attempts: context.attempts(),
            attempt_limit: context.limits.attempt,
            clock: context.clock.clone(),
            refresh: Mutex::default(),
            shown: Mutex::default(),
        }
    }

    async fn ask_user(&self, request: &TokenRequest, authority: &str) -> Result<BearerToken> {
        let shown = match self.still_shown(request, authority) {
            Some(shown) => shown,
            None => self.show(request, authority).await?,
        };
        let entered = self.poll(&shown).await;
        if entered.as_ref().err().is_none_or(Error::is_permanent) {
            *locked(&self.shown) = None;
        }
        entered
    }

    /// The code that the user sees already, where it is for the same.
    fn still_shown(&self, request: &TokenRequest, authority: &str) -> Option<ShownCode> {
        locked(&self.shown)
            .clone()
            .filter(|shown| shown.authority == authority && shown.scope == request.scope)
            .filter(|shown| !shown.ends.remaining(&*self.clock).is_zero())
    }

    async fn show(&self, request: &TokenRequest, authority: &str) -> Result<ShownCode> {
        let scope = format!("{} offline_access", request.scope);
        let form = [("client_id", request.client_app_id.as_str()), ("scope", &scope)];
        let ask = || async { successful(self.entra.post(authority, "devicecode", &form, &[]).await?, &[]) };
        let answer = self.attempts.run(GET_TOKEN, ask).await?;
        let begun: DeviceAuthorization = read(&answer)?;
        let valid_for = Duration::from_secs(begun.expires_in);
        let shown = ShownCode {
            authority: authority.to_owned(),
            scope: request.scope.clone(),
            client_id: request.client_app_id.clone(),
            device_code: Secret::from(begun.device_code),
            interval: begun
                .interval
                .map_or(INTERVAL, Duration::from_secs)
                .max(LEAST_INTERVAL),
            ends: Deadline::after(&*self.clock, valid_for),
        };
        *locked(&self.shown) = Some(shown.clone());
        (self.prompt)(&DeviceCodePrompt {
            message: begun.message,
            user_code: begun.user_code,
            verification_uri: begun.verification_uri,
            expires_at: self.clock.now() + valid_for,
        });
        Ok(shown)
    }

    /// Asks until the user has entered the code, or has refused, or has waited too long.
    async fn poll(&self, shown: &ShownCode) -> Result<BearerToken> {
        let clock = &*self.clock;
        let form = [
            ("client_id", shown.client_id.as_str()),
            ("grant_type", GRANT),
            ("device_code", shown.device_code.expose()),
        ];
        let secrets = [&shown.device_code];
        let mut interval = shown.interval;
        loop {
            let left = shown.ends.remaining(clock);
            if left.is_zero() {
                return Err(expired());
            }
            clock.sleep(interval.min(left)).await;
            let ask = self.entra.post(&shown.authority, "token", &form, &secrets);
            let answer = match within(clock, self.attempt_limit, GET_TOKEN, ask).await {
                Ok(answer) => answer,
                // The user may be typing; a bad moment of the network is no reason to make them start over.
                Err(error) if !error.is_permanent() => continue,
                Err(error) => return Err(error),
            };
            match answer.status {
                200..=299 => return Ok(self.keep(self.entra.granted(&answer)?)),
                429 => {
                    interval = interval.saturating_add(SLOWER);
                    continue;
                }
                408 | 500..=599 => continue,
                _ => {}
            }
            match refusal(&answer).error.as_str() {
                "authorization_pending" => {}
                "slow_down" => interval = interval.saturating_add(SLOWER),
                "authorization_declined" | "access_denied" => {
                    return Err(Error::new(ErrorKind::Unauthenticated, SIGN_IN)
                        .because("the user declined")
                        .with_code("authorization_declined"));
                }
                "expired_token" | "bad_verification_code" => return Err(expired()),
                _ => return Err(refused(&answer, &secrets)),
            }
        }
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
        let asking = self
            .attempts
            .run(GET_TOKEN, || self.entra.token(authority, &form, &secrets));
        asking.await.map(|granted| self.keep(granted))
    }

    fn keep(&self, granted: TokenGrant) -> BearerToken {
        if granted.refresh.is_some() {
            *locked(&self.refresh) = granted.refresh;
        }
        granted.token
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn expired() -> Error {
    Error::new(ErrorKind::Unauthenticated, SIGN_IN)
        .because("the code was not entered before it expired")
        .with_code("expired_token")
}

#[async_trait]
impl Provider for DeviceCodeProvider {
    async fn token(&self, request: TokenRequest) -> Result<BearerToken> {
        let authority = authority_of(&request.login_endpoint, self.tenant.as_deref())?;
        let kept = locked(&self.refresh).clone();
        if let Some(token) = kept {
            match self.refresh(&request, &authority, &token).await {
                // The sign-in was withdrawn or is too old: ask the user again.
                Err(error) if error.is_permanent() => *locked(&self.refresh) = None,
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
struct DeviceAuthorization {
    device_code: String,
    user_code: String,
    verification_uri: String,
    #[serde(default)]
    message: String,
    expires_in: u64,
    interval: Option<u64>,
}
