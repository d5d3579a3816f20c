//! From a local source to a blob.

#[doc(inline)]
pub use kusto_ingest_upload::{
    BlobNaming, ContainerUploader, MemoryBudget, Uploaded, Uploader, UserContainersUploader,
};
