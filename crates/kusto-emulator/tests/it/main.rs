//! The emulator as clients of any language meet it: over HTTP, byte for byte.

mod client;

mod blobs;
mod faults;
mod flow;
mod kusto;
mod managed;
mod queues;
mod retries;
mod streaming;
mod tables;
