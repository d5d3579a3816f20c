//! What is ingested: bytes, files, streams and blobs.
//!
//! ```no_run
//! # async fn run(kusto: kusto_ingest::Kusto, properties: kusto_ingest::IngestionProperties) -> kusto_ingest::Result<()> {
//! use kusto_ingest::{Files, IngestClientExt, LocalSource};
//!
//! let client = kusto.queued();
//! client.ingest_file("weather.csv.gz", &properties).await?;
//! client.ingest(LocalSource::from_bytes("2012-01-01,4.7\n").with_name("day.csv"), &properties).await?;
//! let results = Files::new(["1.csv", "2.csv"]).ingest_with(&client, &properties).await;
//! # Ok(())
//! # }
//! ```
//!
//! More is in the guide: `docs/guide/sources.md`.

#[doc(inline)]
pub use kusto_ingest_core::{
    BlobSource, BlobUri, Compression, CountedSize, DataFormat, LazySource, LocalSource, Payload,
    PayloadReader, Source, SourceId, SourceStream, Sources, refuse_duplicates,
};
#[doc(inline)]
pub use kusto_ingest_tokio::{
    FileState, Files, SourceFile, blocking_reader, delete_if_unchanged, file, find_duplicate,
    interrupted_deletions, reader,
};
