#![doc = include_str!("../README.md")]

// From a source to a receipt, in the order of the walk.
mod client;
mod outcome;
mod prepare;
mod send;

// What the walk asks on its way.
mod opening;
mod size;
mod source;

pub use client::QueuedIngestClient;
