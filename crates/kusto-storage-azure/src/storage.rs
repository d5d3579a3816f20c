//! The storage: what all of its calls share.

use std::borrow::Cow;
use std::env::consts::{ARCH, OS};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use azure_core::http::Transport;
use azure_core::http::headers::HeaderValue;
use kusto_ingest_core::CallLimits;

/// The version of the blob and queue services that is asked for unless another is set. Clouds that lag behind
/// know it as well, and nothing newer is needed.
const SERVICE_VERSION: &str = "2021-12-02";

/// How long a request with data of a blob may be silent, beside what the transport adds for data that is under way; and
/// how long it may take on a slow line that is shared with others.
const BLOCK_LIMITS: CallLimits = CallLimits::new()
    .with_idle(Duration::from_secs(15))
    .with_overall(Duration::from_secs(30 * 60));

/// How long any other request may take.
const CALL_LIMITS: CallLimits = CallLimits::new().with_overall(Duration::from_secs(60));

/// Azure Storage behind the ports [`BlobStore`](kusto_storage::BlobStore),
/// [`QueueStore`](kusto_storage::QueueStore) and [`TableStore`](kusto_storage::TableStore).
///
/// It keeps nothing but the transport: no address, no SAS, no connection of its own. So one is enough for
/// any number of accounts, and SAS tokens may change from call to call. Clones share the transport.
///
/// # Cancel safety
/// Dropping a future drops its request. A blob or a message whose request was being sent may have arrived.
#[derive(Clone)]
pub struct AzureStorage {
    pub(crate) transport: Transport,
    pub(crate) user_agent: HeaderValue,
    pub(crate) service_version: Cow<'static, str>,
    pub(crate) block_limits: CallLimits,
    pub(crate) call_limits: CallLimits,
    pub(crate) credential: Option<Arc<dyn TokenCredential>>,
}

impl AzureStorage {
    /// A storage whose requests all go through this transport.
    ///
    /// The limits of a call travel in its context, which only a transport that is a policy sees
    /// ([`Transport::with_policy`]); one made of an `HttpClient` keeps its own.
    #[must_use]
    pub fn new(transport: Transport) -> Self {
        Self {
            transport,
            user_agent: user_agent().into(),
            service_version: SERVICE_VERSION.into(),
            block_limits: BLOCK_LIMITS,
            call_limits: CALL_LIMITS,
            credential: None,
        }
    }

    /// Asks for this version of the blob and queue services (`x-ms-version`) instead of `2021-12-02`.
    #[must_use]
    pub fn with_service_version(self, version: impl Into<String>) -> Self {
        Self {
            service_version: version.into().into(),
            ..self
        }
    }

    /// Signs in where blobs are put into folders of OneLake, which no SAS opens. A token goes nowhere else.
    #[must_use]
    pub fn with_lake_credential(self, credential: Arc<dyn TokenCredential>) -> Self {
        Self {
            credential: Some(credential),
            ..self
        }
    }

    /// Limits each request that puts a blob, stages a block or commits blocks. Default: 15 seconds of silence, 30
    /// minutes overall.
    #[must_use]
    pub fn with_block_limits(self, limits: CallLimits) -> Self {
        Self {
            block_limits: limits,
            ..self
        }
    }

    /// Limits each other request: of queues, of tables, for the length of a blob. Default: 60 seconds overall.
    #[must_use]
    pub fn with_call_limits(self, limits: CallLimits) -> Self {
        Self {
            call_limits: limits,
            ..self
        }
    }
}

/// Who asks: this crate, which is none of the Azure SDK's.
fn user_agent() -> String {
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    format!("{name}/{version} ({OS}; {ARCH})")
}

impl fmt::Debug for AzureStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureStorage")
            .field("service_version", &self.service_version)
            .field("block_limits", &self.block_limits)
            .field("call_limits", &self.call_limits)
            .finish_non_exhaustive()
    }
}
