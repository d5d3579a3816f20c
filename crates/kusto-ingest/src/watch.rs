//! A folder whose files are ingested as they come.
//!
//! ```no_run
//! # async fn run(kusto: kusto_ingest::Kusto) -> kusto_ingest::Result<()> {
//! use std::sync::Arc;
//! use kusto_ingest::IngestionProperties;
//! use kusto_ingest::journal::{Journal, JournaledClient};
//! use kusto_ingest::watch::{OnDone, WatchOptions, WatchTarget, WatchTargets, Watcher};
//!
//! let journal = Journal::builder("/var/lib/ingest/journal").open(kusto.clock()).await?;
//! let queued = kusto.queued().with_send_observer(Arc::new(journal.clone()));
//! let client = Arc::new(JournaledClient::new(Arc::new(queued), journal.clone()));
//! let target = WatchTarget::new("*.csv", IngestionProperties::into_table("Samples", "Weather")?)?;
//! let options = WatchOptions::new("/data/failed").with_on_done(OnDone::Delete);
//! let targets = WatchTargets::from_iter([target]);
//! let watcher = Watcher::new("/data/in", targets, client, journal, kusto.clock(), options);
//! let until = std::future::pending(); // such as a signal
//! watcher.run(until, Box::pin(futures::stream::pending())).await
//! # }
//! ```
//!
//! More is in the guide: `docs/guide/watching.md`.

#[cfg(feature = "notify")]
#[doc(inline)]
pub use kusto_ingest_watch::system_hints;
#[doc(inline)]
pub use kusto_ingest_watch::{
    Hint, OnDone, WatchEvent, WatchMetrics, WatchOptions, WatchTarget, WatchTargets, Watcher, is_reason,
};
