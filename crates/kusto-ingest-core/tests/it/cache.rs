//! The cache: one fetch for many, refreshed beside the work, served stale, and right about clocks that are wrong.

mod due;
mod first;
mod refresh;
mod runtimes;
mod world;
