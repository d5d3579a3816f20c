//! A journal that is kept for months stays as small as what it has to know.

use futures::executor::block_on;
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{ReceiptState, SendObserver as _};
use kusto_ingest_journal::{Journal, SourceProgress};

use crate::world::{about_to, file, finish, open, path, receipt, scope, try_open};

#[test]
fn what_is_gone_is_taken_out_and_what_is_left_is_known_as_before() {
    let path = path("compaction");
    let builder = Journal::builder(&path)
        .with_scope(scope())
        .with_compaction_from(20_000)
        .without_sync();
    let journal = block_on(builder.open(std::sync::Arc::new(clock()))).unwrap();
    let id = journal.id();
    for number in 0..500 {
        let name = format!("{number}.csv");
        let source = journal.source_id(&name);
        journal.describe(source, file(&name));
        block_on(journal.before_send(&about_to(source))).unwrap();
        if number != 7 {
            block_on(journal.ended(source, &Ok(receipt(source, ReceiptState::Queued)))).unwrap();
        }
        if number % 100 != 7 {
            block_on(journal.removed(source, file(&name))).unwrap();
        }
    }
    assert!(
        std::fs::metadata(&path).unwrap().len() < 30_000,
        "1,500 lines are half a megabyte"
    );
    assert!(
        !cfg!(unix) || try_open(&path).is_err(),
        "the new file is locked as the old one was"
    );
    let kept = journal.source_id("107.csv");
    assert!(block_on(journal.last(kept)).unwrap().unwrap().receipt.is_some());
    finish(journal);

    let journal = open(&path);
    assert_eq!((journal.id(), journal.sources()), (id, 5));
    for (name, progress) in [
        ("7.csv", SourceProgress::Unknown),
        ("107.csv", SourceProgress::Done),
        ("8.csv", SourceProgress::Unsent),
    ] {
        assert_eq!(
            journal.progress(journal.source_id(name), &file(name)),
            progress,
            "{name}"
        );
    }
}
