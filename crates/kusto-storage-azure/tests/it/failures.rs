//! What comes of every answer that is not the one hoped for, and of none.

use std::io;
use std::time::Duration;

use azure_core::error::ErrorKind as AzureKind;
use futures::executor::block_on;
use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_storage::{BlobStore, BlockId, EntityKey, QueueStore, TableStore};

use crate::script::{Reply, Script, blob, container, queue, table};

fn put(reply: Reply) -> Result<()> {
    let storage = Script::new([reply]).storage();
    block_on(BlobStore::put(&storage, &container(), &blob(), "a".into()))
}

fn stage(reply: Reply) -> Result<()> {
    let storage = Script::new([reply]).storage();
    block_on(storage.stage(&container(), &blob(), BlockId::new(0), "a".into()))
}

fn post(reply: Reply) -> Result<()> {
    let storage = Script::new([reply]).storage();
    block_on(QueueStore::put(&storage, &queue(), "text"))
}

#[test]
fn every_status_means_one_thing_whoever_sent_the_request() {
    let cases = [
        (200, "", ErrorKind::Protocol),
        (302, "", ErrorKind::Protocol),
        (307, "", ErrorKind::Protocol),
        (400, "InvalidHeaderValue", ErrorKind::Rejected),
        (400, "RequestBodyTooLarge", ErrorKind::SizeLimitExceeded),
        (401, "NoAuthenticationInformation", ErrorKind::Unauthenticated),
        (403, "AuthenticationFailed", ErrorKind::Forbidden),
        (404, "ContainerNotFound", ErrorKind::NotFound),
        (408, "", ErrorKind::Timeout),
        (409, "BlobAlreadyExists", ErrorKind::AlreadyExists),
        (409, "ContainerBeingDeleted", ErrorKind::NotFound),
        (409, "BlobImmutableDueToPolicy", ErrorKind::Rejected),
        (412, "LeaseIdMissing", ErrorKind::Rejected),
        (413, "RequestBodyTooLarge", ErrorKind::SizeLimitExceeded),
        (429, "", ErrorKind::Throttled),
        (500, "InternalError", ErrorKind::Unavailable),
        (500, "OperationTimedOut", ErrorKind::Unavailable),
        (502, "", ErrorKind::Unavailable),
        (503, "ServerBusy", ErrorKind::Throttled),
        (503, "", ErrorKind::Unavailable),
        (504, "", ErrorKind::Unavailable),
    ];
    for (status, code, kind) in cases {
        for send in [put, stage] {
            let reply = match code {
                "" => Reply::status(status),
                code => Reply::code(status, code),
            };
            let error = send(reply).unwrap_err();
            assert_eq!(error.kind(), kind, "{status} {code}");
            assert_eq!(error.http_status(), Some(status));
            assert_eq!(error.code().unwrap_or_default(), code);
        }
    }
}

#[test]
fn s02_c60_a_refused_request_is_final() {
    for send in [put, stage, post] {
        let error = send(Reply::code(400, "InvalidQueryParameterValue")).unwrap_err();
        assert!(error.is_permanent());
    }
}

#[test]
fn only_a_message_can_be_in_doubt_after_an_answer() {
    for (status, kind) in [
        (408, ErrorKind::OutcomeUnknown),
        (500, ErrorKind::OutcomeUnknown),
        (502, ErrorKind::OutcomeUnknown),
        (504, ErrorKind::OutcomeUnknown),
        (501, ErrorKind::Unavailable),
        (503, ErrorKind::Unavailable),
        (429, ErrorKind::Throttled),
        (302, ErrorKind::Protocol),
        (403, ErrorKind::Forbidden),
    ] {
        assert_eq!(post(Reply::status(status)).unwrap_err().kind(), kind, "{status}");
    }
}

#[test]
fn s02_c19_a_message_that_is_too_large_is_told_as_such() {
    for reply in [
        Reply::code(413, "RequestBodyTooLarge"),
        Reply::status(413),
        Reply::code(400, "RequestBodyTooLarge"),
        Reply::code(400, "MessageTooLarge"),
    ] {
        assert_eq!(post(reply).unwrap_err().kind(), ErrorKind::MessageTooLarge);
    }
}

#[test]
fn what_the_transport_says_is_kept() {
    for kind in [
        ErrorKind::Connection,
        ErrorKind::Timeout,
        ErrorKind::Io,
        ErrorKind::Protocol,
    ] {
        for send in [put, stage, post] {
            let error = send(Reply::breaks(kind)).unwrap_err();
            assert_eq!((error.kind(), error.is_permanent()), (kind, kind.is_permanent()));
            assert!(error.chain().contains("get an answer"), "{}", error.chain());
        }
    }
}

#[test]
fn a_lost_answer_leaves_in_doubt_what_is_not_simply_done_again() {
    let lost = || Error::new(ErrorKind::OutcomeUnknown, "get an answer");
    let fails = |error: Error| Reply::Fails(azure_core::Error::new(AzureKind::Io, error));
    for send in [put, post] {
        assert_eq!(send(fails(lost())).unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    }
    for (cause, kind) in [
        (lost(), ErrorKind::Io),
        (lost().with(Error::LIMIT, "idle"), ErrorKind::Timeout),
        (
            lost().with(Error::LIMIT, Error::RESPONSE_LIMIT),
            ErrorKind::Protocol,
        ),
    ] {
        let error = stage(fails(cause)).unwrap_err();
        assert_eq!((error.kind(), error.is_permanent()), (kind, kind.is_permanent()));
    }
}

#[test]
fn a_connection_that_waiting_does_not_mend_stays_permanent() {
    let cause = Error::new(ErrorKind::Connection, "connect").with_permanence(true);
    let error = post(Reply::Fails(azure_core::Error::new(AzureKind::Other, cause))).unwrap_err();
    assert_eq!(
        (error.kind(), error.is_permanent()),
        (ErrorKind::Connection, true)
    );
}

#[test]
fn of_a_foreign_transport_the_worst_is_assumed_where_it_matters() {
    let broken = || Reply::Fails(io::Error::from(io::ErrorKind::ConnectionReset).into());
    assert_eq!(post(broken()).unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    for send in [put, stage] {
        let error = send(broken()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains("connection reset"), "{error}");
    }
    let refused = Reply::Fails(azure_core::Error::with_message(AzureKind::Connection, "refused"));
    assert_eq!(post(refused).unwrap_err().kind(), ErrorKind::Connection);
}

#[test]
fn once_the_head_is_there_it_counts_and_not_the_loss_of_the_rest() {
    let lost = || Error::new(ErrorKind::OutcomeUnknown, "read the answer");
    for send in [put, stage, post] {
        send(Reply::Head(201, lost())).expect("it was done, and the head said so");
        let refused = Reply::Head(404, Error::new(ErrorKind::Io, "read the answer"));
        assert_eq!(send(refused).unwrap_err().kind(), ErrorKind::NotFound);
    }
    assert_eq!(
        post(Reply::Head(500, lost())).unwrap_err().kind(),
        ErrorKind::OutcomeUnknown
    );

    let broken = || Reply::Head(200, Error::new(ErrorKind::Io, "read the answer"));
    let peeked = block_on(Script::new([broken()]).storage().peek(&queue(), 1));
    assert_eq!(
        peeked.unwrap_err().kind(),
        ErrorKind::Io,
        "the rest was the answer"
    );
    let key = EntityKey::new("p", "r");
    let read = block_on(Script::new([broken()]).storage().get(&table(), &key));
    assert_eq!(read.unwrap_err().kind(), ErrorKind::Io, "the rest was the answer");
}

#[test]
fn the_wait_that_the_service_asks_for_is_handed_on() {
    for (name, value, wait) in [
        ("retry-after", "7", Some(Duration::from_secs(7))),
        ("retry-after-ms", "250", Some(Duration::from_millis(250))),
        ("x-ms-retry-after-ms", "1500", Some(Duration::from_millis(1_500))),
        ("retry-after", "Fri, 02 Jan 2026 03:04:05 GMT", None),
    ] {
        for send in [put, stage, post] {
            let error = send(Reply::status(503).header(name, value)).unwrap_err();
            assert_eq!(error.retry_after(), wait, "{name}");
        }
    }
}

#[test]
fn the_code_is_read_from_the_body_where_no_header_has_it() {
    let xml = "\u{feff}<?xml version=\"1.0\"?><Error><Code>ServerBusy</Code><Message>…</Message></Error>";
    let json = r#"{"odata.error":{"code":"ServerBusy","message":{"value":"…"}}}"#;
    for body in [xml, json] {
        for send in [put, stage, post] {
            let error = send(Reply::body(503, body)).unwrap_err();
            assert_eq!(
                (error.code(), error.kind()),
                (Some("ServerBusy"), ErrorKind::Throttled)
            );
        }
    }
}

#[test]
fn nothing_is_sent_twice() {
    for status in [408, 429, 500, 503] {
        let script = Script::new([Reply::status(status)]);
        let storage = script.storage();
        block_on(storage.stage(&container(), &blob(), BlockId::new(0), "a".into())).unwrap_err();
        script.only();
    }
    let script = Script::new([Reply::breaks(ErrorKind::Io)]);
    block_on(script.storage().peek(&queue(), 1)).unwrap_err();
    script.only();
}

#[test]
fn an_error_says_what_was_attempted_on_what_and_which_request_it_was() {
    let reply = Reply::code(403, "AuthenticationFailed").header("x-ms-request-id", "5d3c0e-1f");
    let error = post(reply).unwrap_err();
    assert_eq!(
        error.to_string(),
        "put the message (resource https://acct1.queue.core.windows.net/ready, request id 5d3c0e-1f, \
         code AuthenticationFailed, http status 403)"
    );
}
