//! What is found, and what is learned from it before anything is sent.

#[cfg(feature = "object-store")]
mod buckets;
mod check;
mod dry_run;
mod hints;
mod listing;
mod many;
mod sources;
mod storage_auth;
