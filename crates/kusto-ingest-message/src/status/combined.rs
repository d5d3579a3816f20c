//! One record of several, for a source that was ingested in parts.

use super::{OperationStatus, StatusRecord};

impl StatusRecord {
    /// One record of several records of a source, such as one for each of its chunks.
    ///
    /// - As long as one of them is not final, it is `Pending`.
    /// - Where all say the same, so does this; of none at all, it says `Skipped`.
    /// - Parts that had nothing to ingest do not matter beside parts that succeeded: `Succeeded`.
    /// - Where a part is `Queued` and none failed, the outcome is not known: `Queued`.
    /// - All else is `PartiallySucceeded`.
    ///
    /// What failed is told of the first part that did: its code, details and activity, and whether another attempt
    /// makes sense. Source, database and other names are told where all agree, and the time is that of the latest.
    ///
    /// ```
    /// use kusto_ingest_message::{OperationStatus, StatusRecord};
    ///
    /// let [done, failed] = [OperationStatus::Succeeded, OperationStatus::Failed].map(StatusRecord::new);
    /// let source = StatusRecord::combined(&[done, failed]);
    /// assert_eq!(source.status, OperationStatus::PartiallySucceeded);
    /// ```
    #[must_use]
    pub fn combined(records: &[Self]) -> Self {
        let failed = records.iter().find(|record| record.status.is_failure());
        Self {
            source_id: agreed(records, |record| record.source_id),
            source_path: agreed(records, |record| record.source_path.clone()),
            database: agreed(records, |record| record.database.clone()),
            table: agreed(records, |record| record.table.clone()),
            updated_on: records.iter().filter_map(|record| record.updated_on).max(),
            operation_id: agreed(records, |record| record.operation_id),
            activity_id: failed.and_then(|record| record.activity_id),
            error_code: failed.and_then(|record| record.error_code.clone()),
            failure_status: failed.and_then(|record| record.failure_status.clone()),
            details: failed.and_then(|record| record.details.clone()),
            originates_from_update_policy: failed.and_then(|record| record.originates_from_update_policy),
            ..Self::new(status_of(records))
        }
    }
}

fn status_of(records: &[StatusRecord]) -> OperationStatus {
    use OperationStatus::{PartiallySucceeded, Pending, Queued, Skipped, Succeeded};
    let all = |wanted: &[OperationStatus]| records.iter().all(|record| wanted.contains(&record.status));
    match records {
        [] => Skipped,
        [first, ..] if all(std::slice::from_ref(&first.status)) => first.status.clone(),
        _ if records.iter().any(|record| !record.status.is_final()) => Pending,
        _ if all(&[Succeeded, Skipped]) => Succeeded,
        _ if all(&[Succeeded, Skipped, Queued]) => Queued,
        _ => PartiallySucceeded,
    }
}

/// The value that all records with a value agree on; `None` where they differ.
fn agreed<T: PartialEq>(records: &[StatusRecord], of: impl Fn(&StatusRecord) -> Option<T>) -> Option<T> {
    let mut said = records.iter().filter_map(of);
    let first = said.next()?;
    said.all(|other| other == first).then_some(first)
}
