//! From messages to rows.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures::executor::block_on;
use kusto_fake::{BlobWrite, OnConflict, ResourcePath};
use kusto_ingest_core::{
    BlobSource, BlobUri, DataFormat, IngestionMapping, IngestionProperties, MappingKind, Result, TableName,
    ValidationImplications, ValidationOptions, ValidationPolicy,
};
use kusto_ingest_message::{IngestionMessage, OperationStatus};
use kusto_storage::{BlobName, BlobStore, BlockId, ResourceKind};

use super::world::{World, wrong_token};

impl World {
    /// The service's word for how an ingestion failed.
    fn failure(&self, blob: &BlobSource, properties: &IngestionProperties) -> String {
        let ingestion = self.ingest(blob, properties);
        assert_eq!(ingestion.status, OperationStatus::Failed);
        assert_eq!((ingestion.rows, self.kusto.queued_message_count()), (0, 0));
        ingestion.error_code.expect("a code").to_string()
    }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn typed_rows_are_appended_in_order_and_the_books_tell() {
    let world = World::new("day:datetime, wind:real, what:string");
    let first = world.blob("a.csv", "2012/01/01,4.7,drizzle\n2012/01/02,,\"rain, much\"\n");
    let ingestion = world.ingest(&first, &world.properties());
    assert_eq!(
        (ingestion.status, ingestion.rows),
        (OperationStatus::Succeeded, 2)
    );
    world.ingest(&world.blob("b.csv", "2012/01/03,1,sun\n"), &world.properties());
    assert_eq!(
        world.rows(),
        [
            "2012-01-01T00:00:00.0000000Z|4.7|drizzle",
            "2012-01-02T00:00:00.0000000Z||rain, much",
            "2012-01-03T00:00:00.0000000Z|1.0|sun",
        ]
    );
    assert_eq!(world.kusto.ingestions().len(), 2);
}

#[test]
fn s03_g71_gzip_is_recognised_by_its_bytes_and_a_name_that_promises_it_must_keep_that() -> Result<()> {
    let world = World::new("a:long");
    let properties = world.properties().with_format(DataFormat::Csv);
    for (name, body) in [
        ("a.csv.gz", gzip("1\n")),
        ("b.csv", gzip("2\n")),
        ("c", [gzip("3\n"), gzip("4\n")].concat()),
    ] {
        let ingestion = world.ingest(&world.blob(name, body), &properties);
        assert_eq!(ingestion.status, OperationStatus::Succeeded, "{name}");
    }
    assert_eq!(world.rows(), ["1", "2", "3", "4"]);
    for (name, code) in [
        ("d.csv.gz", "BadRequest_InvalidBlob"),
        ("d.csv.zip", "BadRequest_InvalidArchive"),
    ] {
        assert_eq!(
            world.failure(&world.blob(name, "5\n"), &properties),
            code,
            "{name}"
        );
    }
    Ok(())
}

#[test]
fn a_blob_of_many_blocks_is_read_across_their_borders() -> Result<()> {
    let world = World::new("a:string");
    let container = world.kusto.issued_resources()?.containers.remove(1);
    let name = BlobName::parse("folder/100% b.csv")?;
    let packed = gzip("first\nsecond\n");
    let blocks: Vec<BlockId> = (0..packed.len() as u32).map(BlockId::new).collect();
    for (block, byte) in blocks.iter().zip(packed) {
        block_on(
            world
                .kusto
                .storage()
                .stage(&container, &name, *block, vec![byte].into()),
        )?;
    }
    block_on(world.kusto.storage().commit(&container, &name, &blocks))?;
    world.ingest(&BlobSource::new(container.blob(&name)?), &world.properties());
    assert_eq!(world.rows(), ["first", "second"]);
    Ok(())
}

#[test]
fn the_first_record_is_left_out_when_it_is_a_header() {
    let world = World::new("a:long, b:long");
    let properties = world.properties().with_ignore_first_record();
    world.ingest(&world.blob("a.csv", "a,b\n1,2\n"), &properties);
    assert_eq!(world.rows(), ["1|2"]);
}

#[test]
fn mappings_are_used_inline_and_by_reference_and_may_add_columns() -> Result<()> {
    let world = World::new("a:long");
    world.run(".create table T ingestion json mapping 'm' '[{\"column\":\"a\",\"path\":\"$.x\"}]'")?;
    let by_name = IngestionMapping::reference(MappingKind::Json, "m")?;
    world.ingest(
        &world.blob("a.json", "{\"x\":1}\n"),
        &world.properties().with_mapping(by_name),
    );
    let json = r#"[{"column":"a","path":"$.x"},{"column":"b","datatype":"string","path":"$.y"}]"#;
    let inline = IngestionMapping::from_json(MappingKind::Json, json)?;
    world.ingest(
        &world.blob("b.json", "{\"x\":2,\"y\":\"new\"}\n"),
        &world.properties().with_mapping(inline),
    );
    assert_eq!(world.rows(), ["1|", "2|new"]);

    let unknown = IngestionMapping::reference(MappingKind::Json, "unknown")?;
    let properties = world.properties().with_mapping(unknown);
    let failure = world.failure(&world.blob("c.json", "{}"), &properties);
    assert_eq!(failure, "BadRequest_MappingReferenceWasNotFound");
    Ok(())
}

#[test]
fn the_validation_policy_says_what_becomes_of_ragged_records() {
    let world = World::new("a:long, b:long");
    let ragged = "1,2\n3\n5,6\n";
    let strict = world.properties().with_validation_policy(ValidationPolicy {
        options: ValidationOptions::ValidateCsvInputConstantColumns,
        implications: ValidationImplications::Fail,
    });
    assert_eq!(
        world.failure(&world.blob("a.csv", ragged), &strict),
        "Stream_WrongNumberOfFields"
    );
    assert!(world.rows().is_empty());

    // The documented default.
    assert_eq!(
        world
            .ingest(&world.blob("b.csv", ragged), &world.properties())
            .rows,
        2
    );
    assert_eq!(world.rows(), ["1|2", "5|6"]);
}

#[test]
fn what_cannot_be_found_or_read_fails_with_the_services_code() -> Result<()> {
    let world = World::new("a:long");
    let fine = world.properties();
    let mut elsewhere = world.properties();
    elsewhere.table = TableName::parse("Unknown")?;
    assert_eq!(
        world.failure(&world.blob("a.csv", "1"), &elsewhere),
        "BadRequest_TableNotExist"
    );
    let mut nowhere = world.properties();
    nowhere.database = "Unknown".try_into()?;
    assert_eq!(
        world.failure(&world.blob("a.csv", "1"), &nowhere),
        "BadRequest_DatabaseNotExist"
    );

    let stranger = BlobSource::new(BlobUri::parse(
        "https://stranger.blob.core.windows.net/c/b.csv?sig=S",
    )?);
    assert_eq!(world.failure(&stranger, &fine), "Download_SourceNotFound");
    let unsigned = world.blob("b.csv", "1").uri().redacted().to_owned();
    assert_eq!(
        world.failure(&BlobSource::new(BlobUri::parse(unsigned)?), &fine),
        "Download_Forbidden"
    );

    assert_eq!(
        world.failure(&world.blob("empty.csv", ""), &fine),
        "BadRequest_EmptyBlob"
    );
    let broken = world.blob("a.csv.gz", gzip("1\n2\n")[..14].to_vec());
    assert_eq!(world.failure(&broken, &fine), "BadRequest_InvalidBlob");
    world
        .kusto
        .set_limits(kusto_fake::Limits::default().with_max_raw_bytes(1_000));
    let bomb = world.blob("bomb.csv.gz", gzip(&"1\n".repeat(1_000)));
    assert_eq!(world.failure(&bomb, &fine), "BadRequest_FileTooLarge");
    assert!(world.rows().is_empty());
    Ok(())
}

#[test]
fn s03_g72_a_message_needs_the_token_that_was_given_out() {
    let world = World::new("a:long");
    let blob = world.blob("a.csv", "1\n");
    world.queue(&IngestionMessage::new(
        &blob,
        &world.properties(),
        DataFormat::Csv,
        wrong_token(),
    ));
    world.kusto.drain();
    let ingestion = world.kusto.ingestion(blob.id()).expect("drained");
    let code = ingestion.error_code.expect("a code").to_string();
    assert_eq!(code, "BadRequest_InvalidKustoIdentityToken");
    assert!(world.rows().is_empty());
}

#[test]
fn s03_g73_data_that_was_ingested_by_its_tag_is_skipped_the_next_time() {
    let world = World::new("a:long");
    let once = world
        .properties()
        .with_ingest_by_tags(["batch-1"])
        .with_drop_by_tags(["2026"])
        .with_ingest_if_not_exists(["batch-1"]);
    assert_eq!(
        world.ingest(&world.blob("a.csv", "1\n"), &once).status,
        OperationStatus::Succeeded
    );
    let second = world.ingest(&world.blob("b.csv", "1\n"), &once);
    assert_eq!((second.status, second.rows), (OperationStatus::Skipped, 0));
    assert_eq!(world.rows(), ["1"]);
    let extents = world.kusto.extents(&world.database, &world.table);
    assert_eq!(extents.len(), 1);
    assert_eq!(extents[0].tags, ["drop-by:2026", "ingest-by:batch-1"]);
}

#[test]
fn a_blob_is_deleted_only_where_its_owner_gave_it_away_and_it_is_ingested() -> Result<()> {
    let world = World::new("a:long");
    let exists = |blob: &BlobSource| {
        let (container, name) = kusto_storage::ResourceUri::of_blob(blob.uri()).expect("an address");
        world
            .kusto
            .storage()
            .blob(&ResourcePath::from(&container), name.as_str())
            .is_ok()
    };
    let kept = world.blob("kept.csv", "1\n");
    world.ingest(&kept, &world.properties());
    let given = world.blob("given.csv", "1\n").with_delete_after_ingestion();
    world.ingest(&given, &world.properties());
    let failed = world.blob("failed.csv", "").with_delete_after_ingestion();
    world.ingest(&failed, &world.properties());
    assert_eq!([&kept, &given, &failed].map(exists), [true, false, true]);
    Ok(())
}

#[test]
fn a_users_own_container_is_read_as_well() -> Result<()> {
    let world = World::new("a:long");
    let place = ResourcePath::new("mine", "data");
    world.kusto.storage().create(ResourceKind::Container, &place)?;
    let write = BlobWrite::new(OnConflict::Replace);
    world
        .kusto
        .storage()
        .put_blob(&place, "b.csv", "7\n".into(), &write)?;
    let uri = BlobUri::parse("https://mine.blob.core.windows.net/data/b.csv;a-key")?;
    world.ingest(&BlobSource::new(uri), &world.properties());
    assert_eq!(world.rows(), ["7"]);
    Ok(())
}

#[test]
fn messages_wait_while_the_queues_are_held_and_are_taken_one_by_one_or_all() {
    let world = World::new("a:long");
    for number in 0..40 {
        let blob = world.blob(&format!("{number}.csv"), format!("{number}\n"));
        world.queue(&world.message(&blob, &world.properties()));
    }
    world.kusto.pause_ingestion();
    assert_eq!(
        (
            world.kusto.drain(),
            world.kusto.drain_step(),
            world.kusto.queued_message_count()
        ),
        (0, false, 40)
    );
    world.kusto.resume_ingestion();
    assert!(world.kusto.drain_step());
    assert_eq!(
        (world.rows(), world.kusto.queued_message_count()),
        (vec!["0".to_owned()], 39)
    );
    assert_eq!(
        (
            world.kusto.drain(),
            world.kusto.drain(),
            world.kusto.queued_message_count()
        ),
        (39, 0, 0)
    );
    assert_eq!(world.rows().len(), 40);
}

#[test]
fn a_message_that_nobody_can_read_does_not_block_the_queue() {
    let world = World::new("a:long");
    world.queue_text("no message");
    let blob = world.blob("a.csv", "1\n");
    assert_eq!(
        world.ingest(&blob, &world.properties()).status,
        OperationStatus::Succeeded
    );
    let first = &world.kusto.ingestions()[0];
    assert_eq!((first.source_id, &first.status), (None, &OperationStatus::Failed));
    assert_eq!(
        first.error_code.as_ref().expect("a code").to_string(),
        "BadRequest_CorruptedMessage"
    );
}

#[test]
fn a_message_of_another_client_is_understood() {
    let world = World::new("a:long");
    let blob = world.blob("a.csv", "x\n1\n");
    let text = format!(
        r#"{{"id":"{}","blobPath":"{}","databaseName":"db","tableName":"T","reportLevel":"FailuresOnly",
            "retainBlobOnSuccess":true,"additionalProperties":{{"authorizationContext":"{}","format":"csv",
            "ignoreFirstRecord":true}},"ingestionStatusInTable":null}}"#,
        blob.id(),
        blob.uri().expose(),
        world.kusto.identity_token().expose(),
    );
    world.queue_text(&text);
    world.kusto.drain();
    assert_eq!(world.rows(), ["1"]);
}
