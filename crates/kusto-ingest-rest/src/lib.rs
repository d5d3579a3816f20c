#![doc = include_str!("../README.md")]

// The client: how it is made, and its flow from a source to a receipt.
mod client;

// Everything before anything is sent.
mod mixed;
mod prepare;

// Sources that share a request.
mod batch;

// The one step that must not be repeated blindly.
mod send;

// A receipt, or an error that says what is known.
mod outcome;

// This way or the queues, as the service wants it.
mod negotiated;
mod preference;
mod protocol;

pub use client::RestIngestClient;
pub use negotiated::NegotiatedIngestClient;
pub use protocol::Protocol;
