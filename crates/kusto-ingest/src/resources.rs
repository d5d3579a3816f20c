//! What Kusto issues for ingestion, and how the storage accounts did lately.
//!
//! More is in the guide: `docs/guide/crates.md`.

#[doc(inline)]
pub use kusto_ingest_core::{Refresh, drive_refresh};
#[doc(inline)]
pub use kusto_ingest_message::IdentityToken;
#[doc(inline)]
pub use kusto_ingest_resources::{
    ConfigurationManager, FixedResources, IngestionResources, Outcome, ResourceManager, ResourceProvider,
};
