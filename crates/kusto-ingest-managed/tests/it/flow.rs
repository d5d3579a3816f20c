//! The flow by its conformance cases: who is asked, when, under which name, and with what.

use kusto_ingest_core::testing::{SOURCE_ID, noise, replayable};
use kusto_ingest_core::{
    BlobSource, Compression, DataFormat, Error, ErrorKind, FallbackReason, IngestionMapping, LocalSource,
    MappingKind, Payload, ReceiptState,
};
use kusto_ingest_managed::{FallbackFailed, ManagedStreamingSettings};

use crate::world::{Data, World, answered, busy, bytes, csv, stream, unanswered};

#[test]
fn s03_g31_what_is_streamed_at_first_is_not_queued() {
    let world = World::new(ManagedStreamingSettings::new());
    let receipt = world.ingest(bytes(), &csv()).expect("nothing fails");
    assert_eq!(receipt.state, ReceiptState::Streamed);
    assert_eq!((receipt.streaming_attempts, receipt.fallback), (Some(1), None));
    let calls = world.engine.take();
    let name = format!("KRC.executeManagedStreamingIngest;{SOURCE_ID};0");
    assert_eq!((calls.len(), calls[0].request.as_ref()), (1, Some(&name)));
    assert!(matches!(
        calls[0].data,
        Data::Bytes(_, Compression::Gzip, Some(8))
    ));
    assert!(world.queue.take().is_empty());
}

#[test]
fn s03_g32_a_failure_that_passes_is_tried_again_after_longer_waits() {
    let world = World::refusing(2, &busy());
    let receipt = world.ingest(bytes(), &csv()).expect("the third is taken");
    assert_eq!(
        (receipt.state, receipt.streaming_attempts),
        (ReceiptState::Streamed, Some(3))
    );
    let calls = world.engine.take();
    let when: Vec<u64> = calls.iter().map(|call| call.at).collect();
    assert_eq!(when, [0, 1, 3]);
    let names: Vec<_> = calls.iter().filter_map(|call| call.request.as_deref()).collect();
    assert!(
        names
            .iter()
            .zip(["0", "1", "2"])
            .all(|(name, number)| name.ends_with(&format!(";{number}")))
    );
}

#[test]
fn s03_g33_after_the_last_attempt_the_queue_gets_the_same_and_nothing_is_remembered() {
    let world = World::refusing(3, &busy());
    let receipt = world.ingest(bytes(), &csv()).expect("the queue takes it");
    assert_eq!(receipt.state, ReceiptState::Queued);
    assert!(matches!(receipt.fallback, Some(FallbackReason::Exhausted { .. })));
    let (streamed, queued) = (world.engine.take(), world.queue.take());
    assert_eq!(
        (queued[0].id, &queued[0].data),
        (streamed[0].id, &streamed[0].data)
    );
    assert_eq!(queued[0].request, None, "the queue has no request of this kind");
    world.some_bytes_into("D", "T").expect("it streams again");
    assert_eq!(world.asked(), (1, 0));
}

#[test]
fn s03_g34_what_is_permanently_wrong_is_an_error_and_not_queued() {
    let world = World::refusing(1, &answered(400, "BadRequest_TableNotExist", Some(true), None));
    let error = world
        .some_bytes_into("D", "T")
        .expect_err("there is no such table");
    assert!(error.is_permanent());
    assert_eq!(error.code(), Some("BadRequest_TableNotExist"));
    assert_eq!(world.asked(), (1, 0));
}

#[test]
fn s03_g38_the_service_says_how_long_to_wait() {
    let world = World::refusing(1, &answered(429, "TooManyRequests", None, Some("5")));
    let receipt = world.some_bytes_into("D", "T").expect("the second is taken");
    assert_eq!(receipt.state, ReceiptState::Streamed);
    let when: Vec<u64> = world.engine.take().iter().map(|call| call.at).collect();
    assert_eq!(when, [0, 5]);
}

#[test]
fn s03_g41_nine_mebibytes_of_csv_are_queued_and_eight_are_streamed() {
    // What counts is how many bytes the source says it has, so that a few may stand for them.
    let sized = |mebibytes: u64| bytes().with_raw_size(mebibytes << 20);
    let world = World::new(ManagedStreamingSettings::new());
    let receipt = world.ingest(sized(9), &csv()).expect("the queue takes it");
    assert_eq!(receipt.fallback, Some(FallbackReason::TooLarge));
    assert_eq!(world.asked(), (0, 1));
    for payload in [
        Payload::from_bytes(vec![b'1'; 9 << 20]),
        replayable(vec![b'1'; 9 << 20]),
    ] {
        world
            .ingest(LocalSource::new(payload), &csv())
            .expect("the queue takes it");
        assert_eq!(world.asked(), (0, 1));
    }
    world.ingest(sized(8), &csv()).expect("it is small enough");
    assert_eq!(world.asked(), (1, 0));
}

#[test]
fn s03_g42_a_long_stream_arrives_whole_in_the_queue_and_is_packed_once() {
    let data = noise(1 << 20);
    let mut world = World::new(ManagedStreamingSettings::new());
    let limits = kusto_ingest_compression::StreamingLimits::new();
    world.client = world
        .client
        .with_limits(limits.with_data_bytes(200 << 10).with_wire_bytes(512 << 10));
    let receipt = world
        .ingest(stream(data.clone()), &csv())
        .expect("the queue takes it");
    assert_eq!(
        (receipt.fallback, receipt.streaming_attempts),
        (Some(FallbackReason::TooLarge), Some(0))
    );
    assert!(world.engine.take().is_empty());
    let queued = world.queue.take();
    assert_eq!(queued[0].id.to_string(), SOURCE_ID);
    assert!(queued[0].data.plain() == data, "not a byte is lost or moved");
    assert_eq!(
        queued[0].raw_at_the_end,
        Some(data.len() as u64),
        "counted, and not estimated"
    );
}

#[test]
fn exactly_four_mebibytes_are_streamed_and_a_byte_more_is_queued() {
    let multijson = csv().with_format(DataFormat::MultiJson);
    for (bytes, streamed) in [(4 << 20, true), ((4 << 20) + 1, false)] {
        let data = || vec![b'1'; bytes];
        let blob = BlobSource::parse("https://h/b.json?sig=S").expect("it is an address");
        let sources: [kusto_ingest_core::Source; 4] = [
            LocalSource::from_bytes(data()).into(),
            LocalSource::new(replayable(data())).into(),
            stream(data()).into(),
            blob.with_raw_size(bytes as u64).into(),
        ];
        for source in sources {
            let world = World::new(ManagedStreamingSettings::new());
            let receipt = world.ingest(source, &multijson).expect("it is taken");
            let expect = if streamed {
                ReceiptState::Streamed
            } else {
                ReceiptState::Queued
            };
            assert_eq!(receipt.state, expect, "{bytes}");
            let too_large = receipt.fallback == Some(FallbackReason::TooLarge);
            assert_eq!(too_large, !streamed, "{bytes}");
        }
    }
}

#[test]
fn s03_g43_properties_that_streaming_cannot_carry_take_the_queue_at_once() {
    let world = World::new(ManagedStreamingSettings::new());
    let receipt = world
        .ingest(stream(b"1\n".to_vec()), &csv().with_drop_by_tags(["x"]))
        .expect("the queue takes it");
    let names = vec!["tags".to_owned()];
    assert_eq!(receipt.fallback, Some(FallbackReason::Properties { names }));
    let queued = world.queue.take();
    assert_eq!(
        queued[0].data,
        Data::Bytes(b"1\n".to_vec(), Compression::None, None),
        "as it came"
    );
    assert!(world.engine.take().is_empty());
}

#[test]
fn zip_archives_and_blobs_of_unknown_size_take_the_queue() {
    let world = World::new(ManagedStreamingSettings::new());
    let zip = LocalSource::from_bytes(&b"PK\x03\x04...."[..]);
    let receipt = world.ingest(zip, &csv()).expect("the queue takes it");
    assert!(matches!(
        receipt.fallback,
        Some(FallbackReason::Properties { .. })
    ));
    let blob = BlobSource::parse("https://h/b.csv?sig=S").expect("it is an address");
    let receipt = world.ingest(blob.clone(), &csv()).expect("the queue takes it");
    assert_eq!(receipt.fallback, Some(FallbackReason::UnknownSize));
    let receipt = world
        .ingest(blob.clone().with_raw_size(10 << 20), &csv())
        .expect("the queue takes it");
    assert_eq!(receipt.fallback, Some(FallbackReason::TooLarge));
    assert_eq!(world.asked(), (0, 3));

    let told = world.ingest(blob.with_raw_size(1 << 10), &csv());
    assert_eq!(told.expect("it is streamed").state, ReceiptState::Streamed);
    assert_eq!(world.asked(), (1, 0));
}

#[test]
fn s03_g44_a_refused_connection_takes_the_queue_after_three_attempts() {
    let world = World::refusing(3, &unanswered(ErrorKind::Connection));
    let receipt = world.some_bytes_into("D", "T").expect("the queue takes it");
    assert_eq!(
        (receipt.state, receipt.streaming_attempts),
        (ReceiptState::Queued, Some(3))
    );
    assert_eq!(world.asked(), (3, 1));
}

#[test]
fn s03_g46_when_the_queue_refuses_as_well_the_error_holds_both_causes() {
    let world = World::refusing(3, &busy());
    let full = Error::new(ErrorKind::Forbidden, "put the message on a queue")
        .with_permanence(false)
        .because("it is not allowed");
    world.queue.refuse(1, &full);
    let error = world.some_bytes_into("D", "T").expect_err("neither takes it");
    assert_eq!(
        (error.kind(), error.is_permanent()),
        (ErrorKind::Forbidden, false),
        "the queue's word counts"
    );
    let both = FallbackFailed::of(&error).expect("there are two causes");
    assert_eq!(both.streaming().http_status(), Some(503));
    assert_eq!(both.queued().kind(), ErrorKind::Forbidden);
    let chain = error.chain();
    for text in [
        "neither streaming nor the queue",
        "the engine's words",
        "it is not allowed",
    ] {
        assert_eq!(chain.matches(text).count(), 1, "{chain}");
    }
    assert_eq!(
        error.source_id().map(|id| id.to_string()).as_deref(),
        Some(SOURCE_ID)
    );
}

#[test]
fn a_queue_that_refuses_what_was_never_streamed_has_the_only_word() {
    let world = World::new(ManagedStreamingSettings::new());
    world
        .queue
        .refuse(1, &Error::new(ErrorKind::NoResources, "find a queue"));
    let error = world
        .ingest(bytes(), &csv().with_drop_by_tags(["x"]))
        .expect_err("the queue refuses");
    assert_eq!(error.kind(), ErrorKind::NoResources);
    assert!(FallbackFailed::of(&error).is_none());
}

#[test]
fn wrong_input_is_told_before_any_way_is_taken() {
    let world = World::new(ManagedStreamingSettings::new());
    let json = IngestionMapping::reference(MappingKind::Json, "m").expect("it is a name");
    let untold = kusto_ingest_core::IngestionProperties::into_table("D", "T").expect("these are names");
    for (source, properties, kind) in [
        (
            LocalSource::from_bytes(""),
            csv().with_drop_by_tags(["x"]),
            ErrorKind::EmptySource,
        ),
        (stream(Vec::new()), csv(), ErrorKind::EmptySource),
        (bytes(), untold, ErrorKind::FormatNotSpecified),
        (
            bytes(),
            csv().with_drop_by_tags(["x"]).with_mapping(json),
            ErrorKind::InvalidInput,
        ),
    ] {
        let error = world.ingest(source, &properties).expect_err("it is wrong");
        assert_eq!(error.kind(), kind, "{error}");
    }
    assert_eq!(world.asked(), (0, 0));
}

#[test]
fn binary_formats_stay_as_they_are_for_both_ways() {
    let world = World::refusing(3, &busy());
    let parquet = csv().with_format(DataFormat::Parquet);
    world
        .ingest(LocalSource::from_bytes(&b"PAR1..PAR1"[..]), &parquet)
        .expect("the queue takes it");
    for call in world.engine.take().into_iter().chain(world.queue.take()) {
        assert_eq!(
            call.data,
            Data::Bytes(b"PAR1..PAR1".to_vec(), Compression::None, Some(10))
        );
    }
}

#[test]
fn a_name_of_the_callers_is_kept_and_numbered() {
    let world = World::refusing(1, &busy());
    world
        .ingest(bytes(), &csv().with_client_request_id("mine"))
        .expect("the second is taken");
    let names: Vec<_> = world
        .engine
        .take()
        .into_iter()
        .filter_map(|call| call.request)
        .collect();
    assert_eq!(names, ["mine;0", "mine;1"]);
}
