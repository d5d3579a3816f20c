//! What is ingested: bytes, files, streams and blobs.

#[doc(inline)]
pub use kusto_ingest_core::{
    BlobSource, BlobUri, Compression, CountedSize, DataFormat, LazySource, LocalSource, Payload,
    PayloadReader, Source, SourceId, SourceStream, Sources, decode_text, refuse_duplicates,
};
#[doc(inline)]
pub use kusto_ingest_tokio::{
    FileState, Files, SourceFile, blocking_reader, delete_if_unchanged, file, find_duplicate,
    interrupted_deletions, reader,
};
