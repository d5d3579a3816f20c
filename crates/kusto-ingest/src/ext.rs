//! Every kind of source, by a call of any client.

use std::path::Path;

use async_trait::async_trait;
use bytes::Bytes;
use kusto_ingest_core::{
    AggregateResult, BlobSource, IngestClient, IngestionProperties, LocalSource, Receipt, Result, Source,
    Sources,
};
use kusto_ingest_rows::Rows;
use kusto_ingest_tokio::file;

/// Every kind of source, by a call of any [`IngestClient`].
///
/// ```no_run
/// use kusto_ingest::{IngestClientExt, IngestionProperties, Kusto};
///
/// # async fn run() -> kusto_ingest::Result<()> {
/// let client = Kusto::connect("http://localhost:8080")?.queued();
/// let properties = IngestionProperties::into_table("Samples", "Weather")?;
/// client.ingest_file("weather.csv.gz", &properties).await?;
/// client.ingest_bytes("2012-01-01,4.7\n", &properties.clone().with_format(kusto_ingest::DataFormat::Csv)).await?;
/// client.ingest_blob("https://account.blob.core.windows.net/container/weather.csv?sv=…", &properties).await?;
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait IngestClientExt: IngestClient {
    /// Ingests one source: a local one, a blob, or whatever becomes one.
    ///
    /// # Errors
    /// As [`IngestClient::ingest_source`].
    async fn ingest(
        &self,
        source: impl Into<Source> + Send,
        properties: &IngestionProperties,
    ) -> Result<Receipt> {
        self.ingest_source(source.into(), properties).await
    }

    /// Ingests bytes in memory, in the format that the properties name.
    ///
    /// # Errors
    /// As [`IngestClient::ingest_source`].
    #[doc(alias(
        "IngestFromStream",
        "IngestFromStreamAsync",
        "ingest_from_stream",
        "ingestFromStream",
        "FromReader"
    ))]
    async fn ingest_bytes(
        &self,
        bytes: impl Into<Bytes> + Send,
        properties: &IngestionProperties,
    ) -> Result<Receipt> {
        let source = LocalSource::from_bytes(bytes);
        self.ingest_source(source.into(), properties).await
    }

    /// Ingests a file. Its name tells format and compression, where the properties do not.
    ///
    /// # Errors
    /// As [`file()`], and as [`IngestClient::ingest_source`].
    #[doc(alias(
        "IngestFromFile",
        "IngestFromStorageAsync",
        "ingest_from_file",
        "ingestFromFile",
        "FromFile"
    ))]
    async fn ingest_file(
        &self,
        path: impl AsRef<Path> + Send,
        properties: &IngestionProperties,
    ) -> Result<Receipt> {
        let source = file(path.as_ref()).await?;
        self.ingest_source(source.into(), properties).await
    }

    /// Ingests a blob that Kusto reads by itself, by its address with a SAS, key or identity suffix.
    ///
    /// # Errors
    /// As [`BlobSource::parse`], and as [`IngestClient::ingest_source`].
    #[doc(alias(
        "IngestFromBlob",
        "IngestFromSingleBlob",
        "ingest_from_blob",
        "ingestFromBlob"
    ))]
    async fn ingest_blob(&self, address: &str, properties: &IngestionProperties) -> Result<Receipt> {
        let source = BlobSource::parse(address)?;
        self.ingest_source(source.into(), properties).await
    }

    /// Ingests rows, in chunks where they are many: a receipt for each chunk.
    ///
    /// # Errors
    /// As [`Rows::ingest_with`]. The chunks before the one that failed are in: [`Error::accepted`](crate::Error::accepted) has
    /// their receipts.
    #[doc(alias(
        "IngestFromDataReader",
        "IngestFromDataReaderAsync",
        "ingest_from_dataframe",
        "ingestFromResultSet"
    ))]
    async fn ingest_rows(&self, rows: Rows, properties: &IngestionProperties) -> Result<Vec<Receipt>> {
        rows.ingest_with(self, properties).await
    }

    /// Ingests several sources, a few at a time, and tells what became of each. See [`Sources`].
    async fn ingest_all(
        &self,
        sources: impl IntoIterator<Item: Into<Source>> + Send,
        properties: &IngestionProperties,
    ) -> AggregateResult {
        Sources::new(sources).ingest_with(self, properties).await
    }
}

impl<C: IngestClient + ?Sized> IngestClientExt for C {}
