//! What a log is told of a Kusto, and the Kusto that is put back from it.

mod changed_meanwhile;

use std::time::Duration;

use bytes::Bytes;
use futures::executor::block_on;
use kusto_endpoint::{OperationDetail, OperationId, QueuedEndpoint, QueuedRequest};
use kusto_fake::{ChangeRecord, ResourcePath, testing};
use kusto_ingest_core::{Clock as _, DataFormat, ReportLevel, ReportMethod};
use kusto_storage::{BlobName, BlobStore, BlockId, Entity, EntityKey, QueueStore, ResourceKind, TableStore};
use serde_json::Map;

use super::world::World;

/// What was written of records.
fn written(records: Vec<ChangeRecord>) -> Vec<Bytes> {
    let bytes = |record: ChangeRecord| Bytes::from(record.into_bytes().expect("it is written").concat());
    records.into_iter().map(bytes).collect()
}

impl World {
    fn status_table(&self) -> ResourcePath {
        ResourcePath::from(&self.kusto.issued_resources().expect("issued").status_table)
    }

    /// A world like this one, whose log begins now.
    fn logged(columns: &str) -> (Self, Vec<Bytes>) {
        let world = Self::new(columns);
        world.kusto.set_start();
        world.kusto.note_changes();
        let log = written(world.kusto.take_changes());
        (world, log)
    }

    /// The Kusto that a log puts back, with others' resources.
    fn restored(&self, log: &[Bytes]) -> Self {
        let clock = self.clock.clone();
        let (kusto, _) = testing::kusto_at(clock.clone());
        for bytes in log {
            kusto.restore(bytes).expect("it was written so");
        }
        kusto.end_restoring();
        Self {
            clock,
            kusto,
            database: self.database.clone(),
            table: self.table.clone(),
        }
    }
}

#[test]
fn commands_and_rows_come_back_and_a_reset_leads_where_it_did() {
    let (world, mut log) = World::logged("a:long,b:dynamic");
    world.ingest(
        &world.blob("1.json", r#"{"a":1,"b":{"x":[1.50]}}"#),
        &world.properties(),
    );
    log.extend(written(world.kusto.take_changes()));
    for command in [
        ".create-or-alter table T ingestion json mapping 'M' '[{\"column\":\"a\",\"path\":\"$.a\"}]'",
        ".alter table T policy streamingingestion disable",
        ".create-or-alter function F() { T | count }",
        ".create table U (x:string)",
        ".ingest inline into table U <| one\ntwo",
        ".create table Gone (x:string)",
        ".drop table Gone",
    ] {
        world.run(command).expect(command);
        log.extend(written(world.kusto.take_changes()));
    }
    world
        .run(".alter table T (b:dynamic, c:string)")
        .expect("altered");
    world.run(".rename table U to V").expect("renamed");
    world.ingest(&world.blob("2.csv", "[],late\n"), &world.properties());
    log.extend(written(world.kusto.take_changes()));

    let again = world.restored(&log);
    assert_eq!(again.rows(), world.rows());
    assert_eq!(again.rows(), ["{\"x\":[1.50]}|", "[]|late"]);
    for question in [
        ".show database db schema as csl script",
        ".show table T policy streamingingestion",
        ".show table T ingestion mappings",
        ".show table T extents | project ExtentId, RowCount, Tags",
        "V | order by x asc",
        "F()",
    ] {
        let (there, here) = (world.query(question), again.query(question));
        assert_eq!(
            there.expect(question).rows,
            here.expect(question).rows,
            "{question}"
        );
    }
    again.kusto.reset();
    assert_eq!(again.rows(), Vec::<String>::new());
    assert!(again.query("V").is_err(), "it was not there at the start");
}

#[test]
fn what_is_told_of_rows_is_only_those_that_came() {
    let (world, _) = World::logged("a:string");
    let many: String = (0..10_000).map(|number| format!("row {number}\n")).collect();
    world
        .run(&format!(".ingest inline into table T <| {many}"))
        .expect("ingested");
    let first: usize = written(world.kusto.take_changes()).iter().map(Bytes::len).sum();
    assert!(first > 100_000, "{first}");
    world
        .run(".ingest inline into table T <| one more")
        .expect("ingested");
    let second: usize = written(world.kusto.take_changes()).iter().map(Bytes::len).sum();
    assert!(second < 2_000, "{second}");
    assert!(!world.kusto.has_changes());
    world.query("T | count").expect("counted");
    assert!(!world.kusto.has_changes(), "nothing changes by a query");
}

#[test]
fn storage_comes_back_with_its_sas_tokens() {
    let (world, mut log) = World::logged("a:long");
    let issued = world.kusto.issued_resources().expect("issued");
    let storage = world.kusto.storage();
    let (container, queue, table) = (&issued.containers[0], &issued.failures, &issued.status_table);
    let name = |name: &str| BlobName::parse(name).expect("a name");
    let block = BlockId::new(0);
    let entity = Entity {
        key: EntityKey::new("p", "r"),
        properties: Map::from_iter([("Status".to_owned(), "Pending".into())]),
    };
    block_on(async {
        BlobStore::put(storage, container, &name("whole"), Bytes::from_static(b"abc")).await?;
        BlobStore::put(storage, container, &name("gone"), Bytes::from_static(b"x")).await?;
        storage
            .stage(container, &name("open"), block, Bytes::from_static(b"def"))
            .await?;
        QueueStore::put(storage, queue, "a message").await?;
        storage.insert(table, &entity).await
    })
    .expect("stored");
    log.extend(written(world.kusto.take_changes()));
    storage
        .delete_blob(&ResourcePath::from(container), "gone")
        .expect("deleted");
    log.extend(written(world.kusto.take_changes()));

    let again = world.restored(&log);
    let storage = again.kusto.storage();
    block_on(storage.commit(container, &name("open"), &[block]))
        .expect("the block is there, and its SAS is good");
    let path = ResourcePath::from(container);
    assert_eq!(storage.blob(&path, "whole").expect("there").bytes(), "abc");
    assert_eq!(storage.blob(&path, "open").expect("there").bytes(), "def");
    assert!(storage.blob(&path, "gone").is_err());
    let messages = storage
        .peek_messages(&ResourcePath::from(queue), 32)
        .expect("peeked");
    assert_eq!(messages[0].text, "a message");
    let found = block_on(storage.get(table, &entity.key))
        .expect("asked")
        .expect("found");
    assert_eq!(found.properties["Status"], "Pending");
    let renewed = again.kusto.issued_resources().expect("issued");
    block_on(BlobStore::put(
        storage,
        &renewed.containers[0],
        &name("new"),
        Bytes::new(),
    ))
    .expect("new tokens are good as well");
}

#[test]
fn a_sas_that_was_revoked_stays_so() {
    let (world, mut log) = World::logged("a:long");
    let issued = world.kusto.issued_resources().expect("issued");
    let (container, name) = (&issued.containers[0], BlobName::parse("late").expect("a name"));
    world.kusto.revoke_sas_tokens().expect("revoked");
    log.extend(written(world.kusto.take_changes()));
    let again = world.restored(&log);
    let refused = block_on(BlobStore::put(
        again.kusto.storage(),
        container,
        &name,
        Bytes::new(),
    ));
    assert_eq!(refused.expect_err("revoked").code(), Some("AuthenticationFailed"));
    let path = ResourcePath::from(container);
    assert!(again.kusto.storage().exists(ResourceKind::Container, &path));
}

/// The records among these that are of one of these kinds.
fn of_kinds(log: &[Bytes], kinds: &[&str]) -> Vec<Bytes> {
    let is_of = |bytes: &&Bytes| {
        let head = String::from_utf8_lossy(&bytes[8..bytes.len().min(40)]).into_owned();
        kinds
            .iter()
            .any(|kind| head.starts_with(&format!("{{\"{kind}\"")))
    };
    log.iter().filter(is_of).cloned().collect()
}

#[test]
fn a_queued_source_is_ingested_once_wherever_the_log_ends() {
    for policy in [
        "",
        ".alter table T policy ingestionbatching '{\"MaximumNumberOfItems\":1}'",
    ] {
        let (world, mut queued) = World::logged("a:long");
        if !policy.is_empty() {
            world.run(policy).expect("altered");
        }
        let blob = world.blob("1.csv", "1\n2\n");
        let properties = world
            .properties()
            .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
        let message = world.message(&blob, &properties);
        world.queue(&message.with_status(world.location(&blob)));
        let queue = ResourcePath::from(&world.kusto.issued_resources().expect("issued").queues[0]);
        let received = world.kusto.storage().receive_messages(&queue, 1, Duration::ZERO);
        assert_eq!(
            received.expect("received").len(),
            1,
            "as the worker does before all else"
        );
        queued.extend(written(world.kusto.take_changes()));
        world.kusto.drain();
        let done = written(world.kusto.take_changes());
        let rows = of_kinds(&done, &["Table", "Rows", "Extents", "Source"]);
        assert!(rows.len() >= 2, "{}", rows.len());
        // Before the worker came, once the rows were there and nothing else, and at the end.
        for rest in [&[][..], &rows, &done] {
            let again = world.restored(&[&queued, rest].concat());
            again.kusto.drain();
            assert_eq!(again.rows(), ["1", "2"], "{policy} {}", rest.len());
            assert_eq!(again.kusto.queued_message_count(), 0);
            let status = again
                .kusto
                .storage()
                .entities(&again.status_table(), None)
                .expect("listed");
            assert_eq!(
                status[0].entity.properties["Status"],
                "Succeeded",
                "{}",
                rest.len()
            );
        }
    }
}

#[test]
fn what_waits_in_a_batch_is_ingested_after_it_was_put_back() {
    let (world, mut log) = World::logged("a:long");
    world
        .run(".alter table T policy ingestionbatching '{\"MaximumNumberOfItems\":100}'")
        .expect("altered");
    let blob = world.blob("1.csv", "1\n");
    let mut properties = world.properties();
    properties.flush_immediately = false;
    let blob = blob.with_raw_size(2);
    world.queue(&world.message(&blob, &properties));
    world.kusto.drain();
    assert_eq!(
        (world.rows().len(), world.kusto.queued_message_count()),
        (0, 1),
        "it waits"
    );
    log.extend(written(world.kusto.take_changes()));
    let again = world.restored(&log);
    again.kusto.drain();
    assert_eq!(again.rows(), ["1"]);
}

#[test]
fn an_operation_that_has_not_begun_is_worked_on_and_one_that_had_is_abandoned() {
    let (world, mut log) = World::logged("a:long");
    let blob = world.blob("1.csv", "1\n");
    world.kusto.pause_ingestion();
    let command = format!(".ingest async into table T (h'{}')", blob.uri().expose());
    let operation = world.run(&command).expect("started").rows[0][0]
        .as_str()
        .expect("an id")
        .to_owned();
    log.extend(written(world.kusto.take_changes()));
    let state = |world: &World| {
        let shown = world
            .query(&format!(".show operations {operation} | project State"))
            .expect("shown");
        shown.rows[0][0].as_str().expect("a text").to_owned()
    };
    let again = world.restored(&log);
    again.kusto.pause_ingestion();
    assert_eq!(state(&again), "Scheduled");
    again.kusto.resume_ingestion();
    again.kusto.drain();
    assert_eq!(
        (state(&again), again.rows()),
        ("Completed".to_owned(), vec!["1".to_owned()])
    );

    world.kusto.resume_ingestion();
    world.kusto.drain();
    let done = written(world.kusto.take_changes());
    assert_eq!(state(&world.restored(&[&log[..], &done].concat())), "Completed");
}

#[test]
fn what_was_named_over_rest_is_ingested_once_wherever_the_log_ends_and_its_operation_is_known() {
    let (world, mut log) = World::logged("a:long");
    let blobs = vec![
        world.blob("1.csv", "1\n"),
        world.blob("2.csv", "2\n"),
        world.blob("3.csv", "no\n"),
    ];
    let request = QueuedRequest::new(blobs, &world.properties(), DataFormat::Csv, world.clock.now());
    let operation = |world: &World, id: &OperationId| {
        let asked = QueuedEndpoint::operation(
            &world.kusto,
            &world.database,
            &world.table,
            id,
            OperationDetail::Blobs,
        );
        block_on(asked).expect("it is known")
    };
    let submitted = world.kusto.submit(&world.database, &world.table, &request);
    let id = block_on(submitted).expect("taken").expect("tracked");
    log.extend(written(world.kusto.take_changes()));
    world.kusto.drain_step();
    let one = written(world.kusto.take_changes());
    world.kusto.drain();
    let ended = operation(&world, &id);
    let all = written(world.kusto.take_changes());
    for rest in [vec![], one.clone(), [one, all].concat()] {
        let again = world.restored(&[&log[..], &rest].concat());
        let waits = again.kusto.queued_message_count();
        assert!(waits == 3 || !rest.is_empty(), "{waits}");
        again.kusto.drain();
        assert_eq!(again.rows(), world.rows(), "{}", rest.len());
        assert_eq!(operation(&again, &id).counts, ended.counts);
        again.kusto.reset();
        assert_eq!(again.kusto.queued_message_count(), 0);
    }
}

#[test]
fn bytes_that_are_no_change_are_refused() {
    let (world, log) = World::logged("a:long");
    let (kusto, _) = testing::kusto_at(world.clock);
    for bytes in [
        Bytes::new(),
        Bytes::from_static(b"12345678{}"),
        log[0].slice(..log[0].len() - 3),
    ] {
        kusto.restore(&bytes).expect_err("it is none");
    }
}
