//! Direct ingestion: the engine's own ingest commands, run and followed.

#[doc(inline)]
pub use kusto_ingest_direct::{
    Batching, CommandMode, DirectIngestClient, IngestCommand, Operation, OperationState, Operations,
    SubmissionState, SubmissionTracker,
};
