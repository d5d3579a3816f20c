//! One suite for each seam: what its contract promises, checked on whatever implements it.
//!
//! A suite is an async function. It runs on any executor, panics with the rule that does not hold, and returns when
//! all of them do.

mod blobs;
mod clients;
mod compressors;
mod listers;
mod queued_endpoints;
mod queues;
mod requests;
mod rules;
mod statuses;
mod tables;
mod uploads;

pub use blobs::blob_store;
pub use clients::{ingest_client, unknown_outcome};
pub use compressors::compressor;
pub use listers::blob_lister;
pub use queued_endpoints::{absent_queued_endpoint, queued_endpoint};
pub use queues::{queue_clearing, queue_store};
pub use requests::{
    StorageAnswer, StorageRequest, blob_requests, list_requests, queue_requests, table_requests,
};
pub use statuses::status_tracker;
pub use tables::table_store;
pub use uploads::uploader;
