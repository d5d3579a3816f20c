//! What is ingested: local bytes, or a blob that Kusto can read by itself.

use bytes::Bytes;
use futures_io::AsyncRead;

use crate::{BlobUri, Compression, CountedSize, Payload, Result, SourceId};

/// What is ingested.
#[doc(alias = "StorageSourceOptions")]
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "data is either here, or where Kusto can fetch it"
)]
pub enum Source {
    /// Bytes that this process can read; a client brings them to Kusto.
    Local(LocalSource),
    /// A blob that Kusto reads by itself; only its address travels.
    Blob(BlobSource),
}

impl Source {
    /// The identity of the source.
    #[must_use]
    pub fn id(&self) -> SourceId {
        match self {
            Self::Local(source) => source.id,
            Self::Blob(source) => source.id,
        }
    }

    /// The same source under another identity.
    #[must_use]
    pub fn with_id(self, id: SourceId) -> Self {
        match self {
            Self::Local(local) => Self::Local(local.with_id(id)),
            Self::Blob(blob) => Self::Blob(blob.with_id(id)),
        }
    }

    /// Its name: that of a local source if it has one, or the address of a blob without its secrets.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Local(source) => source.name(),
            Self::Blob(source) => Some(source.uri().redacted()),
        }
    }
}

impl From<LocalSource> for Source {
    fn from(source: LocalSource) -> Self {
        Self::Local(source)
    }
}

impl From<BlobSource> for Source {
    fn from(source: BlobSource) -> Self {
        Self::Blob(source)
    }
}

impl From<Payload> for Source {
    fn from(payload: Payload) -> Self {
        Self::Local(payload.into())
    }
}

impl From<Payload> for LocalSource {
    fn from(payload: Payload) -> Self {
        Self::new(payload)
    }
}

/// Bytes that this process can read. Files come through the `kusto-ingest-tokio` crate.
#[doc(alias("StreamSourceInfo", "FileSourceInfo", "StreamSourceOptions"))]
#[derive(Clone, Debug)]
pub struct LocalSource {
    id: SourceId,
    payload: Payload,
    name: Option<String>,
    compression: Option<Compression>,
    raw_size: Option<u64>,
    counted: Option<CountedSize>,
    chunk: Option<u32>,
}

impl LocalSource {
    /// Any payload.
    #[must_use]
    pub fn new(payload: Payload) -> Self {
        Self {
            id: SourceId::random(),
            payload,
            name: None,
            compression: None,
            raw_size: None,
            counted: None,
            chunk: None,
        }
    }

    /// Bytes in memory.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        Self::new(Payload::from_bytes(bytes))
    }

    /// A stream that cannot be replayed.
    pub fn from_reader(reader: impl AsyncRead + Send + 'static) -> Self {
        Self::new(Payload::from_reader(reader))
    }

    /// Gives the source an identity of the caller's; without, it has a random one.
    #[must_use]
    pub fn with_id(self, id: SourceId) -> Self {
        Self { id, ..self }
    }

    /// Replaces its bytes. Everything else stays, except the counted size of the former bytes.
    #[must_use]
    pub fn with_payload(self, payload: Payload) -> Self {
        Self {
            payload,
            counted: None,
            ..self
        }
    }

    /// Names it as a file: format and compression are inferred from the name, and the blob bears its stem.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    /// Declares how the bytes are compressed already. Without it, the name tells; without a name they are plain.
    #[must_use]
    pub fn with_compression(self, compression: Compression) -> Self {
        Self {
            compression: Some(compression),
            ..self
        }
    }

    /// Says how many bytes the data has uncompressed. Zero means "unknown", as Kusto's other clients have it.
    #[must_use]
    pub fn with_raw_size(self, bytes: u64) -> Self {
        Self {
            raw_size: Some(bytes).filter(|bytes| *bytes > 0),
            ..self
        }
    }

    /// Takes the uncompressed size from a count that is made while the bytes are read. Once it is complete, it
    /// overrides [`with_raw_size`](Self::with_raw_size).
    #[must_use]
    pub fn with_counted_size(self, size: CountedSize) -> Self {
        Self {
            counted: Some(size),
            ..self
        }
    }

    /// Says which chunk it is, counted from zero, of rows that were cut into several sources of the same identity.
    ///
    /// The blob's name bears the number, and every chunk after the first has a row of its own in the status table.
    #[must_use]
    pub fn with_chunk(self, chunk: u32) -> Self {
        Self {
            chunk: Some(chunk),
            ..self
        }
    }

    /// Its identity.
    #[must_use]
    pub fn id(&self) -> SourceId {
        self.id
    }

    /// Its bytes.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Its name, when it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// How its bytes are compressed: as said, else as the name says, else not.
    #[must_use]
    pub fn compression(&self) -> Compression {
        self.compression
            .or_else(|| self.name.as_deref().map(Compression::from_name))
            .unwrap_or(Compression::None)
    }

    /// The compression that the caller declared; `None` when only the name may tell.
    #[must_use]
    pub fn declared_compression(&self) -> Option<Compression> {
        self.compression
    }

    /// The uncompressed size in bytes: as [counted](Self::with_counted_size) once the bytes were read to their end, else as
    /// the caller gave it.
    #[must_use]
    pub fn raw_size(&self) -> Option<u64> {
        let counted = self.counted.as_ref().and_then(CountedSize::bytes);
        counted.or(self.raw_size)
    }

    /// Which chunk it is, counted from zero; `None` where its identity is its own.
    #[must_use]
    pub fn chunk(&self) -> Option<u32> {
        self.chunk
    }
}

/// A blob that Kusto reads by itself.
#[doc(alias = "BlobSourceInfo")]
#[doc(alias = "BlobDescriptor")]
#[derive(Clone, Debug)]
pub struct BlobSource {
    id: SourceId,
    uri: BlobUri,
    raw_size: Option<u64>,
    retention: Retention,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Retention {
    Keep,
    Delete,
}

impl BlobSource {
    /// A blob at an address that is parsed already.
    #[must_use]
    pub fn new(uri: BlobUri) -> Self {
        Self {
            id: SourceId::random(),
            uri,
            raw_size: None,
            retention: Retention::Keep,
        }
    }

    /// A blob at an address with its SAS, key or identity suffix.
    ///
    /// # Errors
    /// As [`BlobUri::parse`].
    pub fn parse(address: impl Into<String>) -> Result<Self> {
        BlobUri::parse(address).map(Self::new)
    }

    /// Gives the source an identity of the caller's; without, it has a random one.
    #[must_use]
    pub fn with_id(self, id: SourceId) -> Self {
        Self { id, ..self }
    }

    /// Says how many bytes the data has uncompressed. Zero means "unknown".
    #[must_use]
    pub fn with_raw_size(self, bytes: u64) -> Self {
        Self {
            raw_size: Some(bytes).filter(|bytes| *bytes > 0),
            ..self
        }
    }

    /// Lets the service delete the blob once it is ingested. It needs the permission to do so.
    #[doc(alias = "DeleteSourceOnSuccess")]
    #[must_use]
    pub fn with_delete_after_ingestion(self) -> Self {
        Self {
            retention: Retention::Delete,
            ..self
        }
    }

    /// Its identity.
    #[must_use]
    pub fn id(&self) -> SourceId {
        self.id
    }

    /// Its address.
    #[must_use]
    pub fn uri(&self) -> &BlobUri {
        &self.uri
    }

    /// Its uncompressed size in bytes, when known.
    #[must_use]
    pub fn raw_size(&self) -> Option<u64> {
        self.raw_size
    }

    /// Whether the service keeps the blob.
    #[doc(alias = "RetainBlobOnSuccess")]
    #[must_use]
    pub fn is_retained(&self) -> bool {
        self.retention == Retention::Keep
    }
}
