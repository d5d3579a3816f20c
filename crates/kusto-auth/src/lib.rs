#![doc = include_str!("../README.md")]

// What one sets, and what one gets.
mod credential;
mod limits;
mod sign_in;

// What a cluster says about its cloud.
mod cloud;

// The ways to get a token, and the one cache in front of them.
mod certificate;
mod provider;
mod token;
mod token_cache;

// How we ask.
mod attempts;
mod failure;
mod http;
mod keyed_cache;
mod thread;

pub use cloud::{CloudSettings, CloudSource, FixedCloud, MetadataCloud};
pub use credential::{Credentials, KustoCredential};
pub use limits::SignInLimits;
pub use provider::DeviceCodePrompt;
pub use sign_in::SignIn;
pub use token::{BearerToken, TokenRequest};

/// Runs the developer's tools, `az` and `azd`; for [`SignIn::with_executor`].
pub use azure_identity::Executor;

#[cfg(feature = "mock")]
pub use cloud::MockCloudSource;
