//! Calls through the pipeline, on a transport without sockets.

use std::sync::Arc;
use std::time::Duration;

use crate::wire::{Answer, Wire};
use futures::executor::block_on;
use kusto_endpoint::{ManagementEndpoint, QueryEndpoint, RequestProperties};
use kusto_endpoint_azure::AzureEndpoint;
use kusto_ingest_compression::testing::gzip;
use kusto_ingest_core::{CallLimits, ClientDetails, DatabaseName, Error, ErrorKind};
use serde_json::json;

const BASE: &str = "https://help.kusto.windows.net/base/";

fn endpoint(wire: &Wire) -> AzureEndpoint {
    AzureEndpoint::new(BASE.parse().expect("it is a URL"), wire.transport()).expect("it is an address")
}

fn one_row() -> String {
    json!({"Tables": [{"Columns": [{"ColumnName": "n", "ColumnType": "long"}], "Rows": [[1]]}]}).to_string()
}

fn run(endpoint: &AzureEndpoint, command: &str) -> kusto_ingest_core::Result<kusto_endpoint::Dataset> {
    let database = DatabaseName::parse("Samples").expect("it is a name");
    block_on(endpoint.execute(&database, command, &RequestProperties::new()))
}

#[test]
fn a_command_is_posted_below_the_base_with_every_header() {
    let wire = Wire::answering([Answer::new(200, one_row())]);
    let endpoint = endpoint(&wire).with_client_details(&ClientDetails::default().with_application("load"));
    let answer = run(&endpoint, ".show tables").expect("it is answered");
    assert_eq!(answer.primary().map(|table| table.rows.len()), Some(1));

    let seen = wire.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        seen[0].line,
        "POST https://help.kusto.windows.net/base/v1/rest/mgmt"
    );
    let body: serde_json::Value = serde_json::from_slice(&seen[0].body).expect("it is a request");
    assert_eq!(
        (&body["db"], &body["csl"]),
        (&"Samples".into(), &".show tables".into())
    );
    for (name, value) in [
        ("accept", "application/json"),
        ("content-type", "application/json; charset=utf-8"),
        ("x-ms-version", "2024-12-12"),
        ("x-ms-app", "load"),
        ("x-ms-user", "[none]"),
    ] {
        assert_eq!(seen[0].header(name), Some(value), "{name}");
    }
    assert!(
        seen[0]
            .header("x-ms-client-request-id")
            .is_some_and(|id| id.starts_with("KRC.execute;"))
    );
    assert_eq!(seen[0].header("authorization"), None);
}

#[test]
fn a_query_goes_to_its_own_address_and_is_read_as_frames() {
    let frames = json!([
        {"FrameType": "DataTable", "TableId": 0, "TableKind": "PrimaryResult", "TableName": "t",
         "Columns": [{"ColumnName": "n", "ColumnType": "long"}], "Rows": [[7]]},
        {"FrameType": "DataSetCompletion", "HasErrors": false, "Cancelled": false},
    ]);
    let wire = Wire::answering([Answer::new(200, frames.to_string())]);
    let (database, nothing) = (DatabaseName::net_default(), RequestProperties::new());
    let answer = block_on(endpoint(&wire).query(&database, "T | count", &nothing)).expect("it is answered");
    assert_eq!(
        answer.primary().and_then(|table| table.value(0, "n")),
        Some(&json!(7))
    );
    assert_eq!(
        wire.seen()[0].line,
        "POST https://help.kusto.windows.net/base/v2/rest/query"
    );
}

#[test]
fn s01_w2_limits_travel_with_the_call() {
    let seconds = Duration::from_secs;
    let own = CallLimits::new()
        .with_overall(seconds(630))
        .with_idle(seconds(630))
        .with_response(16 << 20);
    let shorter = CallLimits::new()
        .with_overall(seconds(20))
        .with_idle(seconds(5))
        .with_response(7);
    let longer = CallLimits::new().with_overall(seconds(10_000));
    for (limits, expect) in [(CallLimits::new(), own), (shorter, shorter), (longer, own)] {
        let wire = Wire::answering([Answer::new(200, one_row())]);
        let _ = run(&endpoint(&wire).with_limits(limits), ".show tables");
        assert_eq!(wire.seen()[0].limits, Some(expect));
    }
}

fn query(endpoint: &AzureEndpoint) -> kusto_ingest_core::Result<kusto_endpoint::Dataset> {
    block_on(endpoint.query(&DatabaseName::net_default(), "T", &RequestProperties::new()))
}

#[test]
fn the_result_of_a_query_may_be_longer_than_any_other_answer() {
    let own = CallLimits::new().with_response(7);
    for (limits, answer) in [(CallLimits::new(), 256 << 20), (own, 7)] {
        let wire = Wire::answering([Answer::new(200, "[]")]);
        query(&endpoint(&wire).with_limits(limits)).expect_err("nothing is in it");
        let limits = wire.seen()[0].limits.expect("they travel");
        assert_eq!(limits.response, Some(answer));
    }
}

#[test]
fn an_answer_that_is_too_long_is_named_so_and_not_read_on() {
    let limits = CallLimits::new().with_response(100_000);
    let packed = gzip([b'0'; 1 << 20]);
    assert!(
        packed.len() < 100_000,
        "it is too long only when it is decompressed"
    );
    for (command, kind) in [
        (".show tables", ErrorKind::Protocol),
        (".drop table T", ErrorKind::OutcomeUnknown),
    ] {
        for answer in [
            Answer::new(200, vec![b'0'; 8 << 20]),
            Answer::new(200, packed.clone()).with_header("content-encoding", "gzip"),
        ] {
            let wire = Wire::answering([answer]);
            let error = run(&endpoint(&wire).with_limits(limits), command).expect_err("it is too long");
            assert_eq!(error.kind(), kind, "{error}");
            let reason = error.reason().unwrap_or_default();
            assert_eq!(reason, "the answer is longer than the limit of 100000 bytes");
            assert!(
                error
                    .context()
                    .any(|pair| pair == (Error::LIMIT, Error::RESPONSE_LIMIT))
            );
            assert!(wire.read() < 200_000, "{} bytes were read", wire.read());
        }
    }
    for body in [one_row().into_bytes(), gzip(one_row())] {
        let encoding = if body[0] == 0x1f { "gzip" } else { "identity" };
        let limits = CallLimits::new().with_response(one_row().len() as u64);
        let wire = Wire::answering([Answer::new(200, body).with_header("content-encoding", encoding)]);
        run(&endpoint(&wire).with_limits(limits), ".show tables").expect("it is as long as it may be");
    }
}

#[test]
fn an_error_in_gzip_is_read_to_a_bound_however_much_it_unfolds_to() {
    let body = json!({"error": {"code": "General_BadRequest", "@message": "no such table"}}).to_string();
    for (packed, reason) in [(gzip(body), "no such table"), (gzip(vec![b'x'; 4 << 20]), "x")] {
        let wire = Wire::answering([Answer::new(400, packed).with_header("content-encoding", "gzip")]);
        let error = run(&endpoint(&wire), ".show tables").expect_err("it is refused");
        assert_eq!(
            (error.kind(), error.http_status()),
            (ErrorKind::Rejected, Some(400))
        );
        let told = error.reason().unwrap_or_default();
        assert!(told.starts_with(reason) && told.len() < 5_000, "{told}");
    }
}

#[test]
fn the_rows_of_a_query_may_take_longer_to_arrive_than_to_be_found() {
    let (seconds, minute) = (Duration::from_secs, Duration::from_secs(60));
    let found = seconds(4 * 60 + 30);
    let nothing = RequestProperties::new();
    let patient = nothing.clone().with_client_timeout(seconds(9));
    let short = CallLimits::new().with_overall(minute);
    for (limits, properties, overall, idle) in [
        (CallLimits::new(), &nothing, found + 60 * minute, found),
        (CallLimits::new(), &patient, seconds(9), seconds(9)),
        (short, &nothing, minute, minute),
        (short.with_idle(seconds(5)), &nothing, minute, seconds(5)),
    ] {
        let wire = Wire::answering([Answer::new(200, one_row())]);
        let database = DatabaseName::net_default();
        block_on(
            endpoint(&wire)
                .with_limits(limits)
                .query(&database, "T", properties),
        )
        .expect("it is answered");
        let sent = wire.seen()[0].limits.expect("limits travel with the call");
        assert_eq!((sent.overall, sent.idle), (Some(overall), Some(idle)));
    }
}

#[test]
fn nothing_is_tried_twice_and_errors_carry_both_names() {
    let body = json!({"error": {"code": "General_InternalServerError", "@message": "try later", "@permanent": false}});
    let wire = Wire::answering([
        Answer::new(503, body.to_string())
            .with_header("x-ms-activity-id", "a-1")
            .with_header("retry-after", "7"),
        Answer::new(200, one_row()),
    ]);
    let error = run(&endpoint(&wire), ".show tables").expect_err("the service is not available");
    assert_eq!(wire.seen().len(), 1);
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    let names: Vec<_> = error.context().map(|(name, _)| name).collect();
    assert_eq!(names, ["activity id", "client request id", "endpoint"], "{error}");
}

#[test]
fn s01_w11_a_refused_sign_in_and_a_missing_permission_are_told_apart() {
    for (status, kind) in [(401, ErrorKind::Unauthenticated), (403, ErrorKind::Forbidden)] {
        let wire = Wire::answering([Answer::new(status, String::new())]);
        let error = run(&endpoint(&wire), ".show tables").expect_err("it is refused");
        assert_eq!((error.kind(), error.is_permanent()), (kind, true));
        assert_eq!(error.http_status(), Some(status));
    }
}

#[test]
fn s01_w12_a_redirect_is_not_followed() {
    let wire = Wire::answering([
        Answer::new(307, String::new()).with_header("location", "https://evil.example/v1/rest/mgmt"),
        Answer::new(200, one_row()),
    ]);
    let error = run(&endpoint(&wire), ".show tables").expect_err("the address is another");
    assert_eq!(wire.seen().len(), 1);
    assert!(
        error.is_permanent() && error.to_string().contains("evil.example"),
        "{error}"
    );
}

#[test]
fn what_the_transport_knows_of_a_failure_is_kept() {
    for (command, met, told) in [
        (".drop table T", ErrorKind::Connection, ErrorKind::Connection),
        (".drop table T", ErrorKind::Timeout, ErrorKind::Timeout),
        (
            ".drop table T",
            ErrorKind::OutcomeUnknown,
            ErrorKind::OutcomeUnknown,
        ),
        (".show tables", ErrorKind::OutcomeUnknown, ErrorKind::Io),
        (".show tables", ErrorKind::Io, ErrorKind::Io),
    ] {
        let failure = || {
            azure_core::Error::new(
                azure_core::error::ErrorKind::Io,
                Error::new(met, "send").because("it broke"),
            )
        };
        for wire in [
            Wire::answering([Answer::failing(failure())]),
            Wire::answering([Answer::new(200, one_row()).breaking_off(failure())]),
        ] {
            let error = run(&endpoint(&wire), command).expect_err("the transport failed");
            assert_eq!(error.kind(), told, "{command} {met:?}");
            assert_eq!(error.chain().matches("it broke").count(), 1, "{}", error.chain());
        }
    }
    let broken = || azure_core::Error::with_message(azure_core::error::ErrorKind::Io, "it broke");
    for (command, kind) in [
        (".drop table T", ErrorKind::OutcomeUnknown),
        (".show tables", ErrorKind::Io),
    ] {
        let wire = Wire::answering([Answer::failing(broken())]);
        let error = run(&endpoint(&wire), command).expect_err("the transport failed");
        assert_eq!(error.kind(), kind, "of a foreign transport the worst is assumed");
    }
    let foreign = azure_core::Error::with_message(azure_core::error::ErrorKind::Connection, "no route");
    let error = run(
        &endpoint(&Wire::answering([Answer::failing(foreign)])),
        ".drop table T",
    );
    assert_eq!(
        error.expect_err("there is no route").kind(),
        ErrorKind::Connection
    );
}

#[test]
fn an_answer_that_is_no_success_is_read_to_a_bound() {
    let wire = Wire::answering([Answer::new(502, "x".repeat(8 << 20))]);
    let error = run(&endpoint(&wire), ".show tables").expect_err("a gateway is in the way");
    assert!(error.to_string().len() < 5_000);
    assert_eq!(wire.read(), 64 * 1024);
}

#[test]
fn addresses_that_hold_secrets_or_are_none_are_refused() {
    let refused = |text: &str| {
        let base = text.parse().expect("it is a URL");
        AzureEndpoint::new(base, Wire::answering([]).transport()).expect_err(text)
    };
    for text in [
        "ftp://host/",
        "https://user:SECRET@host/",
        "data:text/plain,SECRET",
    ] {
        let error = refused(text);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
        assert!(!format!("{error} {error:?}").contains("SECRET"));
    }
    let base = "https://host/?sig=SECRET".parse().expect("it is a URL");
    let endpoint = AzureEndpoint::new(base, Wire::answering([]).transport()).expect("the query is left out");
    assert!(!format!("{endpoint:?}").contains("SECRET"));
}

#[test]
fn an_endpoint_is_shared_between_tasks() {
    let wire = Wire::answering([Answer::new(200, one_row())]);
    let shared: Arc<dyn ManagementEndpoint> = Arc::new(endpoint(&wire));
    let work = Arc::clone(&shared);
    let (database, nothing) = (DatabaseName::net_default(), RequestProperties::new());
    block_on(async move { work.execute(&database, ".show tables", &nothing).await }).expect("it is answered");
}

#[test]
fn s01_w17_an_answer_in_gzip_is_read() {
    let wire = Wire::answering([Answer::new(200, gzip(one_row())).with_header("content-encoding", "gzip")]);
    let answer = run(&endpoint(&wire), ".show tables").expect("it is decoded");
    assert_eq!(answer.primary().expect("it has a table").rows.len(), 1);
}

#[test]
fn a_success_whose_gzip_is_broken_says_nothing_of_what_a_command_did() {
    let whole = gzip(one_row());
    for (command, kind) in [
        (".show tables", ErrorKind::Protocol),
        (".drop table T", ErrorKind::OutcomeUnknown),
    ] {
        for body in [b"no gzip".to_vec(), whole[..whole.len() - 9].to_vec()] {
            let wire = Wire::answering([Answer::new(200, body).with_header("content-encoding", "gzip")]);
            let error = run(&endpoint(&wire), command).expect_err("it says what it is not");
            assert_eq!(error.kind(), kind, "{command}: {}", error.chain());
            assert!(
                error.chain().contains("says that it is gzip"),
                "{}",
                error.chain()
            );
        }
    }
    let unreadable = azure_core::error::ErrorKind::DataConversion;
    for (command, kind) in [
        (".show tables", ErrorKind::Protocol),
        (".drop table T", ErrorKind::OutcomeUnknown),
    ] {
        let foreign = azure_core::Error::with_message(unreadable.clone(), "no brotli");
        let wire = Wire::answering([Answer::failing(foreign)]);
        let error = run(&endpoint(&wire), command).expect_err("a transport unpacks it by itself");
        assert_eq!(error.kind(), kind, "{command}: {}", error.chain());
    }
}

#[test]
fn a_long_answer_in_gzip_lets_others_run_while_it_is_unpacked() {
    let long = json!({"Tables": [{"Columns": [{"ColumnName": "s"}], "Rows": [["x".repeat(4 << 20)]]}]});
    let answer = Answer::new(200, gzip(long.to_string())).with_header("content-encoding", "gzip");
    let wire = Wire::answering([answer]);
    let (endpoint, database) = (endpoint(&wire), DatabaseName::net_default());
    let properties = RequestProperties::new();
    let mut running = Box::pin(endpoint.execute(&database, ".show tables", &properties));
    let mut turns = 0;
    let answer = block_on(std::future::poll_fn(|context| {
        turns += 1;
        running.as_mut().poll(context)
    }));
    let rows = answer
        .expect("it is read")
        .primary()
        .map(|table| table.rows.len());
    assert_eq!(rows, Some(1));
    assert!(turns >= 16, "{turns} turns for 4 MiB");
}
