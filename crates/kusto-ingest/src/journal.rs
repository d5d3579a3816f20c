//! What became of each source of a long ingestion, on disk: stopped anywhere, it is resumed.
//!
//! ```no_run
//! # async fn run(kusto: kusto_ingest::Kusto, properties: kusto_ingest::IngestionProperties) -> kusto_ingest::Result<()> {
//! use std::sync::Arc;
//! use kusto_ingest::journal::{Journal, JournaledClient};
//! use kusto_ingest::{IngestClient, file};
//!
//! let journal = Journal::builder("backfill.journal").open(kusto.clock()).await?;
//! let queued = kusto.queued().with_send_observer(Arc::new(journal.clone()));
//! let client = JournaledClient::new(Arc::new(queued), journal.clone());
//! let source = file("weather.csv").await?.with_id(journal.source_id("weather.csv"));
//! let receipt = client.ingest_source(source.into(), &properties).await?;
//! journal.finish().await?;
//! # Ok(())
//! # }
//! ```
//!
//! More is in the guide: `docs/guide/backfills.md`.

#[doc(inline)]
pub use kusto_ingest_journal::{
    Conclusion, Journal, JournalBuilder, JournalEvent, JournalReader, JournalRecord, JournalScope,
    JournalSource, JournaledClient, Shard, SourceProgress,
};
