//! The emulator as clients of any language meet it: over HTTP, byte for byte.

mod client;

mod blobs;
mod control;
mod faults;
mod flow;
mod kusto;
mod late_rows;
mod limits;
mod managed;
mod origin;
mod other_stores;
mod paths;
mod properties;
mod queries;
mod queues;
mod requests;
mod restarts;
mod retries;
mod scripts;
mod seed;
mod sign_in;
mod streaming;
mod tables;
mod tls;
