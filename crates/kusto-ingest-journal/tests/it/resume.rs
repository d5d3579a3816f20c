//! What a later process knows of what an earlier one did.

use futures::executor::block_on;
use kusto_ingest_core::{Error, ErrorKind, ReceiptState, SendObserver as _, SourceId};
use kusto_ingest_journal::{Journal, JournalEvent, JournalSource, SourceProgress};

use crate::world::{about_to, file, finish, open, path, receipt};

/// Sends a source as far as that it is under way.
fn send(journal: &Journal, name: &str) -> SourceId {
    let id = journal.source_id(name);
    journal.describe(id, file(name));
    block_on(journal.before_send(&about_to(id))).expect("it is written");
    id
}

#[test]
fn what_is_done_failed_under_way_or_untouched_is_known_to_the_next_process() {
    let path = path("progress");
    let journal = open(&path);
    let done = send(&journal, "done.csv");
    block_on(journal.ended(done, &Ok(receipt(done, ReceiptState::Queued)))).unwrap();
    let failed = send(&journal, "failed.csv");
    block_on(journal.ended(failed, &Err(Error::new(ErrorKind::Unavailable, "test")))).unwrap();
    send(&journal, "under-way.csv");
    finish(journal);

    let journal = open(&path);
    let progress = |name: &str| journal.progress(journal.source_id(name), &file(name));
    assert_eq!(progress("done.csv"), SourceProgress::Done);
    assert_eq!(progress("failed.csv"), SourceProgress::Unsent);
    assert_eq!(progress("under-way.csv"), SourceProgress::Unknown);
    assert_eq!(progress("untouched.csv"), SourceProgress::Unsent);
    assert_eq!(journal.unknown(), [journal.source_id("under-way.csv")]);
    let last = block_on(journal.last(done)).unwrap().unwrap();
    assert_eq!(
        (last.event, last.source),
        (JournalEvent::Accepted, file("done.csv"))
    );
    assert_eq!(last.receipt.unwrap().state, ReceiptState::Queued);
}

#[test]
fn a_journal_that_is_dropped_without_a_word_has_all_that_was_sent() {
    let (path, copy) = (path("dropped"), path("dropped.copy"));
    let journal = open(&path);
    let id = send(&journal, "a.csv");
    // The thread ends by itself, as a process would; a copy is what the next one finds.
    std::fs::copy(&path, &copy).unwrap();
    drop(journal);
    assert_eq!(open(&copy).unknown(), [id]);
}

#[test]
fn a_source_that_changed_since_it_was_sent_is_told_from_one_that_did_not() {
    let path = path("changed");
    let journal = open(&path);
    let id = send(&journal, "a.csv");
    let changed = |now: JournalSource| matches!(journal.progress(id, &now), SourceProgress::Changed { .. });
    assert!(!changed(file("a.csv")));
    assert!(changed(file("a.csv").with_bytes(13)));
    assert!(changed(
        file("a.csv").with_modified(kusto_ingest_core::Timestamp::UNIX_EPOCH)
    ));
    // A blob whose listing tells nothing is taken for the same.
    assert!(!changed(JournalSource::new("a.csv")));
    block_on(journal.ended(id, &Err(Error::new(ErrorKind::Unavailable, "test")))).unwrap();
    assert!(
        !changed(file("a.csv").with_bytes(13)),
        "nothing of it was ingested"
    );
}

#[test]
fn what_is_removed_is_forgotten_and_a_new_source_of_its_name_is_sent() {
    let path = path("removed");
    let journal = open(&path);
    let id = send(&journal, "a.csv");
    block_on(journal.ended(id, &Ok(receipt(id, ReceiptState::Queued)))).unwrap();
    block_on(journal.removed(id, file("a.csv"))).unwrap();
    assert_eq!(journal.sources(), 0);
    finish(journal);
    let journal = open(&path);
    assert_eq!(
        journal.progress(id, &file("a.csv").with_bytes(99)),
        SourceProgress::Unsent
    );
}

#[test]
fn every_run_makes_the_same_ids_and_every_journal_others() {
    let (one, other) = (path("ids"), path("other-ids"));
    let id = |path| {
        let journal = open(path);
        let id = journal.source_id("a.csv");
        finish(journal);
        id
    };
    assert_eq!(id(&one), id(&one));
    assert_ne!(id(&one), id(&other));
}
