//! Streamed data becomes rows, or is refused in the service's own words.

use futures::executor::block_on;
use kusto_endpoint::{StreamingEndpoint, StreamingOutcome, StreamingRequest};
use kusto_fake::{Fault, FaultPlan, RequestKind};
use kusto_ingest_compression::testing::gzip;
use kusto_ingest_core::{DataFormat, DatabaseName, Error, ErrorKind, Result, TableName};

use super::world::World;

impl World {
    fn stream(&self, request: &StreamingRequest) -> Result<StreamingOutcome> {
        self.stream_into("T", request)
    }

    fn stream_into(&self, table: &str, request: &StreamingRequest) -> Result<StreamingOutcome> {
        let table = TableName::parse(table).expect("a name");
        block_on(StreamingEndpoint::ingest(
            &self.kusto,
            &self.database,
            &table,
            request,
        ))
    }

    fn count(&self) -> usize {
        self.kusto.rows(&self.database, &self.table).len()
    }
}

fn csv(data: &'static str) -> StreamingRequest {
    StreamingRequest::of_bytes(data, DataFormat::Csv)
}

#[test]
fn data_plain_gzipped_and_in_a_blob_becomes_rows() {
    let world = World::new("a:string, b:long");
    let packed = gzip("z,3\n");
    let blob = world.blob("more.csv", "u,4\nv,5\n");
    for (request, records) in [
        (csv("x,1\ny,2\n"), 2),
        (StreamingRequest::of_bytes(packed, DataFormat::Csv), 1),
        (StreamingRequest::of_blob(blob.uri().clone(), DataFormat::Csv), 2),
    ] {
        let outcome = world.stream(&request).expect("it is taken");
        assert_eq!(outcome.consumed_records, Some(records));
    }
    assert_eq!(world.count(), 5);
    assert_eq!(world.kusto.request_count(RequestKind::Streaming), 3);
}

#[test]
fn a_mapping_is_found_by_its_name() {
    let world = World::new("a:string, b:long");
    world
        .run(r#".create table T ingestion json mapping "m" '[{"Column":"b","Path":"$.n"}]'"#)
        .expect("created");
    let json = StreamingRequest::of_bytes(r#"{"n":7}"#, DataFormat::Json);
    world
        .stream(&json.clone().with_mapping("m"))
        .expect("it is taken");
    assert_eq!(world.count(), 1);
    let error = world
        .stream(&json.with_mapping("other"))
        .expect_err("there is no such mapping");
    assert_eq!(
        (error.kind(), error.http_status()),
        (ErrorKind::NotFound, Some(400))
    );
}

#[test]
fn a_table_takes_no_streamed_data_while_its_policy_is_disabled() {
    let world = World::new("a:string");
    let answer = world
        .run(".alter table T policy streamingingestion disable")
        .expect("altered");
    assert_eq!(answer.texts("Policy").next(), Some(r#"{"IsEnabled":false}"#));
    let error = world.stream(&csv("x\n")).expect_err("it is off");
    assert_eq!(
        (error.kind(), error.is_permanent()),
        (ErrorKind::Unsupported, true)
    );
    assert_eq!(
        error.code(),
        Some("BadRequest_StreamingIngestionPolicyNotEnabled")
    );
    world
        .run(".alter table ['T'] policy streamingingestion enable")
        .expect("altered");
    world.stream(&csv("x\n")).expect("it is on again");
    assert_eq!(world.count(), 1);
    world
        .run(".alter table T policy streamingingestion maybe")
        .expect_err("it is neither");
}

#[test]
fn what_cannot_be_ingested_is_refused_for_good_and_leaves_nothing() {
    let world = World::new("a:string, b:long");
    let large = vec![b'x'; 10 * 1024 * 1024 + 1];
    for (table, request, code) in [
        ("Other", csv("x,1\n"), "BadRequest_TableNotExist"),
        ("T", csv(""), "Stream_NoDataToIngest"),
        ("T", csv("\"x,1\n"), "Stream_ClosingQuoteMissing"),
        (
            "T",
            StreamingRequest::of_bytes(large, DataFormat::Txt),
            "Stream_InputStreamTooLarge",
        ),
    ] {
        let error = world.stream_into(table, &request).expect_err(code);
        assert_eq!((error.code(), error.is_permanent()), (Some(code), true));
    }
    assert_eq!(world.count(), 0);
    let nowhere = DatabaseName::parse("nowhere").expect("a name");
    block_on(StreamingEndpoint::ingest(
        &world.kusto,
        &nowhere,
        &world.table,
        &csv("x\n"),
    ))
    .expect_err("there is no such database");
}

#[test]
fn case_25_more_than_four_mebibytes_of_data_are_not_streamed_however_small_the_request() {
    const MIB: usize = 1024 * 1024;
    let row = format!("{},1\n", "abcdefghij".repeat(10));
    let rows = |bytes: usize| row.repeat(bytes / row.len()).into_bytes();
    for (mebibytes, fits) in [(3, true), (5, false), (9, false), (20, false)] {
        let world = World::new("a:string, n:long");
        let data = rows(mebibytes * MIB);
        let blob = world.blob("large.csv", data.clone());
        for request in [
            StreamingRequest::of_bytes(gzip(&data), DataFormat::Csv),
            StreamingRequest::of_bytes(data, DataFormat::Csv),
            StreamingRequest::of_blob(blob.uri().clone(), DataFormat::Csv),
        ] {
            match world.stream(&request) {
                Ok(_) => assert!(fits, "{mebibytes} MiB"),
                Err(error) => {
                    assert!(!fits, "{mebibytes} MiB: {}", error.chain());
                    assert_eq!(
                        (error.code(), error.http_status(), error.is_permanent()),
                        (Some("Stream_InputStreamTooLarge"), Some(413), true)
                    );
                }
            }
        }
    }
}

#[test]
fn streaming_fails_on_request() {
    let world = World::new("a:string");
    let busy = Error::new(ErrorKind::Throttled, "stream the data");
    world
        .kusto
        .plan(FaultPlan::new(Fault::Error(busy)).on(RequestKind::Streaming));
    assert_eq!(
        world.stream(&csv("x\n")).expect_err("it was planned").kind(),
        ErrorKind::Throttled
    );
    world.stream(&csv("x\n")).expect("the plan is over");
}

#[test]
fn a_lost_answer_leaves_what_was_streamed_and_an_unknown_outcome() {
    let world = World::new("a:string");
    let lost = FaultPlan::new(Fault::ResponseLost);
    world.kusto.plan(lost.on(RequestKind::Streaming));
    let error = world.stream(&csv("x\n")).expect_err("it was planned");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(world.kusto.rows(&world.database, &world.table).len(), 1);
}
