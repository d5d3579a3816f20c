#![doc = include_str!("../README.md")]

mod client;
mod post;

pub use client::QueuedIngestClient;
