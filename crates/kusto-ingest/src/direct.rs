//! Direct ingestion: the engine's own ingest commands, run and followed.
//!
//! ```no_run
//! # async fn run(kusto: kusto_ingest::Kusto, properties: kusto_ingest::IngestionProperties) -> kusto_ingest::Result<()> {
//! use kusto_ingest::IngestClientExt;
//!
//! let receipt = kusto.direct().ingest_file("weather.csv", &properties).await?;
//! # Ok(())
//! # }
//! ```
//!
//! More is in the guide: `docs/guide/ways-in.md#direct`.

#[doc(inline)]
pub use kusto_ingest_direct::{
    Batching, BlobSelection, CommandMode, DirectIngestClient, IngestCommand, Operation, OperationState,
    Operations, StorageBlob, StorageIngestion, StorageOperation, StorageOperationState, SubmissionState,
    SubmissionTracker,
};
