//! What a streaming request can carry.

use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{
    BlobSource, ColumnMapping, Compression, IngestionMapping, LocalSource, MappingKind, ReportLevel,
    ReportMethod, Source, Timestamp, ValidationImplications, ValidationOptions, ValidationPolicy,
};

fn bytes() -> Source {
    LocalSource::from_bytes("1").into()
}

#[test]
fn s03_g28_every_property_that_streaming_cannot_carry_is_named() {
    let mapping = IngestionMapping::inline(MappingKind::Csv, vec![ColumnMapping::new("a").with_ordinal(0)]);
    let policy = ValidationPolicy {
        options: ValidationOptions::DoNotValidate,
        implications: ValidationImplications::Fail,
    };
    let everything = properties()
        .with_drop_by_tags(["x"])
        .with_ingest_if_not_exists(["x"])
        .with_creation_time(Timestamp::UNIX_EPOCH)
        .with_ignore_first_record()
        .with_mapping(mapping.expect("one column"))
        .with_validation_policy(policy)
        .with_zip_pattern("*.csv")
        .with_extend_schema(true)
        .with_recreate_schema(false)
        .with_property("folder", "f");
    assert_eq!(
        everything.not_streamable(&bytes()),
        [
            "tags",
            "ingestIfNotExists",
            "creationTime",
            "ignoreFirstRecord",
            "ingestionMapping",
            "validationPolicy",
            "zipPattern",
            "extend_schema",
            "recreate_schema",
            "folder"
        ]
    );
}

#[test]
fn what_only_queued_ingestion_heeds_does_not_prevent_streaming() {
    let mapping = IngestionMapping::reference(MappingKind::Csv, "m").expect("a name");
    let properties = properties()
        .with_mapping(mapping)
        .with_flush_immediately()
        .with_ignore_size_limit()
        .with_keep_first_record()
        .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::QueueAndTable)
        .with_client_request_id("mine");
    assert!(properties.not_streamable(&bytes()).is_empty());
}

#[test]
fn zip_archives_and_blobs_to_be_deleted_are_named() {
    let blob = |address: &str| BlobSource::parse(address).expect("an address");
    for (source, expect) in [
        (
            Source::Local(LocalSource::from_bytes("1").with_compression(Compression::Zip)),
            "zip archives",
        ),
        (blob("https://a/c/b.csv.zip?sig=S").into(), "zip archives"),
        (
            blob("https://a/c/b.csv?sig=S")
                .with_delete_after_ingestion()
                .into(),
            "deletion of the blob",
        ),
    ] {
        assert_eq!(properties().not_streamable(&source), [expect]);
    }
}
