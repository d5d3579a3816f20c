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
use kusto_ingest_core::{
    DatabaseName, Deadline, Error, ErrorKind, IngestClient as _, ManualClock, Result, TableName,
};
use kusto_ingest_resources::ConfigurationManager;
use kusto_ingest_rest::RestIngestClient;
use kusto_ingest_upload::RecordingUploader;
use kusto_storage::ResourceUri;

use super::world::{World, properties, row};

const LIMIT: Duration = Duration::from_secs(5);

/// It never answers what names blobs, or never comes so far as to send it.
#[derive(Debug)]
struct Silent {
    script: ScriptedQueued,
    signs_in: bool,
}

#[async_trait]
impl QueuedEndpoint for Silent {
    async fn configuration(&self) -> Result<IngestionConfiguration> {
        self.script.configuration().await
    }

    async fn submit(
        &self,
        _: &DatabaseName,
        _: &TableName,
        request: &QueuedRequest,
    ) -> Result<Option<OperationId>> {
        request.stage.prepares();
        if self.signs_in {
            request.stage.sends();
        }
        pending().await
    }

    async fn operation(
        &self,
        database: &DatabaseName,
        table: &TableName,
        id: &OperationId,
        detail: OperationDetail,
    ) -> Result<QueuedOperation> {
        self.script.operation(database, table, id, detail).await
    }
}

fn silent(signs_in: bool) -> (RestIngestClient, ManualClock) {
    let container = "https://a.blob.core.windows.net/c?sig=S";
    let script = ScriptedQueued::new(IngestionConfiguration::new().with_containers([container]));
    let silent = Arc::new(Silent { script, signs_in });
    let time = World::new().clock;
    let clock = Arc::new(time.clone());
    let configuration = ConfigurationManager::new(silent.clone(), clock.clone());
    let uploader = RecordingUploader::new(ResourceUri::parse(container).expect("an address"));
    let client = RestIngestClient::new(silent, configuration, Arc::new(uploader), clock);
    (client, time)
}

#[test]
fn a_sign_in_that_is_under_way_at_the_deadline_is_a_timeout_unless_others_go_on_with_it() {
    let (client, clock) = silent(false);
    let within = |limit| properties().with_deadline(Some(Deadline::after(&clock, limit)));
    let (hurried, patient) = (within(LIMIT), within(2 * LIMIT));
    let (hurried, patient) = block_on(join(
        client.ingest_source(row().into(), &hurried),
        client.ingest_source(row().into(), &patient),
    ));
    let error = hurried.expect_err("nobody answers");
    assert_eq!(
        error.kind(),
        ErrorKind::OutcomeUnknown,
        "the other one goes on with the request that names it: {}",
        error.chain()
    );
    let error = patient.expect_err("nobody answers");
    assert_eq!((error.kind(), error.receipt()), (ErrorKind::Timeout, None));
}

#[test]
fn a_request_that_is_under_way_at_the_deadline_is_ambiguous() {
    let (client, _) = silent(true);
    let client = client.with_deadline(LIMIT);
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
