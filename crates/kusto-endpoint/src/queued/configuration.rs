//! What the service offers to clients of its REST routes, read in every spelling that is published.

use std::fmt;
use std::time::Duration;

use kusto_ingest_core::{Error, ErrorKind, Result, Timespan};
use serde_json::Value;

use super::member::{items, member, number, text};
use crate::json;

/// How clients put their data where the service reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the service issues one or the other")]
pub enum UploadMethod {
    /// Into containers of Azure Storage.
    Storage,
    /// Into folders of OneLake.
    Lake,
}

/// How clients tell the service of their data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the service takes one or the other")]
pub enum IngestionMethod {
    /// By messages in storage queues.
    Queue,
    /// By its REST routes.
    Rest,
}

/// What the service offers to clients of its REST routes. Each part of it may be absent.
///
/// The addresses of containers hold SAS tokens, which `Debug` leaves out.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct IngestionConfiguration {
    containers: Vec<String>,
    lake_folders: Vec<String>,
    /// After how long the service wants to be asked again.
    pub refresh_interval: Option<Duration>,
    /// Where the service wants uploads.
    pub preferred_upload: Option<UploadMethod>,
    /// How the service wants to be told of them.
    pub preferred_ingestion: Option<IngestionMethod>,
    /// How many blobs a request may name.
    pub max_blobs: Option<u64>,
    /// How large a source may be, uncompressed, in bytes.
    pub max_raw_bytes: Option<u64>,
}

impl IngestionConfiguration {
    /// How many blobs a request may name where the service does not say.
    pub const MAX_BLOBS: u64 = 20;

    /// The code of the error of a service without the REST routes.
    #[doc(alias = "IngestV2NotSupported")]
    pub const NOT_SUPPORTED: &'static str = "IngestV2NotSupported";

    /// A service that says nothing of itself.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Issues containers, by their addresses with a SAS each.
    #[must_use]
    pub fn with_containers<A: Into<String>>(self, addresses: impl IntoIterator<Item = A>) -> Self {
        Self {
            containers: addresses.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// Issues folders of OneLake, by their addresses.
    #[must_use]
    pub fn with_lake_folders<A: Into<String>>(self, addresses: impl IntoIterator<Item = A>) -> Self {
        Self {
            lake_folders: addresses.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// Wants to be told of data in this way.
    #[must_use]
    pub fn with_preferred_ingestion(self, method: IngestionMethod) -> Self {
        Self {
            preferred_ingestion: Some(method),
            ..self
        }
    }

    /// Wants uploads there.
    #[must_use]
    pub fn with_preferred_upload(self, method: UploadMethod) -> Self {
        Self {
            preferred_upload: Some(method),
            ..self
        }
    }

    /// Takes so many blobs in one request.
    #[must_use]
    pub fn with_max_blobs(self, blobs: u64) -> Self {
        Self {
            max_blobs: Some(blobs),
            ..self
        }
    }

    /// The addresses of containers, SAS included.
    pub fn expose_containers(&self) -> impl Iterator<Item = &str> {
        self.containers.iter().map(String::as_str)
    }

    /// The addresses of folders in OneLake, as they were issued.
    pub fn expose_lake_folders(&self) -> impl Iterator<Item = &str> {
        self.lake_folders.iter().map(String::as_str)
    }

    /// How many blobs a request may name; at least one.
    #[must_use]
    pub fn blobs_per_request(&self) -> usize {
        let blobs = self.max_blobs.unwrap_or(Self::MAX_BLOBS).max(1);
        usize::try_from(blobs).unwrap_or(usize::MAX)
    }

    /// Reads the answer of the service. Parts that this version does not know are left out.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`] when it is no JSON object.
    pub fn from_body(body: &[u8]) -> Result<Self> {
        let value = json::read(body).ok().filter(Value::is_object);
        let value = value.ok_or_else(|| {
            Error::new(ErrorKind::Protocol, "read the ingestion configuration")
                .because("the answer is no JSON object")
        })?;
        let part = |name| member(&value, &[name]).unwrap_or(&Value::Null);
        let (storage, ingestion) = (part("containerSettings"), part("ingestionSettings"));
        let interval = text(storage, &["refreshInterval"]).and_then(Timespan::parse);
        Ok(Self {
            containers: paths(storage, "containers"),
            lake_folders: paths(storage, "lakeFolders"),
            refresh_interval: interval.and_then(Timespan::to_duration),
            preferred_upload: text(storage, &["preferredUploadMethod"]).and_then(upload_method),
            preferred_ingestion: text(ingestion, &["preferredIngestionMethod"]).and_then(ingestion_method),
            max_blobs: number(ingestion, &["maxBlobsPerBatch"]),
            max_raw_bytes: number(ingestion, &["maxDataSize"]),
        })
    }
}

fn paths(settings: &Value, name: &str) -> Vec<String> {
    let paths = items(settings, &[name]).iter();
    paths
        .filter_map(|item| text(item, &["path"]))
        .map(str::to_owned)
        .collect()
}

/// `Default` is none, like any word that is not known.
fn upload_method(word: &str) -> Option<UploadMethod> {
    match word.to_ascii_lowercase().as_str() {
        "storage" => Some(UploadMethod::Storage),
        "lake" => Some(UploadMethod::Lake),
        _ => None,
    }
}

/// Published are `V1` and `V2`, `REST`, and `Rest`: all are understood.
fn ingestion_method(word: &str) -> Option<IngestionMethod> {
    match word.to_ascii_lowercase().as_str() {
        "rest" | "v2" => Some(IngestionMethod::Rest),
        "queue" | "v1" | "legacy" => Some(IngestionMethod::Queue),
        _ => None,
    }
}

impl fmt::Debug for IngestionConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IngestionConfiguration")
            .field("containers", &self.containers.len())
            .field("lake_folders", &self.lake_folders.len())
            .field("refresh_interval", &self.refresh_interval)
            .field("preferred_upload", &self.preferred_upload)
            .field("preferred_ingestion", &self.preferred_ingestion)
            .field("max_blobs", &self.max_blobs)
            .field("max_raw_bytes", &self.max_raw_bytes)
            .finish()
    }
}

/// What is preferred, in one word.
impl fmt::Display for IngestionMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Queue => "queue",
            Self::Rest => "rest",
        })
    }
}

/// Where uploads go, in one word.
impl fmt::Display for UploadMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Storage => "storage",
            Self::Lake => "lake",
        })
    }
}
