//! Where time comes from.
//!
//! More is in the guide: `docs/guide/testing.md`.

#[doc(inline)]
pub use kusto_ingest_core::{Clock, Deadline, RuntimeId, Timestamp, within};
#[doc(inline)]
pub use kusto_ingest_tokio::TokioClock;
