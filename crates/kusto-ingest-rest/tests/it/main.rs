//! The client over REST, and the one that takes either way, in memory.

mod batches;
mod checks;
mod deadlines;
mod negotiated;
mod outcomes;
mod world;
