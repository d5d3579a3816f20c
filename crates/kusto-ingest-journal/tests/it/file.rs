//! The file itself: whose it is, who may open it, and what is not in it.

use futures::executor::block_on;
use kusto_ingest_core::{Error, ErrorKind, SendObserver as _};
use kusto_ingest_journal::{Journal, JournalReader, JournalScope, JournalSource};

use crate::world::{about_to, finish, open, path, try_open};

#[test]
fn one_process_at_a_time_has_it() {
    let path = path("locked");
    let journal = open(&path);
    let refused = try_open(&path).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert!(
        cfg!(not(unix)) || refused.chain().contains("another process uses it"),
        "{refused}"
    );
    assert!(JournalReader::open(&path).is_ok(), "everybody may read it");
    finish(journal);
    finish(open(&path));
}

#[test]
#[cfg(unix)]
fn it_is_for_its_user_alone_even_if_it_was_not() {
    use std::os::unix::fs::PermissionsExt as _;
    let path = path("mode");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    finish(open(&path));
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_run_of_another_scope_is_refused() {
    let path = path("scope");
    finish(open(&path));
    let other = Journal::builder(&path).with_scope(JournalScope::new().with("table", "U"));
    let clock = std::sync::Arc::new(kusto_ingest_core::testing::clock());
    let refused = block_on(other.open(clock)).unwrap_err().chain();
    assert!(
        refused.contains("its table is T, and that of this run is U"),
        "{refused}"
    );
}

#[test]
fn no_secret_is_in_it() {
    let path = path("secrets");
    let journal = open(&path);
    let id = journal.source_id("a.csv");
    let address = "https://acc.blob.core.windows.net/c/a.csv?sv=1&sig=SECRET1";
    journal.describe(id, JournalSource::new(address));
    block_on(journal.before_send(&about_to(id))).unwrap();
    let error = Error::new(ErrorKind::Other, "test").because("failed at https://a/c/x?sig=SECRET2");
    block_on(journal.ended(id, &Err(error))).unwrap();
    finish(journal);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("a.csv") && text.contains("failed at"), "{text}");
    assert!(!text.contains("SECRET"), "{text}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_ends_the_sending_and_is_told() {
    // It takes nothing, and says so.
    let refused = try_open(&"/dev/full".into()).unwrap_err().chain();
    assert!(refused.contains("it is no file"), "{refused}");
    let path = path("no_folder").join("below");
    assert_eq!(try_open(&path).unwrap_err().kind(), ErrorKind::InvalidInput);
}
