//! The one place where adapters meet logic.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use azure_core::http::Url;
use kusto_auth::{BearerToken, Credentials, DeviceCodePrompt, SignIn, TokenRequest};
use kusto_connection::{ConnectionString, TrustedEndpoints};
use kusto_endpoint_azure::AzureEndpoint;
use kusto_ingest_compression::Compressor;
use kusto_ingest_core::{CallLimits, Clock, Error, ErrorKind, Result};
use kusto_ingest_resources::ResourceManager;
use kusto_ingest_status::TableStatusTracker;
use kusto_ingest_tokio::{ThreadedCompressor, TokioClock};
use kusto_ingest_upload::ContainerUploader;
use kusto_storage_azure::AzureStorage;
use kusto_transport_hyper::{HyperTransport, TransportOptions};

use crate::Kusto;
use crate::tracing_details::Tracing;

/// Settings of a [`Kusto`]; all have defaults that suit.
pub struct KustoBuilder {
    connection: ConnectionString,
    transport: TransportOptions,
    compressor: Option<Arc<dyn Compressor>>,
    clock: Option<Arc<dyn Clock>>,
    block_size: usize,
    parallel: usize,
    max_raw: u64,
    deadline: Option<Duration>,
    command_limits: CallLimits,
    block_limits: CallLimits,
    storage_limits: CallLimits,
    application: Option<String>,
    version: Option<String>,
    sign_in: Vec<Step>,
}

/// One setting of the sign-in, made once the transport is there.
type Step = Box<dyn FnOnce(SignIn) -> Result<SignIn> + Send>;

impl KustoBuilder {
    /// Settings for a connection string that was read or built before.
    #[must_use]
    pub fn new(connection: ConnectionString) -> Self {
        Self {
            connection,
            transport: TransportOptions::new(),
            compressor: None,
            clock: None,
            block_size: ContainerUploader::BLOCK_SIZE,
            parallel: ContainerUploader::PARALLEL,
            max_raw: ContainerUploader::MAX_RAW_BYTES,
            deadline: None,
            command_limits: CallLimits::new(),
            block_limits: CallLimits::new().with_overall(Duration::from_secs(10 * 60)),
            storage_limits: CallLimits::new().with_overall(Duration::from_secs(60)),
            application: None,
            version: None,
            sign_in: Vec::new(),
        }
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        ConnectionString::parse(text)
            .map(Self::new)
            .map_err(|error| unreadable("read the connection string", error))
    }

    /// Limits, proxy and certificates of every leg.
    #[must_use]
    pub fn with_transport(self, options: TransportOptions) -> Self {
        Self {
            transport: options,
            ..self
        }
    }

    /// Another compressor; the default works on blocking threads of the runtime.
    #[must_use]
    pub fn with_compressor(self, compressor: Arc<dyn Compressor>) -> Self {
        Self {
            compressor: Some(compressor),
            ..self
        }
    }

    /// Another clock than the machine's.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock: Some(clock),
            ..self
        }
    }

    /// How uploads are cut: bytes of a block, and blocks in flight. Memory per upload is their product and a little.
    #[must_use]
    pub fn with_blocks(self, bytes: usize, in_flight: usize) -> Self {
        Self {
            block_size: bytes,
            parallel: in_flight,
            ..self
        }
    }

    /// The largest source in uncompressed bytes; 6 GiB by default, what the service takes.
    #[must_use]
    pub fn with_max_raw_bytes(self, bytes: u64) -> Self {
        Self {
            max_raw: bytes,
            ..self
        }
    }

    /// Limits one ingestion up to its post, retries and waits included.
    #[must_use]
    pub fn with_deadline(self, limit: Duration) -> Self {
        Self {
            deadline: Some(limit),
            ..self
        }
    }

    /// Limits each command and query, where that is shorter than what the service may take.
    #[must_use]
    pub fn with_command_limits(self, limits: CallLimits) -> Self {
        Self {
            command_limits: limits,
            ..self
        }
    }

    /// Limits each request that carries a blob or a block of one; 10 minutes by default.
    #[must_use]
    pub fn with_block_limits(self, limits: CallLimits) -> Self {
        Self {
            block_limits: limits,
            ..self
        }
    }

    /// Limits each request to a queue or table; a minute by default.
    #[must_use]
    pub fn with_storage_limits(self, limits: CallLimits) -> Self {
        Self {
            storage_limits: limits,
            ..self
        }
    }

    /// Names the program that ingests, for the service's own tracing.
    #[must_use]
    pub fn with_application(self, name: impl Into<String>) -> Self {
        Self {
            application: Some(name.into()),
            ..self
        }
    }

    /// Names the version of the program that ingests, beside its name.
    #[must_use]
    pub fn with_application_version(self, version: impl Into<String>) -> Self {
        Self {
            version: Some(version.into()),
            ..self
        }
    }

    /// Signs in with a credential of the Azure SDK, where the connection string leaves it open how to sign in.
    #[must_use]
    pub fn with_credential(self, credential: Arc<dyn TokenCredential>) -> Self {
        self.with_sign_in(|sign_in| Ok(sign_in.with_credential(credential)))
    }

    /// Asks a function for tokens, where the connection string leaves it open how to sign in.
    #[must_use]
    pub fn with_token_callback<F, T>(self, callback: F) -> Self
    where
        F: Fn(TokenRequest) -> T + Send + Sync + 'static,
        T: Future<Output = Result<BearerToken>> + Send + 'static,
    {
        self.with_sign_in(|sign_in| Ok(sign_in.with_token_callback(callback)))
    }

    /// Shows the user a code to enter in a browser, where the connection string asks for a user or a device code.
    #[must_use]
    pub fn with_device_code(self, prompt: impl Fn(&DeviceCodePrompt) + Send + Sync + 'static) -> Self {
        self.with_sign_in(|sign_in| Ok(sign_in.with_device_code(prompt)))
    }

    /// Trusts these endpoints, and no others.
    #[must_use]
    pub fn with_trusted_endpoints(self, trusted: TrustedEndpoints) -> Self {
        self.with_sign_in(|sign_in| Ok(sign_in.with_trusted_endpoints(trusted)))
    }

    /// Any other setting of the sign-in.
    #[must_use]
    pub fn with_sign_in(mut self, set: impl FnOnce(SignIn) -> Result<SignIn> + Send + 'static) -> Self {
        self.sign_in.push(Box::new(set));
        self
    }

    /// Puts it all together. Nothing is sent, and no file is read.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when an address or the sign-in cannot be used, or when a host that a token would
    /// be sent to is not trusted; [`ErrorKind::Unauthenticated`] when nothing says how to sign in to a host other
    /// than this machine; [`ErrorKind::Unsupported`] when a user is to be asked and nothing was given to ask with.
    pub fn connect(self) -> Result<Kusto> {
        let unusable = |error| unreadable("read the cluster's address", error);
        let engine = self.connection.engine_endpoint().map_err(unusable)?;
        let ingestion = self.connection.ingestion_endpoint().map_err(unusable)?;

        let transport = HyperTransport::new(self.transport)?.as_transport();
        let clock = self.clock.unwrap_or_else(|| Arc::new(TokioClock));
        let compressor = self
            .compressor
            .unwrap_or_else(|| Arc::new(ThreadedCompressor::new()));
        let sign_in = SignIn::new(&self.connection, transport.clone(), clock.clone())?;
        let credentials = self
            .sign_in
            .into_iter()
            .try_fold(sign_in, |sign_in, set| set(sign_in))?
            .finish()?;
        let tracing = Tracing::new(&self.connection, self.application, self.version);
        let endpoint = |url: &Url| -> Result<Arc<AzureEndpoint>> {
            let endpoint = AzureEndpoint::new(url.clone(), transport.clone())?
                .with_client_details(tracing.headers.clone())
                .with_limits(self.command_limits);
            Ok(Arc::new(signed_in(endpoint, &credentials, url)?))
        };
        let (engine, ingestion) = (endpoint(engine.url())?, endpoint(ingestion.url())?);

        let storage = AzureStorage::new(transport.clone())
            .with_block_limits(self.block_limits)
            .with_call_limits(self.storage_limits);
        let storage = Arc::new(storage);
        let mut resources = ResourceManager::new(ingestion.clone(), clock.clone());
        if ingestion.base().scheme() == "http" {
            resources = resources.accepting_plain_http();
        }
        let resources = Arc::new(resources);
        let uploader = ContainerUploader::new(
            resources.clone(),
            storage.clone(),
            compressor.clone(),
            clock.clone(),
        )
        .with_block_size(self.block_size)
        .with_parallelism(self.parallel)
        .with_max_raw_bytes(self.max_raw);
        let tracker = TableStatusTracker::new(storage.clone(), resources.clone(), clock.clone());
        Ok(Kusto {
            engine,
            ingestion,
            resources,
            queues: storage,
            uploader: Arc::new(uploader),
            compressor,
            tracker: Arc::new(tracker),
            clock,
            details: tracing.message,
            deadline: self.deadline,
        })
    }
}

impl fmt::Debug for KustoBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KustoBuilder")
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}

/// An endpoint with the credential that is meant for it, if it wants one. The credential knows the scope itself.
fn signed_in(endpoint: AzureEndpoint, credentials: &Credentials, url: &Url) -> Result<AzureEndpoint> {
    let Some(credential) = credentials.for_endpoint(url)? else {
        return Ok(endpoint);
    };
    let credentials = credentials.clone();
    Ok(endpoint
        .with_credential(credential, url.as_str())
        .with_forgetting(move || credentials.forget_tokens()))
}

/// What a connection string is refused for; its own error never holds a value of it.
fn unreadable(operation: &'static str, error: kusto_connection::Error) -> Error {
    Error::new(ErrorKind::InvalidInput, operation).caused_by(error)
}
