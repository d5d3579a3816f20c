//! Commands that answer when the data is loaded.

use kusto_ingest_core::{BlobSource, DataFormat, ErrorKind, LocalSource, ReceiptState};
use kusto_ingest_direct::IngestCommand;

use crate::world::{
    EXTENT, NIL, OPERATION, World, begun, blob, error, failures, loaded, one_extent, operation, properties,
};

#[test]
fn s03_g1_one_blob_is_one_command_byte_for_byte() {
    let world = World::new();
    world.engine.once(".ingest into", Ok(one_extent()));
    let address = "https://a.blob.core.windows.net/c/f.csv?sig=a'b";
    let source = BlobSource::parse(address).expect("an address").with_raw_size(1);
    let receipt = world.ingest(source).expect("loaded");
    assert_eq!(
        world.sent(),
        [
            ".ingest into table ['T'] (h@'https://a.blob.core.windows.net/c/f.csv?sig=a''b') with (format=@'csv')"
        ]
    );
    assert_eq!(world.engine.commands()[0].database.as_str(), "D");
    let state = ReceiptState::Ingested {
        extents: vec![EXTENT.parse().expect("a guid")],
        operation: OPERATION.parse().ok(),
    };
    assert_eq!(receipt.state, state);
    assert_eq!(
        receipt.blob.as_deref(),
        Some("https://a.blob.core.windows.net/c/f.csv")
    );
}

#[test]
fn s03_g6_a_line_break_in_an_address_is_refused_before_anything_is_sent() {
    for address in [
        "https://a.blob/c/f.csv?sig=SECRET\nx",
        "https://a.blob/c/f.csv?sig=SECRET\u{2028}x",
    ] {
        let world = World::new();
        let error = match BlobSource::parse(address) {
            Ok(source) => world.ingest(source).expect_err("refused"),
            Err(error) => error,
        };
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(!format!("{error} {error:?}").contains("SECRET"));
        assert!(world.sent().is_empty());
    }
}

#[test]
fn s03_g9_a_command_is_shown_without_addresses() {
    let source = blob("f.csv");
    let command = IngestCommand::of_blobs([source.uri()], &properties(), DataFormat::Csv).expect("a command");
    let shown = format!("{command} {command:?}");
    assert!(shown.contains("h@'***'") && !shown.contains("sig="), "{shown}");
}

#[test]
fn s03_g10_a_row_with_errors_fails_its_source_in_the_engines_words() {
    let world = World::new();
    let path = "https://a.blob.core.windows.net/c/f.csv";
    world
        .engine
        .once(".ingest into", Ok(loaded(&[(NIL, path, true)])));
    let told = failures(&[(
        &format!("{path}?sv=1&sig=SECRET"),
        "field 3 of h@'https://a.blob.core.windows.net/c/f.csv?sv=1&sig=SECRET' is odd",
    )]);
    world.engine.once(".show ingestion failures", Ok(told));
    let error = world.ingest(blob("f.csv")).expect_err("it has errors");
    assert_eq!(error.code(), Some("BadRequest_Stream"));
    assert!(
        error.is_permanent() && error.to_string().contains("field 3"),
        "{error}"
    );
    assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
    let asked = format!(".show ingestion failures with (OperationId={OPERATION})");
    assert_eq!(world.sent().last(), Some(&asked));
}

#[test]
fn s03_g11_nothing_loaded_without_errors_is_skipped() {
    let world = World::new();
    world.engine.once(".ingest into", Ok(loaded(&[(NIL, "", false)])));
    let once = properties().with_ingest_if_not_exists(["x"]);
    let receipt = world.ingest_with(blob("f.csv"), &once).expect("no error");
    assert_eq!(receipt.state, ReceiptState::Skipped);
}

#[test]
fn what_certainly_did_nothing_is_sent_up_to_three_times() {
    let world = World::new();
    world
        .engine
        .once(".ingest", Err(error(ErrorKind::Throttled, 429)));
    world
        .engine
        .once(".ingest", Err(error(ErrorKind::Unavailable, 503)));
    world.engine.once(".ingest", Ok(one_extent()));
    assert!(world.ingest(blob("f.csv")).is_ok());
    assert_eq!(world.sent().len(), 3);
    for _ in 0..4 {
        world
            .engine
            .once(".ingest", Err(error(ErrorKind::Throttled, 429)));
    }
    let throttled = world.ingest(blob("f.csv")).expect_err("throttled");
    assert_eq!(
        (throttled.kind(), throttled.attempts()),
        (ErrorKind::Throttled, Some(3))
    );
    assert!(throttled.receipt().is_none());
    assert_eq!(world.sent().len(), 6);
}

#[test]
fn s03_g17_small_text_goes_into_the_command() {
    let world = World::new();
    world.engine.once(".ingest inline", Ok(one_extent()));
    let receipt = world.ingest(LocalSource::from_bytes("a,1\nb,2")).expect("loaded");
    assert_eq!(
        world.sent(),
        [".ingest inline into table ['T'] with (format=@'csv') <|\na,1\nb,2"]
    );
    assert_eq!(
        (receipt.raw_bytes, receipt.sent_bytes, receipt.blob),
        (Some(7), Some(7), None)
    );
    let refused = world.ingest(LocalSource::from_bytes("a\0,1")).expect_err("a NUL");
    assert_eq!(refused.kind(), ErrorKind::Data);
    assert_eq!(world.sent().len(), 1);
}

#[test]
fn s03_g20_g21_suffixes_are_passed_on_as_they_are() {
    for address in [
        "https://b.s3.eu-west-1.amazonaws.com/k;AwsCredentials=ID,SE/CR+ET=",
        "https://a.blob.core.windows.net/c/f;a2V5PT0=",
    ] {
        let world = World::new();
        world.engine.once(".ingest into", Ok(one_extent()));
        let source = BlobSource::parse(address).expect("an address").with_raw_size(1);
        let receipt = world.ingest(source).expect("loaded");
        assert!(world.sent()[0].contains(&format!("(h@'{address}')")));
        assert_eq!(receipt.blob.as_deref(), address.split(';').next());
    }
}

#[test]
fn what_the_engine_cannot_do_is_refused_before_anything_is_sent() {
    let world = World::new();
    let deleted = world
        .ingest(blob("f.csv").with_delete_after_ingestion())
        .expect_err("no");
    assert_eq!(deleted.kind(), ErrorKind::Unsupported);
    let large = world
        .ingest(blob("f.csv").with_raw_size(7 << 30))
        .expect_err("no");
    assert_eq!(large.kind(), ErrorKind::SizeLimitExceeded);
    let extended = world
        .ingest_with(blob("f.csv"), &properties().with_extend_schema(true))
        .expect_err("no");
    assert_eq!(extended.kind(), ErrorKind::InvalidInput);
    let hostile = world
        .ingest_with(blob("f.csv"), &properties().with_property("a) <| x", "1"))
        .expect_err("no");
    assert_eq!(hostile.kind(), ErrorKind::InvalidInput);
    let binary = properties().with_format(DataFormat::Parquet);
    let binary = world
        .ingest_with(LocalSource::from_bytes("PAR1"), &binary)
        .expect_err("no uploader");
    assert_eq!(binary.kind(), ErrorKind::Unsupported);
    assert!(world.sent().is_empty());
}

#[test]
fn only_a_blob_that_is_known_to_be_small_keeps_the_engine_waiting_for_its_answer() {
    const MIB: u64 = 1024 * 1024;
    for (bytes, is_waited_for) in [
        (Some(64 * MIB), true),
        (Some(64 * MIB + 1), false),
        (Some(5 << 30), false),
        (None, false),
    ] {
        let world = World::new();
        world.always(".ingest into", one_extent());
        world.always(".ingest async into", begun());
        world.always(".show operations", operation("Completed", ""));
        let address = "https://a.blob.core.windows.net/c/f.csv?sig=S";
        let source = BlobSource::parse(address).expect("an address");
        let source = match bytes {
            Some(bytes) => source.with_raw_size(bytes),
            None => source,
        };
        world.ingest(source).expect("it is loaded");
        assert_eq!(
            world.sent()[0].starts_with(".ingest into"),
            is_waited_for,
            "{bytes:?}"
        );
    }
}
