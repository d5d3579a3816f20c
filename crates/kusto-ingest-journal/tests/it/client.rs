//! The client that resumes: what it sends, and what it says.

use std::sync::Arc;

use futures::executor::block_on;
use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{ErrorKind, IngestClient as _, SendObserver as _};
use kusto_ingest_journal::{JournalEvent, JournaledClient};

use crate::world::{ScriptedClient, about_to, finish, open, path, source};

#[test]
fn what_is_done_is_not_sent_again_and_has_the_receipt_of_the_earlier_run() {
    let path = path("client_done");
    let client = Arc::new(ScriptedClient::default());
    let mut receipts = Vec::new();
    for _ in 0..2 {
        let journal = open(&path);
        let journaled = JournaledClient::new(client.clone(), journal.clone());
        let receipt = block_on(journaled.ingest_source(source(&journal, "a.csv"), &properties())).unwrap();
        receipts.push(receipt);
        finish(journal);
    }
    assert_eq!((client.asked(), &receipts[0]), (1, &receipts[1]));
    assert!(!receipts[1].may_be_duplicated());
}

#[test]
fn what_is_unknown_is_sent_again_under_its_id_and_named() {
    let path = path("client_unknown");
    let journal = open(&path);
    let id = journal.source_id("a.csv");
    block_on(journal.before_send(&about_to(id))).unwrap();
    finish(journal);

    let journal = open(&path);
    let client = Arc::new(ScriptedClient::default());
    let journaled = JournaledClient::new(client.clone(), journal.clone());
    // While it cannot be sent, it stays unknown: that it failed this time says nothing about the first one.
    client.next.lock().unwrap().push(ErrorKind::Unavailable);
    block_on(journaled.ingest_source(source(&journal, "a.csv"), &properties())).unwrap_err();
    assert_eq!(journal.unknown(), [id]);
    let receipt = block_on(journaled.ingest_source(source(&journal, "a.csv"), &properties())).unwrap();
    assert_eq!((receipt.source_id, receipt.ambiguous_sends), (id, 1));
    assert!(receipt.may_be_duplicated());
    assert_eq!(*client.asked.lock().unwrap(), [id, id]);
    let last = block_on(journal.last(id)).unwrap().unwrap();
    assert!(
        last.receipt.unwrap().may_be_duplicated(),
        "the journal names it, too"
    );
}

#[test]
fn an_outcome_that_is_unknown_is_an_error_and_is_written_down_as_such() {
    let journal = open(&path("client_error"));
    let client = Arc::new(ScriptedClient::default());
    let journaled = JournaledClient::new(client.clone(), journal.clone()).with_intent_at_start();
    client
        .next
        .lock()
        .unwrap()
        .extend([ErrorKind::EmptySource, ErrorKind::OutcomeUnknown]);
    for (name, expect) in [("a.csv", JournalEvent::Unknown), ("b.csv", JournalEvent::Failed)] {
        block_on(journaled.ingest_source(source(&journal, name), &properties())).unwrap_err();
        let last = block_on(journal.last(journal.source_id(name))).unwrap().unwrap();
        assert_eq!((last.event, &*last.source.name), (expect, name));
    }
}

#[test]
fn nothing_is_sent_when_it_cannot_be_written_down() {
    let journal = open(&path("client_closed"));
    let client = Arc::new(ScriptedClient::default());
    let journaled = JournaledClient::new(client.clone(), journal.clone()).with_intent_at_start();
    let sent = source(&journal, "a.csv");
    finish(journal.clone());
    block_on(journaled.ingest_source(sent, &properties())).unwrap_err();
    assert_eq!(client.asked(), 0);
    assert!(journal.failure().is_none_or(|why| why.contains("closed")));
}
