//! What the service reports to the cluster's queues: failures and successes.

use std::fmt;

use kusto_ingest_core::{Error, SourceId, Timestamp, redact, redact_address};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::fields::Fields;
use crate::{FailureStatus, IngestionErrorCode, OperationStatus, StatusRecord, base64_text};

mod keys {
    pub(super) const OPERATION_ID: &str = "OperationId";
    pub(super) const DATABASE: &str = "Database";
    pub(super) const TABLE: &str = "Table";
    pub(super) const FAILED_ON: &str = "FailedOn";
    pub(super) const SUCCEEDED_ON: &str = "SucceededOn";
    pub(super) const SOURCE_ID: &str = "IngestionSourceId";
    pub(super) const SOURCE_PATH: &str = "IngestionSourcePath";
    pub(super) const DETAILS: &str = "Details";
    pub(super) const ERROR_CODE: &str = "ErrorCode";
    pub(super) const FAILURE_STATUS: &str = "FailureStatus";
    pub(super) const ACTIVITY_ID: &str = "RootActivityId";
    pub(super) const FROM_UPDATE_POLICY: &str = "OriginatesFromUpdatePolicy";
    pub(super) const SHOULD_RETRY: &str = "ShouldRetry";
}

/// The text of a report queue, and the notification that could be read from it.
///
/// Text that is no notification is kept, so that a reader loses nothing and no queue is blocked by it.
#[derive(Clone, PartialEq, Eq)]
pub struct Report<T> {
    notification: Option<T>,
    raw: String,
}

impl<T> Report<T> {
    /// The notification; `None` when the text is none.
    #[must_use]
    pub fn notification(&self) -> Option<&T> {
        self.notification.as_ref()
    }

    /// The notification, or else the text.
    ///
    /// # Errors
    /// The text that is no notification.
    pub fn into_notification(self) -> Result<T, String> {
        self.notification.ok_or(self.raw)
    }

    /// The text: JSON, where it is a notification. It may hold more than this version reads, and whatever the
    /// service put there.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Reads base64 of JSON, or bare JSON, as some senders leave base64 out.
    fn read(text: &str, from_fields: impl FnOnce(Fields<'_>) -> T) -> Self {
        let raw = base64_text::decode(text);
        let object: Option<Map<String, Value>> = serde_json::from_str(&raw).ok();
        Self {
            notification: object.map(|object| from_fields(Fields(&object))),
            raw,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Report<T> {
    /// Without the text, of which nobody knows what it holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("notification", &self.notification)
            .field("length", &self.raw.len())
            .finish()
    }
}

/// What the service reports of an ingestion that failed.
#[doc(alias = "IngestionFailure")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailureNotification {
    /// The identity of the source.
    pub source_id: Option<SourceId>,
    /// The blob's address, without its secrets.
    pub source_path: String,
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// When it failed.
    pub failed_on: Option<Timestamp>,
    /// What failed.
    pub error_code: Option<IngestionErrorCode>,
    /// Whether another attempt makes sense, in the service's word.
    pub failure_status: Option<FailureStatus>,
    /// What failed, in the service's words. Addresses in it are read without their secrets.
    pub details: String,
    /// The service's operation.
    pub operation_id: Option<Uuid>,
    /// The service's activity, for support.
    pub root_activity_id: Option<Uuid>,
    /// Whether it failed in an update policy.
    pub originates_from_update_policy: bool,
    /// Whether the service advises to try again.
    pub should_retry: bool,
}

impl FailureNotification {
    /// Reads the text of a failure queue: keys in any case, codes as name or number, booleans also as text.
    #[must_use]
    pub fn decode(text: &str) -> Report<Self> {
        Report::read(text, |fields| Self {
            source_id: fields.source_id(keys::SOURCE_ID),
            source_path: path(fields),
            database: fields.text(keys::DATABASE).unwrap_or_default(),
            table: fields.text(keys::TABLE).unwrap_or_default(),
            failed_on: fields.time(keys::FAILED_ON),
            error_code: fields
                .text(keys::ERROR_CODE)
                .and_then(|text| IngestionErrorCode::read(&text)),
            failure_status: fields.some_text(keys::FAILURE_STATUS).map(|text| {
                let Ok(status) = text.parse();
                status
            }),
            details: redact(&fields.text(keys::DETAILS).unwrap_or_default()),
            operation_id: fields.guid(keys::OPERATION_ID),
            root_activity_id: fields.guid(keys::ACTIVITY_ID),
            originates_from_update_policy: fields.flag(keys::FROM_UPDATE_POLICY).unwrap_or(false),
            should_retry: fields.flag(keys::SHOULD_RETRY).unwrap_or(false),
        })
    }

    /// The failure as the error of a call: what the service says, and where the failure is a common one,
    /// [what can be done](crate::advice) about it.
    #[must_use]
    pub fn failure(&self) -> Error {
        self.to_record().error()
    }

    /// The same as a record of the status table says it.
    ///
    /// Where the report does not say whether another attempt makes sense, but advises one, it is
    /// [`Transient`](FailureStatus::Transient).
    #[must_use]
    pub fn to_record(&self) -> StatusRecord {
        let advised = self.should_retry.then_some(FailureStatus::Transient);
        let mut record = StatusRecord::new(OperationStatus::Failed);
        record.source_id = self.source_id;
        record.source_path = said(&self.source_path);
        record.database = said(&self.database);
        record.table = said(&self.table);
        record.updated_on = self.failed_on;
        record.operation_id = self.operation_id;
        record.activity_id = self.root_activity_id;
        record.error_code.clone_from(&self.error_code);
        record.failure_status = self.failure_status.clone().or(advised);
        record.details = said(&self.details);
        record.originates_from_update_policy = Some(self.originates_from_update_policy);
        record
    }

    /// Writes it as the service does: base64 of JSON.
    #[must_use]
    pub fn encode(&self) -> String {
        let fields = [
            (keys::OPERATION_ID, text(self.operation_id)),
            (keys::DATABASE, text(Some(&self.database))),
            (keys::TABLE, text(Some(&self.table))),
            (keys::FAILED_ON, text(self.failed_on)),
            (keys::SOURCE_ID, text(self.source_id)),
            (keys::SOURCE_PATH, text(Some(redact_address(&self.source_path)))),
            (keys::DETAILS, text(Some(&self.details))),
            (keys::ERROR_CODE, text(self.error_code.as_ref())),
            (keys::FAILURE_STATUS, text(self.failure_status.as_ref())),
            (keys::ACTIVITY_ID, text(self.root_activity_id)),
            (
                keys::FROM_UPDATE_POLICY,
                self.originates_from_update_policy.into(),
            ),
            (keys::SHOULD_RETRY, self.should_retry.into()),
        ];
        base64_text::encode(&object(fields))
    }
}

/// What the service reports of an ingestion that succeeded.
#[doc(alias = "IngestionSuccess")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SuccessNotification {
    /// The identity of the source.
    pub source_id: Option<SourceId>,
    /// The blob's address, without its secrets.
    pub source_path: String,
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// When it succeeded.
    pub succeeded_on: Option<Timestamp>,
    /// The service's operation.
    pub operation_id: Option<Uuid>,
    /// The service's activity, for support.
    pub root_activity_id: Option<Uuid>,
}

impl SuccessNotification {
    /// Reads the text of a success queue: keys in any case, whatever is missing.
    #[must_use]
    pub fn decode(text: &str) -> Report<Self> {
        Report::read(text, |fields| Self {
            source_id: fields.source_id(keys::SOURCE_ID),
            source_path: path(fields),
            database: fields.text(keys::DATABASE).unwrap_or_default(),
            table: fields.text(keys::TABLE).unwrap_or_default(),
            succeeded_on: fields.time(keys::SUCCEEDED_ON),
            operation_id: fields.guid(keys::OPERATION_ID),
            root_activity_id: fields.guid(keys::ACTIVITY_ID),
        })
    }

    /// The same as a record of the status table says it.
    #[must_use]
    pub fn to_record(&self) -> StatusRecord {
        let mut record = StatusRecord::new(OperationStatus::Succeeded);
        record.source_id = self.source_id;
        record.source_path = said(&self.source_path);
        record.database = said(&self.database);
        record.table = said(&self.table);
        record.updated_on = self.succeeded_on;
        record.operation_id = self.operation_id;
        record.activity_id = self.root_activity_id;
        record
    }

    /// Writes it as the service does: base64 of JSON.
    #[must_use]
    pub fn encode(&self) -> String {
        let fields = [
            (keys::OPERATION_ID, text(self.operation_id)),
            (keys::DATABASE, text(Some(&self.database))),
            (keys::TABLE, text(Some(&self.table))),
            (keys::SUCCEEDED_ON, text(self.succeeded_on)),
            (keys::SOURCE_ID, text(self.source_id)),
            (keys::SOURCE_PATH, text(Some(redact_address(&self.source_path)))),
            (keys::ACTIVITY_ID, text(self.root_activity_id)),
        ];
        base64_text::encode(&object(fields))
    }
}

fn path(fields: Fields<'_>) -> String {
    let path = fields.text(keys::SOURCE_PATH).unwrap_or_default();
    redact_address(&path).to_owned()
}

/// A text that says something.
fn said(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.trim().is_empty())
}

fn text(value: Option<impl fmt::Display>) -> Value {
    value.map_or(Value::Null, |value| value.to_string().into())
}

/// A JSON object of the fields that have a value.
fn object<const N: usize>(fields: [(&str, Value); N]) -> String {
    let present = fields.into_iter().filter(|(_, value)| !value.is_null());
    let object: Map<String, Value> = present.map(|(name, value)| (name.to_owned(), value)).collect();
    Value::Object(object).to_string()
}
