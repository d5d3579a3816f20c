//! What a message says and what is there before it, and what is refused before anything is sent.

use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{
    BlobSource, DataFormat, ErrorKind, IngestionMapping, LocalSource, MappingKind, ReceiptState, ReportLevel,
    ReportMethod,
};
use kusto_storage::Operation;

use super::world::World;

#[test]
fn a_small_source_is_one_blob_and_one_message() {
    let world = World::new();
    let source = LocalSource::from_bytes("1,2\n").with_name("a.csv");
    let id = source.id();
    let receipt = world.ingest(source, &properties()).expect("nothing fails");
    assert_eq!((receipt.source_id, receipt.state), (id, ReceiptState::Queued));
    assert_eq!(receipt.raw_bytes, Some(4));
    let message = world.only_message();
    assert_eq!(message["Id"], id.to_string());
    assert_eq!(message["RawDataSize"], 4);
    assert_eq!(message["RetainBlobOnSuccess"], true);
    assert_eq!(message["AdditionalProperties"]["format"], "csv");
    let path = message["BlobPath"].as_str().expect("a text");
    assert!(
        path.starts_with(receipt.blob.as_deref().expect("it has a blob")) && path.ends_with("?sig=SECRET")
    );
    assert_eq!(
        (
            world.request_count(Operation::PutBlob),
            world.request_count(Operation::PutMessage)
        ),
        (1, 1)
    );
}

#[test]
fn s02_c2_the_status_row_exists_before_the_message_does() {
    let world = World::new();
    let tracked = properties().with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let receipt = world
        .ingest(LocalSource::from_bytes("1\n").with_name("a.csv"), &tracked)
        .expect("nothing fails");
    assert_eq!(
        world.rows_at_each_post(),
        [1],
        "one row at the moment of the post"
    );
    assert!(
        matches!(&receipt.state, ReceiptState::Tracked(row) if row.row_key == receipt.source_id.to_string())
    );
    let row = &world.only_message()["IngestionStatusInTable"];
    assert_eq!(row["PartitionKey"], receipt.source_id.to_string());
    assert!(
        row["TableConnectionString"]
            .as_str()
            .expect("a text")
            .contains("sig=")
    );
}

#[test]
fn s02_c3_a_blob_of_the_callers_is_named_and_not_touched() {
    let world = World::new();
    let blob =
        BlobSource::parse("https://mydata.blob.core.windows.net/raw/export.csv.zip;managed_identity=system")
            .expect("a good address")
            .with_delete_after_ingestion();
    let receipt = world.ingest(blob, &properties()).expect("nothing fails");
    assert_eq!((receipt.raw_bytes, receipt.sent_bytes), (None, None));
    let message = world.only_message();
    assert_eq!(
        message["BlobPath"],
        "https://mydata.blob.core.windows.net/raw/export.csv.zip;managed_identity=system"
    );
    assert_eq!(message["RetainBlobOnSuccess"], false);
    assert!(message.get("RawDataSize").is_none());
    assert_eq!(world.requests(), 1, "the post alone");
}

#[test]
fn s02_c4_without_reports_there_is_no_row() {
    let world = World::new();
    let silent = properties().with_reporting(ReportLevel::None, ReportMethod::Table);
    let receipt = world
        .ingest(LocalSource::from_bytes("1\n").with_name("a.csv"), &silent)
        .expect("nothing fails");
    assert_eq!(receipt.state, ReceiptState::Queued);
    assert_eq!(world.rows_at_each_post(), [0]);
    assert!(world.only_message().get("IngestionStatusInTable").is_none());
}

#[test]
fn s02_c5_failures_alone_may_be_reported_to_queue_and_table() {
    let world = World::new();
    let both = properties().with_reporting(ReportLevel::FailuresOnly, ReportMethod::QueueAndTable);
    let receipt = world
        .ingest(LocalSource::from_bytes("1\n").with_name("a.csv"), &both)
        .expect("nothing fails");
    assert!(matches!(receipt.state, ReceiptState::Tracked(_)), "{receipt:?}");
    assert_eq!(
        world.rows_at_each_post(),
        [1],
        "one row at the moment of the post"
    );
    let message = world.only_message();
    assert_eq!(
        (&message["ReportLevel"], &message["ReportMethod"]),
        (&0.into(), &2.into())
    );
    assert!(message["IngestionStatusInTable"].is_object());
}

#[test]
fn s02_c13_s02_c16_the_same_properties_serve_again() {
    let world = World::new();
    let shared = properties()
        .with_property("folder", "x")
        .with_additional_tags(["t"]);
    let before = shared.clone();
    for _ in 0..2 {
        world
            .ingest(LocalSource::from_bytes("1\n").with_name("a.csv"), &shared)
            .expect("nothing fails");
    }
    assert_eq!(shared, before);
    let mut messages = world.messages();
    let different = ["Id", "BlobPath"].map(|key| messages[0][key] != messages[1][key]);
    assert_eq!(different, [true, true]);
    for message in &mut messages {
        message
            .as_object_mut()
            .expect("an object")
            .retain(|key, _| key != "Id" && key != "BlobPath");
    }
    assert_eq!(messages[0], messages[1]);
}

#[test]
fn s02_c19_a_message_too_long_for_a_queue_is_found_before_the_upload() {
    let world = World::new();
    let tags =
        properties().with_additional_tags((0..3_000).map(|tag| format!("a tag that is long, number {tag}")));
    let error = world
        .ingest(LocalSource::from_bytes("1\n").with_name("a.csv"), &tags)
        .expect_err("it is too long");
    assert!(error.kind() == ErrorKind::MessageTooLarge && error.is_permanent());
    assert_eq!(world.requests(), 0);
}

#[test]
fn bad_input_is_found_before_anything_is_sent() {
    let csv = |bytes: &'static str| LocalSource::from_bytes(bytes).with_name("a.csv");
    let mapped = IngestionMapping::reference(MappingKind::Json, "m").expect("a good name");
    for (source, properties, expect) in [
        (csv(""), properties(), ErrorKind::EmptySource),
        (
            LocalSource::from_bytes("1\n"),
            properties(),
            ErrorKind::FormatNotSpecified,
        ),
        (
            csv("1\n"),
            properties().with_format(DataFormat::Csv).with_mapping(mapped),
            ErrorKind::InvalidInput,
        ),
        (
            csv("1\n"),
            properties().with_property("format", "csv"),
            ErrorKind::InvalidInput,
        ),
    ] {
        let world = World::new();
        let id = source.id();
        let error = world.ingest(source, &properties).expect_err("the input is bad");
        assert_eq!(
            (error.kind(), error.source_id()),
            (expect, Some(id)),
            "{}",
            error.chain()
        );
        assert_eq!(world.requests(), 0);
    }
}

#[test]
fn s02_c27_a_file_of_unknown_extension_is_taken_for_csv() {
    let world = World::new();
    world
        .ingest(
            LocalSource::from_bytes("1\n").with_name("data.bin"),
            &properties(),
        )
        .expect("nothing fails");
    assert_eq!(world.only_message()["AdditionalProperties"]["format"], "csv");
}

#[test]
fn s02_c74_s02_c75_queues_are_needed_before_the_upload_and_containers_only_for_it() {
    let world = World::without_queues();
    let error = world
        .ingest(LocalSource::from_bytes("1\n").with_name("a.csv"), &properties())
        .expect_err("no queue");
    assert_eq!((error.kind(), world.requests()), (ErrorKind::NoResources, 0));

    let world = World::without_containers();
    let blob =
        BlobSource::parse("https://mydata.blob.core.windows.net/raw/a.csv?sig=S").expect("a good address");
    assert!(world.ingest(blob, &properties()).is_ok());
}
