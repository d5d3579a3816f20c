//! The settings of a cluster; every setting has a default.

mod assembly;
mod endpoints;
mod layers;
mod limits;
mod on_runtime;
mod protocol;
mod retries;
mod uploads;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use kusto_auth::{BearerToken, DeviceCodePrompt, SignIn, TokenRequest};
use kusto_connection::{ConnectionString, TrustedEndpoints};
use kusto_endpoint::S2sProvider;
use kusto_ingest_compression::{Compressor, GzipLevel};
use kusto_ingest_core::{Clock, OnUnknownOutcome, Result};
use kusto_ingest_tokio::ThreadedCompressor;
use kusto_ingest_upload::{ContainerUploader, MemoryBudget, UserContainersUploader};
use kusto_storage::ResourceUri;
use kusto_transport_hyper::TransportOptions;

use self::endpoints::OwnEndpoints;
use self::layers::Layers;
use self::limits::Limits;
use self::protocol::RestSettings;
use self::retries::Retries;

/// Settings of a [`Kusto`](crate::Kusto); every setting has a default.
pub struct KustoBuilder {
    connection: ConnectionString,
    transport: TransportOptions,
    endpoints: OwnEndpoints,
    layers: Layers,
    compressor: Option<Arc<dyn Compressor>>,
    clock: Option<Arc<dyn Clock>>,
    uploads: UploadSettings,
    own_containers: Option<OwnContainers>,
    probing: Probing,
    folders: Folders,
    deadline: Option<Duration>,
    retries: Retries,
    on_unknown: Option<OnUnknownOutcome>,
    limits: Limits,
    application: Option<String>,
    version: Option<String>,
    sign_in: Vec<Step>,
    s2s: Option<Arc<dyn S2sProvider>>,
    rest: RestSettings,
}

/// How uploads are cut into blocks, and how much memory they may hold.
#[derive(Clone)]
struct UploadSettings {
    block_size: usize,
    parallel: usize,
    memory: MemoryBudget,
    max_raw: u64,
}

/// Containers of the user's own that uploads go to, and further settings of their uploader.
struct OwnContainers {
    containers: Vec<ResourceUri>,
    set: Box<dyn FnOnce(UserContainersUploader) -> UserContainersUploader + Send>,
}

/// Whether the store is asked for the size of a blob that the caller did not give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Probing {
    On,
    Off,
}

/// Whether folders are used that the service issues in place of containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Folders {
    Refused,
    Accepted,
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
            endpoints: OwnEndpoints::default(),
            layers: Layers::default(),
            compressor: None,
            clock: None,
            uploads: UploadSettings {
                block_size: ContainerUploader::BLOCK_SIZE,
                parallel: ContainerUploader::PARALLELISM,
                memory: MemoryBudget::default(),
                max_raw: ContainerUploader::MAX_RAW_BYTES,
            },
            own_containers: None,
            probing: Probing::On,
            folders: Folders::Refused,
            deadline: None,
            retries: Retries::default(),
            on_unknown: None,
            limits: Limits::default(),
            application: None,
            version: None,
            sign_in: Vec::new(),
            s2s: None,
            rest: RestSettings::default(),
        }
    }

    /// Changes the connection string in code: how to sign in, names for tracing, the other endpoint.
    ///
    /// ```
    /// use kusto_ingest::Kusto;
    ///
    /// let kusto = Kusto::builder("https://mycluster.westeurope.kusto.windows.net")?
    ///     .with_connection(|connection| connection.with_workload_identity())
    ///     .connect()?; // sends nothing yet
    /// # Ok::<(), kusto_ingest::Error>(())
    /// ```
    #[must_use]
    pub fn with_connection(self, change: impl FnOnce(ConnectionString) -> ConnectionString) -> Self {
        Self {
            connection: change(self.connection),
            ..self
        }
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

    /// Compresses faster, or harder, than [`GzipLevel::balanced`]; by the default compressor, in the place of any other.
    #[must_use]
    pub fn with_compression_level(self, level: GzipLevel) -> Self {
        self.with_compressor(Arc::new(ThreadedCompressor::new().with_level(level)))
    }

    /// Another clock than the machine's.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock: Some(clock),
            ..self
        }
    }

    /// How uploads are cut: bytes of a block, and blocks in flight. An upload takes their product and a little of the
    /// [memory](Self::with_memory) at most.
    #[must_use]
    pub fn with_blocks(mut self, bytes: usize, in_flight: usize) -> Self {
        self.uploads.block_size = bytes;
        self.uploads.parallel = in_flight;
        self
    }

    /// How much memory all uploads may hold together, 256 MiB by default. A budget can be shared by several clusters.
    /// What is streamed is not counted: it is up to 10 MiB for each source that is under way.
    #[must_use]
    pub fn with_memory(mut self, budget: MemoryBudget) -> Self {
        self.uploads.memory = budget;
        self
    }

    /// Uploads into containers of the user's own instead of those that Kusto issues. The closure changes their
    /// uploader: `|uploader| uploader` leaves it as it is, `with_managed_identity` keeps SAS tokens out of messages.
    #[must_use]
    pub fn with_user_containers(
        self,
        containers: impl IntoIterator<Item = ResourceUri>,
        set: impl FnOnce(UserContainersUploader) -> UserContainersUploader + Send + 'static,
    ) -> Self {
        Self {
            own_containers: Some(OwnContainers {
                containers: containers.into_iter().collect(),
                set: Box::new(set),
            }),
            ..self
        }
    }

    /// Also puts blobs into folders, which a service on premises may issue in place of containers. The service then
    /// chooses where on this machine, or on its network, files are written: use it only with a service that you trust.
    #[must_use]
    pub fn with_folders(self) -> Self {
        Self {
            folders: Folders::Accepted,
            ..self
        }
    }

    /// Does not ask the store for the size of a blob that the caller did not give.
    #[must_use]
    pub fn without_blob_probe(self) -> Self {
        Self {
            probing: Probing::Off,
            ..self
        }
    }

    /// The largest source in uncompressed bytes; 6 GiB by default, what the service takes.
    #[must_use]
    pub fn with_max_raw_bytes(mut self, bytes: u64) -> Self {
        self.uploads.max_raw = bytes;
        self
    }

    /// Limits the whole of one ingestion, look-ups, retries and waits included. If it ends the call before a message is
    /// posted, the error is a [`Timeout`](crate::ErrorKind::Timeout); afterwards the outcome is unknown, and the error
    /// carries the receipt. A streaming request counts like a message. It does not limit direct ingestion, whose
    /// commands have limits of their own.
    #[must_use]
    pub fn with_deadline(self, limit: Duration) -> Self {
        Self {
            deadline: Some(limit),
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
}

impl fmt::Debug for KustoBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KustoBuilder")
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}
