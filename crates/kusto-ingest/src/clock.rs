//! Where time comes from.

#[doc(inline)]
pub use kusto_ingest_core::{Clock, Deadline, Timestamp, within};
#[doc(inline)]
pub use kusto_ingest_tokio::TokioClock;
