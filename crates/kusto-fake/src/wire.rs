//! The wire of Kusto's endpoints as a server sees it: requests are read, answers are written.

mod context;
mod error;
mod information;
mod limits;
mod options;
mod queued;
mod request;
mod rows;
mod streaming;
mod v1;
mod v2;

pub use context::AnswerContext;
pub use error::{error_body, error_status};
pub use options::{AnswerOptions, ErrorPlacement};
pub(crate) use options::{OBEYED, ignored};
pub use queued::{ingestion_configuration, parse_operation, parse_submission, queued_operation, submission};
pub use request::RequestBody;
pub use streaming::{parse_streaming, streaming_outcome};
pub use v1::{query_to_v1, to_v1};
pub use v2::to_v2;

/// Writes JSON. The types here have no maps and no numbers that could not be written.
pub(crate) fn write(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
