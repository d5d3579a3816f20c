//! Files that are deleted once they are ingested: only what was read, and every failure is told.

use std::fs;
use std::path::{Path, PathBuf};

use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{Error, ErrorKind, ReceiptState, SourceResult};
use kusto_ingest_tokio::{Files, interrupted_deletions};

use super::world::answering;
use crate::folder::folder;

/// Ingests a file that is to be deleted, and tells what became of it.
async fn deleted(path: &Path) -> SourceResult {
    let client = answering(ReceiptState::Queued);
    let result = Files::single(path).with_delete_after_ingestion();
    let result = result.ingest_with(&client, &properties()).await;
    assert_eq!(result.receipts().count(), 1, "{result:?}");
    result.into_entries().remove(0)
}

/// The only warning.
fn warning(entry: &SourceResult) -> &Error {
    assert_eq!(entry.warnings.len(), 1, "{entry:?}");
    &entry.warnings[0]
}

#[cfg(unix)]
#[tokio::test]
async fn neither_a_symbolic_link_nor_what_it_leads_to_is_deleted() {
    let folder = folder("deletion by link");
    let (data, link) = (folder.write("data.csv", "1,2\n"), folder.join("link.csv"));
    std::os::unix::fs::symlink(&data, &link).expect("links can be made");
    let entry = deleted(&link).await;
    let told = warning(&entry).chain();
    assert!(
        told.contains("symbolic link") && told.contains("link.csv"),
        "{told}"
    );
    assert!(link.is_symlink() && data.exists());

    // A folder that is reached by a link is as good as another.
    let aside = folder.join("aside");
    std::os::unix::fs::symlink(&folder, &aside).expect("links can be made");
    assert!(deleted(&aside.join("data.csv")).await.warnings.is_empty());
    assert!(!data.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_allows_no_deletion_is_a_warning_that_says_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder("deletion forbidden");
    let file = folder.write("a.csv", "1,2\n");
    let allow = |mode| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).expect("it is ours");
    allow(0o500);
    let is_root = fs::write(folder.join("probe"), "").is_ok();
    let entry = deleted(&file).await;
    allow(0o700);
    // Root may do everything, and deletes it.
    assert_eq!(file.exists(), !is_root);
    if !is_root {
        let warning = warning(&entry);
        assert_eq!(warning.kind(), ErrorKind::Forbidden);
        assert!(
            warning.to_string().contains("folder does not allow it"),
            "{warning}"
        );
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_that_cannot_be_moved_stays_and_the_result_tells_why() {
    let folder = folder("deletion impossible");
    let mut deep = folder.path().to_owned();
    // Longer paths than 4,095 bytes are not taken, and no other name in its place is as short.
    while deep.as_os_str().len() + 252 < 4_095 {
        deep.push("x".repeat(250));
    }
    deep.push("x".repeat(4_095 - "/".len() - "/a.csv".len() - deep.as_os_str().len()));
    fs::create_dir_all(&deep).expect("it can be made");
    let file = deep.join("a.csv");
    fs::write(&file, "1,2\n").expect("the path is just short enough");
    let entry = deleted(&file).await;
    let told = warning(&entry).chain();
    assert!(
        told.contains("it stays where it is") && told.contains("too long"),
        "{told}"
    );
    assert!(file.exists());
}

#[tokio::test]
async fn what_a_stopped_run_left_is_told_by_the_next_one_in_the_folder_and_stays() {
    let folder = folder("left over");
    let left = folder.write(".kusto-ingest-deleting-0123-old.csv", "1,2\n");
    let (first, second) = (folder.write("a.csv", "1,2\n"), folder.write("b.csv", "1,2\n"));
    let client = answering(ReceiptState::Queued);
    let kept = Files::new([&first, &second])
        .ingest_with(&client, &properties())
        .await;
    assert!(
        kept.entries().iter().all(|entry| entry.warnings.is_empty()),
        "nobody asked"
    );
    let result = Files::new([&first, &second]).with_delete_after_ingestion();
    let entries = result.ingest_with(&client, &properties()).await.into_entries();
    let told = warning(&entries[0]).chain();
    assert!(told.contains("stopped"), "{told}");
    assert!(told.contains(&left.display().to_string()), "{told}");
    assert!(entries[1].warnings.is_empty(), "once is enough");
    assert!(left.exists() && !first.exists() && !second.exists());
}

#[tokio::test]
async fn folders_that_hold_nothing_or_are_missing_have_no_deletion_to_tell_of() {
    let folder = folder("nothing left");
    let files = [
        folder.write("a.csv", "1,2\n"),
        PathBuf::from("b.csv"),
        folder.join("no/such.csv"),
    ];
    let left = interrupted_deletions(files).await.expect("there is a runtime");
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_file_that_was_replaced_by_one_that_looks_the_same_stays() {
    let folder = folder("replaced");
    let file = folder.write("a.csv", "1,2\n");
    let entry = super::files::disturbed(&file, |path| {
        let when = fs::metadata(path)
            .and_then(|found| found.modified())
            .expect("it is there");
        let new = path.with_extension("new");
        fs::write(&new, "9,9\n").expect("it can be written");
        let touched = fs::File::options().append(true).open(&new).expect("it is there");
        touched.set_modified(when).expect("its time can be set");
        fs::rename(new, path).expect("it is ours");
    })
    .await
    .into_entries()
    .remove(0);
    assert_eq!(warning(&entry).kind(), ErrorKind::SourceNotReadable);
    assert_eq!(fs::read_to_string(&file).expect("it stays"), "9,9\n");
    assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 1);
}
