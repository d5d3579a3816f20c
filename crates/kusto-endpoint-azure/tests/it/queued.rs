//! Requests of queued ingestion through the pipeline, on a transport without sockets.

use std::sync::Arc;

use async_trait::async_trait;
use futures::executor::block_on;
use kusto_endpoint::{
    ManagementEndpoint, OperationDetail, OperationId, QueuedEndpoint, QueuedRequest, RequestProperties,
    S2sAccess, S2sProvider, StreamingEndpoint, StreamingRequest,
};
use kusto_endpoint_azure::AzureEndpoint;
use kusto_ingest_core::{
    BlobSource, DataFormat, DatabaseName, Error, ErrorKind, IngestionProperties, Result, TableName, Timestamp,
};

use crate::wire::{Answer, Wire};

const BASE: &str = "https://ingest-help.kusto.windows.net/";

fn endpoint(wire: &Wire) -> AzureEndpoint {
    AzureEndpoint::new(BASE.parse().expect("it is a URL"), wire.transport()).expect("it is an address")
}

fn names() -> (DatabaseName, TableName) {
    (
        DatabaseName::net_default(),
        TableName::parse("T/1").expect("it is a name"),
    )
}

fn request() -> QueuedRequest {
    let (database, table) = names();
    let blob = BlobSource::parse("https://a.blob.core.windows.net/c/a.csv?sig=SECRET").expect("an address");
    let properties = IngestionProperties::new(database, table);
    QueuedRequest::new(vec![blob], &properties, DataFormat::Csv, Timestamp::UNIX_EPOCH)
}

fn submit(endpoint: &AzureEndpoint) -> Result<Option<OperationId>> {
    let (database, table) = names();
    block_on(QueuedEndpoint::submit(endpoint, &database, &table, &request()))
}

#[test]
fn questions_are_gets_without_a_body_and_blobs_are_posted() {
    let wire = Wire::answering([
        Answer::new(200, "{}"),
        Answer::new(200, r#"{"ingestionOperationId":"1;2"}"#),
        Answer::new(200, "{}"),
    ]);
    let endpoint = endpoint(&wire);
    block_on(endpoint.configuration()).expect("it is offered");
    let id = submit(&endpoint).expect("it is taken").expect("it is tracked");
    let (database, table) = names();
    block_on(endpoint.operation(&database, &table, &id, OperationDetail::Blobs)).expect("it is told");
    let seen = wire.seen();
    let lines: Vec<&str> = seen.iter().map(|seen| seen.line.as_str()).collect();
    let queued = format!("{BASE}v1/rest/ingestion/queued/NetDefaultDB/T%2F1");
    assert_eq!(
        lines,
        [
            format!("GET {BASE}v1/rest/ingestion/configuration"),
            format!("POST {queued}"),
            format!("GET {queued}/1%3B2?details=true"),
        ]
    );
    assert!(seen[0].body.is_empty() && seen[2].body.is_empty());
    assert_eq!(seen[0].header("content-type"), None);
    assert_eq!(
        seen[1].header("content-type"),
        Some("application/json; charset=utf-8")
    );
    for seen in seen {
        assert_eq!(seen.header("x-ms-version"), Some("2024-12-12"));
        assert!(
            seen.header("x-ms-client-request-id")
                .is_some_and(|id| id.starts_with("KRC."))
        );
    }
}

#[test]
fn an_error_names_the_request_and_shows_no_sas() {
    let body =
        r#"{"error":{"code":"BadRequest_X","@message":"no https://a/c/a.csv?sig=SECRET","@permanent":true}}"#;
    let wire = Wire::answering([Answer::new(400, body).with_header("x-ms-activity-id", "a-1")]);
    let error = submit(&endpoint(&wire)).expect_err("it is refused");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Rejected, Some("BadRequest_X"))
    );
    let told = error.chain();
    assert!(
        told.contains("a-1") && told.contains("ingest-help") && !told.contains("SECRET"),
        "{told}"
    );
}

/// Gives another access each time.
#[derive(Debug, Default)]
struct Fabric;

#[async_trait]
impl S2sProvider for Fabric {
    async fn access(&self) -> Result<S2sAccess> {
        Ok(S2sAccess::new("Bearer", "ACTOR", "CONTEXT"))
    }
}

#[test]
fn a_service_that_acts_for_others_shows_so_to_the_routes_and_to_streaming_and_nowhere_else() {
    let command = r#"{"Tables":[{"TableName":"Table_0","Columns":[],"Rows":[]}]}"#;
    let wire = Wire::answering([
        Answer::new(200, "{}"),
        Answer::new(200, "{}"),
        Answer::new(200, ""),
        Answer::new(200, command),
    ]);
    let endpoint = endpoint(&wire).with_s2s(Arc::new(Fabric));
    block_on(endpoint.configuration()).expect("it is offered");
    submit(&endpoint).expect("it is taken");
    let (database, table) = names();
    let rows = StreamingRequest::of_bytes("1\n", DataFormat::Csv);
    block_on(StreamingEndpoint::ingest(&endpoint, &database, &table, &rows)).expect("it is taken");
    block_on(endpoint.execute(&database, ".show version", &RequestProperties::new())).expect("it is run");
    let shown = |name| {
        wire.seen()
            .iter()
            .map(|seen| seen.header(name).map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let told = |text: &str| {
        [
            Some(text.to_owned()),
            Some(text.to_owned()),
            Some(text.to_owned()),
            None,
        ]
    };
    assert_eq!(shown("x-ms-s2s-actor-authorization"), told("Bearer ACTOR"));
    assert_eq!(shown("x-ms-fabric-s2s-access-context"), told("CONTEXT"));
    let access = S2sAccess::new("Bearer", "ACTOR", "CONTEXT");
    let debug = format!("{access:?}");
    assert!(!debug.contains("ACTOR") && !debug.contains("CONTEXT"), "{debug}");
}

#[test]
fn access_is_not_shown_in_the_clear() {
    let wire = Wire::answering([Answer::new(200, "{}")]);
    let address = "http://help.example/".parse().expect("it is a URL");
    let endpoint = AzureEndpoint::new(address, wire.transport()).expect("it is an address");
    let error: Error =
        block_on(endpoint.with_s2s(Arc::new(Fabric)).configuration()).expect_err("it is refused");
    assert_eq!((error.kind(), wire.seen().len()), (ErrorKind::InvalidInput, 0));
}

#[test]
fn a_success_whose_gzip_is_broken_leaves_open_whether_the_blobs_were_taken() {
    let answer = Answer::new(200, "no gzip").with_header("content-encoding", "gzip");
    let wire = Wire::answering([answer]);
    let error = submit(&endpoint(&wire)).expect_err("it says what it is not");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{}", error.chain());
}
