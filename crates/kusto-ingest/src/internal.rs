//! What only the command line needs of the layers below. Nothing is promised of it.

pub use kusto_ingest_core::{decode_text, zip};
pub use kusto_ingest_tokio::internal::{append_private_file, create_private_file};
