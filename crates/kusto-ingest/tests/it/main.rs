//! The tests of the facade, and its examples.

mod endpoints;
mod examples;
mod limits;
