#![doc = include_str!("../README.md")]

mod client;
mod preparation;

pub use client::StreamingIngestClient;
