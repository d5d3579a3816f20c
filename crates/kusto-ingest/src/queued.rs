//! Queued ingestion: source, blob, message, queue.

#[doc(inline)]
pub use kusto_ingest_message::{DecodedMessage, IdentityToken, IngestionMessage};
#[doc(inline)]
pub use kusto_ingest_queued::QueuedIngestClient;
