//! The one cache in front of every way to get a token.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use kusto_ingest_core::{Clock, Result, Timestamp};

use crate::BearerToken;
use crate::single_flight::Flights;

/// How long before its end a token is replaced by whoever comes along, while the others go on with it.
const SOFT: Duration = Duration::from_secs(10 * 60);

/// How long before its end everybody waits for the new one.
const HARD: Duration = Duration::from_secs(2 * 60);

/// How long after a refresh no other is tried while the token is valid, be it that the refresh failed, or that it
/// brought the same token again.
const PAUSE: Duration = Duration::from_secs(30);

/// What distinguishes the tokens of one sign-in: the scope and the place that issues them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) scope: String,
    pub(crate) login_endpoint: String,
}

/// The one cache in front of every way to get a token.
///
/// One request at a time for each key, for all who wait. A token is replaced ahead of its end, and serves on while
/// a refresh fails, for as long as it is valid.
pub(crate) struct TokenCache(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    kept: Mutex<HashMap<Key, Kept>>,
    flights: Flights<Key, BearerToken>,
}

#[derive(Clone)]
struct Kept {
    token: BearerToken,
    expires_at: Timestamp,
    refresh_at: Timestamp,
    urgent_at: Timestamp,
}

/// What to do about a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It is good.
    Serve,
    /// Replace it, unless somebody does already.
    Refresh,
    /// Wait for a new one; the old one is the second best.
    Urgent,
    /// Wait for a new one.
    Fetch,
}

impl TokenCache {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            clock,
            kept: Mutex::default(),
            flights: Flights::new(),
        }))
    }

    /// A valid token: the one that is kept, or the one that `request` brings.
    pub(crate) async fn get(
        &self,
        key: &Key,
        request: impl FnOnce() -> BoxFuture<'static, Result<BearerToken>>,
    ) -> Result<BearerToken> {
        let kept = self.0.kept().get(key).cloned();
        let old = match (step(kept.as_ref(), self.0.clock.now()), kept) {
            (Step::Serve, Some(kept)) => return Ok(kept.token),
            (Step::Refresh, Some(kept)) if self.0.flights.is_under_way(key) => return Ok(kept.token),
            (Step::Fetch, _) => None,
            (_, kept) => kept,
        };
        let flight = self.0.flights.join(key, || {
            let (inner, key, request) = (Arc::clone(&self.0), key.clone(), request());
            async move { inner.fetch(key, request).await }.boxed()
        });
        match (flight.await, old) {
            (Ok(token), _) => Ok(token),
            // It may have ended while the refresh was tried.
            (Err(error), Some(old)) if self.0.clock.now() < old.expires_at => {
                tracing::warn!(error = %error.chain(), "a new token could not be had; the old one serves on");
                Ok(old.token)
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Keeps nothing any longer: a service has refused the token.
    pub(crate) fn forget(&self) {
        self.0.kept().clear();
    }
}

impl Inner {
    async fn fetch(&self, key: Key, request: BoxFuture<'static, Result<BearerToken>>) -> Result<BearerToken> {
        // A flight may have landed between the look into the memory and the start of this one.
        let kept = self.kept().get(&key).cloned();
        if let (Step::Serve, Some(kept)) = (step(kept.as_ref(), self.clock.now()), kept) {
            return Ok(kept.token);
        }
        let brought = request.await;
        let now = self.clock.now();
        let mut all = self.kept();
        match &brought {
            Ok(token) => match token.expires_at() {
                Some(expires_at) => {
                    all.insert(key, Kept::new(token.clone(), expires_at, now));
                }
                None => {
                    all.remove(&key);
                }
            },
            Err(_) => {
                if let Some(kept) = all.get_mut(&key) {
                    kept.refresh_at = now + PAUSE;
                    kept.urgent_at = kept.urgent_at.max(kept.refresh_at);
                }
            }
        }
        brought
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Key, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn new(token: BearerToken, expires_at: Timestamp, now: Timestamp) -> Self {
        // A token that lives for minutes only would otherwise be due as soon as it is there.
        let lifetime = expires_at.since(now);
        let refresh_at = (expires_at - SOFT.min(lifetime / 4)).max(now + PAUSE);
        let urgent_at = (expires_at - HARD.min(lifetime / 8)).max(now + PAUSE);
        Self {
            token,
            expires_at,
            refresh_at,
            urgent_at,
        }
    }
}

fn step(kept: Option<&Kept>, now: Timestamp) -> Step {
    match kept {
        Some(kept) if now >= kept.expires_at => Step::Fetch,
        Some(kept) if now >= kept.urgent_at => Step::Urgent,
        Some(kept) if now >= kept.refresh_at => Step::Refresh,
        Some(_) => Step::Serve,
        None => Step::Fetch,
    }
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
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        let hour = Kept::new(BearerToken::new("t"), start + minutes(60), start);
        let short = Kept::new(BearerToken::new("t"), start + minutes(4), start);
        for (kept, after, expect) in [
            (&hour, 0, Step::Serve),
            (&hour, 49, Step::Serve),
            (&hour, 50, Step::Refresh),
            (&hour, 58, Step::Urgent),
            (&hour, 60, Step::Fetch),
            (&short, 0, Step::Serve),
            (&short, 2, Step::Serve),
            (&short, 3, Step::Refresh),
            (&short, 4, Step::Fetch),
        ] {
            assert_eq!(
                step(Some(kept), start + minutes(after)),
                expect,
                "{after} minutes"
            );
        }
        assert_eq!(step(None, start), Step::Fetch);
    }
}
