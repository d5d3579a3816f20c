//! The identity tokens that this Kusto gives out: each is good for a while, and a new one comes before it is over.

use std::time::Duration;

use kusto_ingest_core::{Result, Timestamp};
use kusto_ingest_message::IdentityToken;
use uuid::Uuid;

/// The tokens that are good, the newest last.
pub(crate) struct IdentityTokens {
    given: Vec<Given>,
    lifetime: Duration,
}

struct Given {
    token: IdentityToken,
    at: Timestamp,
}

impl IdentityTokens {
    /// A first token. Each lasts so long, and is renewed when it has passed half of it.
    ///
    /// # Errors
    /// Never: such a token can be read.
    pub(crate) fn new(now: Timestamp, lifetime: Duration) -> Result<Self> {
        let mut tokens = Self {
            given: Vec::new(),
            lifetime,
        };
        tokens.give(now)?;
        Ok(tokens)
    }

    /// The token to be used from now on.
    pub(crate) fn current(&mut self, now: Timestamp) -> Result<IdentityToken> {
        match self.given.last() {
            Some(given) if !self.is_over_soon(now) => Ok(given.token.clone()),
            _ => self.give(now),
        }
    }

    /// Whether the next one that is asked for is a new one.
    pub(crate) fn is_over_soon(&self, now: Timestamp) -> bool {
        let newest = self.given.last();
        newest.is_none_or(|given| given.at + self.lifetime / 2 <= now)
    }

    /// Whether a token was given out and is not over.
    pub(crate) fn is_good(&self, token: &IdentityToken, now: Timestamp) -> bool {
        let mut given = self.given.iter();
        given.any(|given| given.token == *token && now < given.at + self.lifetime)
    }

    /// The tokens that are good, and since when.
    pub(crate) fn saved(&self) -> Vec<(String, Timestamp)> {
        let given = self.given.iter();
        given
            .map(|given| (given.token.expose().to_owned(), given.at))
            .collect()
    }

    /// Has these tokens be good, in the place of others.
    ///
    /// # Errors
    /// [`InvalidInput`](kusto_ingest_core::ErrorKind::InvalidInput) for what is no token.
    pub(crate) fn restore(&mut self, saved: Vec<(String, Timestamp)>) -> Result<()> {
        let given = saved.into_iter().map(|(token, at)| {
            let token = IdentityToken::parse(token)?;
            Ok(Given { token, at })
        });
        self.given = given.collect::<Result<_>>()?;
        Ok(())
    }

    fn give(&mut self, now: Timestamp) -> Result<IdentityToken> {
        let token = IdentityToken::parse(format!("fake-{}==", Uuid::new_v4().simple()))?;
        self.given.retain(|given| now < given.at + self.lifetime);
        self.given.push(Given {
            token: token.clone(),
            at: now,
        });
        Ok(token)
    }
}
