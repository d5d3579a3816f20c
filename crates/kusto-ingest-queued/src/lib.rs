#![doc = include_str!("../README.md")]

// The client: how it is made, and its flow from a source to a receipt.
mod client;

// Everything before anything is sent.
mod prepare;

// The one step that must not be repeated blindly.
mod send;

// A receipt, or an error that says what is known.
mod outcome;

pub use client::QueuedIngestClient;
