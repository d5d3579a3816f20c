//! The seam: which resources to use.

use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kusto_ingest_core::{Refresh, Result};
use kusto_ingest_message::IdentityToken;
use kusto_storage::ResourceUri;

use crate::IngestionResources;

/// The outcome of the use of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a resource works, fails, is busy, or does not let us in"
)]
pub enum Outcome {
    /// It did what was asked.
    Success,
    /// It failed or could not be reached.
    Failure,
    /// It asked for a pause of this length.
    Throttled(Duration),
    /// It refused its own SAS, or is gone: what Kusto issued is not valid any more.
    Refused,
}

/// How it went, in words.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.pad("success"),
            Self::Failure => f.pad("failure"),
            Self::Throttled(pause) => write!(f, "throttled for {pause:?}"),
            Self::Refused => f.pad("refused"),
        }
    }
}

/// Gives the resources to use right now, and is told how their use went.
///
/// # Contract
/// - [`resources`](Self::resources) gives them in the order in which to try them; each call may give another order.
/// - Values are served from memory while they are fresh; an implementation that asks the service does so once
///   for all who wait.
/// - Nobody waits for a refresh while older resources are valid: a client drives [`refresh`](Self::refresh) during its
///   work.
/// - Dropping a future leaves no refresh behind.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ResourceProvider: Debug + Send + Sync + 'static {
    /// The resources, best first.
    async fn resources(&self) -> Result<Arc<IngestionResources>>;

    /// The resources that are in memory, in no order, without a refresh. `None` from an implementation that cannot
    /// tell.
    fn peek(&self) -> Option<Arc<IngestionResources>> {
        None
    }

    /// The token that ingestion messages carry.
    async fn identity_token(&self) -> Result<IdentityToken>;

    /// The refresh that is due or under way, for [`drive_refresh`](kusto_ingest_core::drive_refresh) while the resources
    /// are used. Often there is none.
    fn refresh(&self) -> Refresh {
        Refresh::none()
    }

    /// The resources, fetched anew because one of them was refused: once for all who ask, and once a minute at most. An
    /// implementation that cannot do that gives those that it has.
    async fn renew(&self) -> Result<Arc<IngestionResources>> {
        self.resources().await
    }

    /// Takes note of how the use of a resource went.
    fn report(&self, resource: &ResourceUri, outcome: Outcome);
}
