#![doc = include_str!("../README.md")]

mod client;
mod post;
mod size;

pub use client::QueuedIngestClient;
