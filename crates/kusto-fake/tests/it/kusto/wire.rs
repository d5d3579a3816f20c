//! Requests as an endpoint receives them, and its answers as a client reads them.

use bytes::Bytes;
use kusto_endpoint::{
    ClientHeaders, EndpointRequest, EndpointResponse, RequestKind, RequestProperties, StreamingCall,
    StreamingData, StreamingOutcome, StreamingRequest, UpdatePolicyOutcome,
};
use kusto_fake::wire::{self, RequestBody};
use kusto_ingest_core::{DataFormat, DatabaseName, Error, ErrorKind, TableName};
use proptest::prelude::{Strategy, prop_assert_eq, proptest};
use serde_json::{Value, json};

#[test]
fn an_endpoint_reads_the_requests_of_every_client() {
    for properties in [
        json!({"Options": {"servertimeout": "00:01:00"}, "Parameters": {"p": "x"}}),
        json!(r#"{"Options":{"servertimeout":"00:01:00"}}"#),
        json!(null),
    ] {
        let body = json!({"db": null, "csl": "T", "properties": properties}).to_string();
        let read = RequestBody::parse(body.as_bytes()).expect("it is a request");
        assert_eq!((read.database.as_str(), read.text.as_str()), ("", "T"));
        let option = read
            .properties
            .options
            .get("servertimeout")
            .and_then(Value::as_str);
        assert_eq!(option.is_some(), !properties.is_null(), "{body}");
    }
    for properties in [json!(7), json!("no JSON"), json!({"Options": [1]})] {
        let body = json!({"csl": "T", "properties": properties}).to_string();
        RequestBody::parse(body.as_bytes()).expect_err("its properties are none");
    }
    let plain = RequestBody::parse(br#"{"csl":"SECRET"}"#).expect("it is a request");
    assert!(!format!("{plain:?}").contains("SECRET"), "{plain:?}");
    let error = RequestBody::parse(br#"{"csl": 7, "SECRET": 1}"#).expect_err("a number is no text");
    assert!(!error.chain().contains("SECRET"), "{}", error.chain());
}

#[test]
fn an_error_comes_out_of_an_endpoint_as_it_went_in() {
    let wrong = Error::new(ErrorKind::WrongEndpoint, "run the command")
        .because("commands of ingestion run elsewhere")
        .with("suggested", "http://127.0.0.1:8080/");
    let missing = Error::new(ErrorKind::NotFound, "run the command")
        .because("there is no table 'T'")
        .with_code("BadRequest_TableNotExist");
    for error in [
        ErrorKind::Unauthenticated,
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
        ErrorKind::AlreadyExists,
        ErrorKind::Rejected,
        ErrorKind::Throttled,
        ErrorKind::Timeout,
        ErrorKind::Unavailable,
    ]
    .map(|kind| Error::new(kind, "run the command").because("it is so"))
    .into_iter()
    .chain([wrong, missing])
    {
        let body = wire::error_body(&error, "a-1", "T;1");
        let read = refused(wire::error_status(&error), &body);
        assert_eq!(
            (read.kind(), read.is_permanent()),
            (error.kind(), error.is_permanent()),
            "{body}"
        );
        assert!(
            error.code().is_none_or(|code| read.code() == Some(code)),
            "{body}"
        );
        for pair in [("activity id", "a-1"), ("client request id", "T;1")] {
            assert!(read.context().any(|told| told == pair), "{read}");
        }
        assert_eq!(suggested(&read), suggested(&error));
    }
}

/// What a client makes of an answer that is no success.
fn refused(status: u16, body: &str) -> Error {
    let request = EndpointRequest::new(
        RequestKind::Management,
        &DatabaseName::net_default(),
        ".show version",
        &RequestProperties::new(),
        &ClientHeaders::default(),
    );
    EndpointResponse::new(status, |_| None, body.as_bytes())
        .read(&request.expect("the text is not blank"))
        .expect_err("it is no success")
}

fn suggested(error: &Error) -> Option<String> {
    let mut pairs = error.context();
    let suggested = pairs.find(|(name, _)| *name == "suggested");
    suggested.map(|(_, address)| address.to_owned())
}

#[test]
fn streaming_requests_of_every_client_are_received() {
    for (query, body, format, mapping) in [
        ("streamFormat=csv", "1,2\n", DataFormat::Csv, None),
        (
            "streamFormat=MultiJSON&mappingName=a%20b",
            "{}",
            DataFormat::MultiJson,
            Some("a b"),
        ),
        (
            "mappingKind=json&streamformat=Json&mappingName=",
            "{}",
            DataFormat::Json,
            None,
        ),
    ] {
        let received = wire::parse_streaming("/v1/rest/ingest/D/T%2F1", query, Bytes::from(body));
        let (database, table, request) = received.expect(query);
        assert_eq!((database.as_str(), table.as_str()), ("D", "T/1"));
        assert_eq!((request.format, request.mapping.as_deref()), (format, mapping));
        assert_eq!(request.data, StreamingData::Bytes(Bytes::from(body)));
    }
    for body in [r#"{"SourceUri":"https://h/b"}"#, r#"{"sourceUri":"https://h/b"}"#] {
        let query = "streamFormat=csv&sourceKind=uri";
        let received = wire::parse_streaming("/v1/rest/ingest/D/T", query, Bytes::from(body));
        let (_, _, request) = received.expect(body);
        assert!(matches!(request.data, StreamingData::Blob(blob) if blob.expose() == "https://h/b"));
    }
}

#[test]
fn what_is_no_streaming_request_is_refused_without_its_words() {
    let secret = "https://h/b?sig=SECRET";
    for (path, query, body) in [
        ("/v1/rest/ingest/D", "streamFormat=csv", "1"),
        ("/v1/rest/mgmt", "streamFormat=csv", "1"),
        ("/v1/rest/ingest/D/T", "", "1"),
        ("/v1/rest/ingest/D/T", "streamFormat=nonsense", "1"),
        ("/v1/rest/ingest/D/%FF", "streamFormat=csv", "1"),
        ("/v1/rest/ingest/D/T", "streamFormat=csv&sourceKind=uri", secret),
    ] {
        let error = wire::parse_streaming(path, query, Bytes::from(body)).expect_err(query);
        assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
    }
}

#[test]
fn a_streaming_outcome_survives_the_wire() {
    let mut failed = StreamingOutcome::of_records(7);
    let mut policy = UpdatePolicyOutcome::default();
    policy.status = "Failed".to_owned();
    policy.reason = Some("it failed".to_owned());
    failed.update_policy = Some(policy);
    let body = wire::streaming_outcome(&failed);
    assert_eq!(StreamingOutcome::from_body(body.as_bytes()).expect(&body), failed);

    let body = wire::streaming_outcome(&StreamingOutcome::of_records(0));
    let read = StreamingOutcome::from_body(body.as_bytes()).expect(&body);
    assert_eq!(read.consumed_records, Some(0));
    let policy = read.update_policy.expect("it is told");
    assert_eq!(
        (policy.status.as_str(), policy.code.as_deref()),
        ("Inactive", Some("Unknown"))
    );
}

/// Any name but the two that addresses cannot carry.
fn any_name() -> impl Strategy<Value = String> {
    let refused = |name: &String| TableName::parse(name.as_str()).is_err() || name == "." || name == "..";
    "\\PC{1,24}".prop_filter("a name", move |name| !refused(name))
}

proptest! {
    #[test]
    fn any_name_arrives_as_it_was_meant(database in any_name(), table in any_name(), mapping in any_name()) {
        let request = StreamingRequest::of_bytes("1,2\n", DataFormat::Csv).with_mapping(mapping.as_str());
        let database = DatabaseName::parse(database).expect("it is a name");
        let table = TableName::parse(table).expect("it is a name");
        let call = StreamingCall::new(&database, &table, &request, &ClientHeaders::default())
            .expect("an address can carry it");
        let (path, query) = call.path_and_query().split_once('?').expect("it has a query");
        let received = wire::parse_streaming(path, query, call.body().clone()).expect("it was just written");
        prop_assert_eq!(received, (database, table, request));
    }
}
