//! Queues as the storage clients of Python, Node and others use them.

use std::time::Duration;

use kusto_storage::ResourceUri;

use crate::client::{World, below};

const XML: (&str, &str) = ("content-type", "application/xml");

/// A queue that no worker drains: the one for failures.
fn reports(world: &World) -> ResourceUri {
    world
        .emulator
        .fake()
        .issued_resources()
        .expect("addresses")
        .failures
}

async fn put(world: &World, text: &str) {
    let body = format!("<QueueMessage><MessageText>{text}</MessageText></QueueMessage>");
    let url = below(&reports(world), "/messages", "timeout=30");
    let answer = world.send("POST", &url, &[XML], body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

#[tokio::test]
async fn s03_g76_a_queue_without_messages_is_an_empty_list() {
    let world = World::start().await;
    let answer = world
        .send(
            "GET",
            &below(&reports(&world), "/messages", "peekonly=true"),
            &[],
            "",
        )
        .await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/xml"))
    );
    let (_, list) = answer.text().split_once("?>").unwrap();
    assert_eq!(list, "<QueueMessagesList></QueueMessagesList>");
}

#[tokio::test]
async fn who_puts_learns_the_receipt_and_who_peeks_the_text() {
    let world = World::start().await;
    let url = below(&reports(&world), "/messages", "timeout=600");
    let body = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<QueueMessage><MessageText>a&lt;b&amp;c</MessageText></QueueMessage>";
    let put = world.send("POST", &url, &[XML], body).await;
    assert_eq!(put.status, 201);
    assert!(put.element("MessageText").is_none() && put.element("PopReceipt").is_some());
    assert_eq!(
        put.element("InsertionTime").as_deref(),
        Some("Fri, 02 Jan 2026 03:04:05 GMT")
    );
    assert_eq!(
        put.element("ExpirationTime").as_deref(),
        Some("Fri, 09 Jan 2026 03:04:05 GMT")
    );

    self::put(&world, "two").await;
    let peek = |more: &str| below(&reports(&world), "/messages", &format!("peekonly=true{more}"));
    let seen = world.send("GET", &peek(""), &[], "").await;
    assert_eq!(seen.element("MessageText").as_deref(), Some("a&lt;b&amp;c"));
    assert_eq!(seen.element("DequeueCount").as_deref(), Some("0"));
    assert!(seen.element("PopReceipt").is_none() && seen.element("TimeNextVisible").is_none());
    let both = world.send("GET", &peek("&numofmessages=32"), &[], "").await;
    assert_eq!(both.text().matches("<QueueMessage>").count(), 2);
    let many = world.send("GET", &peek("&numofmessages=33"), &[], "").await;
    assert_eq!(
        many.header("x-ms-error-code"),
        Some("OutOfRangeQueryParameterValue")
    );
}

#[tokio::test]
async fn s03_g77_a_message_that_was_taken_hides_comes_back_and_has_a_new_receipt() {
    let world = World::start().await;
    put(&world, "one").await;
    let receive = below(&reports(&world), "/messages", "numofmessages=1");
    let first = world.send("GET", &receive, &[], "").await;
    assert_eq!(first.element("DequeueCount").as_deref(), Some("1"));
    assert_eq!(
        first.element("TimeNextVisible").as_deref(),
        Some("Fri, 02 Jan 2026 03:04:35 GMT")
    );
    assert!(
        world
            .send("GET", &receive, &[], "")
            .await
            .element("MessageId")
            .is_none()
    );

    world.clock.advance(Duration::from_secs(31));
    let second = world.send("GET", &receive, &[], "").await;
    assert_eq!(second.element("DequeueCount").as_deref(), Some("2"));
    assert_eq!(second.element("MessageId"), first.element("MessageId"));
    let delete = |receipt: &str| {
        let encoded: String = url::form_urlencoded::byte_serialize(receipt.as_bytes()).collect();
        let path = format!("/messages/{}", first.element("MessageId").unwrap());
        below(&reports(&world), &path, &format!("popreceipt={encoded}"))
    };
    let stale = world
        .send("DELETE", &delete(&first.element("PopReceipt").unwrap()), &[], "")
        .await;
    assert_eq!(
        (stale.status, stale.header("x-ms-error-code")),
        (400, Some("PopReceiptMismatch"))
    );
    let deleted = world
        .send("DELETE", &delete(&second.element("PopReceipt").unwrap()), &[], "")
        .await;
    assert_eq!(
        (
            deleted.status,
            deleted.body.len(),
            deleted.header("content-length")
        ),
        (204, 0, None)
    );
    let gone = world.send("DELETE", &delete("x"), &[], "").await;
    assert_eq!(
        (gone.status, gone.header("x-ms-error-code")),
        (404, Some("MessageNotFound"))
    );
}

#[tokio::test]
async fn a_queue_is_counted_and_cleared() {
    let world = World::start().await;
    put(&world, "one").await;
    put(&world, "two").await;
    let metadata = below(&reports(&world), "", "comp=metadata");
    let answer = world.send("GET", &metadata, &[], "").await;
    assert_eq!(
        (answer.status, answer.header("x-ms-approximate-messages-count")),
        (200, Some("2"))
    );
    assert_eq!(
        world
            .send("DELETE", &below(&reports(&world), "/messages", ""), &[], "")
            .await
            .status,
        204
    );
    let answer = world.send("HEAD", &metadata, &[], "").await;
    assert_eq!(answer.header("x-ms-approximate-messages-count"), Some("0"));
}

#[tokio::test]
async fn messages_that_no_queue_takes_are_refused() {
    let world = World::start().await;
    let url = below(&reports(&world), "/messages", "");
    let long = format!(
        "<QueueMessage><MessageText>{}</MessageText></QueueMessage>",
        "A".repeat(65_537)
    );
    for (body, status, code) in [
        (long.as_str(), 413, "RequestBodyTooLarge"),
        ("<QueueMessage></QueueMessage>", 400, "InvalidXmlDocument"),
        ("text", 400, "InvalidXmlDocument"),
    ] {
        let answer = world.send("POST", &url, &[XML], body.to_owned()).await;
        assert_eq!(
            (answer.status, answer.header("x-ms-error-code")),
            (status, Some(code))
        );
    }
    let missing = url.replace("failedingestions", "no-such-queue");
    assert_ne!(missing, url);
    let answer = world.send("POST", &missing, &[XML], "").await;
    assert_eq!(
        (answer.status, answer.header("x-ms-error-code")),
        (404, Some("QueueNotFound"))
    );
    let hidden = below(&reports(&world), "/messages", "visibilitytimeout=604801");
    let answer = world.send("GET", &hidden, &[], "").await;
    assert_eq!(
        answer.header("x-ms-error-code"),
        Some("OutOfRangeQueryParameterValue")
    );
}
