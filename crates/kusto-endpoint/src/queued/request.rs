//! What is asked of the REST routes: blobs to be queued, and how they stand.

use std::fmt;
use std::time::Duration;

use kusto_ingest_core::{
    BlobSource, DataFormat, Error, ErrorKind, IngestionProperties, RequestStage, Result, Timestamp,
};

/// How long a request may take where nobody says.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Blobs that go into one table in one request; a [`QueuedCall`](super::QueuedCall) writes it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct QueuedRequest {
    /// The blobs.
    pub blobs: Vec<BlobSource>,
    /// How they are to be read. Database and table are named by the call.
    pub properties: IngestionProperties,
    /// Their format.
    pub format: DataFormat,
    /// When the request was made.
    pub created: Timestamp,
    /// Whether what becomes of them can be asked later.
    pub tracking: Tracking,
    /// How long the request may take; a minute by default.
    pub time_limit: Duration,
    /// Where the endpoint says how far the request came.
    pub stage: RequestStage,
}

/// Whether what becomes of blobs can be asked later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the service tracks a request or not")]
pub enum Tracking {
    /// By the id of the operation.
    On,
    /// Not at all.
    Off,
}

/// How much is asked of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the route has these two forms")]
pub enum OperationDetail {
    /// How many blobs have which state.
    Summary,
    /// What became of each blob as well.
    Blobs,
}

/// The identity of an operation. The service chooses it, and it means nothing to a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperationId(String);

impl QueuedRequest {
    /// Blobs of one format, tracked.
    #[must_use]
    pub fn new(
        blobs: Vec<BlobSource>,
        properties: &IngestionProperties,
        format: DataFormat,
        created: Timestamp,
    ) -> Self {
        Self {
            blobs,
            properties: properties.clone(),
            format,
            created,
            tracking: Tracking::On,
            time_limit: TIME_LIMIT,
            stage: RequestStage::new(),
        }
    }

    /// Has what becomes of them tracked, or not.
    #[must_use]
    pub fn with_tracking(self, tracking: Tracking) -> Self {
        Self { tracking, ..self }
    }

    /// Has the endpoint say there how far the request came.
    #[must_use]
    pub fn with_stage(self, stage: RequestStage) -> Self {
        Self { stage, ..self }
    }

    /// Limits how long the request may take.
    #[must_use]
    pub fn with_time_limit(self, limit: Duration) -> Self {
        Self {
            time_limit: limit,
            ..self
        }
    }

    /// Checks what the service would not notice, or would notice too late: that there are blobs, and no more than a
    /// request may name; that none is named twice, whatever its SAS, since both would be ingested; and that they agree
    /// on whether the service deletes them.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] with one of the codes `NoBlobs`, `TooManySources`, `DuplicateBlob` and
    /// `MixedRetention`.
    pub fn check(&self, most: usize) -> Result<()> {
        let refuse = |code: &'static str, why: &'static str| {
            Err(Error::new(ErrorKind::InvalidInput, "queue the blobs")
                .because(why)
                .with_code(code))
        };
        let (given, Some(first)) = (self.blobs.len(), self.blobs.first()) else {
            return refuse("NoBlobs", "a request names at least one blob");
        };
        if given > most {
            let error = refuse("TooManySources", "there are more blobs than a request may name");
            return error.map_err(|error: Error| error.with("given", given).with("most", most));
        }
        let mut named: Vec<&str> = self.blobs.iter().map(|blob| blob.uri().redacted()).collect();
        named.sort_unstable();
        if let Some(twice) = named.windows(2).find(|pair| pair[0] == pair[1]) {
            let error = refuse(
                "DuplicateBlob",
                "a blob is named twice, and would be ingested twice",
            );
            return error.map_err(|error: Error| error.with("blob", twice[0]));
        }
        if self
            .blobs
            .iter()
            .any(|blob| blob.is_retained() != first.is_retained())
        {
            let why = "some blobs are to be deleted after ingestion and others kept: make two requests";
            return refuse("MixedRetention", why);
        }
        Ok(())
    }
}

impl OperationId {
    /// Reads an id; blank text is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// It as the service wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
