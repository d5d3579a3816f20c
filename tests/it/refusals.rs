//! Uploads over real sockets while storage refuses at every stage: the blob that counts equals the source.

use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan, Route};
use kusto_fake::{ResourcePath, StoredBlob};
use kusto_ingest::{IngestClient, LocalSource};
use kusto_ingest_core::testing::{pattern, replayable};
use kusto_storage::Operation;

use crate::setup::{client, emulator, paused, properties};

const BLOCK: usize = 64 * 1024;
const LENGTH: usize = 5 * BLOCK + 1_234;

/// Ingests the source with a fault in the first container that is tried, and gives all blobs that can be read.
async fn ingest_with(fault: HttpFault, operation: Operation, after: u32) -> (Emulator, Vec<StoredBlob>) {
    let emulator = emulator(paused().with_accounts(["accta", "acctb"])).await;
    emulator.plan(
        HttpFaultPlan::new(fault)
            .on(Route::Storage(operation))
            .after(after),
    );
    let kusto = client(&emulator, |builder| builder.with_blocks(BLOCK, 2));
    // A file in all but name: it is opened anew for every attempt.
    let source = LocalSource::new(replayable(pattern(LENGTH))).with_name("data.parquet");
    let receipt = kusto.queued().ingest_source(source.into(), &properties()).await;
    let receipt = receipt.unwrap_or_else(|error| panic!("{operation:?} after {after}: {}", error.chain()));
    assert_eq!(
        (receipt.raw_bytes, receipt.sent_bytes),
        (Some(LENGTH as u64), Some(LENGTH as u64))
    );

    let storage = emulator.fake().storage();
    let issued = emulator.fake().issued_resources().expect("storage is issued");
    let blobs = issued.containers.iter().flat_map(|container| {
        let place = ResourcePath::new(container.account(), container.name());
        storage
            .list_blobs(&place, "", None, 10)
            .expect("the container is there")
            .blobs
    });
    let blobs: Vec<StoredBlob> = blobs.collect();
    assert_eq!(emulator.fake().queued_message_count(), 1, "one message names it");
    (emulator, blobs)
}

#[tokio::test]
async fn a_retry_starts_from_the_first_byte_at_whatever_stage_storage_refuses() {
    let refused = || HttpFault::Status(403, "AuthenticationFailed".to_owned());
    let busy = || HttpFault::Status(503, "ServerBusy".to_owned());
    for (stage, fault, operation, after) in [
        (
            "before the body",
            HttpFault::ResetBeforeBody,
            Operation::StageBlock,
            0,
        ),
        ("refused SAS", refused(), Operation::StageBlock, 0),
        (
            "in the middle of a block",
            HttpFault::ResetAfterBytes(10_000),
            Operation::StageBlock,
            2,
        ),
        (
            "after the last block",
            HttpFault::ResetAfterBytes(u64::MAX),
            Operation::StageBlock,
            5,
        ),
        (
            "answer of a block lost",
            HttpFault::ResponseLost,
            Operation::StageBlock,
            3,
        ),
        ("busy in the middle", busy(), Operation::StageBlock, 4),
        ("at commit", busy(), Operation::CommitBlocks, 0),
        (
            "before the commit",
            HttpFault::ResetBeforeBody,
            Operation::CommitBlocks,
            0,
        ),
    ] {
        let (_emulator, blobs) = ingest_with(fault, operation, after).await;
        assert_eq!(blobs.len(), 1, "{stage}: one blob can be read");
        assert!(
            blobs[0].bytes() == pattern(LENGTH),
            "{stage}: the blob is not the source"
        );
    }
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_looked_for_and_not_repeated() {
    let (emulator, blobs) = ingest_with(HttpFault::ResponseLost, Operation::CommitBlocks, 0).await;
    assert_eq!(blobs.len(), 1);
    assert!(blobs[0].bytes() == pattern(LENGTH));
    assert_eq!(emulator.request_count(Route::Storage(Operation::CommitBlocks)), 1);
    assert_eq!(emulator.request_count(Route::Storage(Operation::HeadBlob)), 1);
}
