#![doc = include_str!("../README.md")]

// The client: how it is made, and its flow from a source to a receipt.
mod client;

// Everything before anything is sent.
mod prepare;

// The one step that must not be repeated blindly.
mod send;

// A receipt, or an error that says what is known.
mod fallback_failed;
mod outcome;

// Which way a source takes: what is decided, and on what; how the default decides.
mod policy;

mod default_policy;
mod error_category;
mod settings;

pub use client::ManagedStreamingIngestClient;
pub use default_policy::DefaultPolicy;
pub use error_category::streaming_error_category;
pub use fallback_failed::FallbackFailed;
pub use policy::{Attempt, ManagedStreamingPolicy, Outcome, Route};
pub use settings::{ManagedStreamingSettings, OnUnavailable};

#[cfg(feature = "mock")]
pub use policy::MockManagedStreamingPolicy;
