//! The lowest layers of a cluster's client: its endpoints, their addresses, and what all of them stand on.

use std::sync::Arc;

use azure_core::http::{Transport, Url};
use kusto_connection::ConnectionString;
use kusto_endpoint::{ManagementEndpoint, QueryEndpoint, QueuedEndpoint, StreamingEndpoint};
use kusto_ingest_compression::Compressor;
use kusto_ingest_core::{Clock, Error, ErrorKind, Result};

/// The lowest layers of a cluster's client.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) endpoints: Endpoints,
    pub(crate) addresses: Addresses,
    pub(crate) transport: Transport,
    pub(crate) compressor: Arc<dyn Compressor>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// The endpoints of a cluster, whoever made them.
#[derive(Clone)]
pub(crate) struct Endpoints {
    pub(crate) data_management: Arc<dyn ManagementEndpoint>,
    pub(crate) engine: Arc<dyn ManagementEndpoint>,
    pub(crate) query: Arc<dyn QueryEndpoint>,
    pub(crate) streaming: Arc<dyn StreamingEndpoint>,
    /// Absent where the Data Management endpoint is one of the caller's, and nothing was given for REST.
    pub(crate) queued: Option<Arc<dyn QueuedEndpoint>>,
}

/// The engine, and the Data Management service behind it.
#[derive(Clone)]
pub(crate) struct Addresses {
    pub(crate) engine: Url,
    pub(crate) ingestion: Url,
}

impl Addresses {
    pub(crate) fn of(connection: &ConnectionString) -> Result<Self> {
        let unusable = |error| unreadable("read the cluster's address", error);
        Ok(Self {
            engine: connection.engine_endpoint().map_err(unusable)?.url().clone(),
            ingestion: connection.ingestion_endpoint().map_err(unusable)?.url().clone(),
        })
    }
}

/// What a connection string is refused for; its own error never holds a value of it.
pub(crate) fn unreadable(operation: &'static str, error: kusto_connection::Error) -> Error {
    Error::new(ErrorKind::InvalidInput, operation).caused_by(error)
}
