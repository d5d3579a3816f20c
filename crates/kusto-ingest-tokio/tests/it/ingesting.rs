//! What this crate brings to a client: files in one call, rows by way of the disk, and folders for containers.

mod deletion;
mod files;
mod folders;
mod spool;
mod world;
