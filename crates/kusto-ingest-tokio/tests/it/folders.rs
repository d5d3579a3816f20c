//! Blobs as files: whole or not at all, and never outside of the folder.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::sync::Arc;
use std::time::SystemTime;

use futures::FutureExt as _;
use kusto_fake::MemoryStorage;
use kusto_ingest_core::{ErrorKind, ManualClock, Timestamp};
use kusto_ingest_tokio::testing::TestFolder;
use kusto_ingest_tokio::{BlobsByScheme, FileSystemBlobs};
use kusto_storage::{BlobName, BlobStore, BlockId, Operation, ResourceKind, ResourceUri};

use crate::folder::folder;

/// The address of a folder that is issued in place of a container.
fn address(folder: &TestFolder) -> ResourceUri {
    ResourceUri::parse(&folder.path().display().to_string()).expect("an absolute path")
}

fn name(name: &str) -> BlobName {
    BlobName::parse(name).expect("a good name")
}

fn pair(name: &str, text: &str) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

#[tokio::test]
async fn a_blob_is_a_file_and_nothing_else_is_left() {
    let folder = folder("whole blobs");
    let store = FileSystemBlobs::new();
    store
        .put(&address(&folder), &name("a.csv"), "1,2\n".into())
        .await
        .expect("there is room");
    store
        .put(&address(&folder), &name("b/c d.csv"), "3\n".into())
        .await
        .expect("there is room");
    store
        .put(&address(&folder), &name("a.csv"), "1\n".into())
        .await
        .expect("there is room");
    assert_eq!(folder.files(), [pair("a.csv", "1\n"), pair("b/c d.csv", "3\n")]);
}

#[tokio::test]
async fn blocks_are_joined_in_the_order_of_the_commit_and_gone_afterwards() {
    let folder = folder("blocks");
    let (store, uri, name) = (FileSystemBlobs::new(), address(&folder), name("x/big.csv"));
    for (place, text) in [(2, "three\n"), (0, "one\n"), (1, "two\n")] {
        let staged = store.stage(&uri, &name, BlockId::new(place), text.into()).await;
        staged.expect("there is room");
    }
    assert_eq!(store.length(&uri, &name).await.expect("it can be asked"), None);
    let blocks = [0, 1, 2].map(BlockId::new);
    store.commit(&uri, &name, &blocks).await.expect("all are there");
    assert_eq!(folder.files(), [pair("x/big.csv", "one\ntwo\nthree\n")]);
    assert_eq!(
        store.length(&uri, &name).await.expect("it can be asked"),
        Some(14)
    );

    store
        .clone()
        .commit(&uri, &name, &blocks)
        .await
        .expect("the answer may have been lost");
    let other = store
        .commit(&uri, &name, &blocks[..2])
        .await
        .expect_err("they are gone");
    assert_eq!(other.kind(), ErrorKind::Rejected);
    store.put(&uri, &name, "new".into()).await.expect("there is room");
    let stale = store
        .commit(&uri, &name, &blocks)
        .await
        .expect_err("it is another blob now");
    assert_eq!(stale.kind(), ErrorKind::Rejected);
}

#[tokio::test]
async fn a_commit_is_not_taken_for_repeated_once_other_bytes_were_staged() {
    let folder = folder("staged again");
    let (store, uri, name) = (FileSystemBlobs::new(), address(&folder), name("a.csv"));
    let stage = async |block: BlockId, text: &'static str| {
        let staged = store.stage(&uri, &name, block, text.into()).await;
        staged.expect("there is room");
    };
    let blocks = [0, 1].map(BlockId::new);
    stage(blocks[0], "one\n").await;
    stage(blocks[1], "two\n").await;
    store.commit(&uri, &name, &blocks).await.expect("all are there");
    stage(blocks[0], "new\n").await;
    let error = store.commit(&uri, &name, &blocks).await;
    assert_eq!(error.expect_err("one is missing").kind(), ErrorKind::Rejected);
    stage(blocks[1], "er\n").await;
    store.commit(&uri, &name, &blocks).await.expect("all are there");
    assert_eq!(folder.files(), [pair("a.csv", "new\ner\n")]);
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_ends_before_anything_else_happens_to_the_blob() {
    let folder = folder("dropped");
    let (store, uri, name) = (FileSystemBlobs::new(), address(&folder), name("a.csv"));
    let block = BlockId::new(0);
    for text in ["one", "two", "three"] {
        // The first step of each is to begin, or to wait for its turn; then it is dropped.
        drop(store.stage(&uri, &name, block, text.into()).now_or_never());
        drop(store.commit(&uri, &name, &[block]).now_or_never());
        let again = store.clone().commit(&uri, &name, &[block]).await;
        again.expect("the block is staged, and a commit that was made is remembered");
        assert_eq!(folder.files(), [pair("a.csv", text)]);
    }
}

#[tokio::test]
async fn blocks_are_joined_as_the_commit_says_whatever_came_first_or_twice() {
    let folder = folder("joined");
    let (store, uri, name) = (FileSystemBlobs::new(), address(&folder), name("a.csv"));
    let staged: [&[(u32, &'static str)]; 5] = [
        &[(0, "a"), (1, "b"), (2, "c")],
        &[(2, "c"), (1, "b"), (0, "a")],
        &[(0, "longer"), (0, "a"), (1, "b"), (2, "c")],
        &[(0, "a"), (1, "b"), (2, "c"), (3, "nobody wants it")],
        &[(3, "nobody wants it"), (0, "a"), (1, "b"), (2, "c")],
    ];
    for blocks in staged {
        for (block, text) in blocks {
            let staged = store
                .stage(&uri, &name, BlockId::new(*block), (*text).into())
                .await;
            staged.expect("there is room");
        }
        let wanted = [0, 1, 2].map(BlockId::new);
        store.commit(&uri, &name, &wanted).await.expect("all are there");
        assert_eq!(
            folder.files(),
            [pair("a.csv", "abc")],
            "{blocks:?}: and nothing else is left"
        );
        let given_up = store.commit(&uri, &name, &[BlockId::new(3)]).await;
        assert_eq!(given_up.expect_err("it is gone").kind(), ErrorKind::Rejected);
    }
    let twice = [0, 0].map(BlockId::new);
    store
        .stage(&uri, &name, twice[0], "a".into())
        .await
        .expect("there is room");
    store.commit(&uri, &name, &twice).await.expect("it is there");
    assert_eq!(folder.files(), [pair("a.csv", "aa")]);
}

#[tokio::test]
async fn blocks_that_come_in_the_order_of_the_commit_are_written_once() {
    let folder = folder("written once");
    let (store, uri, name, blocks) = (
        FileSystemBlobs::new(),
        address(&folder),
        name("a.csv"),
        [0, 1].map(BlockId::new),
    );
    for block in blocks {
        let staged = store.stage(&uri, &name, block, "x".into()).await;
        staged.expect("there is room");
    }
    let number = |path: &str| fs::metadata(folder.join(path)).expect("it is there").ino();
    let waiting = folder.files();
    assert_eq!((waiting.len(), &*waiting[0].1), (1, "xx"), "{waiting:?}");
    let before = number(&waiting[0].0);
    store.commit(&uri, &name, &blocks).await.expect("all are there");
    assert_eq!(number("a.csv"), before, "it is the same file under its own name");
}

#[tokio::test]
async fn a_put_gives_up_the_blocks_that_wait() {
    let folder = folder("put over blocks");
    let (store, uri, name, block) = (
        FileSystemBlobs::new(),
        address(&folder),
        name("a.csv"),
        BlockId::new(0),
    );
    store
        .stage(&uri, &name, block, "old".into())
        .await
        .expect("there is room");
    store.put(&uri, &name, "new".into()).await.expect("there is room");
    assert_eq!(folder.files(), [pair("a.csv", "new")]);
    let stale = store.commit(&uri, &name, &[block]).await;
    assert_eq!(stale.expect_err("it is gone").kind(), ErrorKind::Rejected);
    store.commit(&uri, &name, &[]).await.expect("no block is missing");
    assert_eq!(folder.files(), [pair("a.csv", "")]);
}

#[tokio::test]
async fn blobs_of_every_name_that_a_file_can_have_come_in_blocks() {
    let folder = folder("long names of blobs");
    let (store, uri, block) = (FileSystemBlobs::new(), address(&folder), BlockId::new(0));
    let long = ["%".repeat(255), format!("{0}/{0}", "x".repeat(255))];
    for name in long.iter().map(|long| name(long)) {
        let staged = store.stage(&uri, &name, block, "x".into()).await;
        staged.expect("it waits under a shorter name");
        store.commit(&uri, &name, &[block]).await.expect("it is there");
    }
    assert_eq!(folder.files(), long.each_ref().map(|long| pair(long, "x")));
}

#[tokio::test]
async fn what_was_given_up_a_week_ago_makes_room_for_others() {
    let folder = folder("given up");
    let (store, uri) = (FileSystemBlobs::new(), address(&folder));
    let unfinished = folder.join(".kusto-ingest");
    let old = unfinished.join("old");
    let stage = async |blob: &str, block: u32| {
        let staged = store
            .stage(&uri, &name(blob), BlockId::new(block), "x".into())
            .await;
        staged.expect("there is room");
    };
    stage("new.csv", 0).await;
    fs::write(&old, "x").expect("it can be written");
    let file = fs::File::open(&old).expect("it is there");
    file.set_modified(SystemTime::UNIX_EPOCH).expect("it is ours");
    stage("new.csv", 1).await;
    assert!(old.exists(), "only the first block looks around");
    stage("other.csv", 0).await;
    assert!(!old.exists());

    // Somebody may have swept away what is still wanted: then its blocks were never staged.
    fs::remove_dir_all(&unfinished).expect("it is ours");
    let blocks = [0, 1].map(BlockId::new);
    let commit = async || store.commit(&uri, &name("new.csv"), &blocks).await;
    assert_eq!(
        commit().await.expect_err("they are gone").kind(),
        ErrorKind::Rejected
    );
    stage("new.csv", 0).await;
    assert_eq!(
        commit().await.expect_err("one is gone").kind(),
        ErrorKind::Rejected
    );
    stage("new.csv", 1).await;
    stage("other.csv", 0).await;
    assert_eq!(
        folder.files().len(),
        2,
        "one for each blob, however many its blocks: {:?}",
        folder.files()
    );
}

#[tokio::test]
async fn a_symbolic_link_is_no_way_out() {
    let (folder, outside) = (folder("links"), folder("outside"));
    symlink(&outside, folder.join("out")).expect("links can be made");
    let (store, uri) = (FileSystemBlobs::new(), address(&folder));
    let error = store
        .put(&uri, &name("out/a.csv"), "x".into())
        .await
        .expect_err("it leads out");
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    fs::write(outside.join("b.csv"), "secret").expect("it can be written");
    let length = store.length(&uri, &name("out/b.csv")).await;
    assert_eq!(length.expect("it can be asked"), None);

    // A link in the place of the blob is replaced, and not followed.
    symlink(outside.join("b.csv"), folder.join("c.csv")).expect("links can be made");
    store
        .put(&uri, &name("c.csv"), "mine".into())
        .await
        .expect("there is room");
    assert_eq!(outside.files(), [pair("b.csv", "secret")]);

    let hidden = crate::folder::folder("hidden");
    symlink(&outside, hidden.join(".kusto-ingest")).expect("links can be made");
    let error = store.put(&address(&hidden), &name("a.csv"), "x".into()).await;
    assert_eq!(error.expect_err("it leads out").kind(), ErrorKind::Forbidden);
    assert_eq!(outside.files().len(), 1);
}

#[tokio::test]
async fn a_folder_that_is_missing_is_not_made() {
    let folder = folder("parent");
    let missing = folder.join("missing");
    let uri = ResourceUri::parse(&missing.display().to_string()).expect("an absolute path");
    let store = FileSystemBlobs::new();
    let put = store
        .put(&uri, &name("a.csv"), "x".into())
        .await
        .expect_err("it is missing");
    let asked = store
        .length(&uri, &name("a.csv"))
        .await
        .expect_err("it is missing");
    assert_eq!(
        (put.kind(), asked.kind()),
        (ErrorKind::NotFound, ErrorKind::NotFound)
    );
    assert!(!missing.exists());
}

#[tokio::test]
async fn what_fails_leaves_nothing_behind() {
    let folder = folder("in the way");
    fs::create_dir(folder.join("a.csv")).expect("it can be made");
    let store = FileSystemBlobs::new();
    let error = store.put(&address(&folder), &name("a.csv"), "x".into()).await;
    assert!(error.expect_err("a folder is in the way").is_permanent());
    let long = name(&"x".repeat(300));
    let error = store
        .put(&address(&folder), &long, "x".into())
        .await
        .expect_err("it is too long");
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}", error.chain());
    assert!(folder.files().is_empty());
}

#[tokio::test]
async fn a_folder_that_may_not_be_written_is_told_as_such() {
    let folder = folder("read only");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).expect("it is ours");
    let is_root = fs::write(folder.join("probe"), "").is_ok();
    let outcome = FileSystemBlobs::new()
        .put(&address(&folder), &name("a.csv"), "x".into())
        .await;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).expect("it is ours");
    match outcome {
        Ok(()) => assert!(is_root, "only root may write everywhere"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Forbidden),
    }
}

#[tokio::test]
async fn folders_and_containers_are_behind_one_port() {
    let folder = folder("by scheme");
    let storage = MemoryStorage::new(Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH)));
    let container = ResourceUri::parse("https://a.blob.core.windows.net/c?sig=S").expect("a good address");
    storage
        .issue(ResourceKind::Container, &container)
        .expect("a new container");
    let store = BlobsByScheme::new(Arc::new(storage.clone()));
    let block = BlockId::new(0);
    for place in [address(&folder), container] {
        store
            .put(&place, &name("put"), "x".into())
            .await
            .expect("there is room");
        store
            .stage(&place, &name("staged"), block, "yy".into())
            .await
            .expect("there is room");
        store
            .commit(&place, &name("staged"), &[block])
            .await
            .expect("the block is there");
        let length = store.length(&place, &name("staged")).await;
        assert_eq!(length.expect("it can be asked"), Some(2));
    }
    assert_eq!(folder.files(), [pair("put", "x"), pair("staged", "yy")]);
    assert_eq!(storage.request_count(Operation::PutBlob), 1);
    assert_eq!(storage.request_count(Operation::CommitBlocks), 1);
}
