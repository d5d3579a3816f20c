//! What travels in a request, and what is refused before anything is sent.

use std::time::Duration;

use kusto_endpoint::StreamingData;
use kusto_ingest_compression::StreamingLimits;
use kusto_ingest_compression::testing::{gunzip, gzip};
use kusto_ingest_core::testing::{SOURCE_ID, replayable};
use kusto_ingest_core::{
    DataFormat, ErrorKind, IngestionMapping, IngestionProperties, LocalSource, MappingKind, Payload,
    ReceiptState, Source,
};

use super::world::{World, blob, body, bytes, csv};

#[test]
fn s03_g22_bytes_travel_gzipped_in_one_named_request() {
    let world = World::new();
    let mapping = IngestionMapping::reference(MappingKind::Csv, "m 1&2").expect("it is a name");
    let receipt = world
        .ingest(bytes("1,2\n3,4\n"), &csv().with_mapping(mapping))
        .expect("nothing fails");
    assert_eq!(
        (receipt.source_id.to_string().as_str(), &receipt.state),
        (SOURCE_ID, &ReceiptState::Streamed)
    );
    let request = world.only_request();
    assert!(request.data.is_gzip());
    assert_eq!(gunzip(body(&request)), b"1,2\n3,4\n");
    assert_eq!(request.mapping.as_deref(), Some("m 1&2"));
    assert_eq!(
        request.client_request_id,
        Some(format!("KRC.executeStreamingIngest;{SOURCE_ID}"))
    );
    let sent = body(&request).len() as u64;
    assert_eq!((receipt.raw_bytes, receipt.sent_bytes), (Some(8), Some(sent)));
    assert_eq!(world.engine.received()[0].table.as_str(), "T/1 x");
}

#[test]
fn s03_g23_s03_g24_what_is_packed_already_travels_as_it_is() {
    let packed = gzip("1\n");
    for (bytes, name, format, is_gzip) in [
        (b"PAR1..PAR1".to_vec(), "a.parquet", DataFormat::Parquet, false),
        (packed, "f.csv.gz", DataFormat::Csv, true),
    ] {
        let world = World::new();
        let properties = IngestionProperties::into_table("D", "T").expect("these are names");
        let source = LocalSource::from_bytes(bytes.clone()).with_name(name);
        world.ingest(source, &properties).expect("nothing fails");
        let request = world.only_request();
        assert_eq!((body(&request), request.data.is_gzip()), (bytes, is_gzip));
        assert_eq!(request.format, format, "as the name tells");
    }
}

#[test]
fn s03_g25_of_a_blob_only_the_address_travels() {
    let world = World::new();
    let properties = IngestionProperties::into_table("D", "T").expect("these are names");
    let receipt = world
        .ingest(blob("https://h/b.multijson?sig=SECRET"), &properties)
        .expect("nothing fails");
    let request = world.only_request();
    assert_eq!(request.format, DataFormat::MultiJson);
    assert!(
        matches!(&request.data, StreamingData::Blob(uri) if uri.expose() == "https://h/b.multijson?sig=SECRET")
    );
    assert_eq!(
        request.client_request_id,
        Some(format!("KRC.executeStreamingIngestFromBlob;{SOURCE_ID}"))
    );
    assert_eq!(receipt.blob.as_deref(), Some("https://h/b.multijson"));
    assert_eq!((receipt.raw_bytes, receipt.sent_bytes), (None, None));
    assert!(!format!("{receipt:?} {request:?} {:?}", world.client).contains("SECRET"));
}

#[test]
fn streams_and_what_can_be_opened_again_are_read_once() {
    for payload in [
        replayable("1,2\n"),
        Payload::from_reader(futures::io::Cursor::new(b"1,2\n")),
    ] {
        let world = World::new();
        world
            .ingest(LocalSource::new(payload), &csv())
            .expect("nothing fails");
        assert_eq!(gunzip(body(&world.only_request())), b"1,2\n");
    }
}

#[test]
fn s03_g28_what_streaming_cannot_carry_is_named_and_nothing_is_sent() {
    let world = World::new();
    let properties = csv().with_additional_tags(["x"]).with_ignore_first_record();
    let error = world.ingest(bytes("1\n"), &properties).expect_err("it has tags");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("tags, ignoreFirstRecord"), "{error}");
    assert_eq!(
        error.source_id().map(|id| id.to_string()).as_deref(),
        Some(SOURCE_ID)
    );
    let zip = world
        .ingest(LocalSource::from_bytes(&b"PK\x03\x04...."[..]), &csv())
        .expect_err("it is a zip");
    assert!(zip.to_string().contains("zip archives"), "{zip}");
    assert!(world.requests().is_empty());
}

#[test]
fn limits_are_checked_before_anything_is_sent() {
    let mut world = World::new();
    world.client = world
        .client
        .with_limits(StreamingLimits::new().with_data_bytes(9).with_wire_bytes(60));
    let refused = |source: Source, properties: &IngestionProperties| {
        let error = world.ingest(source, properties).expect_err("it is too large");
        assert_eq!(error.kind(), ErrorKind::SizeLimitExceeded, "{error}");
    };
    let long = "1234567890123456789012345\n";
    refused(bytes(long).into(), &csv());
    refused(LocalSource::from_reader(long.as_bytes()).into(), &csv());
    refused(blob("https://h/b.csv?s").with_raw_size(21).into(), &csv());
    let noise: Vec<u8> = (0..100_u8).map(|at| at.wrapping_mul(97)).collect();
    refused(
        LocalSource::from_bytes(noise).into(),
        &csv().with_ignore_size_limit(),
    );
    assert!(world.requests().is_empty());

    world
        .ingest(bytes(long), &csv().with_ignore_size_limit())
        .expect("the limit of data is lifted");
    world
        .ingest(blob("https://h/b.csv?s").with_raw_size(20), &csv())
        .expect("it is small enough");
    world
        .ingest(blob("https://h/b.csv?s"), &csv())
        .expect("the service will tell");
    assert_eq!(world.requests().len(), 3);
}

#[test]
fn wrong_input_costs_no_request() {
    let world = World::new();
    let json = IngestionMapping::reference(MappingKind::Json, "m").expect("it is a name");
    let untold = IngestionProperties::into_table("D", "T").expect("these are names");
    for (source, properties, kind) in [
        (bytes(""), csv(), ErrorKind::EmptySource),
        (LocalSource::from_reader(&b""[..]), csv(), ErrorKind::EmptySource),
        (bytes("1\n"), untold, ErrorKind::FormatNotSpecified),
        (bytes("1\n"), csv().with_mapping(json), ErrorKind::InvalidInput),
    ] {
        let error = world.ingest(source, &properties).expect_err("it is wrong");
        assert_eq!(error.kind(), kind, "{error}");
    }
    assert!(world.requests().is_empty());
}

#[test]
fn a_request_may_have_a_name_and_a_limit_of_the_callers() {
    let mut world = World::new();
    world.client = world.client.with_time_limit(Duration::from_secs(5));
    world
        .ingest(bytes("1\n"), &csv().with_client_request_id("mine"))
        .expect("nothing fails");
    let request = world.only_request();
    assert_eq!(request.client_request_id.as_deref(), Some("mine"));
    assert_eq!(request.time_limit, Duration::from_secs(5));
}
