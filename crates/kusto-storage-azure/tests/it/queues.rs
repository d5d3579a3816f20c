//! Requests about queues.

use std::collections::BTreeSet;
use std::time::Duration;

use azure_core::Uuid;
use futures::executor::block_on;
use kusto_ingest_core::{ErrorKind, Timestamp};
use kusto_storage::{MessageHandle, QueueStore};

use crate::script::{Reply, SAS, Script, queue};

const MESSAGES: &str = "acct1.queue.core.windows.net/ready/messages";

const TWO: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessagesList>\
    <QueueMessage><MessageId>id-1</MessageId><InsertionTime>Fri, 02 Jan 2026 03:04:05 GMT</InsertionTime>\
    <ExpirationTime>Fri, 09 Jan 2026 03:04:05 GMT</ExpirationTime><PopReceipt>AgAA+1/A==</PopReceipt>\
    <TimeNextVisible>Fri, 02 Jan 2026 03:05:05 GMT</TimeNextVisible><DequeueCount>3</DequeueCount>\
    <MessageText>eyJhIjoxfQ==</MessageText></QueueMessage>\
    <QueueMessage><MessageId>id-2</MessageId><PopReceipt>r2</PopReceipt><DequeueCount>1</DequeueCount>\
    <MessageText>&lt;&amp;&gt;</MessageText></QueueMessage></QueueMessagesList>";

#[test]
fn a_message_is_posted_as_it_is_with_its_sas_letter_by_letter() {
    let script = Script::new([Reply::body(201, "<QueueMessagesList/>")]);
    block_on(script.storage().put(&queue(), "eyJhIjoxfQ==")).expect("queued");
    let sent = script.only();
    assert_eq!(sent.line, format!("POST {MESSAGES}?{SAS}"));
    let body = "<QueueMessage><MessageText>eyJhIjoxfQ==</MessageText></QueueMessage>";
    assert_eq!(sent.text(), body);
    assert_eq!(sent.header("content-type"), Some("application/xml"));
    assert_eq!(sent.header("x-ms-version"), Some("2021-12-02"));
    assert_eq!(sent.header("content-length"), Some("68"));
}

#[test]
fn every_request_of_ours_has_a_name_of_its_own() {
    let script = Script::new([Reply::status(201), Reply::status(201)]);
    let storage = script.storage();
    for _ in 0..2 {
        block_on(storage.put(&queue(), "text")).expect("queued");
    }
    let sent = script.sent();
    let names: BTreeSet<_> = sent
        .iter()
        .map(|sent| sent.header("x-ms-client-request-id").expect("a name"))
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    for name in names {
        let id = Uuid::parse_str(name).expect("a GUID");
        assert_eq!(id.get_version_num(), 4, "{name} is random");
    }
}

#[test]
fn text_that_is_markup_is_escaped() {
    let script = Script::new([Reply::status(201)]);
    block_on(QueueStore::put(
        &script.storage(),
        &queue(),
        "{\"a\":\"<&>\"}\r\n",
    ))
    .expect("queued");
    let body = "<QueueMessage><MessageText>{\"a\":\"&lt;&amp;&gt;\"}&#13;\n</MessageText></QueueMessage>";
    assert_eq!(script.only().text(), body);
}

#[test]
fn messages_are_peeked_at() {
    let script = Script::new([Reply::body(200, TWO)]);
    let messages = block_on(script.storage().peek(&queue(), 5)).expect("messages");
    let texts: Vec<_> = messages.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["eyJhIjoxfQ==", "<&>"]);
    let inserted = Timestamp::parse("2026-01-02T03:04:05Z").expect("a time");
    assert_eq!(
        (
            messages[0].id.as_str(),
            messages[0].inserted,
            messages[0].dequeue_count
        ),
        ("id-1", Some(inserted), 3)
    );
    assert_eq!(messages[1].inserted, None, "the service did not tell");
    let line = format!("GET {MESSAGES}?numofmessages=5&peekonly=true&{SAS}");
    assert_eq!(script.only().line, line);
}

#[test]
fn messages_are_received_and_deleted_by_a_receipt_that_needs_encoding() {
    let script = Script::new([Reply::body(200, TWO), Reply::status(204)]);
    let storage = script.storage();
    let messages = block_on(storage.receive(&queue(), 2, Duration::from_secs(60))).expect("messages");
    assert_eq!(messages[0].handle, MessageHandle::new("id-1", "AgAA+1/A=="));
    assert_eq!(messages[0].dequeue_count, 3);
    block_on(storage.delete(&queue(), &messages[0].handle)).expect("deleted");
    let [receive, delete] = script.sent().try_into().expect("two requests");
    let query = "numofmessages=2&visibilitytimeout=60";
    assert_eq!(receive.line, format!("GET {MESSAGES}?{query}&{SAS}"));
    let receipt = "popreceipt=AgAA%2B1%2FA%3D%3D";
    assert_eq!(delete.line, format!("DELETE {MESSAGES}/id-1?{receipt}&{SAS}"));
}

#[test]
fn a_queue_is_cleared_by_one_request() {
    let script = Script::new([Reply::status(204)]);
    block_on(script.storage().clear(&queue())).expect("cleared");
    assert_eq!(script.only().line, format!("DELETE {MESSAGES}?{SAS}"));
}

#[test]
fn clearing_a_long_queue_may_be_tried_again() {
    let script = Script::new([Reply::code(500, "OperationTimedOut")]);
    let error = block_on(script.storage().clear(&queue())).unwrap_err();
    assert_eq!(error.code(), Some("OperationTimedOut"));
    assert!(!error.is_permanent());
}

#[test]
fn an_empty_queue_has_no_messages() {
    let script = Script::new([
        Reply::body(200, "<QueueMessagesList/>"),
        Reply::body(200, "<QueueMessagesList />"),
    ]);
    let storage = script.storage();
    assert_eq!(block_on(storage.peek(&queue(), 1)).expect("an answer"), []);
    let received = block_on(storage.receive(&queue(), 1, Duration::from_secs(1)));
    assert_eq!(received.expect("an answer"), []);
}

#[test]
fn numbers_and_times_stay_within_the_bounds_of_the_service() {
    let cases = [
        (0, Duration::ZERO, "numofmessages=1&visibilitytimeout=1&"),
        (
            33,
            Duration::from_millis(1_001),
            "numofmessages=32&visibilitytimeout=2&",
        ),
        (1, Duration::MAX, "numofmessages=1&visibilitytimeout=604800&"),
    ];
    for (max, hidden, query) in cases {
        let script = Script::new([Reply::body(200, "<QueueMessagesList/>")]);
        block_on(script.storage().receive(&queue(), max, hidden)).expect("an answer");
        let line = script.only().line;
        assert!(line.contains(query), "{line}");
    }
}

#[test]
fn what_is_no_list_of_messages_is_not_taken_for_an_empty_one() {
    let unreadable = [
        "<html>Sign in to this network</html>",
        "not xml",
        "<QueueMessagesList><QueueMessage><MessageText>a</MessageText></QueueMessage></QueueMessagesList>",
    ];
    for body in unreadable {
        let script = Script::new([Reply::body(200, body)]);
        let error = block_on(script.storage().receive(&queue(), 1, Duration::from_secs(1))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
    }
}
