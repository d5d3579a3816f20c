//! The two endpoints of a cluster: of the caller's own, or ours over the transport.

use std::sync::Arc;

use azure_core::http::{Transport, Url};
use kusto_auth::{Credentials, SignIn};
use kusto_connection::ConnectionString;
use kusto_endpoint::{ManagementEndpoint, QueryEndpoint, QueuedEndpoint, S2sProvider, StreamingEndpoint};
use kusto_endpoint_azure::AzureEndpoint;
use kusto_ingest_core::{CallLimits, ClientDetails, Clock, Result};

use super::on_runtime::OnRuntime;
use super::{KustoBuilder, Step};
use crate::wire::{Addresses, Endpoints};

/// The endpoints of the caller's own; each that is absent is one of ours.
#[derive(Default)]
pub(super) struct OwnEndpoints {
    data_management: Option<Arc<dyn ManagementEndpoint>>,
    engine: Option<Arc<dyn ManagementEndpoint>>,
    query: Option<Arc<dyn QueryEndpoint>>,
    streaming: Option<Arc<dyn StreamingEndpoint>>,
    queued: Option<Arc<dyn QueuedEndpoint>>,
}

/// Endpoints of the caller's own in the place of ours over HTTP. Where all four are, nobody signs in, and the cluster's
/// address is a name.
impl KustoBuilder {
    /// Asks here what storage to use, in place of the cluster's Data Management endpoint.
    #[must_use]
    pub fn with_data_management(mut self, endpoint: Arc<dyn ManagementEndpoint>) -> Self {
        self.endpoints.data_management = Some(endpoint);
        self
    }

    /// Runs management commands here, those of direct ingestion too, in place of the cluster's engine.
    #[must_use]
    pub fn with_engine_endpoint(mut self, endpoint: Arc<dyn ManagementEndpoint>) -> Self {
        self.endpoints.engine = Some(endpoint);
        self
    }

    /// Runs queries here, in place of the cluster's engine.
    #[must_use]
    pub fn with_query_endpoint(mut self, endpoint: Arc<dyn QueryEndpoint>) -> Self {
        self.endpoints.query = Some(endpoint);
        self
    }

    /// Streams here, in streaming and managed ingestion, in place of the cluster's engine.
    #[must_use]
    pub fn with_streaming_endpoint(mut self, endpoint: Arc<dyn StreamingEndpoint>) -> Self {
        self.endpoints.streaming = Some(endpoint);
        self
    }

    /// Names blobs here for queued ingestion over REST, in place of the cluster's Data Management endpoint.
    #[must_use]
    pub fn with_queued_endpoint(mut self, endpoint: Arc<dyn QueuedEndpoint>) -> Self {
        self.endpoints.queued = Some(endpoint);
        self
    }

    /// Shows, on streaming and on the REST routes of queued ingestion, that a service acts for the caller, as Fabric's private
    /// links want it. Storage and commands are not shown it.
    #[must_use]
    pub fn with_s2s(mut self, provider: Arc<dyn S2sProvider>) -> Self {
        self.s2s = Some(provider);
        self
    }
}

impl OwnEndpoints {
    /// Whether none of ours is needed.
    pub(super) fn is_complete(&self) -> bool {
        self.data_management.is_some()
            && self.engine.is_some()
            && self.query.is_some()
            && self.streaming.is_some()
    }

    /// The caller's own, and one of ours for each that is absent.
    pub(super) fn or_else(
        self,
        addresses: &Addresses,
        ours: impl Fn(&Url) -> Result<Arc<AzureEndpoint>>,
    ) -> Result<Endpoints> {
        let (engine, query, streaming) = match (self.engine, self.query, self.streaming) {
            (Some(engine), Some(query), Some(streaming)) => (engine, query, streaming),
            (engine, query, streaming) => {
                let ours = ours(&addresses.engine)?;
                (
                    engine.unwrap_or_else(|| ours.clone()),
                    query.unwrap_or_else(|| ours.clone()),
                    streaming.unwrap_or(ours),
                )
            }
        };
        let (data_management, queued) = match (self.data_management, self.queued) {
            (Some(own), queued) => (own, queued),
            (None, queued) => {
                let ours = ours(&addresses.ingestion)?;
                let queued = queued.unwrap_or_else(|| ours.clone());
                (ours as Arc<dyn ManagementEndpoint>, Some(queued))
            }
        };
        Ok(Endpoints {
            data_management,
            engine,
            query,
            streaming,
            queued,
        })
    }
}

/// What our endpoints are made of.
pub(super) struct Http<'a> {
    pub(super) transport: Transport,
    pub(super) credentials: Option<Credentials>,
    pub(super) details: &'a ClientDetails,
    pub(super) limits: CallLimits,
    pub(super) s2s: Option<Arc<dyn S2sProvider>>,
}

impl Http<'_> {
    /// An endpoint of ours at an address, with the credential that is meant for it, if it wants one. The credential
    /// knows the scope itself.
    pub(super) fn endpoint(&self, url: &Url) -> Result<Arc<AzureEndpoint>> {
        let endpoint = AzureEndpoint::new(url.clone(), self.transport.clone())?
            .with_client_details(self.details)
            .with_limits(self.limits);
        let endpoint = match &self.s2s {
            Some(provider) => endpoint.with_s2s(provider.clone()),
            None => endpoint,
        };
        let Some(credentials) = &self.credentials else {
            return Ok(Arc::new(endpoint));
        };
        let Some(credential) = credentials.for_endpoint(url)? else {
            return Ok(Arc::new(endpoint));
        };
        let credentials = credentials.clone();
        let signed_in = endpoint
            .with_credential(Arc::new(OnRuntime(credential)), url.as_str())
            .with_token_invalidation(move || credentials.invalidate_tokens());
        Ok(Arc::new(signed_in))
    }
}

/// Signs in as the connection string says, and as the caller says beyond it.
pub(super) fn credentials(
    connection: &ConnectionString,
    steps: Vec<Step>,
    transport: &Transport,
    clock: &Arc<dyn Clock>,
) -> Result<Credentials> {
    let sign_in = SignIn::new(connection, transport.clone(), clock.clone())?;
    steps
        .into_iter()
        .try_fold(sign_in, |sign_in, set| set(sign_in))?
        .finish()
}
