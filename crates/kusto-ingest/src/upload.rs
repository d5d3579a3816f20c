//! From a local source to a blob.
//!
//! More is in the guide: `docs/guide/throughput.md`.

#[doc(inline)]
pub use kusto_ingest_upload::{
    BlobNaming, ContainerUploader, MemoryBudget, Uploaded, Uploader, UserContainersUploader,
};
