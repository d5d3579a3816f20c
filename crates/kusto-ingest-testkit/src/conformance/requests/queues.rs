//! What a storage answers to single requests about a queue.

use kusto_storage::ResourceUri;

use super::{StorageAnswer, StorageRequest};
use crate::conformance::rules::Rules;

const RULES: Rules = Rules("a storage of messages");

/// Checks what is answered to requests about a queue that the ports have no words for: messages that change, and texts
/// that XML cannot hold.
///
/// The queue must be empty, and is so again. The address must allow to read, add, update and process.
///
/// # Panics
/// When a rule does not hold.
pub async fn queue_requests(send: impl AsyncFn(StorageRequest) -> StorageAnswer, queue: &ResourceUri) {
    let put = |text: &str| {
        let body = format!("<QueueMessage><MessageText>{text}</MessageText></QueueMessage>");
        StorageRequest::new("POST", queue, "/messages", "").body(body)
    };
    let receive = || StorageRequest::new("GET", queue, "/messages", "numofmessages=1&visibilitytimeout=30");
    RULES.same("a message is put", &send(put("first")).await.status, &201);
    let received = send(receive()).await;
    let id = received.elements("MessageId").pop().unwrap_or_default();
    let receipt = encoded(&received.elements("PopReceipt").pop().unwrap_or_default());

    let update = |receipt: &str, text: &str| {
        let query = format!("popreceipt={receipt}&visibilitytimeout=0");
        let body = format!("<QueueMessage><MessageText>{text}</MessageText></QueueMessage>");
        StorageRequest::new("PUT", queue, &format!("/messages/{id}"), &query).body(body)
    };
    let updated = send(update(&receipt, "second")).await;
    RULES.same("a message that was received is changed", &updated.status, &204);
    let renewed = updated.header("x-ms-popreceipt").map(encoded).unwrap_or_default();
    RULES.holds(
        "it has a new receipt",
        !renewed.is_empty() && renewed != receipt,
        &updated,
    );
    RULES.holds(
        "and says when it is seen",
        updated.header("x-ms-time-next-visible").is_some(),
        &updated,
    );
    let stale = send(update(&receipt, "third")).await;
    RULES.answered(
        "the old receipt changes nothing",
        &stale,
        400,
        "PopReceiptMismatch",
    );
    let again = send(receive()).await;
    RULES.same(
        "it is seen again with its new text",
        &again.elements("MessageText"),
        &vec!["second".to_owned()],
    );
    let receipt = encoded(&again.elements("PopReceipt").pop().unwrap_or_default());
    let delete = StorageRequest::new(
        "DELETE",
        queue,
        &format!("/messages/{id}"),
        &format!("popreceipt={receipt}"),
    );
    RULES.same("and deleted", &send(delete).await.status, &204);
    let gone = send(update(&receipt, "fourth")).await;
    RULES.answered("what is gone is not changed", &gone, 404, "MessageNotFound");
}

/// A receipt as an address writes it.
fn encoded(receipt: &str) -> String {
    let mut text = String::new();
    for letter in receipt.chars() {
        match letter {
            '+' => text.push_str("%2B"),
            '/' => text.push_str("%2F"),
            '=' => text.push_str("%3D"),
            other => text.push(other),
        }
    }
    text
}
