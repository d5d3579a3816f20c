//! Everything before a command is sent: brings a source to where one can name it, into a blob or into the command itself.

use futures::io::{AsyncReadExt, Cursor};
use kusto_ingest_core::{
    BlobUri, Compression, DataFormat, Error, ErrorKind, IngestionProperties, LocalSource, MappingKind,
    Payload, Result, Source, SourceId, unreadable,
};
use kusto_ingest_upload::{BlobNaming, Uploader};

use crate::DirectIngestClient;
use crate::batching::Member;
use crate::clause::clause;
use crate::quote;
use crate::source::Subject;

/// The most bytes of uncompressed data that Kusto takes from one blob.
const LARGEST: u64 = 6 * 1024 * 1024 * 1024;

/// A source that a command can name.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(crate) id: SourceId,
    /// Which chunk of a source it is, where it is one.
    pub(crate) chunk: Option<u32>,
    pub(crate) format: DataFormat,
    pub(crate) content: Content,
    pub(crate) raw_bytes: Option<u64>,
    pub(crate) sent_bytes: Option<u64>,
}

/// Where the data is.
#[derive(Debug)]
pub(crate) enum Content {
    Blob(BlobUri),
    Inline(String),
}

/// What staging needs.
#[derive(Debug)]
struct Staging<'a> {
    uploader: Option<&'a dyn Uploader>,
    /// The most bytes that a command carries.
    inline_limit: u64,
}

impl Staged {
    /// The source as a blob that waits for its command.
    pub(crate) fn member<'a>(
        &self,
        place: usize,
        uri: &BlobUri,
        properties: &'a IngestionProperties,
    ) -> Member<'a> {
        Member {
            place,
            id: self.id,
            chunk: self.chunk,
            uri: uri.clone(),
            format: self.format,
            properties,
            raw_bytes: self.raw_bytes,
            sent_bytes: self.sent_bytes,
        }
    }

    /// The source as the only one of a command that carries its data.
    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject {
            id: self.id,
            chunk: self.chunk,
            blob: None,
            raw_bytes: self.raw_bytes,
            sent_bytes: self.sent_bytes,
        }
    }
}

/// What reading a source for a command gave.
enum Read {
    /// All of it, which a command can carry.
    Text(String),
    /// What has to go into a blob, and why.
    Other(LocalSource, Error),
}

impl DirectIngestClient {
    /// Stages a source, by what the client has for it.
    pub(crate) async fn stage(&self, source: Source, properties: &IngestionProperties) -> Result<Staged> {
        let staging = Staging {
            uploader: self.uploader.as_deref(),
            inline_limit: self.inline_limit,
        };
        let id = source.id();
        let staged = staging.stage(source, properties).await;
        staged.map_err(|error| error.with_source_id(id))
    }
}

impl Staging<'_> {
    /// Stages a source, after everything that can be wrong with its command was looked for.
    async fn stage(&self, source: Source, properties: &IngestionProperties) -> Result<Staged> {
        let format = properties
            .format_for(&source)?
            .unwrap_or_else(|| assumed_csv(&source));
        quote::entity(properties.table.as_str())?;
        clause(properties, format)?;
        warn_of_names(format, properties);
        match source {
            Source::Blob(blob) => {
                quote::secret(blob.uri().expose())?;
                if !blob.is_retained() {
                    return Err(Error::new(ErrorKind::Unsupported, "ingest the blob").because(
                        "the engine deletes no blobs; ingest it through the queue, or delete it yourself",
                    ));
                }
                if !properties.ignore_size_limit && blob.raw_size().is_some_and(|size| size > LARGEST) {
                    return Err(Error::new(ErrorKind::SizeLimitExceeded, "ingest the blob")
                        .because("Kusto takes 6 GiB of uncompressed data from one blob"));
                }
                Ok(Staged {
                    id: blob.id(),
                    chunk: None,
                    format,
                    raw_bytes: blob.raw_size(),
                    content: Content::Blob(blob.uri().clone()),
                    sent_bytes: None,
                })
            }
            Source::Local(local) => self.local(local, properties, format).await,
        }
    }

    async fn local(
        &self,
        local: LocalSource,
        properties: &IngestionProperties,
        format: DataFormat,
    ) -> Result<Staged> {
        let (id, chunk) = (local.id(), local.chunk());
        let (local, obstacle) = match self.read(local, format).await? {
            Read::Text(text) => {
                let length = text.len() as u64;
                return Ok(Staged {
                    id,
                    chunk,
                    format,
                    content: Content::Inline(text),
                    raw_bytes: Some(length),
                    sent_bytes: Some(length),
                });
            }
            Read::Other(local, obstacle) => (local, obstacle),
        };
        let uploader = self.uploader.ok_or(obstacle)?;
        let uploaded = uploader
            .upload(&local, &BlobNaming::new(properties, format))
            .await?;
        Ok(Staged {
            id,
            chunk,
            format,
            content: Content::Blob(uploaded.blob),
            raw_bytes: uploaded.raw_bytes,
            sent_bytes: Some(uploaded.sent_bytes),
        })
    }

    /// Reads as much as a command carries. What was read of a stream that flows once is put in front of its rest.
    async fn read(&self, local: LocalSource, format: DataFormat) -> Result<Read> {
        if local.payload().len() == Some(0) {
            return Err(empty());
        }
        if let Some(obstacle) = self.obstacle(&local, format) {
            return Ok(Read::Other(local, obstacle));
        }
        let mut reader = local.payload().open(0).await?;
        let mut bytes = Vec::new();
        let most = self.inline_limit.saturating_add(1);
        (&mut reader)
            .take(most)
            .read_to_end(&mut bytes)
            .await
            .map_err(|error| unreadable("read the source", error))?;
        if bytes.is_empty() {
            return Err(empty());
        }
        if bytes.len() as u64 >= most {
            let whole = reread(local, || Payload::once(Cursor::new(bytes).chain(reader)));
            return Ok(Read::Other(whole, too_large_for_command(self.inline_limit)));
        }
        match text_of(&bytes, format) {
            Ok(text) => Ok(Read::Text(text.to_owned())),
            Err(obstacle) => {
                let whole = reread(local, || Payload::from_bytes(bytes));
                Ok(Read::Other(whole, obstacle.with("remedy", REMEDY)))
            }
        }
    }

    /// Why a command cannot carry such a source, as far as can be told without reading.
    fn obstacle(&self, local: &LocalSource, format: DataFormat) -> Option<Error> {
        if !format.is_compressible() {
            return Some(unsupported("its format is no text").with("remedy", REMEDY));
        }
        if local.compression() != Compression::None {
            return Some(unsupported("it is compressed").with("remedy", REMEDY));
        }
        let is_too_large = local
            .payload()
            .len()
            .is_some_and(|length| length > self.inline_limit);
        (is_too_large || self.inline_limit == 0).then(|| too_large_for_command(self.inline_limit))
    }
}

/// What to do about data that no command can carry.
const REMEDY: &str = "give the client an uploader";

/// A name that does not tell the format is taken for csv, as Kusto does, but not in silence.
fn assumed_csv(source: &Source) -> DataFormat {
    let name = source.name();
    tracing::warn!(
        name,
        "the name does not tell the format of the data, which is taken for csv"
    );
    DataFormat::Csv
}

/// Older engines want a mapping for these formats; today's take fields by the names of columns.
fn warn_of_names(format: DataFormat, properties: &IngestionProperties) {
    let by_name = [MappingKind::Json, MappingKind::Avro, MappingKind::ApacheAvro];
    if properties.mapping.is_none() && by_name.contains(&format.mapping_kind()) {
        tracing::warn!(%format, table = %properties.table, "without a mapping, fields go to columns of the same name");
    }
}

/// The source itself where it can be read again; else the same source with what was read of it.
fn reread(local: LocalSource, payload: impl FnOnce() -> Payload) -> LocalSource {
    if local.payload().is_replayable() {
        return local;
    }
    let mut same = LocalSource::new(payload())
        .with_id(local.id())
        .with_compression(local.compression())
        .with_raw_size(local.raw_size().unwrap_or_default());
    if let Some(chunk) = local.chunk() {
        same = same.with_chunk(chunk);
    }
    match local.name() {
        Some(name) => same.with_name(name),
        None => same,
    }
}

/// The text of bytes, without the mark of byte order, which is none of the data.
fn text_of(bytes: &[u8], format: DataFormat) -> Result<&str> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let text =
        std::str::from_utf8(bytes).map_err(|error| unsupported("it is no UTF-8 text").caused_by(error))?;
    quote::data(text, format)
}

fn empty() -> Error {
    Error::new(ErrorKind::EmptySource, "read the source").because("it has no bytes")
}

fn unsupported(why: &'static str) -> Error {
    Error::new(ErrorKind::Unsupported, "put the data into a command").because(why)
}

fn too_large_for_command(limit: u64) -> Error {
    Error::new(ErrorKind::SizeLimitExceeded, "put the data into a command")
        .because(format!(
            "it is larger than the {limit} bytes that a command may carry"
        ))
        .with("remedy", REMEDY)
}
