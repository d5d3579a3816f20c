//! Queued ingestion: source, blob, message, queue.
//!
//! ```no_run
//! # async fn run(kusto: kusto_ingest::Kusto, properties: kusto_ingest::IngestionProperties) -> kusto_ingest::Result<()> {
//! use kusto_ingest::IngestClientExt;
//!
//! let receipt = kusto.queued().ingest_file("weather.csv", &properties).await?;
//! # Ok(())
//! # }
//! ```
//!
//! More is in the guide: `docs/guide/ways-in.md#queued`.

#[doc(inline)]
pub use kusto_ingest_message::{DecodedMessage, IdentityToken, IngestionMessage};
#[doc(inline)]
pub use kusto_ingest_queued::QueuedIngestClient;
