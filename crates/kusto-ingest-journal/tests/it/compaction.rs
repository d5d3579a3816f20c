//! A journal that is kept for months stays as small as what it has to know.

use std::path::{Path, PathBuf};

use futures::executor::block_on;
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{ReceiptState, SendObserver as _};
use kusto_ingest_journal::{Journal, SourceProgress};

use crate::world::{about_to, file, finish, open, path, receipt, scope, try_open};

/// A journal that is written anew from a few lines on.
fn compacting(path: &Path) -> Journal {
    let builder = Journal::builder(path)
        .with_scope(scope())
        .with_compaction_from(20_000)
        .without_sync();
    block_on(builder.open(std::sync::Arc::new(clock()))).expect("it can be opened")
}

/// Where the new file is until it is whole.
fn unfinished(path: &Path) -> PathBuf {
    path.with_file_name(format!("{}.new", path.file_name().expect("it has one").display()))
}

/// Many sources that come and go: half a megabyte of lines.
fn come_and_go(journal: &Journal) {
    for number in 0..500 {
        let name = format!("{number}.csv");
        let source = journal.source_id(&name);
        journal.describe(source, file(&name));
        block_on(journal.before_send(&about_to(source))).expect("it is written");
        block_on(journal.removed(source, file(&name))).expect("it is written");
    }
}

#[test]
#[cfg(unix)]
fn what_a_process_that_was_killed_has_left_is_in_nobodys_way_and_no_link_is_followed() {
    let path = path("compaction_again");
    let other = path.with_file_name("compaction_again.other");
    std::fs::write(&other, "theirs").unwrap();
    drop(std::fs::remove_file(unfinished(&path)));
    std::os::unix::fs::symlink(&other, unfinished(&path)).unwrap();
    let journal = compacting(&path);
    come_and_go(&journal);
    finish(journal);
    assert!(std::fs::symlink_metadata(&path).unwrap().is_file());
    assert!(std::fs::metadata(&path).unwrap().len() < 30_000);
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "theirs");
}

#[test]
fn where_the_new_file_cannot_take_the_place_it_is_not_left_and_the_journal_goes_on() {
    let path = path("compaction_fails");
    drop(std::fs::remove_dir(&path));
    let journal = compacting(&path);
    // No file takes the place of a folder. The old one is open, and goes on without a name.
    drop(std::fs::remove_file(path.with_extension("away")));
    std::fs::rename(&path, path.with_extension("away")).unwrap();
    std::fs::create_dir(&path).unwrap();
    come_and_go(&journal);
    let kept = journal.source_id("kept.csv");
    journal.describe(kept, file("kept.csv"));
    block_on(journal.before_send(&about_to(kept))).unwrap();
    finish(journal);
    std::fs::remove_dir(&path).unwrap();
    assert!(!unfinished(&path).exists());
    std::fs::rename(path.with_extension("away"), &path).unwrap();
    let journal = open(&path);
    assert_eq!((journal.sources(), journal.unknown()), (1, vec![kept]));
}

#[test]
fn what_is_gone_is_taken_out_and_what_is_left_is_known_as_before() {
    let path = path("compaction");
    let journal = compacting(&path);
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
