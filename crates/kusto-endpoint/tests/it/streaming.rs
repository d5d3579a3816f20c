//! Streaming requests as they are written and received, and what is made of their answers.

use std::time::Duration;

use futures::executor::block_on;
use kusto_endpoint::{
    ClientHeaders, EndpointResponse, ScriptedStreaming, StreamingCall, StreamingEndpoint, StreamingOutcome,
    StreamingRequest,
};
use kusto_ingest_core::{BlobUri, DataFormat, DatabaseName, Error, ErrorKind, Result, TableName};
use serde_json::{Value, json};

fn names(database: &str, table: &str) -> (DatabaseName, TableName) {
    let database = DatabaseName::parse(database).expect("it is a name");
    (database, TableName::parse(table).expect("it is a name"))
}

fn call(database: &str, table: &str, request: &StreamingRequest) -> StreamingCall {
    let (database, table) = names(database, table);
    StreamingCall::new(&database, &table, request, &ClientHeaders::default()).expect("it can be written")
}

fn header<'c>(call: &'c StreamingCall, name: &str) -> Option<&'c str> {
    let mut headers = call.headers().iter();
    let found = headers.find(|(known, _)| *known == name);
    found.map(|(_, value)| &**value)
}

fn csv() -> StreamingRequest {
    StreamingRequest::of_bytes(&b"1,2\n"[..], DataFormat::Csv)
}

fn blob() -> StreamingRequest {
    let blob = BlobUri::parse("https://h/b.json?sig=z").expect("it is an address");
    StreamingRequest::of_blob(blob, DataFormat::MultiJson)
}

fn answered(status: u16, body: &str) -> Result<StreamingOutcome> {
    answered_to(&csv(), status, body)
}

fn answered_to(request: &StreamingRequest, status: u16, body: &str) -> Result<StreamingOutcome> {
    EndpointResponse::new(status, |_| None, body.as_bytes()).read_streaming(&call("D", "T", request))
}

fn refused(status: u16, error: &Value) -> Error {
    answered(status, &json!({ "error": error }).to_string()).expect_err("it is refused")
}

#[test]
fn s03_g22_names_are_escaped_and_headers_tell_the_truth() {
    let gzipped = StreamingRequest::of_bytes(&b"\x1f\x8b\x08...."[..], DataFormat::Csv)
        .with_mapping("m 1&2")
        .with_client_request_id("KRC.executeStreamingIngest;S");
    let call = call("D", "T/1 x", &gzipped);
    assert_eq!(
        call.path_and_query(),
        "/v1/rest/ingest/D/T%2F1%20x?streamFormat=csv&mappingName=m%201%262"
    );
    for (name, value) in [
        ("content-encoding", Some("gzip")),
        ("content-type", Some("application/octet-stream")),
        ("accept", Some("application/json")),
        ("x-ms-version", Some("2024-12-12")),
        ("x-ms-client-request-id", Some("KRC.executeStreamingIngest;S")),
        ("x-ms-app", Some("[none]")),
    ] {
        assert_eq!(header(&call, name), value, "{name}");
    }
    assert_eq!(call.time_limit(), Duration::from_secs(60));
}

#[test]
fn s03_g23_what_is_not_gzip_does_not_claim_to_be() {
    let parquet = StreamingRequest::of_bytes(&b"PAR1...."[..], DataFormat::Parquet);
    let call = call("D", "T", &parquet);
    assert!(call.body().starts_with(b"PAR1"));
    assert_eq!(header(&call, "content-encoding"), None);
}

#[test]
fn s03_g25_a_blob_is_named_in_json() {
    let call = call("D", "T", &blob());
    assert_eq!(
        call.path_and_query(),
        "/v1/rest/ingest/D/T?streamFormat=multijson&sourceKind=uri"
    );
    assert_eq!(call.body(), r#"{"SourceUri":"https://h/b.json?sig=z"}"#);
    assert_eq!(header(&call, "content-type"), Some("application/json"));
    assert_eq!(header(&call, "content-encoding"), None);
}

#[test]
fn names_that_no_address_can_carry_are_refused() {
    for name in [".", ".."] {
        let (database, table) = names("D", name);
        let error = StreamingCall::new(&database, &table, &csv(), &ClientHeaders::default());
        assert_eq!(error.expect_err(name).kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn s03_g26_a_success_without_words_is_a_success() {
    for status in [200, 201, 202, 204] {
        for body in [
            "",
            "  ",
            "null",
            "{}",
            r#"{"Tables":[]}"#,
            "\u{feff}{}",
            r#"{"Told":1}"#,
        ] {
            let outcome = answered(status, body).expect(body);
            assert_eq!(outcome.consumed_records, None, "{body:?}");
        }
    }
}

#[test]
fn a_success_by_what_is_no_answer_of_kustos_is_an_unknown_outcome() {
    for body in [
        "<html><title>Sign in to the network</title></html>",
        "<html>",
        "ok",
        "[]",
        "\"taken\"",
        r#"{"Tables":["#,
    ] {
        let error = answered(200, body).expect_err(body);
        assert_eq!(
            (error.kind(), error.is_permanent()),
            (ErrorKind::OutcomeUnknown, false),
            "{body}: {error}"
        );
        let text = error.to_string();
        assert!(text.contains("no answer of Kusto's"), "{text}");
        assert_eq!(text.contains("Sign in"), body.contains("Sign in"), "{text}");
    }
}

#[test]
fn s03_g27_no_consumed_records_are_told_as_such() {
    let told = json!({"Tables": [{
        "TableName": "Table_0",
        "Columns": [
            {"ColumnName": "ConsumedRecordsCount", "ColumnType": "long"},
            {"ColumnName": "UpdatePolicyStatus", "ColumnType": "string"},
            {"ColumnName": "UpdatePolicyFailureCode", "ColumnType": "string"},
            {"ColumnName": "UpdatePolicyFailureReason", "ColumnType": "string"},
        ],
        "Rows": [[0, "Inactive", "Unknown", null]],
    }]})
    .to_string();
    let outcome = answered(200, &told).expect("it is a success");
    assert_eq!(outcome.consumed_records, Some(0));
    let policy = outcome.update_policy.expect("it is told");
    assert_eq!(
        (policy.status.as_str(), policy.code.as_deref()),
        ("Inactive", Some("Unknown"))
    );
}

#[test]
fn a_failure_inside_a_success_is_a_failure() {
    let inside = json!({"Tables": [{"TableName": "t", "Columns": [{"ColumnName": "a"}],
        "Rows": [{"OneApiErrors": [{"error": {"code": "Stream_X", "@message": "no", "@permanent": true}}]}]}]});
    let error = answered(200, &inside.to_string()).expect_err("it failed");
    assert!(error.is_permanent(), "{error}");
}

#[test]
fn s03_g29_an_address_without_streaming_is_told_with_both_causes() {
    let error = answered(404, "").expect_err("nothing is there");
    assert_eq!(
        (error.kind(), error.is_permanent()),
        (ErrorKind::Unsupported, true)
    );
    let text = error.to_string();
    assert!(
        text.contains("switched off") && text.contains("not an engine's"),
        "{text}"
    );
}

/// Status, `code`, `@permanent`; and what is made of them: the kind, and whether it is permanent.
const PERMANENCE: [(u16, &str, Option<bool>, ErrorKind, bool); 14] = {
    use ErrorKind::{NotFound, Rejected, SizeLimitExceeded, Throttled, Unavailable};
    [
        (400, "BadRequest_TableNotExist", None, NotFound, true),
        (400, "Stream_ClosingQuoteMissing", Some(false), Rejected, false),
        (500, "Stream_ClosingQuoteMissing", None, Unavailable, true),
        (500, "X", Some(true), Unavailable, true),
        (400, "General_TransientSchemaMismatch", None, Rejected, false),
        (400, "UpdatePolicy_UnknownError", None, Rejected, false),
        (400, "UpdatePolicy_BadRequest", None, Rejected, true),
        (400, "General_ThrottledIngestion", Some(true), Throttled, false),
        (429, "X", Some(true), Throttled, false),
        (413, "X", None, SizeLimitExceeded, true),
        (400, "Stream_InputStreamTooLarge", None, SizeLimitExceeded, true),
        (503, "X", None, Unavailable, false),
        (400, "X", None, Rejected, true),
        (404, "NotFound_MappingNotFound", None, NotFound, true),
    ]
};

#[test]
fn permanence_is_the_services_word_then_the_codes_then_the_status() {
    for (status, code, said, kind, permanent) in PERMANENCE {
        let mut error = json!({"code": code});
        if let Some(said) = said {
            error["@permanent"] = json!(said);
        }
        let told = refused(status, &error);
        assert_eq!(
            (told.kind(), told.is_permanent()),
            (kind, permanent),
            "{status} {error}"
        );
    }
    let by_type = json!({"@type": "Kusto.X.KustoRequestPayloadTooLargeException"});
    let told = refused(400, &by_type);
    assert_eq!(
        (told.kind(), told.is_permanent()),
        (ErrorKind::SizeLimitExceeded, true)
    );
}

#[test]
fn an_answer_that_leaves_open_what_was_done_is_an_unknown_outcome() {
    use ErrorKind::{OutcomeUnknown, Rejected, Throttled, Unavailable};
    let internal = json!({"code": "General_InternalServerError", "@message": "the engine's words"});
    let permanent = json!({"code": "X", "@permanent": true});
    let throttled = json!({"@type": "Kusto.Data.Exceptions.KustoRequestThrottledException"});
    let told = |status, error: &Value| refused(status, error);
    let wordless = |status| answered(status, "").expect_err("it is refused");
    for status in [408, 500, 502, 504, 505, 520, 599] {
        for error in [wordless(status), told(status, &internal)] {
            assert_eq!(error.kind(), OutcomeUnknown, "{status}");
            assert_eq!((error.http_status(), error.is_permanent()), (Some(status), false));
        }
        assert_ne!(told(status, &permanent).kind(), OutcomeUnknown, "{status}");
        assert_eq!(told(status, &throttled).kind(), Throttled, "{status}");
    }
    let chain = told(500, &internal).chain();
    assert!(chain.contains("the engine's words"), "{chain}");
    for (status, kind) in [
        (400, Rejected),
        (425, Unavailable),
        (429, Throttled),
        (503, Unavailable),
    ] {
        assert_eq!(wordless(status).kind(), kind, "{status}");
    }
}

#[test]
fn streaming_that_is_off_is_unsupported_however_it_is_told() {
    for (status, error) in [
        (
            400,
            json!({"code": "BadRequest_StreamingIngestionPolicyNotEnabled", "@permanent": false}),
        ),
        (
            400,
            json!({"code": "X", "@type": "Kusto.X.StreamingIngestionPolicyNotEnabledException"}),
        ),
        (
            404,
            json!({"code": "NotFound_StreamingIngestionDisabledForCluster"}),
        ),
        (400, json!({"code": "StreamingIngestionFunctionalityDisabled"})),
    ] {
        let told = refused(status, &error);
        assert_eq!(
            (told.kind(), told.is_permanent()),
            (ErrorKind::Unsupported, true),
            "{error}"
        );
    }
}

#[test]
fn the_secret_of_a_blob_is_not_repeated_by_its_refusal() {
    for address in [
        "https://h/b.json?sv=1&sig=SECRET",
        "https://h/b.json;token=SECRET",
    ] {
        let blob = BlobUri::parse(address).expect("it is an address");
        let request = StreamingRequest::of_blob(blob, DataFormat::Json);
        let secret = &address["https://h/b.json".len() + 1..];
        let body = json!({"error": {"code": "X", "message": format!("cannot read {secret}"),
            "@message": format!("cannot read '{address}' with {secret} for body {{\"SourceUri\":\"{address}\"}}")}});
        let error = answered_to(&request, 400, &body.to_string()).expect_err("it is refused");
        let shown = format!("{error} {error:?} {request:?} {:?}", call("D", "T", &request));
        assert!(!shown.contains("SECRET"), "{shown}");
        assert!(error.to_string().contains("https://h/b.json"), "{error}");
    }
}

#[test]
fn the_endpoint_for_tests_answers_as_told_and_then_takes_everything() {
    let endpoint = ScriptedStreaming::new();
    endpoint.once(Err(Error::new(ErrorKind::Throttled, "stream the data")));
    let (database, table) = names("D", "T");
    let send = || block_on(endpoint.ingest(&database, &table, &csv()));
    assert_eq!(send().expect_err("it was told so").kind(), ErrorKind::Throttled);
    assert_eq!(send().expect("it takes everything"), StreamingOutcome::default());
    let received = endpoint.received();
    assert_eq!(received.len(), 2);
    assert_eq!((&received[1].table, &received[1].request), (&table, &csv()));
}
