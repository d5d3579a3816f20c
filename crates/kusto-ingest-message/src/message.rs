//! The message that a client puts into a queue, one for each blob.

mod additional;
mod decoded;
mod keys;
mod location;

pub use decoded::DecodedMessage;
pub use location::StatusLocation;

use std::io::{self, Write};

use kusto_ingest_core::{BlobSource, ClientDetails, DataFormat, Error, ErrorKind};
use kusto_ingest_core::{IngestionProperties, Result, Timestamp};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::{IdentityToken, base64_text};

use additional::AdditionalProperties;

/// What is set aside for a blob's address, and for the identity of its source, while they are not known yet.
const RESERVED_FOR_BLOB: usize = 2_048 + 64;

/// Room for a usual message as JSON, so that it is written in one go.
const USUAL_LENGTH: usize = 1_280;

/// What is set aside for the status table's address and for tracing while they are not known yet.
const RESERVED_FOR_REST: usize = 1_024;

/// The message that a client puts into a queue, one for each blob.
///
/// It is pure data: time is an argument of [`encode`](Self::encode), so that equal inputs give equal letters.
/// The encoded text holds the blob's SAS and the identity token; `Debug` shows neither.
#[doc(alias = "IngestionBlobInfo")]
#[derive(Clone, Debug)]
pub struct IngestionMessage {
    blob: BlobSource,
    properties: IngestionProperties,
    format: DataFormat,
    token: IdentityToken,
    client: Option<ClientDetails>,
    status: Option<StatusLocation>,
}

impl IngestionMessage {
    /// The longest text that a queue takes, in base64 characters.
    pub const MAX_LENGTH: usize = 65_536;

    /// A message about a blob. The blob's own settings say whether the service keeps it, and how large its data is.
    #[must_use]
    pub fn new(
        blob: &BlobSource,
        properties: &IngestionProperties,
        format: DataFormat,
        token: IdentityToken,
    ) -> Self {
        Self {
            blob: blob.clone(),
            properties: properties.clone(),
            format,
            token,
            client: None,
            status: None,
        }
    }

    /// Names the program that sends.
    #[must_use]
    pub fn with_tracing(self, client: ClientDetails) -> Self {
        Self {
            client: Some(client),
            ..self
        }
    }

    /// Says which row of the status table the service keeps up to date. The row must exist before the message does.
    #[must_use]
    pub fn with_status(self, row: StatusLocation) -> Self {
        Self {
            status: Some(row),
            ..self
        }
    }

    /// The text for the queue: compact JSON as padded base64.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the properties break a rule of their own, as a property set twice does, and
    /// [`ErrorKind::MessageTooLarge`] when the text is longer than [`Self::MAX_LENGTH`].
    pub fn encode(&self, now: Timestamp) -> Result<String> {
        let json = self.to_json(now)?;
        self.as_body(now).check_length(json.len())?;
        Ok(base64_text::encode(&json))
    }

    /// The JSON below the base64, of any length.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the properties break a rule of their own.
    pub fn to_json(&self, now: Timestamp) -> Result<String> {
        let mut json = Vec::with_capacity(USUAL_LENGTH);
        self.as_body(now).write(&mut json)?;
        String::from_utf8(json).map_err(|error| self.as_body(now).refuse(ErrorKind::Other).caused_by(error))
    }

    fn as_body(&self, now: Timestamp) -> MessageBody<'_> {
        MessageBody {
            blob: Some(&self.blob),
            properties: &self.properties,
            format: self.format,
            token: &self.token,
            client: self.client.as_ref(),
            status: self.status.as_ref(),
            now,
        }
    }

    /// Checks, before anything is uploaded, that a message with such properties will fit, whatever the blob's
    /// address will be.
    ///
    /// # Errors
    /// As [`encode`](Self::encode). Room of 2 KiB is set aside for the blob's address.
    pub fn check_before_upload(
        properties: &IngestionProperties,
        format: DataFormat,
        token: &IdentityToken,
    ) -> Result<()> {
        let draft = MessageBody {
            blob: None,
            properties,
            format,
            token,
            client: None,
            status: None,
            now: Timestamp::UNIX_EPOCH,
        };
        let mut length = Length(RESERVED_FOR_BLOB + RESERVED_FOR_REST);
        draft.write(&mut length)?;
        draft.check_length(length.0)
    }

    /// Reads a message of any client.
    ///
    /// # Errors
    /// As [`DecodedMessage::decode`].
    pub fn decode(text: &str) -> Result<DecodedMessage> {
        DecodedMessage::decode(text)
    }
}

/// A message at the moment it is written; it borrows what it is made of.
struct MessageBody<'a> {
    /// Not known before the upload.
    blob: Option<&'a BlobSource>,
    properties: &'a IngestionProperties,
    format: DataFormat,
    token: &'a IdentityToken,
    client: Option<&'a ClientDetails>,
    status: Option<&'a StatusLocation>,
    now: Timestamp,
}

impl MessageBody<'_> {
    /// Writes it as compact JSON.
    fn write(&self, json: impl Write) -> Result<()> {
        self.properties.check(self.format)?;
        serde_json::to_writer(json, self).map_err(|error| self.refuse(ErrorKind::Other).caused_by(error))
    }

    fn check_length(&self, json: usize) -> Result<()> {
        let length = base64_text::encoded_length(json);
        if length <= IngestionMessage::MAX_LENGTH {
            return Ok(());
        }
        Err(self
            .refuse(ErrorKind::MessageTooLarge)
            .because(
                "a queue does not take so long a message; name the mapping by reference, or use fewer tags",
            )
            .with("length", length)
            .with("limit", IngestionMessage::MAX_LENGTH))
    }

    fn refuse(&self, kind: ErrorKind) -> Error {
        let error = Error::new(kind, "write the ingestion message")
            .with("database", &self.properties.database)
            .with("table", &self.properties.table);
        match self.blob {
            Some(blob) => error.with_source_id(blob.id()),
            None => error,
        }
    }
}

/// Counts what is written.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Serialize for MessageBody<'_> {
    /// The order of keys means nothing to the service; it is fixed, so that messages can be compared.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            blob,
            properties,
            client,
            status,
            ..
        } = *self;
        let mut map = serializer.serialize_map(None)?;
        if let Some(blob) = blob {
            map.serialize_entry(keys::ID, &blob.id())?;
            map.serialize_entry(keys::BLOB_PATH, blob.uri().expose())?;
        }
        map.serialize_entry(keys::DATABASE, &properties.database)?;
        map.serialize_entry(keys::TABLE, &properties.table)?;
        if let Some(bytes) = blob.and_then(BlobSource::raw_size) {
            map.serialize_entry(keys::RAW_DATA_SIZE, &bytes)?;
        }
        // Always written: the service takes its absence for leave to delete the blob.
        map.serialize_entry(keys::RETAIN_BLOB, &blob.is_none_or(BlobSource::is_retained))?;
        map.serialize_entry(keys::FLUSH_IMMEDIATELY, &properties.flush_immediately)?;
        map.serialize_entry(keys::IGNORE_SIZE_LIMIT, &properties.ignore_size_limit)?;
        map.serialize_entry(keys::REPORT_LEVEL, &properties.report_level.number())?;
        map.serialize_entry(keys::REPORT_METHOD, &properties.report_method.number())?;
        map.serialize_entry(keys::CREATED, &self.now)?;
        if let Some(application) = client.and_then(ClientDetails::application) {
            map.serialize_entry(keys::APPLICATION, application)?;
        }
        if let Some(client) = client {
            map.serialize_entry(keys::CLIENT_VERSION, client.version())?;
        }
        map.serialize_entry(keys::ADDITIONAL, &AdditionalProperties::of(self))?;
        if let Some(row) = status.filter(|_| properties.reports_to_table()) {
            map.serialize_entry(keys::STATUS, row)?;
        }
        map.end()
    }
}
