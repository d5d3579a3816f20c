//! What the REST routes of queued ingestion offer, and what they refuse.

use std::time::Duration;

use kusto_endpoint::{IngestionConfiguration, IngestionMethod, QueuedRequest, UploadMethod};
use kusto_ingest_core::{BlobSource, Error, ErrorKind, Result};

/// The largest source that is taken, in bytes: what the documentation's sample says.
const MAX_RAW_BYTES: u64 = 6 * 1024 * 1024 * 1024;

/// After how long clients are to ask again.
const REFRESH: Duration = Duration::from_secs(60 * 60);

/// What the REST routes of queued ingestion offer: by default the routes, which are preferred to queues, and the containers
/// that are issued anyway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestService {
    is_offered: bool,
    preferred: Option<IngestionMethod>,
    upload: Option<UploadMethod>,
    lake_folders: Vec<String>,
    max_blobs: u64,
    max_raw_bytes: u64,
    refresh: Duration,
    shape: WireShape,
}

/// In which of the two published shapes answers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WireShape {
    /// As the documentation has them.
    #[default]
    Documentation,
    /// As the clients' own description of the routes (OpenAPI) has them.
    OpenApi,
}

impl Default for RestService {
    fn default() -> Self {
        Self {
            is_offered: true,
            preferred: Some(IngestionMethod::Rest),
            upload: Some(UploadMethod::Storage),
            lake_folders: Vec::new(),
            max_blobs: IngestionConfiguration::MAX_BLOBS,
            max_raw_bytes: MAX_RAW_BYTES,
            refresh: REFRESH,
            shape: WireShape::default(),
        }
    }
}

impl RestService {
    /// The routes as they are by default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No such routes: each is answered 404.
    #[must_use]
    pub fn off() -> Self {
        Self {
            is_offered: false,
            ..Self::default()
        }
    }

    /// Prefers this way, or does not say.
    #[must_use]
    pub fn with_preferred(self, method: Option<IngestionMethod>) -> Self {
        Self {
            preferred: method,
            ..self
        }
    }

    /// Issues folders of OneLake beside the containers, and prefers this kind, or does not say.
    #[must_use]
    pub fn with_lake_folders(
        self,
        folders: impl IntoIterator<Item = String>,
        preferred: Option<UploadMethod>,
    ) -> Self {
        Self {
            lake_folders: folders.into_iter().collect(),
            upload: preferred,
            ..self
        }
    }

    /// Takes so many blobs in a request.
    #[must_use]
    pub fn with_max_blobs(self, blobs: u64) -> Self {
        Self {
            max_blobs: blobs,
            ..self
        }
    }

    /// Takes sources of so many bytes, uncompressed.
    #[must_use]
    pub fn with_max_raw_bytes(self, bytes: u64) -> Self {
        Self {
            max_raw_bytes: bytes,
            ..self
        }
    }

    /// Wants to be asked again after this time.
    #[must_use]
    pub fn with_refresh_interval(self, interval: Duration) -> Self {
        Self {
            refresh: interval,
            ..self
        }
    }

    /// Writes answers in this shape.
    #[must_use]
    pub fn with_shape(self, shape: WireShape) -> Self {
        Self { shape, ..self }
    }

    /// The shape of its answers.
    #[must_use]
    pub fn shape(&self) -> WireShape {
        self.shape
    }

    pub(crate) fn is_offered(&self) -> bool {
        self.is_offered
    }

    pub(super) fn configuration<'a>(
        &self,
        containers: impl Iterator<Item = &'a str>,
    ) -> IngestionConfiguration {
        let mut offered = IngestionConfiguration::new()
            .with_containers(containers)
            .with_lake_folders(&self.lake_folders)
            .with_max_blobs(self.max_blobs);
        offered.preferred_ingestion = self.preferred;
        offered.preferred_upload = self.upload;
        offered.max_raw_bytes = Some(self.max_raw_bytes);
        offered.refresh_interval = Some(self.refresh);
        offered
    }

    /// Refuses what the limits do not allow.
    pub(super) fn check(&self, request: &QueuedRequest) -> Result<()> {
        let refuse = |code: &'static str, why: String| {
            Err(Error::new(ErrorKind::Rejected, "queue the blobs")
                .because(why)
                .with_code(code)
                .with_http_status(400)
                .with_permanence(true))
        };
        let given = request.blobs.len() as u64;
        if given == 0 {
            return refuse("BadRequest_NoBlobs", "the request names no blob".to_owned());
        }
        if given > self.max_blobs {
            let why = format!(
                "the request names {given} blobs, and {} are allowed",
                self.max_blobs
            );
            return refuse("BadRequest_TooManyBlobs", why);
        }
        let is_too_large = |blob: &&BlobSource| blob.raw_size().is_some_and(|size| size > self.max_raw_bytes);
        let too_large = request.blobs.iter().find(is_too_large);
        match too_large.filter(|_| !request.properties.ignore_size_limit) {
            Some(blob) => {
                let why = format!(
                    "the source {} is larger than {} bytes",
                    blob.id(),
                    self.max_raw_bytes
                );
                refuse("BadRequest_FileTooLarge", why)
            }
            None => Ok(()),
        }
    }
}
