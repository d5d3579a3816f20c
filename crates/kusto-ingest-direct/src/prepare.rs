//! Everything before a command is sent: a source is brought into a blob, or into the command itself.

mod inline;

use kusto_ingest_core::{
    BlobUri, DataFormat, Error, ErrorKind, IngestionProperties, LocalSource, MappingKind, Result, Source,
    SourceId,
};
use kusto_ingest_upload::BlobNaming;

use self::inline::InlineData;
use crate::DirectIngestClient;
use crate::batching::BatchedBlob;
use crate::clause::clause;
use crate::quote;
use crate::source::CommandSource;

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
    pub(crate) stored_bytes: u64,
}

/// Where the data is.
#[derive(Debug)]
pub(crate) enum Content {
    Blob(BlobUri),
    Inline(String),
}

impl Staged {
    /// The source as a blob that waits for its command.
    pub(crate) fn member<'a>(
        &self,
        place: usize,
        uri: &BlobUri,
        properties: &'a IngestionProperties,
    ) -> BatchedBlob<'a> {
        BatchedBlob {
            place,
            id: self.id,
            chunk: self.chunk,
            uri: uri.clone(),
            format: self.format,
            properties,
            raw_bytes: self.raw_bytes,
            sent_bytes: self.sent_bytes,
            stored_bytes: self.stored_bytes,
        }
    }

    /// The source as the only one of a command that carries its data.
    pub(crate) fn command_source(&self) -> CommandSource<'_> {
        CommandSource {
            id: self.id,
            chunk: self.chunk,
            blob: None,
            raw_bytes: self.raw_bytes,
            sent_bytes: self.sent_bytes,
            stored_bytes: self.stored_bytes,
        }
    }
}

impl DirectIngestClient {
    /// Stages a source, after everything that can be wrong with its command was looked for.
    pub(crate) async fn stage(&self, source: Source, properties: &IngestionProperties) -> Result<Staged> {
        let id = source.id();
        let staged = self.staged(source, properties).await;
        staged.map_err(|error| error.with_source_id(id))
    }

    async fn staged(&self, source: Source, properties: &IngestionProperties) -> Result<Staged> {
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
                    stored_bytes: 0,
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
        let (local, refusal) = match inline::read(local, format, self.inline_limit).await? {
            InlineData::Text(text) => {
                let length = text.len() as u64;
                return Ok(Staged {
                    id,
                    chunk,
                    format,
                    content: Content::Inline(text),
                    raw_bytes: Some(length),
                    sent_bytes: Some(length),
                    stored_bytes: 0,
                });
            }
            InlineData::Other(local, refusal) => (local, refusal),
        };
        let uploader = self.uploader.as_deref().ok_or(refusal)?;
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
            stored_bytes: uploaded.stored_bytes,
        })
    }
}

/// A name that does not tell the format is taken for csv, as Kusto does, and a warning is logged.
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
