//! What a deadline makes of a request that is shared.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use futures::future::{join, pending};
use kusto_endpoint::{
    IngestionConfiguration, OperationDetail, OperationId, QueuedEndpoint, QueuedOperation, QueuedRequest,
    ScriptedQueued,
};
use kusto_ingest_core::{DatabaseName, Deadline, Error, ErrorKind, IngestClient as _, Result, TableName};
use kusto_ingest_resources::ConfigurationManager;
use kusto_ingest_rest::RestIngestClient;
use kusto_ingest_upload::RecordingUploader;
use kusto_storage::ResourceUri;

use super::world::{World, properties, row};

const LIMIT: Duration = Duration::from_secs(5);

/// It never answers what names blobs.
#[derive(Debug)]
struct Silent(ScriptedQueued);

#[async_trait]
impl QueuedEndpoint for Silent {
    async fn configuration(&self) -> Result<IngestionConfiguration> {
        self.0.configuration().await
    }

    async fn submit(
        &self,
        _: &DatabaseName,
        _: &TableName,
        _: &QueuedRequest,
    ) -> Result<Option<OperationId>> {
        pending().await
    }

    async fn operation(
        &self,
        database: &DatabaseName,
        table: &TableName,
        id: &OperationId,
        detail: OperationDetail,
    ) -> Result<QueuedOperation> {
        self.0.operation(database, table, id, detail).await
    }
}

#[test]
fn a_request_that_is_under_way_at_the_deadline_is_ambiguous() {
    let world = World::new();
    let container = "https://a.blob.core.windows.net/c?sig=S";
    let silent = Arc::new(Silent(ScriptedQueued::new(
        IngestionConfiguration::new().with_containers([container]),
    )));
    let clock = Arc::new(world.clock);
    let configuration = ConfigurationManager::new(silent.clone(), clock.clone());
    let uploader = RecordingUploader::new(ResourceUri::parse(container).expect("an address"));
    let client = RestIngestClient::new(silent, configuration, Arc::new(uploader), clock).with_deadline(LIMIT);
    let error = block_on(client.ingest_source(row().into(), &properties())).expect_err("nobody answers");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(error.receipt().expect("it carries one").ambiguous_sends, 1);
}

#[test]
fn a_source_whose_time_is_over_between_two_attempts_is_not_queued_and_the_others_are() {
    let world = World::new();
    let busy = Error::new(ErrorKind::Throttled, "queue the blobs").with_retry_after(Duration::from_secs(10));
    world.endpoint.submit_once(Err(busy));
    let patient = properties();
    let hurried = properties().with_deadline(Some(Deadline::after(&world.clock, LIMIT)));
    let (hurried_row, patient_row) = (row(), row());
    let id = patient_row.id();
    let both = join(
        world.client.ingest_source(hurried_row.into(), &hurried),
        world.client.ingest_source(patient_row.into(), &patient),
    );
    let (hurried, patient) = block_on(both);
    let error = hurried.expect_err("its time is over");
    assert_eq!((error.kind(), error.receipt()), (ErrorKind::Timeout, None));
    patient.expect("it is taken");
    let last = world.endpoint.submitted().pop().expect("a second attempt");
    let named: Vec<_> = last.blobs.iter().map(|blob| blob.id()).collect();
    assert_eq!(named, [id], "the one that gave up is not named");
}
