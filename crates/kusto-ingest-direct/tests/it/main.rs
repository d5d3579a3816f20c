//! The direct client through its public API: against a script, and against a whole Kusto in memory.

mod world;

mod errors;
mod flow;
mod from_storage;
mod many;
mod names;
mod operations;
mod schema_cache;
mod submission_tracker;
mod sync;
mod unknown;
