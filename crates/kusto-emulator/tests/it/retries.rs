//! Uploads whose first container fails at every stage, over sockets, by the adapters of this library.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_fake::ResourcePath;
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::{DataFormat, ExponentialRetry, IngestionProperties, LocalSource};
use kusto_ingest_resources::{FixedResources, IngestionResources};
use kusto_ingest_upload::{BlobNaming, ContainerUploader, Uploader};
use kusto_storage::{Operation, ResourceUri};
use kusto_storage_azure::AzureStorage;
use kusto_transport_hyper::{HyperTransport, Proxy, TransportOptions};

use crate::client::{World, database, table};

const BLOCK: usize = 64 * 1024;
const STAGE: Route = Route::Storage(Operation::StageBlock);
const COMMIT: Route = Route::Storage(Operation::CommitBlocks);
const HEAD: Route = Route::Storage(Operation::HeadBlob);
const PUT: Route = Route::Storage(Operation::PutBlob);

fn azure() -> AzureStorage {
    let options = TransportOptions::new().with_proxy(Proxy::None);
    let transport = HyperTransport::new(options).expect("a transport");
    AzureStorage::new(transport.as_transport())
}

/// Two accounts with a container each, the first of which fails as planned.
struct Upload {
    world: World,
    containers: [ResourceUri; 2],
    source: Bytes,
}

impl Upload {
    async fn failing(plans: Vec<HttpFaultPlan>) -> Self {
        let world = World::start_with(|builder| builder.with_accounts(["accounta", "accountb"])).await;
        let containers = [world.container(0), world.container(1)];
        assert_eq!(
            containers.each_ref().map(ResourceUri::account),
            ["accounta", "accountb"]
        );
        for plan in plans {
            world.emulator.plan(plan.in_account("accounta"));
        }
        // No two blocks are alike, and the last one is shorter.
        let source = (0..BLOCK * 4 + 1000)
            .map(|at| (at % 251 + at / BLOCK) as u8)
            .collect();
        Self {
            world,
            containers,
            source,
        }
    }

    /// Uploads, in blocks of this size, and tells which container has the blob.
    async fn run(&self, block_size: usize) -> usize {
        let storage = Arc::new(azure());
        let resources = IngestionResources::empty().with_containers(self.containers.clone());
        let token = self.world.emulator.fake().identity_token();
        let uploader = ContainerUploader::new(
            Arc::new(FixedResources::new(resources, token)),
            storage,
            Arc::new(InlineCompressor::default()),
            Arc::new(self.world.clock.clone()),
        )
        // The clock stands.
        .with_retry(Arc::new(
            ExponentialRetry::default().with_backoff(Duration::ZERO, Duration::ZERO),
        ));
        let source = LocalSource::from_bytes(self.source.clone());
        let naming = BlobNaming::new(
            &IngestionProperties::new(database(), table()),
            DataFormat::Parquet,
        );
        let uploaded = uploader
            .with_block_size(block_size)
            .upload(&source, &naming)
            .await;
        let uploaded = uploaded.expect("a container takes it");
        let (container, name) = ResourceUri::of_blob(&uploaded.blob).expect("an address");
        let place = ResourcePath::from(&container);
        let blob = self.world.emulator.fake().storage().blob(&place, name.as_str());
        assert_eq!(
            blob.expect("a blob").bytes(),
            self.source,
            "the blob equals the source"
        );
        assert_eq!(uploaded.sent_bytes, self.source.len() as u64);
        usize::from(container.account() == "accountb")
    }
}

/// What may go wrong with the blocks of an upload, or their commit.
fn stages() -> Vec<(&'static str, HttpFaultPlan)> {
    let busy = || HttpFault::Status(503, "ServerBusy".into());
    let refused = || HttpFault::Status(403, "AuthenticationFailed".into());
    vec![
        (
            "before the body",
            HttpFaultPlan::new(HttpFault::ResetBeforeBody).on(STAGE),
        ),
        (
            "in the middle of a block",
            HttpFaultPlan::new(HttpFault::ResetAfterBytes(30_000))
                .on(STAGE)
                .after(1),
        ),
        (
            "at the end of a block",
            HttpFaultPlan::new(HttpFault::ResetAfterBytes(u64::MAX))
                .on(STAGE)
                .after(2),
        ),
        (
            "after the last block",
            HttpFaultPlan::new(HttpFault::ResponseLost).on(STAGE).after(4),
        ),
        ("at commit", HttpFaultPlan::new(busy()).on(COMMIT)),
        ("at commit, for its SAS", HttpFaultPlan::new(refused()).on(COMMIT)),
        (
            "before the commit's body",
            HttpFaultPlan::new(HttpFault::ResetBeforeBody).on(COMMIT),
        ),
    ]
}

#[tokio::test]
async fn a_retry_starts_from_the_first_byte_whatever_stage_the_first_container_failed_at() {
    for (stage, plan) in stages() {
        let upload = Upload::failing(vec![plan.forever()]).await;
        assert_eq!(upload.run(BLOCK).await, 1, "{stage}");
    }
    let unseen = HttpFault::Status(503, "ServerBusy".into());
    let lost_for_good = vec![
        HttpFaultPlan::new(HttpFault::ResponseLost).on(COMMIT).forever(),
        HttpFaultPlan::new(unseen).on(HEAD).forever(),
    ];
    let upload = Upload::failing(lost_for_good).await;
    assert_eq!(upload.run(BLOCK).await, 1, "response lost");
}

#[tokio::test]
async fn what_fails_once_in_passing_is_sent_again_to_the_same_container() {
    for (stage, plan) in stages() {
        let is_refused = stage.ends_with("SAS");
        let upload = Upload::failing(vec![plan]).await;
        assert_eq!(upload.run(BLOCK).await, usize::from(is_refused), "{stage}");
    }
}

#[tokio::test]
async fn a_blob_of_one_request_is_put_again_whole() {
    for (stage, fault) in [
        ("before the body", HttpFault::ResetBeforeBody),
        ("in the middle of the body", HttpFault::ResetAfterBytes(100_000)),
        ("refused", HttpFault::Status(500, "InternalError".into())),
    ] {
        let upload = Upload::failing(vec![HttpFaultPlan::new(fault).on(PUT)]).await;
        assert_eq!(upload.run(BLOCK * 8).await, 1, "{stage}");
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_commit_costs_one_look_when_the_blob_is_there() {
    let upload = Upload::failing(vec![HttpFaultPlan::new(HttpFault::ResponseLost).on(COMMIT)]).await;
    assert_eq!(upload.run(BLOCK).await, 0);
    let emulator = &upload.world.emulator;
    assert_eq!(
        (emulator.request_count(COMMIT), emulator.request_count(HEAD)),
        (1, 1)
    );
}
