//! The streaming client over an endpoint for tests: what is sent, what is refused before, and what comes of errors.

use std::io::Read as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use kusto_endpoint::{
    ScriptedStreaming, StreamingData, StreamingEndpoint, StreamingOutcome, StreamingRequest,
};
use kusto_ingest_compression::{InlineCompressor, StreamingLimits};
use kusto_ingest_core::{
    BlobSource, Clock, DataFormat, DatabaseName, Deadline, Error, ErrorKind, ExponentialRetry, IngestClient,
    IngestionMapping, IngestionProperties, LocalSource, ManualClock, MappingKind, OnUnknownOutcome, Payload,
    PayloadReader, Receipt, ReceiptState, Result, Source, TableName, Timestamp,
};
use kusto_ingest_streaming::StreamingIngestClient;

const ID: &str = "11111111-1111-4111-8111-111111111111";

struct World {
    client: StreamingIngestClient,
    engine: ScriptedStreaming,
    clock: ManualClock,
}

impl World {
    fn new() -> Self {
        let (engine, clock) = (
            ScriptedStreaming::new(),
            ManualClock::advancing(Timestamp::UNIX_EPOCH),
        );
        let client = StreamingIngestClient::new(
            Arc::new(engine.clone()),
            Arc::new(InlineCompressor::new()),
            Arc::new(clock.clone()),
        );
        Self {
            client,
            engine,
            clock,
        }
    }

    fn answering(errors: impl IntoIterator<Item = Error>) -> Self {
        let world = Self::new();
        errors.into_iter().for_each(|error| world.engine.once(Err(error)));
        world
    }

    fn ingest(&self, source: impl Into<Source>, properties: &IngestionProperties) -> Result<Receipt> {
        block_on(self.client.ingest(source.into(), properties))
    }

    fn requests(&self) -> Vec<StreamingRequest> {
        let received = self.engine.received();
        received.into_iter().map(|streamed| streamed.request).collect()
    }

    fn only_request(&self) -> StreamingRequest {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1);
        requests.remove(0)
    }

    fn waited(&self) -> Duration {
        self.clock.now().since(Timestamp::UNIX_EPOCH)
    }
}

/// An engine that never answers, whatever a request allows itself. It notes that.
#[derive(Clone, Debug, Default)]
struct Silent(Arc<Mutex<Vec<Duration>>>);

#[async_trait]
impl StreamingEndpoint for Silent {
    async fn ingest(
        &self,
        _: &DatabaseName,
        _: &TableName,
        request: &StreamingRequest,
    ) -> Result<StreamingOutcome> {
        self.0.lock().expect("unpoisoned").push(request.time_limit);
        std::future::pending().await
    }
}

#[test]
fn a_deadline_limits_request_and_waits_and_what_was_given_out_then_is_unknown() {
    let second = Duration::from_secs(1);
    let clock = ManualClock::advancing(Timestamp::UNIX_EPOCH);
    let silent = Silent::default();
    let client = StreamingIngestClient::new(
        Arc::new(silent.clone()),
        Arc::new(InlineCompressor::new()),
        Arc::new(clock.clone()),
    );
    let limited = client.clone().with_deadline(5 * second);
    let error = block_on(limited.ingest(bytes("1\n").into(), &csv())).expect_err("nobody answers");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert!(error.receipt().is_some(), "{error:?}");
    assert_eq!(clock.monotonic(), 6 * second, "a second for whoever knows better");
    let short = csv().with_deadline(Some(Deadline::after(&clock, 3 * second)));
    block_on(limited.ingest(bytes("1\n").into(), &short)).expect_err("nobody answers");
    assert_eq!(*silent.0.lock().expect("unpoisoned"), [5 * second, 3 * second]);

    let over = csv().with_deadline(Some(Deadline::after(&clock, Duration::ZERO)));
    let error = block_on(client.ingest(bytes("1\n").into(), &over)).expect_err("it is too late");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(silent.0.lock().expect("unpoisoned").len(), 2, "nothing was sent");

    let world = World::answering((0..5).map(|_| Error::new(ErrorKind::Unavailable, "stream")));
    let client = world
        .client
        .clone()
        .with_retry(Arc::new(ExponentialRetry::new(5)));
    let error = block_on(
        client
            .with_deadline(second / 100)
            .ingest(bytes("1\n").into(), &csv()),
    );
    assert_eq!(error.expect_err("it fails").kind(), ErrorKind::Unavailable);
    assert_eq!(
        world.requests().len(),
        1,
        "there is no time to wait for another attempt"
    );
}

fn csv() -> IngestionProperties {
    let properties = IngestionProperties::into_table("D", "T/1 x").expect("these are names");
    properties.with_format(DataFormat::Csv)
}

fn bytes(text: &'static str) -> LocalSource {
    LocalSource::from_bytes(text).with_id(ID.parse().expect("it is a GUID"))
}

fn blob(address: &str) -> BlobSource {
    let blob = BlobSource::parse(address).expect("it is an address");
    blob.with_id(ID.parse().expect("it is a GUID"))
}

fn body(request: &StreamingRequest) -> Vec<u8> {
    match &request.data {
        StreamingData::Bytes(bytes) => bytes.to_vec(),
        StreamingData::Blob(blob) => panic!("{blob} is no data"),
    }
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let read = flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain);
    read.expect("it is gzip");
    plain
}

fn busy() -> Error {
    Error::new(ErrorKind::Unavailable, "stream the data").with_http_status(503)
}

#[test]
fn s03_g22_bytes_travel_gzipped_in_one_named_request() {
    let world = World::new();
    let mapping = IngestionMapping::reference(MappingKind::Csv, "m 1&2").expect("it is a name");
    let receipt = world
        .ingest(bytes("1,2\n3,4\n"), &csv().with_mapping(mapping))
        .expect("nothing fails");
    assert_eq!(
        (receipt.source_id.to_string().as_str(), &receipt.state),
        (ID, &ReceiptState::Streamed)
    );
    let request = world.only_request();
    assert!(request.data.is_gzip());
    assert_eq!(gunzip(&body(&request)), b"1,2\n3,4\n");
    assert_eq!(request.mapping.as_deref(), Some("m 1&2"));
    assert_eq!(
        request.client_request_id,
        Some(format!("KRC.executeStreamingIngest;{ID}"))
    );
    let sent = body(&request).len() as u64;
    assert_eq!((receipt.raw_bytes, receipt.sent_bytes), (Some(8), Some(sent)));
    assert_eq!(world.engine.received()[0].table.as_str(), "T/1 x");
}

#[test]
fn s03_g23_s03_g24_what_is_packed_already_travels_as_it_is() {
    let mut packed = Vec::new();
    let read =
        flate2::read::GzEncoder::new(&b"1\n"[..], flate2::Compression::best()).read_to_end(&mut packed);
    read.expect("memory does not fail");
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
        Some(format!("KRC.executeStreamingIngestFromBlob;{ID}"))
    );
    assert_eq!(receipt.blob.as_deref(), Some("https://h/b.multijson"));
    assert_eq!((receipt.raw_bytes, receipt.sent_bytes), (None, None));
    assert!(!format!("{receipt:?} {request:?} {:?}", world.client).contains("SECRET"));
}

#[test]
fn streams_and_what_can_be_opened_again_are_read_once() {
    let file = Payload::reopenable(Some(4), |_| async {
        Ok(Box::pin(futures::io::Cursor::new(b"1,2\n")) as PayloadReader)
    });
    for payload in [file, Payload::once(futures::io::Cursor::new(b"1,2\n"))] {
        let world = World::new();
        world
            .ingest(LocalSource::new(payload), &csv())
            .expect("nothing fails");
        assert_eq!(gunzip(&body(&world.only_request())), b"1,2\n");
    }
}

#[test]
fn s03_g28_what_streaming_cannot_carry_is_named_and_nothing_is_sent() {
    let world = World::new();
    let properties = csv().with_additional_tags(["x"]).ignoring_first_record();
    let error = world.ingest(bytes("1\n"), &properties).expect_err("it has tags");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("tags, ignoreFirstRecord"), "{error}");
    assert_eq!(error.source_id().map(|id| id.to_string()).as_deref(), Some(ID));
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
        &csv().ignoring_size_limit(),
    );
    assert!(world.requests().is_empty());

    world
        .ingest(bytes(long), &csv().ignoring_size_limit())
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
fn s03_g27_no_consumed_records_are_a_success() {
    let world = World::new();
    world.engine.once(Ok(StreamingOutcome::of_records(0)));
    let receipt = world.ingest(bytes("1\n"), &csv()).expect("it is a success");
    assert_eq!(receipt.state, ReceiptState::Streamed);
}

#[test]
fn a_failure_is_told_with_its_source_and_not_tried_again_unasked() {
    let world = World::answering([busy()]);
    let error = world
        .ingest(bytes("1\n"), &csv())
        .expect_err("the service is busy");
    assert_eq!(
        (error.kind(), error.is_permanent()),
        (ErrorKind::Unavailable, false)
    );
    assert_eq!(error.source_id().map(|id| id.to_string()).as_deref(), Some(ID));
    assert_eq!(world.requests().len(), 1);
}

#[test]
fn a_retry_policy_sends_the_same_request_again() {
    let asked = busy().with_retry_after(Duration::from_secs(3));
    let mut world = World::answering([asked.clone(), asked]);
    world.client = world.client.with_retry(Arc::new(ExponentialRetry::new(3)));
    world
        .ingest(LocalSource::from_reader(&b"1\n"[..]), &csv())
        .expect("the third is taken");
    let requests = world.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| *request == requests[0]));
    let jitter = ExponentialRetry::default().initial_backoff;
    let (least, most) = (Duration::from_secs(6), Duration::from_secs(6) + 2 * jitter);
    assert!((least..=most).contains(&world.waited()), "{:?}", world.waited());
}

fn lost() -> Error {
    Error::new(ErrorKind::OutcomeUnknown, "stream the data").because("the answer was lost")
}

fn wrong() -> Error {
    Error::new(ErrorKind::Rejected, "stream the data").with_http_status(400)
}

#[test]
fn an_unknown_outcome_is_an_error_that_carries_the_receipt() {
    let text = Source::from(bytes("1\n"));
    let address = Source::from(blob("https://h/b.csv?sig=SECRET").with_raw_size(2));
    for (source, sizes, blob) in [
        (text, (Some(2), true), None),
        (address, (Some(2), false), Some("https://h/b.csv")),
    ] {
        let mut world = World::answering([lost()]);
        world.client = world.client.with_retry(Arc::new(ExponentialRetry::new(3)));
        let error = world
            .ingest(source, &csv())
            .expect_err("nobody knows whether it is there");
        assert_eq!(
            (error.kind(), error.is_permanent()),
            (ErrorKind::OutcomeUnknown, false)
        );
        assert_eq!(error.source_id().map(|id| id.to_string()).as_deref(), Some(ID));
        let receipt = error.receipt().expect("it carries one");
        assert!(
            matches!(&receipt.state, ReceiptState::Unknown { status: None, reason } if reason.contains("lost")),
            "{receipt:?}"
        );
        assert_eq!((receipt.ambiguous_sends, receipt.may_be_duplicated()), (1, false));
        assert_eq!((receipt.raw_bytes, receipt.sent_bytes.is_some()), sizes);
        assert_eq!(receipt.blob.as_deref(), blob);
        assert_eq!(world.requests().len(), 1, "it is not sent again");
        assert!(!format!("{error:?} {receipt:?}").contains("SECRET"));
    }
}

#[test]
fn an_unknown_outcome_is_sent_again_only_for_who_chose_so_and_counted() {
    for (answers, requests, state, ambiguous) in [
        (vec![lost()], 2, Some(ReceiptState::Streamed), 1),
        (vec![busy(), lost()], 3, Some(ReceiptState::Streamed), 1),
        (vec![lost(), lost(), lost()], 3, None, 3),
        (vec![lost(), wrong()], 2, None, 1),
        (vec![lost(), busy(), busy()], 3, None, 1),
    ] {
        let what = format!("{answers:?}");
        let mut world = World::answering(answers);
        world.client = world
            .client
            .with_retry(Arc::new(ExponentialRetry::new(3)))
            .with_on_unknown_outcome(OnUnknownOutcome::Retry);
        let given = world.ingest(bytes("1\n"), &csv());
        assert_eq!(world.requests().len(), requests, "{what}");
        let receipt = match &given {
            Ok(receipt) => receipt,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{what}");
                error.receipt().expect("it carries one")
            }
        };
        assert_eq!(receipt.ambiguous_sends, ambiguous, "{what}");
        assert_eq!(receipt.may_be_duplicated(), state.is_some(), "{what}");
        assert_eq!(given.ok().map(|receipt| receipt.state), state, "{what}");
    }
}

#[test]
fn what_was_certainly_not_carried_out_carries_no_receipt() {
    let connection = Error::new(ErrorKind::Connection, "connect");
    let broken = Error::new(ErrorKind::Io, "send the request");
    let late = Error::new(ErrorKind::Timeout, "send the request");
    let slow_down = Error::new(ErrorKind::Throttled, "stream the data").with_http_status(429);
    for refused in [busy(), wrong(), connection, broken, late, slow_down] {
        let world = World::answering([refused.clone()]);
        let error = world.ingest(bytes("1\n"), &csv()).expect_err("it is refused");
        assert_eq!(error.kind(), refused.kind());
        assert!(error.receipt().is_none(), "{error:?}");
        assert_eq!(error.attempts(), Some(1), "nobody else is to try it again");
    }
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
