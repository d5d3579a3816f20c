//! What an answer to a query says about itself beside its tables.

use kusto_ingest_core::Timestamp;
use uuid::Uuid;

use super::AnswerOptions;

/// What an answer to a query says about itself beside its tables: the names of the request on both sides, and when it
/// was answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AnswerContext {
    /// The service's name for the request.
    pub activity_id: Uuid,
    /// The client's name for the request.
    pub client_request_id: String,
    /// When it was answered.
    pub at: Timestamp,
    /// How the client wants it.
    pub options: AnswerOptions,
}

impl AnswerContext {
    /// An answer as clients get it that ask for nothing special.
    pub fn new(activity_id: Uuid, client_request_id: impl Into<String>, at: Timestamp) -> Self {
        Self {
            activity_id,
            client_request_id: client_request_id.into(),
            at,
            options: AnswerOptions::default(),
        }
    }

    /// An answer as these options want it.
    #[must_use]
    pub fn with_options(self, options: AnswerOptions) -> Self {
        Self { options, ..self }
    }
}
