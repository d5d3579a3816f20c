//! Blobs in memory, through the port and as a server sees them.

use std::time::Duration;

use bytes::Bytes;
use futures::executor::block_on;
use kusto_fake::{BlobWrite, OnConflict, ResourcePath};
use kusto_ingest_core::{Clock, ErrorKind, Result};
use kusto_storage::{BlobName, BlobStore, BlockId, QueueStore, ResourceKind, ResourceUri};

use super::world::World;

fn name(text: &str) -> BlobName {
    BlobName::parse(text).expect("a name")
}

#[test]
fn a_put_blob_is_readable_and_a_second_put_replaces_it() {
    let world = World::new();
    let (storage, container) = (&world.storage, &world.container);
    block_on(BlobStore::put(storage, container, &name("b"), "one".into())).expect("first");
    let first = storage.blob(&ResourcePath::from(container), "b").expect("there");
    world.clock.advance(Duration::from_secs(1));
    block_on(BlobStore::put(storage, container, &name("b"), "three".into())).expect("second");
    let second = storage.blob(&ResourcePath::from(container), "b").expect("there");
    assert_eq!(second.bytes(), "three");
    assert_eq!(second.last_modified, world.clock.now());
    assert_ne!(first.etag, second.etag);
    assert_eq!(
        block_on(storage.length(container, &name("b"))).expect("asked"),
        Some(5)
    );
    assert_eq!(
        block_on(storage.length(container, &name("none"))).expect("asked"),
        None
    );
}

#[test]
fn staged_blocks_are_no_blob_until_they_are_committed_in_the_order_of_the_list() -> Result<()> {
    let world = World::new();
    let (storage, container, place) = (
        &world.storage,
        &world.container,
        ResourcePath::from(&world.container),
    );
    let blocks = [BlockId::new(1), BlockId::new(0)];
    block_on(storage.stage(container, &name("b"), blocks[0], "world".into()))?;
    block_on(storage.stage(container, &name("b"), blocks[1], "lost".into()))?;
    block_on(storage.stage(container, &name("b"), blocks[1], "hello ".into()))?;
    assert_eq!(block_on(storage.length(container, &name("b")))?, None);
    assert_eq!(
        storage.blob(&place, "b").unwrap_err().code(),
        Some("BlobNotFound")
    );
    assert_eq!(storage.staged_blocks(&place, "b"), 2);

    block_on(storage.commit(container, &name("b"), &[blocks[1], blocks[0]]))?;
    assert_eq!(storage.blob(&place, "b")?.bytes(), "hello world");
    assert_eq!(storage.staged_blocks(&place, "b"), 0);
    Ok(())
}

#[test]
fn a_commit_of_an_unknown_block_is_refused_and_changes_nothing() -> Result<()> {
    let world = World::new();
    let (storage, container, place) = (
        &world.storage,
        &world.container,
        ResourcePath::from(&world.container),
    );
    block_on(BlobStore::put(storage, container, &name("b"), "old".into()))?;
    block_on(storage.stage(container, &name("b"), BlockId::new(0), "new".into()))?;
    let error =
        block_on(storage.commit(container, &name("b"), &[BlockId::new(0), BlockId::new(1)])).unwrap_err();
    assert_eq!(
        (error.http_status(), error.code()),
        (Some(400), Some("InvalidBlockList"))
    );
    assert_eq!(storage.blob(&place, "b")?.bytes(), "old");
    assert_eq!(storage.staged_blocks(&place, "b"), 1);
    Ok(())
}

#[test]
fn a_commit_may_name_the_blobs_own_blocks_again() -> Result<()> {
    let world = World::new();
    let (storage, place) = (&world.storage, ResourcePath::from(&world.container));
    let write = BlobWrite::new(OnConflict::Replace).with_metadata("rawsizebytes", "9");
    storage.stage_block(&place, "b", "a=", "1".into())?;
    storage.commit_blocks(&place, "b", &["a=".to_owned()], &write)?;
    storage.stage_block(&place, "b", "b=", "2".into())?;
    let both = ["a=".to_owned(), "b=".to_owned(), "a=".to_owned()];
    let blob = storage.commit_blocks(&place, "b", &both, &write)?;
    assert_eq!((blob.bytes(), blob.length), (Bytes::from("121"), 3));
    assert_eq!(storage.blob(&place, "b")?.metadata["rawsizebytes"], "9");
    Ok(())
}

#[test]
fn block_ids_of_one_blob_have_one_length() -> Result<()> {
    let world = World::new();
    let place = ResourcePath::from(&world.container);
    world.storage.stage_block(&place, "b", "AAAA", "1".into())?;
    let error = world
        .storage
        .stage_block(&place, "b", "AAAAAA==", "2".into())
        .unwrap_err();
    assert_eq!(error.code(), Some("InvalidBlobOrBlock"));
    Ok(())
}

#[test]
fn if_none_match_refuses_a_taken_name_by_put_and_by_commit() -> Result<()> {
    let world = World::new();
    let (storage, place) = (&world.storage, ResourcePath::from(&world.container));
    let write = BlobWrite::new(OnConflict::Refuse).with_content_type("text/csv");
    storage.put_blob(&place, "b", "1".into(), &write)?;
    for error in [
        storage.put_blob(&place, "b", "2".into(), &write).unwrap_err(),
        storage.commit_blocks(&place, "b", &[], &write).unwrap_err(),
    ] {
        assert_eq!(
            (error.http_status(), error.code()),
            (Some(409), Some("BlobAlreadyExists"))
        );
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    }
    assert_eq!(
        storage.blob(&place, "b")?.content_type.as_deref(),
        Some("text/csv")
    );
    Ok(())
}

#[test]
fn a_list_goes_page_by_page_and_shows_no_staged_blob() -> Result<()> {
    let world = World::new();
    let (storage, place) = (&world.storage, ResourcePath::from(&world.container));
    for blob in ["a/1", "a/2", "a/3", "b"] {
        storage.put_blob(&place, blob, "x".into(), &BlobWrite::new(OnConflict::Replace))?;
    }
    storage.stage_block(&place, "a/4", "id", "x".into())?;
    let names = |page: &kusto_fake::BlobPage| -> Vec<String> {
        page.blobs.iter().map(|blob| blob.name.clone()).collect()
    };
    let first = storage.list_blobs(&place, "a/", None, 2)?;
    assert_eq!(
        (names(&first), first.next.as_deref()),
        (vec!["a/1".into(), "a/2".into()], Some("a/3"))
    );
    let second = storage.list_blobs(&place, "a/", first.next.as_deref(), 2)?;
    assert_eq!((names(&second), second.next), (vec!["a/3".to_owned()], None));
    storage.delete_blob(&place, "a/1")?;
    assert_eq!(
        storage.delete_blob(&place, "a/1").unwrap_err().code(),
        Some("BlobNotFound")
    );
    Ok(())
}

#[test]
fn s03_g74_only_the_sas_that_a_container_was_issued_with_opens_it_until_it_expires() {
    let world = World::new();
    let put = |address: &str| {
        let address = ResourceUri::parse(address).expect("an address");
        block_on(BlobStore::put(&world.storage, &address, &name("b"), "x".into()))
    };
    let right = world.container.expose().as_str();
    put(right).expect("the right one");
    put(&format!(
        "{}?timeout=5&sig=a%2bb%3D&se=2026-01-02T00%3a00:00Z",
        world.container.redacted()
    ))
    .expect("the same, written another way");
    for wrong in [
        world.container.redacted().to_owned(),
        right.replace("sig=a%2Bb%3D", "sig=a+b%3D"),
        right.replace("sig=a%2Bb%3D", "sig=a%252Bb%253D"),
        right.replace("2026", "2027"),
    ] {
        let error = put(&wrong).unwrap_err();
        assert_eq!(
            (error.http_status(), error.code()),
            (Some(403), Some("AuthenticationFailed")),
            "{wrong}"
        );
        assert!(!format!("{error} {error:?}").contains("a%2Bb"), "{error:?}");
    }
    world.clock.advance(Duration::from_secs(48 * 60 * 60));
    assert_eq!(put(right).unwrap_err().code(), Some("AuthenticationFailed"));
    let renewed = right.replace("2026-01-02", "2026-01-09");
    let address = ResourceUri::parse(&renewed).expect("an address");
    world.storage.issue_again(ResourceKind::Container, &address);
    put(&renewed).expect("the new one");
    assert_eq!(put(right).unwrap_err().code(), Some("AuthenticationFailed"));
}

#[test]
fn what_does_not_exist_has_the_services_code_and_names_are_scoped_by_account_and_kind() -> Result<()> {
    let world = World::new();
    let storage = &world.storage;
    let elsewhere = ResourceUri::parse("https://acct2.blob.core.windows.net/data?sig=S")?;
    let error = block_on(BlobStore::put(storage, &elsewhere, &name("b"), "x".into())).unwrap_err();
    assert_eq!(
        (error.http_status(), error.code()),
        (Some(404), Some("ContainerNotFound"))
    );
    let error = block_on(QueueStore::put(storage, &elsewhere, "x")).unwrap_err();
    assert_eq!(error.code(), Some("QueueNotFound"));

    let place = ResourcePath::from(&elsewhere);
    storage.create(ResourceKind::Container, &place)?;
    storage.create(ResourceKind::Queue, &place)?;
    let error = storage.create(ResourceKind::Container, &place).unwrap_err();
    assert_eq!(error.code(), Some("ContainerAlreadyExists"));
    block_on(BlobStore::put(storage, &elsewhere, &name("b"), "x".into()))?;
    assert_eq!(
        storage
            .blob(&ResourcePath::from(&world.container), "b")
            .unwrap_err()
            .code(),
        Some("BlobNotFound")
    );
    storage.remove(ResourceKind::Container, &place)?;
    assert!(!storage.exists(ResourceKind::Container, &place));
    assert!(storage.exists(ResourceKind::Queue, &place));
    Ok(())
}
