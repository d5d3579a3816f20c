//! What comes of queries.

#![expect(clippy::unwrap_used, reason = "a test says so loudly")]

mod corpus;
mod limits;
mod world;
