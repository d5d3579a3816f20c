//! Queued ingestion: source, blob, and a message on a queue or a request over REST.
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

mod client;

pub use client::QueuedClient;
#[doc(inline)]
pub use kusto_ingest_message::{DecodedMessage, IdentityToken, IngestionMessage};
#[doc(inline)]
pub use kusto_ingest_queued::QueuedIngestClient;
#[doc(inline)]
pub use kusto_ingest_rest::{NegotiatedIngestClient, Protocol, RestIngestClient};
