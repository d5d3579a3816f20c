//! What this crate brings to a client: files in one call, and rows by way of the disk.

mod files;
mod spool;
mod world;
