//! What is wrong with one account, and what that has to do with another.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::executor::block_on;
use futures::future::pending;
use kusto_fake::{Fault, MemoryStorage};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::testing::{SECOND, pattern, properties};
use kusto_ingest_core::{
    Clock as _, DataFormat, Error, ErrorKind, LocalSource, ManualClock, Result, Timestamp,
};
use kusto_ingest_message::IdentityToken;
use kusto_ingest_resources::{IngestionResources, Outcome, ResourceProvider};
use kusto_ingest_upload::{BlobNaming, ContainerUploader, Uploader};
use kusto_storage::{BlobName, BlobStore, BlockId, Operation, ResourceKind, ResourceUri};

use crate::world::{World, flowing, place, replayable, uploader_to};

fn answer(kind: ErrorKind, status: u16) -> Error {
    Error::new(kind, "ask").with_http_status(status)
}

/// The faults of one account: they are none of the source's, and none of the next account's.
fn account_faults() -> Vec<Error> {
    vec![
        answer(ErrorKind::Unauthenticated, 401),
        answer(ErrorKind::Forbidden, 403),
        answer(ErrorKind::NotFound, 404),
        answer(ErrorKind::AlreadyExists, 409),
        answer(ErrorKind::Rejected, 409).with_code("AccountBeingCreated"),
        answer(ErrorKind::Protocol, 302),
        answer(ErrorKind::Protocol, 200),
        answer(ErrorKind::Rejected, 407),
        answer(ErrorKind::Throttled, 429),
        answer(ErrorKind::Throttled, 503).with_retry_after(30 * SECOND),
        answer(ErrorKind::Unavailable, 500),
        answer(ErrorKind::Timeout, 408),
        Error::new(ErrorKind::Io, "ask"),
        Error::new(ErrorKind::Connection, "connect"),
        // A certificate that is not trusted.
        Error::new(ErrorKind::Connection, "connect").with_permanence(true),
        Error::new(ErrorKind::OutcomeUnknown, "ask"),
    ]
}

fn failing(operation: Operation, error: &Error) -> World {
    let world = World::new();
    world.fail_for_good(operation, Fault::Error(error.clone()), 0);
    world
}

#[test]
fn whatever_is_wrong_with_one_account_another_takes_the_source() {
    for error in account_faults() {
        for (operation, length) in [
            (Operation::PutBlob, 900),
            (Operation::StageBlock, 4_500),
            (Operation::CommitBlocks, 4_500),
        ] {
            for source in [replayable(length), LocalSource::from_bytes(pattern(length))] {
                let world = failing(operation, &error);
                let uploaded = world.upload(&source);
                let what = format!("{operation:?}, {error:?}");
                uploaded.unwrap_or_else(|error| panic!("{what}: {}", error.chain()));
                assert_eq!(
                    (world.blob("a"), world.blob("b")),
                    (None, Some(pattern(length))),
                    "{what}"
                );
                assert!(world.clock.monotonic() < 5 * SECOND, "{what}");
            }
        }
    }
}

#[test]
fn a_stream_goes_to_another_account_as_long_as_none_of_it_was_let_go() {
    for error in account_faults() {
        for (operation, length) in [(Operation::PutBlob, 900), (Operation::StageBlock, 4_500)] {
            let world = failing(operation, &error);
            let what = format!("{operation:?}, {error:?}");
            let uploaded = world.upload(&flowing(length));
            uploaded.unwrap_or_else(|error| panic!("{what}: {}", error.chain()));
            assert_eq!(
                (world.blob("a"), world.blob("b")),
                (None, Some(pattern(length))),
                "{what}"
            );
        }
        let world = failing(Operation::CommitBlocks, &error);
        let gone = world
            .upload(&flowing(4_500))
            .expect_err("its blocks are at the other account");
        assert_eq!(gone.kind(), ErrorKind::SourceNotReplayable, "{error:?}");
        assert!(gone.is_retried(), "{error:?}");
        assert_eq!(world.requests("b"), [0; 4], "{error:?}");
    }
}

#[test]
fn what_is_wrong_with_the_request_is_told_by_the_first_account() {
    for error in [
        answer(ErrorKind::Rejected, 400),
        answer(ErrorKind::SizeLimitExceeded, 413),
    ] {
        for (operation, length) in [
            (Operation::PutBlob, 900),
            (Operation::StageBlock, 4_500),
            (Operation::CommitBlocks, 4_500),
        ] {
            for source in [replayable(length), flowing(length)] {
                let world = failing(operation, &error);
                let told = world.upload(&source).expect_err("it is refused");
                assert_eq!(told.kind(), error.kind(), "{operation:?}");
                assert_eq!(world.requests("b"), [0; 4], "{operation:?}");
            }
        }
    }
}

#[test]
fn an_older_blob_of_the_same_source_and_length_is_not_taken_for_the_new_one() {
    let world = World::new();
    let id = LocalSource::from_bytes("").id();
    let version = |fill: u8| {
        LocalSource::from_bytes(vec![fill; 500])
            .with_id(id)
            .with_name("p.parquet")
    };
    let first = world.upload(&version(1)).expect("nothing fails");
    // The fate of the request is unknown, and it never arrives.
    world.fail(
        Operation::PutBlob,
        Fault::Error(Error::new(ErrorKind::OutcomeUnknown, "put")),
        0,
    );
    let second = world.upload(&version(2)).expect("it is sent again");
    assert_ne!(first.blob.redacted(), second.blob.redacted());
    assert_eq!(world.blob("b"), Some(vec![2; 500]));
}

/// Storage whose account "a" loses the answer to whatever is put, after so long, and answers no question then.
#[derive(Debug)]
struct Losing {
    storage: MemoryStorage,
    clock: ManualClock,
    after: Duration,
}

impl Losing {
    async fn lose(&self, container: &ResourceUri) -> Result<()> {
        if container.account() != "a" {
            return Ok(());
        }
        self.clock.sleep(self.after).await;
        Err(Error::new(ErrorKind::OutcomeUnknown, "put"))
    }
}

#[async_trait]
impl BlobStore for Losing {
    async fn put(&self, container: &ResourceUri, name: &BlobName, body: Bytes) -> Result<()> {
        self.lose(container).await?;
        self.storage.put(container, name, body).await
    }

    async fn stage(
        &self,
        container: &ResourceUri,
        name: &BlobName,
        block: BlockId,
        body: Bytes,
    ) -> Result<()> {
        self.storage.stage(container, name, block, body).await
    }

    async fn commit(&self, container: &ResourceUri, name: &BlobName, blocks: &[BlockId]) -> Result<()> {
        self.lose(container).await?;
        self.storage.commit(container, name, blocks).await
    }

    async fn length(&self, container: &ResourceUri, name: &BlobName) -> Result<Option<u64>> {
        drop(self.storage.length(container, name).await);
        pending().await
    }
}

#[test]
fn the_look_whether_it_arrived_takes_five_seconds_and_is_not_made_at_an_account_that_was_silent() {
    for (length, after, looks, most) in [
        (900, Duration::ZERO, 1, 5 * SECOND),
        (900, 15 * SECOND, 0, 15 * SECOND),
        // After a look of 5 s the container is given up.
        (4_500, Duration::ZERO, 1, 5 * SECOND),
        (4_500, 15 * SECOND, 0, 15 * SECOND),
    ] {
        let world = World::new();
        let (storage, clock) = (world.storage.clone(), world.clock.clone());
        let mut losing = World::new();
        losing.uploader = uploader_to(
            Arc::new(Losing {
                storage,
                clock,
                after,
            }),
            &world,
        );
        losing
            .upload(&replayable(length))
            .expect("the other account takes it");
        assert_eq!(world.blob("b"), Some(pattern(length)));
        assert_eq!(
            world.storage.request_count_at(Operation::HeadBlob, &place("a")),
            looks,
            "{length} {after:?}"
        );
        assert_eq!(world.clock.monotonic(), most, "{length} {after:?}");
    }
}

/// Issues the container of account "a" under one SAS, and has two others at hand afterwards. It counts how often it
/// is asked.
#[derive(Debug, Default)]
struct Renewing(AtomicUsize);

fn until(seconds: u32, sas: &str) -> ResourceUri {
    let expiry = Timestamp::UNIX_EPOCH + seconds * SECOND;
    let address = format!("https://a.blob.core.windows.net/long?se={expiry}&sig={sas}");
    ResourceUri::parse(&address).expect("a good address")
}

#[async_trait]
impl ResourceProvider for Renewing {
    async fn resources(&self) -> Result<Arc<IngestionResources>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(
            IngestionResources::empty().with_containers([until(60, "OLD")]),
        ))
    }

    fn peek(&self) -> Option<Arc<IngestionResources>> {
        let containers = [until(90, "NEWER"), until(43_200, "LONGEST"), until(60, "OLD")];
        Some(Arc::new(IngestionResources::empty().with_containers(containers)))
    }

    async fn identity_token(&self) -> Result<IdentityToken> {
        IdentityToken::parse("token")
    }

    fn report(&self, _: &ResourceUri, _: Outcome) {}
}

#[test]
fn the_address_of_the_blob_has_the_sas_that_lives_longest_of_what_is_at_hand() {
    let (world, renewing) = (World::new(), Arc::new(Renewing::default()));
    let uploader = ContainerUploader::new(
        renewing.clone(),
        Arc::new(world.storage.clone()),
        Arc::new(InlineCompressor::new()),
        Arc::new(world.clock.clone()),
    );
    let of_storage = world.storage.issue(ResourceKind::Container, &until(60, "OLD"));
    of_storage.expect("a new container");
    let properties = properties();
    let naming = BlobNaming::new(&properties, DataFormat::Parquet);
    let uploaded = block_on(uploader.upload(&flowing(900), &naming)).expect("nothing fails");
    assert!(
        uploaded.blob.expose().ends_with("sig=LONGEST"),
        "{}",
        uploaded.blob
    );
    assert_eq!(
        renewing.0.load(Ordering::Relaxed),
        1,
        "asked once, by the upload itself: a fetch may begin then"
    );
}
