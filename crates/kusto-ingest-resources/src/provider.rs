//! The seam: who tells which resources to use.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use kusto_ingest_core::Result;
use kusto_ingest_message::IdentityToken;
use kusto_storage::ResourceUri;

use crate::IngestionResources;

/// How the use of a resource went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a resource works, fails, or does not let us in"
)]
pub enum Outcome {
    /// It did what was asked.
    Success,
    /// It failed or could not be reached.
    Failure,
    /// It refused its own signature, or is gone: what Kusto lent is not valid any more.
    Refused,
}

/// Tells which resources to use right now, and learns how they did.
///
/// # Contract
/// - [`resources`](Self::resources) gives them in the order in which to try them; each call may give another order.
/// - Values are served from memory while they are fresh; an implementation that asks the service does so once
///   for all who wait.
/// - Dropping a future leaves no refresh behind.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ResourceProvider: Debug + Send + Sync + 'static {
    /// The resources, best first.
    async fn resources(&self) -> Result<Arc<IngestionResources>>;

    /// The token that ingestion messages carry.
    async fn identity_token(&self) -> Result<IdentityToken>;

    /// Takes note of how the use of a resource went.
    fn report(&self, resource: &ResourceUri, outcome: Outcome);
}
