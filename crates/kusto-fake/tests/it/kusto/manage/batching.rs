//! Queued sources wait in batches, as the policy of their table says, by the emulator's clock.

use std::time::Duration;

use kusto_ingest_core::{BlobSource, Clock, IngestionProperties, Result};

use crate::kusto::world::World;

/// A table whose batches are sealed after ten seconds, three sources, or 100 MB.
fn world() -> World {
    let world = World::new("a:string");
    let policy = "'{\"MaximumBatchingTimeSpan\":\"00:00:10\",\"MaximumNumberOfItems\":3,\"MaximumRawDataSizeMB\":100}'";
    world
        .run(&format!(".alter table T policy ingestionbatching {policy}"))
        .expect("it is a policy");
    world
}

fn queue(world: &World, number: u8, properties: &IngestionProperties) -> BlobSource {
    let blob = world
        .blob(&format!("{number}.csv"), format!("{number}\n"))
        .with_raw_size(2);
    world.queue(&world.message(&blob, properties));
    world.kusto.drain();
    blob
}

#[test]
fn a_batch_waits_for_its_time_and_is_counted_until_then() {
    let world = world();
    queue(&world, 1, &world.properties());
    world.clock.advance(Duration::from_secs(6));
    queue(&world, 2, &world.properties());
    assert_eq!((world.rows().len(), world.kusto.queued_message_count()), (0, 2));
    let seal = world.kusto.next_seal().expect("a batch is open");
    assert_eq!(
        seal.since(world.clock.now()),
        Duration::from_secs(4),
        "the first source opened it"
    );
    world.clock.advance(Duration::from_secs(4));
    assert_eq!(world.kusto.drain(), 2);
    assert_eq!(world.rows(), ["1", "2"]);
    assert_eq!(
        (world.kusto.queued_message_count(), world.kusto.next_seal()),
        (0, None)
    );
}

#[test]
fn a_batch_is_sealed_by_its_count_its_bytes_and_a_source_that_asks_for_it() {
    let world = world();
    queue(&world, 1, &world.properties());
    queue(&world, 2, &world.properties());
    assert!(world.rows().is_empty());
    queue(&world, 3, &world.properties());
    assert_eq!(world.rows(), ["1", "2", "3"]);

    queue(&world, 4, &world.properties());
    let large = world.blob("5.csv", "5\n").with_raw_size(100 << 20);
    world.queue(&world.message(&large, &world.properties()));
    world.kusto.drain();
    assert_eq!(world.rows().len(), 5);

    queue(&world, 6, &world.properties());
    queue(&world, 7, &world.properties().with_flush_immediately());
    assert_eq!(world.rows().len(), 7);
}

#[test]
fn a_source_of_unknown_size_or_ingested_by_a_tag_is_in_no_batch() {
    let world = world();
    let unknown = world.blob("1.csv", "1\n");
    world.queue(&world.message(&unknown, &world.properties()));
    world.kusto.drain();
    assert_eq!(world.rows(), ["1"]);
    queue(&world, 2, &world.properties().with_ingest_by_tags(["once"]));
    assert_eq!(world.rows(), ["1", "2"]);
}

#[test]
fn the_policy_of_the_database_counts_where_the_table_has_none_and_without_either_nothing_waits() -> Result<()>
{
    let world = world();
    world.run(".delete table T policy ingestionbatching")?;
    queue(&world, 1, &world.properties());
    assert_eq!(world.rows().len(), 1);
    world.run(".alter database db policy ingestionbatching '{\"MaximumNumberOfItems\":2}'")?;
    queue(&world, 2, &world.properties());
    assert_eq!(world.rows().len(), 1);
    queue(&world, 3, &world.properties());
    assert_eq!(world.rows().len(), 3);
    Ok(())
}

#[test]
fn an_identity_token_ends_and_a_new_one_is_given_out_before() {
    let world = World::new("a:string");
    let blob = world.blob("1.csv", "1\n");
    let message = world.message(&blob, &world.properties());
    let first = world.kusto.identity_token();
    world.clock.advance(Duration::from_secs(13 * 60 * 60));
    assert_ne!(
        world.kusto.identity_token(),
        first,
        "it has passed half of its time"
    );
    world.queue(&message);
    world.kusto.drain();
    world.clock.advance(Duration::from_secs(12 * 60 * 60));
    world.queue(&message);
    world.kusto.drain();
    let codes: Vec<_> = world
        .kusto
        .ingestions()
        .iter()
        .map(|ingestion| {
            ingestion
                .error
                .as_ref()
                .and_then(|error| error.code().map(str::to_owned))
        })
        .collect();
    assert_eq!(
        codes,
        [None, Some("BadRequest_InvalidKustoIdentityToken".to_owned())]
    );
}
