//! How each kind of call is tried again, and what is done when nobody knows its outcome.

use std::sync::Arc;

use kusto_ingest_core::{ExponentialRetry, OnUnknownOutcome, RetryPolicy};
use kusto_ingest_resources::ResourceManager;
use kusto_ingest_status::TableStatusTracker;
use kusto_ingest_upload::ContainerUploader;

use super::KustoBuilder;

/// How each kind of call is tried again; by default as its layer does.
#[derive(Clone, Default)]
pub(super) struct Retries {
    pub(super) upload: Option<Arc<dyn RetryPolicy>>,
    pub(super) post: Option<Arc<dyn RetryPolicy>>,
    pub(super) command: Option<Arc<dyn RetryPolicy>>,
    pub(super) streaming: Option<Arc<dyn RetryPolicy>>,
    pub(super) direct: Option<Arc<dyn RetryPolicy>>,
}

impl KustoBuilder {
    /// How uploads are tried again: a round over all storage accounts is one attempt. For up to a minute by default.
    #[must_use]
    pub fn with_upload_retry(mut self, policy: Arc<dyn RetryPolicy>) -> Self {
        self.retries.upload = Some(policy);
        self
    }

    /// How messages are posted again, and status records opened: a round over all queues or tables is one attempt. For up
    /// to a minute by default.
    #[doc(alias("QueueOptions", "MaxRetries"))]
    #[must_use]
    pub fn with_post_retry(mut self, policy: Arc<dyn RetryPolicy>) -> Self {
        self.retries.post = Some(policy);
        self
    }

    /// How the commands that ask for storage are tried again.
    #[must_use]
    pub fn with_command_retry(mut self, policy: Arc<dyn RetryPolicy>) -> Self {
        self.retries.command = Some(policy);
        self
    }

    /// How the streaming client tries again a request that was certainly not carried out: not at all by default.
    /// Managed streaming goes by its own [policy](Self::with_managed_policy).
    #[must_use]
    pub fn with_streaming_retry(mut self, policy: Arc<dyn RetryPolicy>) -> Self {
        self.retries.streaming = Some(policy);
        self
    }

    /// How the commands of direct ingestion are tried again that certainly did nothing: up to three attempts by default.
    #[must_use]
    pub fn with_direct_retry(mut self, policy: Arc<dyn RetryPolicy>) -> Self {
        self.retries.direct = Some(policy);
        self
    }

    /// What all clients do when nobody knows whether a request was carried out. Without it, queued, streaming and direct
    /// clients report it, and managed streaming sends again, or takes the queue.
    ///
    /// With [`OnUnknownOutcome::Retry`] the streaming client, too, makes up to three attempts, unless
    /// [`with_streaming_retry`](Self::with_streaming_retry) says how many.
    #[must_use]
    pub fn with_on_unknown_outcome(self, choice: OnUnknownOutcome) -> Self {
        Self {
            on_unknown: Some(choice),
            ..self
        }
    }
}

impl Retries {
    pub(super) fn manager(&self, manager: ResourceManager) -> ResourceManager {
        match &self.command {
            Some(policy) => manager.with_retry(policy.clone()),
            None => manager,
        }
    }

    pub(super) fn uploader(&self, uploader: ContainerUploader) -> ContainerUploader {
        match &self.upload {
            Some(policy) => uploader.with_retry(policy.clone()),
            None => uploader,
        }
    }

    /// One attempt, unless somebody asked for more: by a policy, or by having what nobody knows tried again.
    pub(super) fn streaming(&self, on_unknown: Option<OnUnknownOutcome>) -> Option<Arc<dyn RetryPolicy>> {
        let thrice = || Arc::new(ExponentialRetry::new(3)) as Arc<dyn RetryPolicy>;
        let asked = (on_unknown == Some(OnUnknownOutcome::Retry)).then(thrice);
        self.streaming.clone().or(asked)
    }

    /// Status rows are written as messages are posted.
    pub(super) fn tracker(&self, tracker: TableStatusTracker) -> TableStatusTracker {
        match &self.post {
            Some(policy) => tracker.with_retry(policy.clone()),
            None => tracker,
        }
    }
}
