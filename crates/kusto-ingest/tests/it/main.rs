//! The facade through its public API: what it settles before anything is sent, and its examples.

mod endpoints;
mod examples;
mod limits;
