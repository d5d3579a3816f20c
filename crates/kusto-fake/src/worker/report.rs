//! What the worker tells about an ingestion: in the status table and on the report queues.

use kusto_ingest_core::{Error, ReportLevel, ReportMethod};
use kusto_ingest_message::{
    DecodedMessage, FailureNotification, FailureStatus, OperationStatus, StatusRecord, SuccessNotification,
};
use kusto_storage::{Entity, EntityKey, ResourceKind, ResourceUri};
use uuid::Uuid;

use crate::operations::StoredFailure;
use crate::{FakeKusto, Ingestion, MessageWrite, ResourcePath};

/// Reports as the message asks. Of a message that could not be read, nothing is known but that it failed.
pub(super) fn report(kusto: &FakeKusto, message: Option<&DecodedMessage>, ingestion: &Ingestion) {
    let (level, method) = message.map_or((ReportLevel::FailuresOnly, ReportMethod::Queue), |message| {
        (message.report_level, message.report_method)
    });
    let ids = Ids {
        operation: Uuid::new_v4(),
        activity: Uuid::new_v4(),
    };
    if let Some(message) = message.filter(|message| message.reports_to_table()) {
        to_table(kusto, message, ingestion, &ids);
    }
    let path = message.map(DecodedMessage::source_path).unwrap_or_default();
    let failed = ingestion.status == OperationStatus::Failed;
    if let Some(error) = &ingestion.error {
        to_log(kusto, ingestion, path, error, &ids);
    }
    match (level, method) {
        (ReportLevel::None, _) | (_, ReportMethod::Table) => {}
        (_, _) if failed => {
            let text = failure(ingestion, path, &ids).encode();
            to_queue(kusto, true, &text);
        }
        (ReportLevel::FailuresAndSuccesses, _) => {
            let text = success(ingestion, path, &ids).encode();
            to_queue(kusto, false, &text);
        }
        (ReportLevel::FailuresOnly, _) => {}
    }
}

/// The names under which the service has an ingestion in its logs.
struct Ids {
    operation: Uuid,
    activity: Uuid,
}

fn to_table(kusto: &FakeKusto, message: &DecodedMessage, ingestion: &Ingestion, ids: &Ids) {
    let Some(row) = &message.status else { return };
    let mut record = StatusRecord::new(ingestion.status.clone());
    record.source_id = ingestion.source_id;
    record.source_path = Some(message.source_path().to_owned());
    record.database = Some(ingestion.database.clone());
    record.table = Some(ingestion.table.clone());
    record.updated_on = Some(ingestion.ended);
    record.operation_id = Some(ids.operation);
    record.activity_id = Some(ids.activity);
    record.error_code = ingestion.error_code.clone();
    record.originates_from_update_policy = Some(false);
    if ingestion.error.is_some() {
        record.failure_status = Some(failure_status(ingestion));
        record.details = Some(details(ingestion));
    }
    let entity = Entity {
        key: EntityKey::new(row.partition_key(), row.row_key()),
        properties: record.to_properties(),
    };
    // Some clients name the table's account without the table: there is only one status table here.
    let named = ResourceUri::parse(row.expose_table())
        .map(|table| ResourcePath::from(&table))
        .ok();
    let table = named.filter(|table| kusto.storage().exists(ResourceKind::Table, table));
    let table = table.unwrap_or_else(|| kusto.state().status_table());
    // A test may have removed the table; then there is nobody left to tell.
    let until = kusto.now() + kusto.state().status_wait;
    drop(kusto.storage().merge_entity_once_there(&table, &entity, until));
}

/// Whoever asks for failures is told those of queued ingestions as well.
fn to_log(kusto: &FakeKusto, ingestion: &Ingestion, path: &str, error: &Error, ids: &Ids) {
    kusto.state().log.fail(StoredFailure {
        operation: ids.operation,
        activity: ids.activity,
        database: ingestion.database.clone(),
        table: ingestion.table.clone(),
        path: path.to_owned(),
        failed: ingestion.ended,
        is_permanent: failure_status(ingestion) == FailureStatus::Permanent,
        is_of_update_policy: false,
        error: error.clone(),
    });
}

fn to_queue(kusto: &FakeKusto, failed: bool, text: &str) {
    let queue = kusto.state().report_queue(failed);
    // A test may have removed the queue; then there is nobody left to tell.
    drop(kusto.storage().put_message(&queue, text, MessageWrite::new()));
}

fn failure(ingestion: &Ingestion, path: &str, ids: &Ids) -> FailureNotification {
    let mut report = FailureNotification::default();
    report.source_id = ingestion.source_id;
    report.source_path = path.to_owned();
    report.database = ingestion.database.clone();
    report.table = ingestion.table.clone();
    report.failed_on = Some(ingestion.ended);
    report.error_code = ingestion.error_code.clone();
    report.should_retry = failure_status(ingestion) != FailureStatus::Permanent;
    report.failure_status = Some(failure_status(ingestion));
    report.details = details(ingestion);
    report.operation_id = Some(ids.operation);
    report.root_activity_id = Some(ids.activity);
    report
}

fn success(ingestion: &Ingestion, path: &str, ids: &Ids) -> SuccessNotification {
    let mut report = SuccessNotification::default();
    report.source_id = ingestion.source_id;
    report.source_path = path.to_owned();
    report.database = ingestion.database.clone();
    report.table = ingestion.table.clone();
    report.succeeded_on = Some(ingestion.ended);
    report.operation_id = Some(ids.operation);
    report.root_activity_id = Some(ids.activity);
    report
}

fn failure_status(ingestion: &Ingestion) -> FailureStatus {
    let known = ingestion.error_code.as_ref().and_then(|code| code.is_permanent());
    let permanent = known.or(ingestion.error.as_ref().map(Error::is_permanent));
    match permanent {
        Some(false) => FailureStatus::Transient,
        _ => FailureStatus::Permanent,
    }
}

fn details(ingestion: &Ingestion) -> String {
    ingestion.error.as_ref().map(Error::chain).unwrap_or_default()
}
