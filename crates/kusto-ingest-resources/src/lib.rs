#![doc = include_str!("../README.md")]

// The seam and its fake.
mod fixed;
mod provider;

// What Kusto issues.
mod ingestion_resources;
mod ranking;

// How it is kept fresh, and how it is used.
mod configuration;
mod manager;
mod rounds;

pub use configuration::ConfigurationManager;
pub use fixed::FixedResources;
pub use ingestion_resources::IngestionResources;
pub use manager::ResourceManager;
pub use provider::{Outcome, ResourceProvider};
pub use ranking::RankedAccounts;
pub use rounds::Rounds;

#[cfg(feature = "mock")]
pub use provider::MockResourceProvider;

/// What only the crates of this workspace need. Nothing is promised of it.
#[doc(hidden)]
pub mod internal {
    pub use crate::rounds::is_refusal;
}
