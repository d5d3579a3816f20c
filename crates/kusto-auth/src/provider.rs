//! The ways to get a token, behind one small trait.

mod azure;
mod callback;
mod credential;
mod device_code;
mod environment;
mod fixed;

pub use device_code::DeviceCodePrompt;

pub(crate) use azure::AzureProvider;
pub(crate) use callback::{Callback, CallbackProvider};
pub(crate) use credential::CredentialProvider;
pub(crate) use device_code::{DeviceCodeProvider, Prompt};
pub(crate) use environment::{EnvironmentProvider, Variables};
pub(crate) use fixed::FixedProvider;

use std::fmt::Debug;

use async_trait::async_trait;
use kusto_ingest_core::Result;

use crate::{BearerToken, TokenRequest};

/// What every error here is about.
pub(crate) const GET_TOKEN: &str = "get a token";

/// A way to get a token. It keeps none; that is done once, in front of all.
#[async_trait]
pub(crate) trait Provider: Debug + Send + Sync + 'static {
    /// Gets a new token.
    async fn token(&self, request: TokenRequest) -> Result<BearerToken>;

    /// Whether it sends anything to the login endpoint that the cluster told, which must be a known one then.
    fn uses_login_endpoint(&self) -> bool {
        true
    }

    /// Whether it needs to know anything about the cloud at all.
    fn needs_cloud(&self) -> bool {
        true
    }
}
