//! What a log puts back where something is not as it was any more.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::executor::block_on;
use kusto_fake::{FakeKusto, ResourceIssuer, ResourcePath};
use kusto_ingest_core::DatabaseName;
use kusto_storage::{BlobName, BlobStore, BlockId};

use super::{World, written};

#[test]
fn an_operation_whose_table_or_database_is_gone_has_failed_after_it_was_put_back() {
    for (gone, code) in [
        (".drop table T", "BadRequest_TableNotExist"),
        (".drop database db", "BadRequest_DatabaseNotExist"),
    ] {
        let (world, mut log) = World::logged("a:long");
        let blob = world.blob("1.csv", "1\n");
        world.kusto.pause_ingestion();
        let command = format!(".ingest async into table T (h'{}')", blob.uri().expose());
        let started = world.run(&command).expect("started");
        let operation = started.rows[0][0].as_str().expect("an id").to_owned();
        world.run(gone).expect("dropped");
        log.extend(written(world.kusto.take_changes()));

        let again = world.restored(&log);
        let shown = again.run_in(
            &DatabaseName::net_default(),
            &format!(".show operations {operation} | project State, Status"),
        );
        let shown = shown.expect("shown").rows.swap_remove(0);
        assert_eq!(shown[0], "Failed", "{gone}");
        let why = shown[1].as_str().expect("a text");
        assert!(why.contains(code), "{why}");
        again.kusto.note_changes();
        let kept = written(again.kusto.take_changes()).concat();
        let kept = String::from_utf8_lossy(&kept);
        assert!(
            !kept.contains(".ingest async"),
            "its command, with a SAS, is kept no longer"
        );
    }
}

#[test]
fn sources_in_the_queues_of_other_accounts_are_counted_and_ingested() {
    let (world, mut log) = World::logged("a:long");
    world.kusto.pause_ingestion();
    for (name, rows) in [("1.csv", "1\n"), ("2.csv", "2\n")] {
        world.queue(&world.message(&world.blob(name, rows), &world.properties()));
    }
    let queue = ResourcePath::from(&world.kusto.issued_resources().expect("issued").queues[0]);
    let hidden = Duration::from_secs(60);
    let received = world.kusto.storage().receive_messages(&queue, 1, hidden);
    assert_eq!(received.expect("received").len(), 1, "one was being worked on");
    log.extend(written(world.kusto.take_changes()));

    let issuer = ResourceIssuer::hosts().with_accounts(["another"]);
    let kusto = FakeKusto::new(Arc::new(world.clock.clone()), issuer).expect("it issues");
    log.iter()
        .for_each(|bytes| kusto.restore(bytes).expect("it was written so"));
    kusto.end_restoring();
    let again = World { kusto, ..world };
    assert_eq!(again.kusto.queued_message_count(), 2);
    let message = again
        .kusto
        .storage()
        .receive_messages(&queue, 1, hidden)
        .expect("received");
    let due = again.kusto.next_due().expect("one is hidden");
    assert!(message.len() == 1 && due > again.kusto.clock().now());
    again.kusto.drain();
    again.clock.advance(hidden);
    again.kusto.drain();
    let mut rows = again.rows();
    rows.sort();
    assert_eq!(rows, ["1", "2"]);
    assert_eq!(
        (again.kusto.queued_message_count(), again.kusto.next_due()),
        (0, None)
    );
}

#[test]
fn a_block_that_was_staged_after_others_were_discarded_is_put_back() {
    let (world, mut log) = World::logged("a:long");
    let container = world.kusto.issued_resources().expect("issued").containers[0].clone();
    let (storage, name) = (world.kusto.storage(), BlobName::parse("b").expect("a name"));
    let (first, later) = (BlockId::new(0), BlockId::new(1));
    block_on(async {
        storage
            .stage(&container, &name, later, Bytes::from_static(b"discarded"))
            .await?;
        BlobStore::put(storage, &container, &name, Bytes::from_static(b"whole")).await?;
        storage
            .stage(&container, &name, first, Bytes::from_static(b"staged"))
            .await
    })
    .expect("stored");
    log.extend(written(world.kusto.take_changes()));

    let again = world.restored(&log);
    let storage = again.kusto.storage();
    let path = ResourcePath::from(&container);
    assert_eq!(storage.staged_blocks(&path, "b"), 1);
    assert_eq!(storage.blob(&path, "b").expect("there").bytes(), "whole");
    block_on(storage.commit(&container, &name, &[first])).expect("what was answered is there");
    assert_eq!(storage.blob(&path, "b").expect("there").bytes(), "staged");
}

#[test]
fn whoever_asks_for_an_identity_token_changes_something_only_where_it_is_a_new_one() {
    let (world, _) = World::logged("a:long");
    let first = world.kusto.identity_token();
    assert!(!world.kusto.has_changes());
    // After half of its time.
    world.clock.advance(Duration::from_secs(12 * 60 * 60));
    assert_ne!(world.kusto.identity_token(), first);
    assert!(world.kusto.has_changes());
}
