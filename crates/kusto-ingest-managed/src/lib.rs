#![doc = include_str!("../README.md")]

// What is decided, and on what.
mod obstacle;
mod policy;

// How it is decided.
mod default_policy;
mod settings;

// What is done about it.
mod both;
mod client;
mod ended;

pub use both::BothFailed;
pub use client::ManagedStreamingIngestClient;
pub use default_policy::DefaultPolicy;
pub use obstacle::obstacle;
pub use policy::{Attempt, ManagedStreamingPolicy, Outcome, Route};
pub use settings::{Handling, PolicySettings};

#[cfg(feature = "mock")]
pub use policy::MockManagedStreamingPolicy;
