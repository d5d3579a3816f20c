//! Service-to-service sign-in beside the caller's own, as Fabric's private links want it.

use std::fmt::{self, Debug};

use async_trait::async_trait;
use kusto_ingest_core::Result;

use crate::header::{self, Header};

/// Gives what a service shows beside the token of whoever it acts for: on streaming and on the REST routes of queued
/// ingestion. Storage is never shown it.
///
/// # Contract
/// - It is asked for every request, and keeps what it gives itself.
/// - Neither part appears in errors or logs.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait S2sProvider: Debug + Send + Sync + 'static {
    /// What to show now.
    async fn access(&self) -> Result<S2sAccess>;
}

/// What a service shows beside the token of whoever it acts for. Both parts are secret; `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct S2sAccess {
    actor: String,
    context: String,
}

impl S2sAccess {
    /// The token of the acting service, with its scheme such as `Bearer`, and the context of the access, which Fabric
    /// hands out.
    #[must_use]
    pub fn new(scheme: &str, token: &str, context: impl Into<String>) -> Self {
        Self {
            actor: format!("{scheme} {token}"),
            context: context.into(),
        }
    }

    /// It as headers of a request, secrets included.
    #[must_use]
    pub fn expose(&self) -> [Header; 2] {
        [
            (header::S2S_ACTOR, self.actor.clone().into()),
            (header::S2S_CONTEXT, self.context.clone().into()),
        ]
    }
}

impl Debug for S2sAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("S2sAccess")
    }
}
