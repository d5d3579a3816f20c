//! A message of any client, as the service reads it.

mod properties;

use std::fmt;

use kusto_ingest_core::{
    BlobSource, BlobUri, DatabaseName, Error, ErrorKind, ReportLevel, ReportMethod, Result, SourceId,
    TableName, Timestamp, redact_address,
};
use serde_json::{Map, Value};

use super::{StatusLocation, keys};
use crate::fields::Fields;
use crate::{IdentityToken, IngestionErrorCode, base64_text};

/// A message of any client, as the service reads it: keys in any case, numbers and booleans also as text, levels and
/// methods by number or name.
///
/// What is needed to report about a message is read at once. Whatever else can be wrong with it is read by the
/// methods, whose errors carry the service's own [`code`](Error::code) for it: a message without a usable mapping
/// still names its source and its status row.
#[derive(Clone)]
#[non_exhaustive]
pub struct DecodedMessage {
    /// The identity of the source.
    pub source_id: Option<SourceId>,
    /// The database, as written.
    pub database: String,
    /// The table, as written.
    pub table: String,
    /// The uncompressed size in bytes, when the client knew it.
    pub raw_size: Option<u64>,
    /// Whether the service keeps the blob; when nothing is said, it does not.
    pub retain_blob: bool,
    /// Whether the service skips batching.
    pub flush_immediately: bool,
    /// Whether the service accepts data of any size.
    pub ignore_size_limit: bool,
    /// What the service reports.
    pub report_level: ReportLevel,
    /// Where the service reports.
    pub report_method: ReportMethod,
    /// When the client wrote the message.
    pub created: Option<Timestamp>,
    /// The application that sent it.
    pub application: Option<String>,
    /// The client library that sent it.
    pub client_version: Option<String>,
    /// The row of the status table that is to be kept up to date.
    pub status: Option<StatusLocation>,
    blob_path: String,
    additional: Map<String, Value>,
    /// The Java client writes the policy beside the other fields.
    validation_policy: Option<Map<String, Value>>,
}

impl DecodedMessage {
    /// Reads the text of a queue message: base64 of JSON, or bare JSON.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] with the code `BadRequest_CorruptedMessage` when it is no JSON object.
    pub fn decode(text: &str) -> Result<Self> {
        let json = base64_text::decode(text);
        let object: Map<String, Value> = serde_json::from_str(&json).map_err(|_| {
            refused(&IngestionErrorCode::BadRequestCorruptedMessage).because("it is not a JSON object")
        })?;
        Ok(Self::from_object(&object))
    }

    fn from_object(object: &Map<String, Value>) -> Self {
        let fields = Fields(object);
        Self {
            source_id: fields.source_id(keys::ID),
            database: fields.text(keys::DATABASE).unwrap_or_default(),
            table: fields.text(keys::TABLE).unwrap_or_default(),
            raw_size: fields
                .number(keys::RAW_DATA_SIZE)
                .and_then(|bytes| u64::try_from(bytes).ok())
                .filter(|bytes| *bytes > 0),
            retain_blob: fields.flag(keys::RETAIN_BLOB).unwrap_or(false),
            flush_immediately: fields.flag(keys::FLUSH_IMMEDIATELY).unwrap_or(false),
            ignore_size_limit: fields.flag(keys::IGNORE_SIZE_LIMIT).unwrap_or(false),
            report_level: fields
                .text(keys::REPORT_LEVEL)
                .map(|text| report_level(&text))
                .unwrap_or_default(),
            report_method: fields
                .text(keys::REPORT_METHOD)
                .map(|text| report_method(&text))
                .unwrap_or_default(),
            created: fields.time(keys::CREATED),
            application: fields.some_text(keys::APPLICATION),
            client_version: fields.some_text(keys::CLIENT_VERSION),
            status: fields
                .object(keys::STATUS)
                .and_then(|row| StatusLocation::from_json(&row)),
            blob_path: fields.text(keys::BLOB_PATH).unwrap_or_default(),
            additional: fields.object(keys::ADDITIONAL).unwrap_or_default(),
            validation_policy: fields.object(keys::additional::VALIDATION_POLICY),
        }
    }

    /// The blob, with its size and whether it is deleted, as the message says.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] with the code `BadRequest_EmptyBlobUri` or `BadRequest_InvalidBlobUri`.
    pub fn blob(&self) -> Result<BlobSource> {
        if self.blob_path.trim().is_empty() {
            return Err(refused(&IngestionErrorCode::BadRequestEmptyBlobUri).because("it names no blob"));
        }
        let uri = BlobUri::parse(self.blob_path.as_str())
            .map_err(|error| refused(&IngestionErrorCode::BadRequestInvalidBlobUri).caused_by(error))?;
        let blob = BlobSource::new(uri).with_raw_size(self.raw_size.unwrap_or_default());
        let blob = match self.source_id {
            Some(id) => blob.with_id(id),
            None => blob,
        };
        Ok(if self.retain_blob {
            blob
        } else {
            blob.with_delete_after_ingestion()
        })
    }

    /// The blob's address without its secrets: what reports call the source's path.
    #[must_use]
    pub fn source_path(&self) -> &str {
        redact_address(&self.blob_path)
    }

    /// The blob's address with its secrets, whatever it is.
    #[must_use]
    pub fn expose_blob_path(&self) -> &str {
        &self.blob_path
    }

    /// The identity token.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] with the code `BadRequest_InvalidKustoIdentityToken` when there is none.
    pub fn token(&self) -> Result<IdentityToken> {
        let text = Fields(&self.additional).text(keys::additional::TOKEN);
        IdentityToken::parse(text.unwrap_or_default()).map_err(|error| {
            refused(&IngestionErrorCode::BadRequestInvalidKustoIdentityToken).caused_by(error)
        })
    }

    /// Whether the service is to report to the status table, and is told where.
    #[must_use]
    pub fn reports_to_table(&self) -> bool {
        self.report_level != ReportLevel::None
            && self.report_method != ReportMethod::Queue
            && self.status.is_some()
    }

    fn database_name(&self) -> Result<DatabaseName> {
        DatabaseName::parse(self.database.as_str())
            .map_err(|error| refused(&IngestionErrorCode::BadRequestEmptyDatabaseName).caused_by(error))
    }

    fn table_name(&self) -> Result<TableName> {
        TableName::parse(self.table.as_str())
            .map_err(|error| refused(&IngestionErrorCode::BadRequestInvalidOrEmptyTableName).caused_by(error))
    }
}

/// What the service says to a message it cannot use.
fn refused(code: &IngestionErrorCode) -> Error {
    let kind = match code {
        IngestionErrorCode::BadRequestCorruptedMessage => ErrorKind::Data,
        _ => ErrorKind::InvalidInput,
    };
    Error::new(kind, "read the ingestion message").with_code(code.to_string())
}

fn report_level(text: &str) -> ReportLevel {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "none" | "donotreport" => ReportLevel::None,
        "2" | "failuresandsuccesses" => ReportLevel::FailuresAndSuccesses,
        _ => ReportLevel::FailuresOnly,
    }
}

fn report_method(text: &str) -> ReportMethod {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "table" => ReportMethod::Table,
        "2" | "queueandtable" => ReportMethod::QueueAndTable,
        _ => ReportMethod::Queue,
    }
}

impl fmt::Debug for DecodedMessage {
    /// Without SAS and token, which are both in the parts that are not named here.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodedMessage")
            .field("source_id", &self.source_id)
            .field("database", &self.database)
            .field("table", &self.table)
            .field("blob", &self.source_path())
            .field("raw_size", &self.raw_size)
            .field("report_level", &self.report_level)
            .field("report_method", &self.report_method)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
