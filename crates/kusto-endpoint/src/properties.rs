//! The properties of one request: id, limits, options and parameters.

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
    /// How long the client waits for the answer; a little longer than the service may work when absent.
    pub client_timeout: Option<Duration>,
    /// The application behind this request, where it is another than that of the endpoint.
    pub application: Option<String>,
    /// The user behind this request, where it is another than that of the endpoint.
    pub user: Option<String>,
    /// Further options by name.
    pub options: Map<String, Value>,
    /// Values of the parameters that a query declares: texts and longs as they are, others as literals of Kusto's
    /// language, such as `datetime(2026-01-01)`.
    pub parameters: Map<String, Value>,
}

impl RequestProperties {
    /// No properties: the defaults hold.
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

    /// Limits how long the client waits for the answer.
    #[must_use]
    pub fn with_client_timeout(self, limit: Duration) -> Self {
        Self {
            client_timeout: Some(limit),
            ..self
        }
    }

    /// Sets an option.
    #[must_use]
    pub fn with_option(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.options.insert(name.into(), value.into());
        self
    }

    /// Gives a parameter its value.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }
}
