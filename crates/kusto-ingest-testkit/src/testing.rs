//! Every client over a Kusto in memory, each in one line.
//!
//! ```
//! use futures::executor::block_on;
//! use kusto_ingest_core::{IngestClient, IngestClientExt, IngestionProperties, LocalSource};
//! use kusto_ingest_testkit::testing;
//!
//! # fn main() -> kusto_ingest_core::Result<()> {
//! let fake = testing::kusto("Samples", ".create table Weather (at:datetime, wind:real)")?;
//! let properties = IngestionProperties::into_table("Samples", "Weather")?;
//! let source = LocalSource::from_bytes("2012-01-01,4.7\n").with_name("weather.csv");
//!
//! // Whatever of yours takes an `IngestClient` takes this.
//! block_on(testing::queued(&fake).ingest(source, &properties))?;
//!
//! fake.drain();
//! assert_eq!(fake.rows(&properties.database, &properties.table).len(), 1);
//! # Ok(())
//! # }
//! ```

use std::sync::Arc;

use futures::executor::block_on;
use kusto_endpoint::{ManagementEndpoint as _, RequestProperties};
use kusto_fake::{FakeKusto, ResourceIssuer};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::{DatabaseName, ManualClock, Result, Timestamp};
use kusto_ingest_direct::DirectIngestClient;
use kusto_ingest_managed::ManagedStreamingIngestClient;
use kusto_ingest_queued::QueuedIngestClient;
use kusto_ingest_resources::{ConfigurationManager, ResourceManager};
use kusto_ingest_rest::RestIngestClient;
use kusto_ingest_status::{StatusTracker, TableStatusTracker};
use kusto_ingest_streaming::StreamingIngestClient;
use kusto_ingest_upload::{ContainerUploader, Uploader};

/// A Kusto in memory with one database, after one command in it: one that creates a table, say. Its time is that of a
/// clock of its own, which a wait moves on.
///
/// # Errors
/// [`InvalidInput`](kusto_ingest_core::ErrorKind::InvalidInput) when the name is none; what the command is refused with.
pub fn kusto(database: &str, command: &str) -> Result<FakeKusto> {
    let database = DatabaseName::parse(database)?;
    let fake = FakeKusto::new(
        Arc::new(ManualClock::advancing(Timestamp::UNIX_EPOCH)),
        ResourceIssuer::hosts(),
    )?;
    fake.create_database(&database);
    block_on(fake.execute(&database, command, &RequestProperties::new()))?;
    Ok(fake)
}

/// Queued ingestion into it, with a status table. Messages wait until [`drain`](FakeKusto::drain), or until a status is
/// read.
#[must_use]
pub fn queued(fake: &FakeKusto) -> QueuedIngestClient {
    let storage = Arc::new(fake.storage().clone());
    QueuedIngestClient::new(resources(fake), uploader(fake), storage, fake.clock()).with_status(status(fake))
}

/// Queued ingestion over REST into it. What is queued waits until [`drain`](FakeKusto::drain).
#[must_use]
pub fn rest(fake: &FakeKusto) -> RestIngestClient {
    let endpoint = Arc::new(fake.clone());
    let configuration = ConfigurationManager::new(endpoint.clone(), fake.clock()).with_plain_http();
    let storage = Arc::new(fake.storage().clone());
    let issued = Arc::new(configuration.clone());
    let uploader = ContainerUploader::new(issued, storage, compressor(), fake.clock());
    RestIngestClient::new(endpoint, configuration, Arc::new(uploader), fake.clock())
}

/// Streaming ingestion into it.
#[must_use]
pub fn streaming(fake: &FakeKusto) -> StreamingIngestClient {
    StreamingIngestClient::new(Arc::new(fake.clone()), compressor(), fake.clock())
}

/// Managed streaming into it: streaming first, and its queues where streaming will not do.
#[must_use]
pub fn managed(fake: &FakeKusto) -> ManagedStreamingIngestClient {
    let (first, second) = (Arc::new(streaming(fake)), Arc::new(queued(fake)));
    ManagedStreamingIngestClient::new(first, second, compressor(), fake.clock())
}

/// Direct ingestion into it, by its own commands.
#[must_use]
pub fn direct(fake: &FakeKusto) -> DirectIngestClient {
    DirectIngestClient::new(Arc::new(fake.clone()), fake.clock()).with_uploader(uploader(fake))
}

/// Reads its status table, and so has it [drain](FakeKusto::drain) its queues.
#[must_use]
pub fn status(fake: &FakeKusto) -> Arc<dyn StatusTracker> {
    let tables = Arc::new(fake.tables());
    Arc::new(TableStatusTracker::new(tables, resources(fake), fake.clock()))
}

/// What it issues, also over plain http.
fn resources(fake: &FakeKusto) -> Arc<ResourceManager> {
    Arc::new(ResourceManager::new(Arc::new(fake.clone()), fake.clock()).with_plain_http())
}

fn uploader(fake: &FakeKusto) -> Arc<dyn Uploader> {
    let storage = Arc::new(fake.storage().clone());
    Arc::new(ContainerUploader::new(
        resources(fake),
        storage,
        compressor(),
        fake.clock(),
    ))
}

fn compressor() -> Arc<InlineCompressor> {
    Arc::new(InlineCompressor::new())
}
