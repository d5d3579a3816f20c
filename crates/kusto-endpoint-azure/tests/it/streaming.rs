//! Streaming requests through the pipeline, on a transport without sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::wire::{Answer, Wire};
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use futures::FutureExt as _;
use futures::executor::block_on;
use kusto_endpoint::{StreamingEndpoint, StreamingOutcome, StreamingRequest};
use kusto_endpoint_azure::AzureEndpoint;
use kusto_ingest_core::{
    BlobUri, CallLimits, DataFormat, DatabaseName, Error, ErrorKind, RequestStage, Result, TableName,
};
use serde_json::json;

const BASE: &str = "https://help.kusto.windows.net/base/";

/// Gives another token each time.
#[derive(Debug, Default)]
struct Tokens(AtomicUsize);

#[async_trait::async_trait]
impl TokenCredential for Tokens {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        Ok(AccessToken::new(format!("t{number}"), OffsetDateTime::UNIX_EPOCH))
    }
}

fn endpoint(wire: &Wire) -> AzureEndpoint {
    AzureEndpoint::new(BASE.parse().expect("it is a URL"), wire.transport()).expect("it is an address")
}

fn stream(endpoint: &AzureEndpoint, table: &str, request: &StreamingRequest) -> Result<StreamingOutcome> {
    let (database, table) = (
        DatabaseName::net_default(),
        TableName::parse(table).expect("it is a name"),
    );
    block_on(StreamingEndpoint::ingest(endpoint, &database, &table, request))
}

fn csv() -> StreamingRequest {
    StreamingRequest::of_bytes(&b"\x1f\x8b...."[..], DataFormat::Csv).with_client_request_id("KRC.x;S")
}

fn taken() -> Answer {
    Answer::new(
        200,
        r#"{"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"ConsumedRecordsCount"}],"Rows":[[2]]}]}"#,
    )
}

#[test]
fn s03_g22_data_is_posted_to_the_escaped_table_with_every_header() {
    let wire = Wire::answering([taken().with_header("x-ms-activity-id", "a-1")]);
    let request = csv().with_mapping("m 1&2");
    let outcome = stream(&endpoint(&wire), "T/1 x%", &request).expect("it is taken");
    assert_eq!(
        (outcome.consumed_records, outcome.activity_id.as_deref()),
        (Some(2), Some("a-1"))
    );

    let seen = wire.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        seen[0].line,
        "POST https://help.kusto.windows.net/base/v1/rest/ingest/NetDefaultDB/T%2F1%20x%25\
         ?streamFormat=csv&mappingName=m%201%262"
    );
    assert_eq!(&seen[0].body[..], b"\x1f\x8b....");
    for (name, value) in [
        ("accept", Some("application/json")),
        ("content-type", Some("application/octet-stream")),
        ("content-encoding", Some("gzip")),
        ("x-ms-version", Some("2024-12-12")),
        ("x-ms-client-request-id", Some("KRC.x;S")),
        ("authorization", None),
    ] {
        assert_eq!(seen[0].header(name), value, "{name}");
    }
}

#[test]
fn names_of_any_kind_stay_one_segment_of_the_path() {
    for name in [
        "%2e%2e", "a/../b", "..x", "?q#f", "\\", "ä 雪", ";v=1", "%", "'\"<>|",
    ] {
        let wire = Wire::answering([taken()]);
        stream(&endpoint(&wire), name, &csv()).expect("it is taken");
        let line = &wire.seen()[0].line;
        let path = line
            .split_once("/NetDefaultDB/")
            .and_then(|(_, rest)| rest.split_once('?'));
        let (segment, query) = path.expect(line);
        assert!(!segment.contains('/') && query == "streamFormat=csv", "{line}");
        let decoded = percent_decoded(segment);
        assert_eq!(decoded, name);
    }
}

fn percent_decoded(text: &str) -> String {
    let mut url: url::Url = "http://h/".parse().expect("it is a URL");
    // A query is decoded as a path is, but for the plus, which is escaped everywhere here.
    url.set_query(Some(&format!("v={text}")));
    url.query_pairs().next().expect("it has a pair").1.into_owned()
}

#[test]
fn s03_g30_a_refused_sign_in_is_tried_once_more_with_a_new_token() {
    let refused = || Answer::new(401, String::new());
    let with_tokens = |wire: &Wire| endpoint(wire).with_credential(Arc::new(Tokens::default()), "scope");
    let wire = Wire::answering([refused(), taken()]);
    stream(&with_tokens(&wire), "T", &csv()).expect("the second is taken");
    let seen = wire.seen();
    let tokens: Vec<_> = seen
        .iter()
        .filter_map(|seen| seen.header("authorization"))
        .collect();
    assert_eq!(tokens, ["Bearer t0", "Bearer t1"]);
    assert_eq!((&seen[0].line, &seen[0].body), (&seen[1].line, &seen[1].body));

    let wire = Wire::answering([refused(), refused(), taken()]);
    let error = stream(&with_tokens(&wire), "T", &csv()).expect_err("it is refused twice");
    assert_eq!(
        (error.kind(), error.is_permanent()),
        (ErrorKind::Unauthenticated, true)
    );
    assert_eq!(wire.seen().len(), 2);

    let wire = Wire::answering([refused(), taken()]);
    stream(&endpoint(&wire), "T", &csv()).expect_err("there is no other token");
    assert_eq!(wire.seen().len(), 1);
}

#[test]
fn a_success_whose_gzip_is_broken_leaves_open_whether_the_data_was_taken() {
    let packed = |body: &'static str| Answer::new(200, body).with_header("content-encoding", "gzip");
    let wire = Wire::answering([packed("no gzip")]);
    let error = stream(&endpoint(&wire), "T", &csv()).expect_err("it says what it is not");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{}", error.chain());
    assert_eq!(wire.seen().len(), 1);
    let wire = Wire::answering([packed("")]);
    stream(&endpoint(&wire), "T", &csv()).expect("a success without words is one");
}

/// Never gives a token.
#[derive(Debug)]
struct Never;

#[async_trait::async_trait]
impl TokenCredential for Never {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        std::future::pending().await
    }
}

#[test]
fn it_is_known_that_nothing_was_sent_until_the_sign_in_is_over() {
    let stage = RequestStage::new();
    let request = csv().with_stage(stage.clone());
    let wire = Wire::answering([taken()]);
    let (database, table) = (
        DatabaseName::net_default(),
        TableName::parse("T").expect("it is a name"),
    );
    let waits = endpoint(&wire).with_credential(Arc::new(Never), "scope");
    let asked = StreamingEndpoint::ingest(&waits, &database, &table, &request);
    assert!(asked.now_or_never().is_none() && stage.is_unsent());
    let signed_in = endpoint(&wire).with_credential(Arc::new(Tokens::default()), "scope");
    for endpoint in [signed_in, endpoint(&Wire::answering([taken()]))] {
        stage.prepares();
        stream(&endpoint, "T", &request).expect("it is taken");
        assert!(!stage.is_unsent());
    }
}

#[test]
fn limits_travel_with_the_request() {
    let seconds = Duration::from_secs;
    for (own, of_endpoint, expect) in [
        (csv(), CallLimits::new(), seconds(60)),
        (csv().with_time_limit(seconds(5)), CallLimits::new(), seconds(5)),
        (csv(), CallLimits::new().with_overall(seconds(7)), seconds(7)),
    ] {
        let wire = Wire::answering([taken()]);
        stream(&endpoint(&wire).with_limits(of_endpoint), "T", &own).expect("it is taken");
        let expect = CallLimits::new()
            .with_overall(expect)
            .with_idle(expect)
            .with_response(16 << 20);
        assert_eq!(wire.seen()[0].limits, Some(expect));
    }
}

#[test]
fn what_the_transport_knows_decides_whether_the_outcome_is_known() {
    for kind in [
        ErrorKind::Connection,
        ErrorKind::Timeout,
        ErrorKind::Io,
        ErrorKind::OutcomeUnknown,
    ] {
        let met = Error::new(kind, "send").because("it broke");
        let failure = azure_core::Error::new(azure_core::error::ErrorKind::Io, met);
        let wire = Wire::answering([Answer::failing(failure)]);
        let error = stream(&endpoint(&wire), "T", &csv()).expect_err("the transport failed");
        assert_eq!(error.kind(), kind);
        assert!(
            error.chain().starts_with("failed to stream the data"),
            "{}",
            error.chain()
        );
        assert_eq!(wire.seen().len(), 1, "nothing is sent twice");
    }
}

#[test]
fn a_refusal_tells_its_reason_and_no_secret() {
    let address = "https://h/b.json?sv=1&sig=SECRET";
    let told = json!({"error": {"code": "BadRequest_TableNotExist", "@message": format!("no T for {address}"),
        "@permanent": true}});
    let wire = Wire::answering([Answer::new(400, told.to_string())]);
    let blob = BlobUri::parse(address).expect("it is an address");
    let request = StreamingRequest::of_blob(blob, DataFormat::Json);
    let error = stream(&endpoint(&wire), "T", &request).expect_err("it is refused");
    assert_eq!((error.kind(), error.is_permanent()), (ErrorKind::NotFound, true));
    assert!(!format!("{error} {error:?}").contains("SECRET"), "{error}");
    assert_eq!(
        &wire.seen()[0].body[..],
        br#"{"SourceUri":"https://h/b.json?sv=1&sig=SECRET"}"#
    );
    assert_eq!(wire.seen()[0].header("content-type"), Some("application/json"));
}
