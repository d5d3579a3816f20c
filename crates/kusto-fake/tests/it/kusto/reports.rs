//! What is told of an ingestion: to the status table and to the report queues.

use futures::executor::block_on;
use kusto_fake::ResourcePath;
use kusto_ingest_core::{BlobSource, Clock, IngestionProperties, ReportLevel, ReportMethod, Result};
use kusto_ingest_message::{
    FailureNotification, FailureStatus, OperationStatus, StatusLocation, StatusRecord, SuccessNotification,
};
use kusto_storage::{Entity, EntityKey, Operation, QueueStore, TableStore};

use super::world::World;

impl World {
    fn tracked(&self) -> IngestionProperties {
        self.properties()
            .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table)
    }

    /// Opens a status row as a client does, and queues the message.
    fn track(&self, blob: &BlobSource, properties: &IngestionProperties) -> Result<()> {
        let now = self.clock.now();
        let path = blob.uri().expose();
        let record = StatusRecord::pending(blob.id(), &self.database, &self.table, path, now);
        let entity = Entity {
            key: key(blob),
            properties: record.to_properties(),
        };
        block_on(
            self.kusto
                .tables()
                .insert(&self.kusto.issued_resources()?.status_table, &entity),
        )?;
        self.queue(&self.message(blob, properties).with_status(self.location(blob)));
        Ok(())
    }

    fn status(&self, blob: &BlobSource) -> Result<StatusRecord> {
        let table = self.kusto.issued_resources()?.status_table;
        let entity = block_on(self.kusto.tables().get(&table, &key(blob)))?;
        StatusRecord::from_properties(&entity.expect("a row").properties)
    }

    /// How many reports of failures and of successes there are.
    fn reports(&self) -> (usize, usize) {
        let issued = self.kusto.issued_resources().expect("issued");
        let count = |queue| self.kusto.storage().message_count(&ResourcePath::from(queue));
        (count(&issued.failures), count(&issued.successes))
    }
}

fn key(blob: &BlobSource) -> EntityKey {
    EntityKey::new(blob.id().to_string(), blob.id().to_string())
}

#[test]
fn reading_a_status_drains_the_queue_first() -> Result<()> {
    let world = World::new("a:long");
    let blob = world.blob("a.csv", "1\n");
    world.track(&blob, &world.tracked())?;
    assert_eq!(world.kusto.queued_message_count(), 1);
    let record = world.status(&blob)?;
    assert_eq!(
        (record.status, record.source_id),
        (OperationStatus::Succeeded, Some(blob.id()))
    );
    assert_eq!(record.updated_on, Some(world.clock.now()));
    assert!(record.operation_id.is_some() && record.activity_id.is_some());
    assert_eq!((record.error_code, record.details), (None, None));
    assert_eq!((world.kusto.queued_message_count(), world.reports()), (0, (0, 0)));
    Ok(())
}

#[test]
fn a_held_queue_leaves_the_status_pending() -> Result<()> {
    let world = World::new("a:long");
    let blob = world.blob("a.csv", "1\n");
    world.track(&blob, &world.tracked())?;
    world.kusto.pause_ingestion();
    assert_eq!(world.status(&blob)?.status, OperationStatus::Pending);
    world.kusto.resume_ingestion();
    assert_eq!(world.status(&blob)?.status, OperationStatus::Succeeded);
    Ok(())
}

#[test]
fn a_failure_is_told_with_its_code_and_without_secrets() -> Result<()> {
    let world = World::new("a:long");
    world.run(".drop table T")?;
    let blob = world.blob("a.csv", "1\n");
    world.track(&blob, &world.tracked())?;
    let record = world.status(&blob)?;
    assert_eq!(record.status, OperationStatus::Failed);
    assert_eq!(
        record.error_code.expect("a code").to_string(),
        "BadRequest_TableNotExist"
    );
    assert_eq!(record.failure_status, Some(FailureStatus::Permanent));
    assert!(
        record
            .details
            .expect("details")
            .contains("there is no table \"T\"")
    );
    assert_eq!(record.source_path.as_deref(), Some(blob.uri().redacted()));
    Ok(())
}

#[test]
fn a_skipped_source_says_why() -> Result<()> {
    let world = World::new("a:long");
    let once = world
        .tracked()
        .with_ingest_by_tags(["x"])
        .with_ingest_if_not_exists(["x"]);
    let (first, second) = (world.blob("a.csv", "1\n"), world.blob("b.csv", "1\n"));
    world.track(&first, &once)?;
    world.track(&second, &once)?;
    assert_eq!(world.status(&first)?.status, OperationStatus::Succeeded);
    let record = world.status(&second)?;
    assert_eq!(record.status, OperationStatus::Skipped);
    assert_eq!(
        record.error_code.expect("a code").to_string(),
        "Skipped_IngestByTagAlreadyExists"
    );
    Ok(())
}

#[test]
fn level_and_method_decide_which_queues_hear_of_it() {
    use ReportLevel::{FailuresAndSuccesses, FailuresOnly, None};
    for (level, method, succeeding, failing) in [
        (FailuresOnly, ReportMethod::Queue, (0, 0), (1, 0)),
        (FailuresAndSuccesses, ReportMethod::Queue, (0, 1), (1, 0)),
        (FailuresAndSuccesses, ReportMethod::QueueAndTable, (0, 1), (1, 0)),
        (FailuresAndSuccesses, ReportMethod::Table, (0, 0), (0, 0)),
        (None, ReportMethod::Queue, (0, 0), (0, 0)),
    ] {
        for (body, expect) in [("1\n", succeeding), ("", failing)] {
            let world = World::new("a:long");
            let properties = world.properties().with_reporting(level, method);
            world.ingest(&world.blob("a.csv", body), &properties);
            assert_eq!(world.reports(), expect, "{level:?} {method:?} {body:?}");
        }
    }
}

#[test]
fn notifications_carry_what_the_service_documents() -> Result<()> {
    let world = World::new("a:long");
    let properties = world
        .properties()
        .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Queue);
    let (good, bad) = (world.blob("a.csv", "1\n"), world.blob("b.csv", ""));
    world.ingest(&good, &properties);
    world.ingest(&bad, &properties);
    let issued = world.kusto.issued_resources()?;
    let failures = block_on(world.kusto.storage().peek(&issued.failures, 32))?;
    let failure = FailureNotification::decode(&failures[0].text)
        .into_notification()
        .expect("a notification");
    assert_eq!((failure.source_id, failure.table.as_str()), (Some(bad.id()), "T"));
    assert_eq!(
        failure.error_code.expect("a code").to_string(),
        "BadRequest_EmptyBlob"
    );
    assert_eq!(
        (failure.failure_status, failure.should_retry),
        (Some(FailureStatus::Permanent), false)
    );
    assert_eq!(failure.failed_on, Some(world.clock.now()));
    let successes = block_on(world.kusto.storage().peek(&issued.successes, 32))?;
    let success = SuccessNotification::decode(&successes[0].text)
        .into_notification()
        .expect("a notification");
    assert_eq!(
        (success.source_id, success.database.as_str()),
        (Some(good.id()), "db")
    );
    assert_eq!(success.source_path, good.uri().redacted());
    Ok(())
}

#[test]
fn a_status_row_is_found_even_where_a_client_leaves_the_tables_name_out() -> Result<()> {
    let world = World::new("a:long");
    let blob = world.blob("a.csv", "1\n");
    let table = world.kusto.issued_resources()?.status_table;
    let origin = table.expose().as_str().replace("/ingestionsstatus", "/");
    let location = StatusLocation::new(origin, blob.id().to_string(), blob.id().to_string());
    world.queue(&world.message(&blob, &world.tracked()).with_status(location));
    assert_eq!(world.status(&blob)?.status, OperationStatus::Succeeded);
    Ok(())
}

#[test]
fn the_workers_own_doings_are_not_counted_as_a_clients() -> Result<()> {
    let world = World::new("a:long");
    let blob = world.blob("a.csv", "1\n");
    world.track(&blob, &world.tracked())?;
    world.status(&blob)?;
    let asked = |operation| world.kusto.storage().request_count(operation);
    assert_eq!((asked(Operation::PutBlob), asked(Operation::PutMessage)), (0, 1));
    assert_eq!(
        (asked(Operation::InsertEntity), asked(Operation::GetEntity)),
        (1, 1)
    );
    assert_eq!(
        (asked(Operation::ReceiveMessages), asked(Operation::MergeEntity)),
        (0, 0)
    );
    Ok(())
}
