//! Where a cluster says how one signs in to it.

mod fixed;
mod metadata;
mod settings;

pub use fixed::FixedCloud;
pub use metadata::MetadataCloud;
pub use settings::CloudSettings;
pub(crate) use settings::authority;

use std::fmt::Debug;

use async_trait::async_trait;
use kusto_ingest_core::Result;
use url::Url;

/// Where a cluster says how one signs in to it.
///
/// # Contract
/// - It is asked about hosts that passed the static check of
///   [`TrustedEndpoints`](kusto_connection::TrustedEndpoints), and about no others: an implementation may connect.
/// - Its answer is checked before it is used: see [`KustoCredential`](crate::KustoCredential).
/// - It is asked before every token, so it caches its answers, and no failures.
/// - It retries by itself; callers do not.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CloudSource: Debug + Send + Sync + 'static {
    /// How one signs in to the cluster at `endpoint`. Its path does not matter.
    async fn settings(&self, endpoint: &Url) -> Result<CloudSettings>;
}
