//! One row of the status table.

use kusto_ingest_core::{
    DatabaseName, Error, ErrorKind, Result, SourceId, TableName, Timestamp, redact, redact_address,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{FailureStatus, OperationStatus};
use crate::fields::Fields;
use crate::{IngestionErrorCode, advice};

mod columns {
    pub(super) const STATUS: &str = "Status";
    pub(super) const SOURCE_ID: &str = "IngestionSourceId";
    pub(super) const SOURCE_PATH: &str = "IngestionSourcePath";
    pub(super) const DATABASE: &str = "Database";
    pub(super) const TABLE: &str = "Table";
    pub(super) const UPDATED_ON: &str = "UpdatedOn";
    pub(super) const OPERATION_ID: &str = "OperationId";
    pub(super) const ACTIVITY_ID: &str = "ActivityId";
    pub(super) const ERROR_CODE: &str = "ErrorCode";
    pub(super) const FAILURE_STATUS: &str = "FailureStatus";
    pub(super) const DETAILS: &str = "Details";
    pub(super) const FROM_UPDATE_POLICY: &str = "OriginatesFromUpdatePolicy";
}

/// One row of the status table: what the service says of one ingestion.
///
/// It is written to and read from the properties of a table entity, in the table service's own JSON; partition and
/// row key stand beside them, in the entity's key. Columns that are `None` are not written, so that a record of a few
/// columns can be merged over a row.
///
/// ```
/// use kusto_ingest_message::{IngestionErrorCode, OperationStatus, StatusRecord};
///
/// let mut record = StatusRecord::new(OperationStatus::Failed);
/// record.error_code = Some(IngestionErrorCode::DownloadForbidden);
/// let properties = record.to_properties();
/// assert_eq!(properties["ErrorCode"], "Download_Forbidden");
/// assert_eq!(StatusRecord::from_properties(&properties)?, record);
/// # Ok::<(), kusto_ingest_core::Error>(())
/// ```
#[doc(alias = "IngestionStatus")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusRecord {
    /// How far it is.
    pub status: OperationStatus,
    /// The identity of the source.
    pub source_id: Option<SourceId>,
    /// The blob's address, without its secrets.
    pub source_path: Option<String>,
    /// The database.
    pub database: Option<String>,
    /// The table.
    pub table: Option<String>,
    /// When the row was last written.
    pub updated_on: Option<Timestamp>,
    /// The service's operation.
    pub operation_id: Option<Uuid>,
    /// The service's activity, for support.
    pub activity_id: Option<Uuid>,
    /// What failed.
    pub error_code: Option<IngestionErrorCode>,
    /// Whether another attempt makes sense.
    pub failure_status: Option<FailureStatus>,
    /// What failed, in the service's words. Addresses in it are read without their secrets.
    pub details: Option<String>,
    /// Whether it failed in an update policy.
    pub originates_from_update_policy: Option<bool>,
}

impl StatusRecord {
    /// A record of a status alone.
    #[must_use]
    pub fn new(status: OperationStatus) -> Self {
        Self {
            status,
            source_id: None,
            source_path: None,
            database: None,
            table: None,
            updated_on: None,
            operation_id: None,
            activity_id: None,
            error_code: None,
            failure_status: None,
            details: None,
            originates_from_update_policy: None,
        }
    }

    /// The record, unless the ingestion failed.
    ///
    /// ```
    /// use kusto_ingest_message::{IngestionErrorCode, OperationStatus, StatusRecord};
    ///
    /// let mut record = StatusRecord::new(OperationStatus::Failed);
    /// record.error_code = Some(IngestionErrorCode::BadRequestTableNotExist);
    /// let error = record.into_result().unwrap_err();
    /// assert_eq!(error.code(), Some("BadRequest_TableNotExist"));
    /// ```
    ///
    /// # Errors
    /// As [`failure`](Self::failure).
    pub fn into_result(self) -> Result<Self> {
        match self.failure() {
            Some(failure) => Err(failure),
            None => Ok(self),
        }
    }

    /// The record that a client writes before it queues the message. The blob's address is written without secrets.
    #[must_use]
    pub fn pending(
        source_id: SourceId,
        database: &DatabaseName,
        table: &TableName,
        blob: &str,
        now: Timestamp,
    ) -> Self {
        Self {
            source_id: Some(source_id),
            source_path: Some(redact_address(blob).to_owned()),
            database: Some(database.to_string()),
            table: Some(table.to_string()),
            updated_on: Some(now),
            ..Self::new(OperationStatus::Pending)
        }
    }

    /// The properties of its entity, with the table service's type annotations.
    #[must_use]
    pub fn to_properties(&self) -> Map<String, Value> {
        let mut properties = Map::new();
        let mut put = |name: &str, value: Option<String>, edm_type: Option<&str>| {
            let Some(value) = value else { return };
            if let Some(edm_type) = edm_type {
                properties.insert(format!("{name}@odata.type"), edm_type.into());
            }
            properties.insert(name.to_owned(), value.into());
        };
        let guid = Some("Edm.Guid");
        put(columns::STATUS, Some(self.status.to_string()), None);
        put(columns::SOURCE_ID, self.source_id.map(|id| id.to_string()), guid);
        put(columns::SOURCE_PATH, self.source_path.clone(), None);
        put(columns::DATABASE, self.database.clone(), None);
        put(columns::TABLE, self.table.clone(), None);
        put(
            columns::UPDATED_ON,
            self.updated_on.map(|at| at.to_string()),
            Some("Edm.DateTime"),
        );
        put(
            columns::OPERATION_ID,
            self.operation_id.map(|id| id.to_string()),
            guid,
        );
        put(
            columns::ACTIVITY_ID,
            self.activity_id.map(|id| id.to_string()),
            guid,
        );
        put(
            columns::ERROR_CODE,
            self.error_code.as_ref().map(ToString::to_string),
            None,
        );
        put(
            columns::FAILURE_STATUS,
            self.failure_status.as_ref().map(ToString::to_string),
            None,
        );
        put(columns::DETAILS, self.details.clone(), None);
        if let Some(flag) = self.originates_from_update_policy {
            properties.insert(columns::FROM_UPDATE_POLICY.to_owned(), flag.into());
        }
        properties
    }

    /// The properties that turn a row which is there already into this record. A merge leaves alone what it is not given,
    /// so everything that an earlier ingestion left behind is emptied.
    #[must_use]
    pub fn to_reset_properties(&self) -> Map<String, Value> {
        let mut properties = Map::new();
        for name in [columns::ERROR_CODE, columns::FAILURE_STATUS, columns::DETAILS] {
            properties.insert(name.to_owned(), "".into());
        }
        for name in [columns::OPERATION_ID, columns::ACTIVITY_ID] {
            properties.insert(format!("{name}@odata.type"), "Edm.Guid".into());
            properties.insert(name.to_owned(), Uuid::nil().to_string().into());
        }
        properties.insert(columns::FROM_UPDATE_POLICY.to_owned(), false.into());
        properties.extend(self.to_properties());
        properties
    }

    /// Reads the properties of an entity as any client or service wrote them: GUIDs and times with or without type
    /// annotation, codes as text or number, whatever is missing.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`] when there is no status among them.
    pub fn from_properties(properties: &Map<String, Value>) -> Result<Self> {
        let fields = Fields(properties);
        let Some(status) = fields.some_text(columns::STATUS) else {
            return Err(Error::new(ErrorKind::Protocol, "read the status record")
                .because("the row has no column Status"));
        };
        let Ok(status) = status.parse();
        Ok(Self {
            status,
            source_id: fields.source_id(columns::SOURCE_ID),
            source_path: fields.some_text(columns::SOURCE_PATH),
            database: fields.some_text(columns::DATABASE),
            table: fields.some_text(columns::TABLE),
            updated_on: fields.time(columns::UPDATED_ON),
            operation_id: fields.guid(columns::OPERATION_ID),
            activity_id: fields.guid(columns::ACTIVITY_ID),
            error_code: fields
                .text(columns::ERROR_CODE)
                .and_then(|text| IngestionErrorCode::read(&text)),
            failure_status: fields.some_text(columns::FAILURE_STATUS).map(|text| {
                let Ok(status) = text.parse();
                status
            }),
            details: fields.some_text(columns::DETAILS).map(|text| redact(&text)),
            originates_from_update_policy: fields.flag(columns::FROM_UPDATE_POLICY),
        })
    }

    /// The failure that it records, as the error of a call; `None` when the status is not one of failure.
    ///
    /// Its reason is what the service says, and where the failure is a common one, [what can be done](advice) about
    /// it. Whether it is permanent is what the service says of this failure, else what is known of its code.
    #[must_use]
    pub fn failure(&self) -> Option<Error> {
        self.status.is_failure().then(|| self.error())
    }

    /// What went wrong, whatever the status is.
    pub(crate) fn error(&self) -> Error {
        let permanent = self
            .failure_status
            .as_ref()
            .and_then(FailureStatus::is_permanent)
            .or_else(|| {
                self.error_code
                    .as_ref()
                    .and_then(IngestionErrorCode::is_permanent)
            });
        let mut error = Error::new(ErrorKind::Rejected, "ingest the source").with("status", &self.status);
        if let Some(reason) = self.reason() {
            error = error.because(reason);
        }
        if let Some(code) = &self.error_code {
            error = error.with_code(code.to_string());
        }
        if let Some(permanent) = permanent {
            error = error.with_permanence(permanent);
        }
        if let Some(id) = self.source_id {
            error = error.with_source_id(id);
        }
        error
    }

    /// The service's words and ours, those of both that there are.
    fn reason(&self) -> Option<String> {
        let details = redact(self.details.as_deref().unwrap_or_default());
        let advice = advice(self.error_code.as_ref(), &details);
        let details = details.trim_end();
        Some(match (details, advice) {
            ("", None) => return None,
            ("", Some(advice)) => advice.to_owned(),
            (details, None) => details.to_owned(),
            (details, Some(advice)) => format!("{}; {advice}", details.trim_end_matches('.')),
        })
    }
}
