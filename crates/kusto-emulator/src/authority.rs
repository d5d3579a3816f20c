//! An authority of the emulator's own: it gives tokens to whoever names a client and a secret, and knows them again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kusto_ingest_core::{Clock, Error, ErrorKind, Result, Timestamp};
use uuid::Uuid;

use crate::EmulatorClock;
use crate::request_head::RequestHead;

/// How long a token is good.
pub(crate) const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// How many tokens are known at a time: more make the oldest ones bad.
const MOST: usize = 10_000;

/// Where in Entra ID an authority tells what it offers, below a tenant.
const OFFERS: &str = ".well-known/openid-configuration";

/// The path by which clients ask whether an authority is one.
const DISCOVERY: &str = "common/discovery/instance";

/// The tokens of an emulator.
pub(crate) struct Authority {
    clock: EmulatorClock,
    /// Until when each is good. There is no `Debug`: they are secrets.
    tokens: Mutex<BTreeMap<String, Timestamp>>,
}

/// What an authority is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AuthorityRequest {
    /// What it offers, below this path: `tenant/v2.0` or `adfs`.
    Offers(String),
    /// Whether it is one.
    Discovery,
    /// A token.
    Token,
}

impl AuthorityRequest {
    /// What a request asks an authority, if it does.
    pub(crate) fn of(asked: &RequestHead) -> Option<Self> {
        let path = asked.path.trim_start_matches('/');
        let below = |path: &str, most: usize| {
            let mut parts = path.split('/');
            parts.all(|part| !part.is_empty()) && path.split('/').count() <= most
        };
        match asked.method.as_str() {
            "GET" if path == DISCOVERY => Some(Self::Discovery),
            "GET" => {
                let tenant = path.strip_suffix(OFFERS)?.strip_suffix('/')?;
                below(tenant, 2).then(|| Self::Offers(tenant.to_owned()))
            }
            "POST" => {
                let tenant = path.strip_suffix("/oauth2/v2.0/token");
                let tenant = tenant.or_else(|| path.strip_suffix("/oauth2/token"))?;
                below(tenant, 1).then_some(Self::Token)
            }
            _ => None,
        }
    }
}

impl Authority {
    pub(crate) fn new(clock: EmulatorClock) -> Self {
        Self {
            clock,
            tokens: Mutex::default(),
        }
    }

    /// A new token.
    pub(crate) fn give(&self) -> String {
        let token = format!("emulator-{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let now = self.clock.now();
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, end| *end > now);
        if tokens.len() >= MOST {
            let oldest = tokens.iter().min_by_key(|(_, end)| **end);
            if let Some(oldest) = oldest.map(|(token, _)| token.clone()) {
                tokens.remove(&oldest);
            }
        }
        tokens.insert(token.clone(), now + LIFETIME);
        token
    }

    /// Checks that a request carries a token that was given and is not over.
    ///
    /// # Errors
    /// [`Unauthenticated`](ErrorKind::Unauthenticated), with the status 401.
    pub(crate) fn check(&self, asked: &RequestHead) -> Result<()> {
        let refuse = |why: &'static str| {
            let error = Error::new(ErrorKind::Unauthenticated, "answer the request").because(why);
            Err(error.with_code("Unauthorized").with_http_status(401))
        };
        let Some(header) = asked.header("authorization") else {
            return refuse(
                "the request has no token: sign in at the authority that /v1/rest/auth/metadata names",
            );
        };
        let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            return refuse("the request has no bearer token");
        }
        let now = self.clock.now();
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        match tokens.get(token.trim()) {
            Some(end) if *end > now => Ok(()),
            Some(_) => refuse("the token is over"),
            None => refuse("the token is none that this emulator gave: those of an emulator end with it"),
        }
    }
}
