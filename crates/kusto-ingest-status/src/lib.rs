#![doc = include_str!("../README.md")]

// The seam and its fake.
mod memory;
mod tracker;

// The status table.
mod renewal;
mod table;

// Waiting for the end.
mod waiting;

// The operations of queued ingestion over REST.
mod operations;

// The report queues.
mod notifications;
mod report_queues;
mod router;

pub use memory::MemoryStatusTracker;
pub use notifications::Notifications;
pub use operations::QueuedOperations;
pub use router::{StatusRouter, Watch};
pub use table::TableStatusTracker;
pub use tracker::{NewStatusRecord, OpenedStatus, StatusTracker};
pub use waiting::{wait_all_final, wait_until_final};

#[cfg(feature = "mock")]
pub use tracker::MockStatusTracker;
