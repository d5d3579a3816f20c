//! The one cache in front of every way to get a token.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use kusto_ingest_core::{Clock, Fetched, Result, Timestamp};

use crate::BearerToken;
use crate::keyed_cache::KeyedCache;

/// How long before its end a token is replaced, while the others go on with it.
const REFRESH_BEFORE: Duration = Duration::from_secs(10 * 60);

/// How long before its end everybody waits for the new one.
const EXPIRE_BEFORE: Duration = Duration::from_secs(2 * 60);

/// How often tokens can be forgotten: all of them are new after the first time.
const FORGET_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// What distinguishes the tokens of one sign-in: the scope and the place that issues them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) scope: String,
    pub(crate) login_endpoint: String,
}

/// The one cache in front of every way to get a token.
///
/// One request at a time for each key, for all who wait. A token is replaced ahead of its end, and serves on while
/// a refresh is slow or fails, for as long as it is valid.
pub(crate) struct TokenCache {
    clock: Arc<dyn Clock>,
    tokens: KeyedCache<Key, BearerToken>,
    forgotten: Mutex<Option<Duration>>,
}

impl TokenCache {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            tokens: KeyedCache::new(clock.clone()),
            clock,
            forgotten: Mutex::default(),
        }
    }

    /// A valid token: the one that is kept, or the one that `request` brings. One without an expiry serves who asked for it
    /// and nobody else: others ask for their own.
    pub(crate) async fn get(
        &self,
        key: &Key,
        request: impl Fn() -> BoxFuture<'static, Result<BearerToken>>,
    ) -> Result<BearerToken> {
        let cache = self.tokens.of(key);
        let is_own = Arc::new(AtomicBool::new(false));
        let fetch = || {
            let (request, clock, is_own) = (request(), Arc::clone(&self.clock), Arc::clone(&is_own));
            async move {
                // What is made and not driven is somebody else's to bring.
                is_own.store(true, Ordering::Relaxed);
                Ok(fetched(request.await?, clock.now()))
            }
            .boxed()
        };
        match cache.get(fetch).await {
            Ok(token) if token.expires_at().is_some() => Ok(token),
            Ok(token) => {
                cache.invalidate();
                match is_own.load(Ordering::Relaxed) {
                    true => Ok(token),
                    false => request().await,
                }
            }
            Err(error) => match cache.peek() {
                Some(token) if token.expires_at().is_some() && !token.has_expired(self.clock.now()) => {
                    Ok(token)
                }
                _ => Err(error),
            },
        }
    }

    /// Drops all tokens: a service has refused one. Within a minute of the last time it keeps them, since they are new
    /// then, and one revoked token is refused in many requests.
    pub(crate) fn invalidate(&self) {
        let now = self.clock.monotonic();
        let mut forgotten = self.forgotten.lock().unwrap_or_else(PoisonError::into_inner);
        if forgotten.is_some_and(|last| now.saturating_sub(last) < FORGET_AGAIN_AFTER) {
            return;
        }
        *forgotten = Some(now);
        self.tokens.clear();
    }
}

/// A token, and when to replace it. One that lives for minutes only would otherwise be due as soon as it is there.
fn fetched(token: BearerToken, now: Timestamp) -> Fetched<BearerToken> {
    let Some(end) = token.expires_at() else {
        return Fetched::new(token, Duration::ZERO);
    };
    let lifetime = end.since(now);
    let refresh_after = lifetime - REFRESH_BEFORE.min(lifetime / 4);
    let valid_until = end - EXPIRE_BEFORE.min(lifetime / 8);
    Fetched::new(token, refresh_after).with_valid_until(Some(valid_until))
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenCache")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_replaced_ahead_of_its_end_and_a_short_one_not_at_once() {
        let start = Timestamp::UNIX_EPOCH;
        let seconds = Duration::from_secs;
        for (lifetime, refresh_after, valid_for) in [
            (24 * 3_600, 24 * 3_600 - 600, 24 * 3_600 - 120),
            (3_600, 3_000, 3_480),
            (240, 180, 210),
            (0, 0, 0),
        ] {
            let token = BearerToken::new("t").with_expiry(start + seconds(lifetime));
            let fetched = fetched(token, start);
            assert_eq!(fetched.refresh_after, seconds(refresh_after), "{lifetime} s");
            assert_eq!(
                fetched.valid_until,
                Some(start + seconds(valid_for)),
                "{lifetime} s"
            );
        }
    }
}
