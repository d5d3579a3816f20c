//! What comes of queries.

#![expect(clippy::unwrap_used, reason = "a test says so loudly")]

mod corpus;
mod errors;
mod largest;
mod limits;
mod options;
mod patterns;
mod properties;
mod sizes;
mod world;
