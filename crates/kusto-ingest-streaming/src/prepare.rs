//! Everything before the request is sent: whatever fails here leaves nothing behind.

use kusto_endpoint::StreamingRequest;
use kusto_ingest_compression::{StreamingBody, StreamingLimits, ingested_bytes, streaming_body};
use kusto_ingest_core::{
    BlobSource, Compression, DataFormat, Error, ErrorKind, IngestionMapping, IngestionProperties,
    LocalSource, Receipt, ReceiptState, Result, Source, SourceId,
};

use crate::StreamingIngestClient;

/// A request, and the sizes for its receipt.
pub(crate) struct Prepared {
    pub(crate) request: StreamingRequest,
    pub(crate) raw_bytes: Option<u64>,
    pub(crate) sent_bytes: Option<u64>,
}

impl Prepared {
    /// The receipt for a source that reached a state.
    pub(crate) fn receipt(
        &self,
        source: &Source,
        properties: &IngestionProperties,
        state: ReceiptState,
    ) -> Receipt {
        let (database, table) = (properties.database.clone(), properties.table.clone());
        let receipt =
            Receipt::new(source.id(), database, table, state).with_sizes(self.raw_bytes, self.sent_bytes);
        match source {
            Source::Local(_) => receipt,
            Source::Blob(blob) => receipt.with_blob(blob.uri().redacted()),
        }
    }
}

impl StreamingIngestClient {
    /// From a source to the request that carries it.
    ///
    /// # Errors
    /// What is wrong with the properties, all at once; [`ErrorKind::SizeLimitExceeded`]; what reading the source
    /// threw.
    pub(crate) async fn prepare(
        &self,
        source: &Source,
        properties: &IngestionProperties,
    ) -> Result<Prepared> {
        let told = properties.format_for(source)?;
        let format = told.unwrap_or(DataFormat::Csv);
        if told.is_none() {
            tracing::warn!(
                name = source.name(),
                "the name does not tell the format of the data, which is taken for csv"
            );
        }
        properties.check(format)?;
        refuse_what_cannot_travel(source, properties)?;
        let mut limits = self.limits;
        if properties.ignore_size_limit {
            limits.data_bytes = u64::MAX;
        }
        let mut prepared = match source {
            Source::Local(local) => self.data(local, format, limits).await?,
            Source::Blob(blob) => address(blob, format, limits)?,
        };
        let own_name = || name(source, source.id());
        let name = properties.client_request_id.clone().unwrap_or_else(own_name);
        prepared.request.client_request_id = Some(name);
        prepared.request.time_limit = self.time_limit.unwrap_or(prepared.request.time_limit);
        if let Some(IngestionMapping::Reference { name, .. }) = &properties.mapping {
            prepared.request.mapping = Some(name.clone());
        }
        Ok(prepared)
    }

    async fn data(
        &self,
        source: &LocalSource,
        format: DataFormat,
        limits: StreamingLimits,
    ) -> Result<Prepared> {
        let body = match streaming_body(source, format, limits, &*self.compressor).await? {
            StreamingBody::Fits(body) => body,
            StreamingBody::TooLarge(source) => return Err(too_large(limits, source.raw_size())),
        };
        if body.compression() == Compression::Zip {
            return Err(cannot_carry(&["zip archives"]));
        }
        let bytes = body.payload().as_bytes().cloned().unwrap_or_default();
        Ok(Prepared {
            sent_bytes: Some(bytes.len() as u64),
            request: StreamingRequest::of_bytes(bytes, format),
            raw_bytes: body.raw_size(),
        })
    }
}

fn refuse_what_cannot_travel(source: &Source, properties: &IngestionProperties) -> Result<()> {
    let names = properties.not_streamable(source);
    if names.is_empty() {
        return Ok(());
    }
    Err(cannot_carry(&names))
}

/// Of a blob, only the address travels.
fn address(blob: &BlobSource, format: DataFormat, limits: StreamingLimits) -> Result<Prepared> {
    let raw_bytes = blob.raw_size();
    let data = raw_bytes.map(|raw| ingested_bytes(format, Compression::None, raw));
    if data.is_some_and(|data| data > limits.data_bytes) {
        return Err(too_large(limits, raw_bytes));
    }
    Ok(Prepared {
        request: StreamingRequest::of_blob(blob.uri().clone(), format),
        raw_bytes,
        sent_bytes: None,
    })
}

/// The name of the request in the service's logs.
fn name(source: &Source, id: SourceId) -> String {
    let from = match source {
        Source::Local(_) => "",
        Source::Blob(_) => "FromBlob",
    };
    format!("KRC.executeStreamingIngest{from};{id}")
}

fn too_large(limits: StreamingLimits, raw_bytes: Option<u64>) -> Error {
    let mut error = Error::new(ErrorKind::SizeLimitExceeded, "stream the source")
        .because("it is too large for one streaming request; use queued or managed streaming ingestion")
        .with("most bytes of body", limits.wire_bytes);
    if limits.data_bytes < u64::MAX {
        error = error.with("most bytes of data", limits.data_bytes);
    }
    match raw_bytes {
        Some(bytes) => error.with("bytes", bytes),
        None => error,
    }
}

fn cannot_carry(names: &[&str]) -> Error {
    Error::new(ErrorKind::InvalidInput, "stream the source").because(format!(
        "a streaming request cannot carry {}; use queued or managed streaming ingestion",
        names.join(", ")
    ))
}
