//! What `.export` writes: files of at most so many bytes, each of rows of an answer.

#[cfg(feature = "parquet")]
mod parquet;
mod text;

use bytes::Bytes;
use kusto_ingest_core::{BlobUri, Error, Result};
use kusto_storage::{BlobName, ResourceKind, ResourceUri};
use uuid::Uuid;

use crate::refusal::refused;
use crate::{AnswerTable, BlobWrite, FakeKusto, OnConflict, ResourcePath};

/// The format of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExportFormat {
    Csv,
    Tsv,
    Json,
    Parquet,
}

impl ExportFormat {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        [Self::Csv, Self::Tsv, Self::Json, Self::Parquet].into_iter()
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Json => "json",
            Self::Parquet => "parquet",
        }
    }

    /// How its files can be compressed.
    pub(crate) fn codecs(self) -> &'static [&'static str] {
        match self {
            Self::Csv | Self::Tsv | Self::Json => &["gzip"],
            Self::Parquet => &["gzip", "snappy", "lz4_raw", "brotli", "zstd"],
        }
    }
}

/// Which files begin with the names of the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Headers {
    None,
    FirstFile,
    All,
}

/// What is to be written, and where.
#[derive(Clone, Debug)]
pub(crate) struct Export {
    pub(crate) format: ExportFormat,
    pub(crate) codec: Option<String>,
    pub(crate) containers: Vec<String>,
    pub(crate) headers: Headers,
    pub(crate) has_byte_order_mark: bool,
    pub(crate) prefix: String,
    pub(crate) extension: Option<String>,
    pub(crate) size_limit: u64,
    /// Whether datetimes of Parquet have microseconds, and not milliseconds.
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "text has all digits"))]
    pub(crate) is_precise: bool,
}

/// One file.
pub(crate) struct ExportedFile {
    pub(crate) rows: usize,
    pub(crate) bytes: Bytes,
}

impl Export {
    /// The files of an answer; none where it has no rows.
    ///
    /// # Errors
    /// `BadRequest_FormatNotSupported` for Parquet in a build without it.
    pub(crate) fn write(&self, answer: &AnswerTable) -> Result<Vec<ExportedFile>> {
        match self.format {
            #[cfg(feature = "parquet")]
            ExportFormat::Parquet => parquet::write(self, answer),
            #[cfg(not(feature = "parquet"))]
            ExportFormat::Parquet => Err(refused(
                "BadRequest_FormatNotSupported",
                "this build of the emulator writes no Parquet",
            )),
            _ => text::write(self, answer),
        }
    }

    /// The name of a file, each time another.
    pub(crate) fn name(&self, at: usize) -> String {
        let (prefix, id) = (&self.prefix, Uuid::new_v4().simple());
        let extension = self.extension.clone().unwrap_or_else(|| {
            let name = self.format.name();
            match (&self.codec, self.format) {
                (None, _) => format!(".{name}"),
                (Some(codec), ExportFormat::Parquet) => format!(".{codec}.{name}"),
                (Some(_), _) => format!(".{name}.gz"),
            }
        });
        format!("{prefix}_{}_{id}{extension}", at + 1)
    }
}

impl FakeKusto {
    /// Puts a file into a container, and tells its address.
    ///
    /// # Errors
    /// As [`exported_place`](Self::exported_place); those of the storage.
    pub(crate) fn put_exported(&self, container: &str, name: &str, bytes: Bytes) -> Result<BlobUri> {
        let (blob, place, name) = self.exported_place(container, name)?;
        let write = BlobWrite::new(OnConflict::Replace);
        self.storage().put_blob(&place, name.as_str(), bytes, &write)?;
        Ok(blob)
    }

    /// Where a file of a name belongs: into a container of this Kusto's own storage, in the folder that the address names. A key
    /// behind a semicolon opens every container.
    ///
    /// # Errors
    /// `BadRequest_InvalidBlobUri`, `Download_SourceNotFound`, `Download_Forbidden`.
    pub(crate) fn exported_place(
        &self,
        container: &str,
        name: &str,
    ) -> Result<(BlobUri, ResourcePath, BlobName)> {
        let invalid = |error: Error| {
            refused("BadRequest_InvalidBlobUri", "it is no address of a container").caused_by(error)
        };
        let (address, key) = container.split_once(';').unwrap_or((container, ""));
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let separator = if query.is_empty() { "" } else { "?" };
        let blob = format!("{}/{name}{separator}{query}", path.trim_end_matches('/'));
        let blob = BlobUri::parse(blob).map_err(invalid)?;
        let (container, name) = ResourceUri::of_blob(&blob).map_err(invalid)?;
        let place = ResourcePath::from(&container);
        if !self.storage().exists(ResourceKind::Container, &place) {
            let why = "there is no such container in this Kusto's storage";
            return Err(refused("Download_SourceNotFound", why));
        }
        if key.is_empty() {
            self.storage()
                .authorize(ResourceKind::Container, &place, query)
                .map_err(|error| {
                    refused("Download_Forbidden", "the storage refuses the SAS").caused_by(error)
                })?;
        }
        Ok((blob, place, name))
    }
}
