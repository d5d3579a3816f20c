//! The wire of Kusto's endpoints as a server sees it: requests are read, answers are written.

mod dataset;
mod error;
mod request;
mod streaming;

pub use dataset::{to_v1, to_v2};
pub use error::{error_body, error_status};
pub use request::RequestBody;
pub use streaming::{parse_streaming, streaming_outcome};
