//! What an answer to a query says about itself beside its tables.

use kusto_ingest_core::Timestamp;
use uuid::Uuid;

use super::AnswerOptions;

/// What an answer says beside its tables: the ids of the request on both sides, and the time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AnswerContext {
    /// The service's id of the request.
    pub activity_id: Uuid,
    /// The client's id of the request.
    pub client_request_id: String,
    /// When it was answered.
    pub at: Timestamp,
    /// The options of the request.
    pub options: AnswerOptions,
}

impl AnswerContext {
    /// An answer to a request without options.
    pub fn new(activity_id: Uuid, client_request_id: impl Into<String>, at: Timestamp) -> Self {
        Self {
            activity_id,
            client_request_id: client_request_id.into(),
            at,
            options: AnswerOptions::default(),
        }
    }

    /// An answer with these options.
    #[must_use]
    pub fn with_options(self, options: AnswerOptions) -> Self {
        Self { options, ..self }
    }
}
