//! What may be said about one request beside its text.

use std::time::Duration;

use serde_json::{Map, Value};

/// What may be said about one request beside its text.
#[doc(alias = "ClientRequestProperties")]
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RequestProperties {
    /// The identity of the request in the service's logs; a random one when absent.
    pub client_request_id: Option<String>,
    /// How long the service may work on it; its own default by kind of request when absent.
    pub server_timeout: Option<Duration>,
    /// Further options by name.
    pub options: Map<String, Value>,
}

impl RequestProperties {
    /// Nothing beside the text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the request in the service's logs.
    #[must_use]
    pub fn with_client_request_id(self, id: impl Into<String>) -> Self {
        Self {
            client_request_id: Some(id.into()),
            ..self
        }
    }

    /// Limits how long the service may work on it.
    #[must_use]
    pub fn with_server_timeout(self, limit: Duration) -> Self {
        Self {
            server_timeout: Some(limit),
            ..self
        }
    }

    /// Sets an option.
    #[must_use]
    pub fn with_option(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.options.insert(name.into(), value.into());
        self
    }
}
