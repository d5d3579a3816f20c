//! What a status tracker promises.

use kusto_ingest_core::{BlobUri, Error, ErrorKind, IngestionProperties, Result, SourceId, StatusLocator};
use kusto_ingest_message::{FailureStatus, OperationStatus, StatusRecord};
use kusto_ingest_status::{NewStatusRecord, OpenedStatus, StatusTracker};

use super::rules::Rules;

const RULES: Rules = Rules("a status tracker");

const BLOB: &str = "https://acct1.blob.core.windows.net/data/day.csv.gz";

/// Checks a [`StatusTracker`].
///
/// It leaves records behind whose sources nobody queued, all but one of them `Failed`.
///
/// # Panics
/// When a rule does not hold.
pub async fn status_tracker(tracker: &dyn StatusTracker) {
    let suite = Suite { tracker };
    suite.a_record_is_pending_once_it_is_open().await;
    suite.a_locator_is_data_without_secret().await;
    suite.what_was_not_queued_is_told().await;
    suite.rows_of_one_source_are_kept_apart().await;
    suite.what_was_never_opened_is_not_found().await;
}

struct Suite<'a> {
    tracker: &'a dyn StatusTracker,
}

impl Suite<'_> {
    async fn a_record_is_pending_once_it_is_open(&self) {
        let id = SourceId::random();
        let opened = self.open(id, &new_record()).await;
        let record = self.fetch(&opened.locator).await;
        RULES.same(
            "an opened record is pending",
            &record.status,
            &OperationStatus::Pending,
        );
        RULES.same("a record names its source", &record.source_id, &Some(id));
        let target = (record.database.as_deref(), record.table.as_deref());
        RULES.same(
            "a record names its table",
            &target,
            &(Some("Conformance"), Some("Statuses")),
        );
        let rule = "a record names the blob, without its secrets";
        RULES.same(rule, &record.source_path.as_deref(), &Some(BLOB));
        self.abandon(&opened.locator).await;
    }

    async fn a_locator_is_data_without_secret(&self) {
        let opened = self.open(SourceId::random(), &new_record()).await;
        let written = serde_json::to_string(&opened.locator);
        let text = written.as_deref().unwrap_or_default();
        let hides = !text.contains("sig=") && !opened.locator.table.contains('?');
        RULES.holds("a locator holds no SAS", hides, &opened.locator);
        let read: StatusLocator = match serde_json::from_str(text) {
            Ok(locator) => locator,
            Err(error) => panic!("a status tracker: a locator can be written down and read; but {error}"),
        };
        RULES.same("a locator can be written down", &read, &opened.locator);
        let record = self.fetch(&read).await;
        let rule = "a locator that was written down finds its record";
        RULES.same(rule, &record.status, &OperationStatus::Pending);
        let row = (opened.location.partition_key(), opened.location.row_key());
        let expected = (read.partition_key.as_str(), read.row_key.as_str());
        RULES.same("receipt and message name the same row", &row, &expected);
        self.abandon(&read).await;
    }

    async fn what_was_not_queued_is_told(&self) {
        let id = SourceId::random();
        let opened = self.open(id, &new_record()).await;
        self.abandon(&opened.locator).await;
        let record = self.fetch(&opened.locator).await;
        RULES.same(
            "an abandoned record failed",
            &record.status,
            &OperationStatus::Failed,
        );
        let rule = "an abandoned source may be tried again";
        RULES.same(rule, &record.failure_status, &Some(FailureStatus::Transient));
        let details = record.details.as_deref().unwrap_or_default();
        RULES.holds(
            "an abandoned record tells why",
            details.contains("every queue is down"),
            details,
        );
        RULES.same(
            "an abandoned record still names its source",
            &record.source_id,
            &Some(id),
        );

        let again = self.open(id, &new_record()).await;
        let record = self.fetch(&again.locator).await;
        let rule = "a record that is opened again is pending again";
        RULES.same(rule, &record.status, &OperationStatus::Pending);
        self.abandon(&again.locator).await;
    }

    async fn rows_of_one_source_are_kept_apart(&self) {
        let id = SourceId::random();
        let first = self.open(id, &new_record()).await;
        let second = self.open(id, &new_record().with_row_key("second")).await;
        RULES.same(
            "a row has the key that it was given",
            &second.locator.row_key.as_str(),
            &"second",
        );
        self.abandon(&first.locator).await;
        let record = self.fetch(&second.locator).await;
        let rule = "a row of its own has a status of its own";
        RULES.same(rule, &record.status, &OperationStatus::Pending);
        self.abandon(&second.locator).await;
    }

    async fn what_was_never_opened_is_not_found(&self) {
        let mut locator = self.open(SourceId::random(), &new_record()).await.locator;
        locator.partition_key = SourceId::random().to_string();
        let outcome = self.tracker.fetch(&locator).await;
        RULES.refused(
            "a record that nobody opened is not found",
            outcome,
            &[ErrorKind::NotFound],
        );
    }

    async fn open(&self, id: SourceId, new_record: &NewStatusRecord) -> OpenedStatus {
        RULES.done("a record is opened", self.tracker.open(id, new_record).await)
    }

    async fn fetch(&self, locator: &StatusLocator) -> StatusRecord {
        RULES.done("a record is read", self.tracker.fetch(locator).await)
    }

    async fn abandon(&self, locator: &StatusLocator) {
        let reason = Error::new(ErrorKind::Unavailable, "queue the message").because("every queue is down");
        RULES.done(
            "a record is abandoned",
            self.tracker.abandon(locator, &reason).await,
        );
    }
}

fn new_record() -> NewStatusRecord {
    let new_record = || -> Result<NewStatusRecord> {
        let properties = IngestionProperties::into_table("Conformance", "Statuses")?;
        Ok(NewStatusRecord::new(
            &properties,
            &BlobUri::parse(format!("{BLOB}?sig=S"))?,
        ))
    };
    RULES.done("a suite says what is opened", new_record())
}
