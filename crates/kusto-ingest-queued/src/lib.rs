#![doc = include_str!("../README.md")]

mod client;
mod opening;
mod post;
mod size;
mod source;

pub use client::QueuedIngestClient;
