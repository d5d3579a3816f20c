//! The one place where adapters meet logic.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kusto_connection::ConnectionString;
use kusto_endpoint_azure::AzureEndpoint;
use kusto_ingest_compression::Compressor;
use kusto_ingest_core::{CallLimits, Clock, Error, ErrorKind, Result};
use kusto_ingest_message::ClientDetails;
use kusto_ingest_resources::ResourceManager;
use kusto_ingest_status::TableStatusTracker;
use kusto_ingest_tokio::{ThreadedCompressor, TokioClock};
use kusto_ingest_upload::ContainerUploader;
use kusto_storage_azure::AzureStorage;
use kusto_transport_hyper::{HyperTransport, TransportOptions};

use crate::{Kusto, sign_in};

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
}

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

    /// Puts it all together. Nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when an address cannot be used, [`ErrorKind::Unauthenticated`] when the
    /// connection string asks for a sign-in that this version does not offer.
    pub fn connect(self) -> Result<Kusto> {
        sign_in::check(&self.connection)?;
        let unusable = |error| unreadable("read the cluster's address", error);
        let engine = self.connection.engine_endpoint().map_err(unusable)?;
        let ingestion = self.connection.ingestion_endpoint().map_err(unusable)?;

        let transport = HyperTransport::new(self.transport)?.as_transport();
        let clock = self.clock.unwrap_or_else(|| Arc::new(TokioClock));
        let compressor = self
            .compressor
            .unwrap_or_else(|| Arc::new(ThreadedCompressor::new()));
        let application = self
            .application
            .or_else(|| self.connection.application_name_for_tracing().map(Into::into));

        let mut asker = kusto_endpoint::ClientDetails::default();
        let mut details = ClientDetails::this_library();
        if let Some(name) = application {
            asker = asker.with_application(name.clone());
            details = details.with_application(name);
        }
        let endpoint = |url: &_| {
            AzureEndpoint::new(Clone::clone(url), transport.clone()).map(|endpoint| {
                Arc::new(
                    endpoint
                        .with_client_details(asker.clone())
                        .with_limits(self.command_limits),
                )
            })
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
        let uploader = ContainerUploader::new(resources.clone(), storage.clone(), compressor, clock.clone())
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
            tracker: Arc::new(tracker),
            clock,
            details,
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

/// What a connection string is refused for; its own error never holds a value of it.
pub(crate) fn unreadable(operation: &'static str, error: kusto_connection::Error) -> Error {
    Error::new(ErrorKind::InvalidInput, operation).caused_by(error)
}
