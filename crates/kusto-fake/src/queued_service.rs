//! The REST routes of queued ingestion: what is offered, what is taken, and how it stands.

mod operations;
mod settings;

pub(crate) use operations::{QueuedOperations, QueuedSource};
pub use settings::{RestService, WireShape};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kusto_endpoint::{
    IngestionConfiguration, OperationDetail, OperationId, QueuedEndpoint, QueuedOperation, QueuedRequest,
    Tracking,
};
use kusto_ingest_core::{
    BlobSource, DataFormat, DatabaseName, Error, ErrorKind, IngestionProperties, ReportLevel, ReportMethod,
    Result, TableName,
};
use kusto_ingest_message::IngestionMessage;
use kusto_storage::ResourceUri;

use crate::{FakeKusto, RequestKind};

impl FakeKusto {
    /// Sets what the REST routes of queued ingestion offer, from the next request on.
    pub fn set_rest_service(&self, service: RestService) {
        self.state().queued.service = service;
    }

    /// What the REST routes of queued ingestion offer.
    #[must_use]
    pub fn rest_service(&self) -> RestService {
        self.state().queued.service.clone()
    }

    fn offered(&self, operation: &'static str) -> Result<RestService> {
        let service = self.rest_service();
        match service.is_offered() {
            true => Ok(service),
            // As where there are no such routes: a status and no words.
            false => Err(Error::new(ErrorKind::Unsupported, operation)
                .with_code(IngestionConfiguration::NOT_SUPPORTED)
                .with_http_status(404)),
        }
    }

    fn take(
        &self,
        database: &DatabaseName,
        table: &TableName,
        request: &QueuedRequest,
    ) -> Result<Option<OperationId>> {
        let service = self.offered("queue the blobs")?;
        service.check(request)?;
        let mut properties = request.properties.clone();
        properties.database = database.clone();
        properties.table = table.clone();
        let id = self.take_blobs(&request.blobs, properties, request.format, request.tracking)?;
        Ok((request.tracking == Tracking::On).then_some(id))
    }

    /// Queues blobs by themselves, as one operation.
    ///
    /// # Errors
    /// A message that cannot be written.
    pub(crate) fn take_blobs(
        &self,
        blobs: &[BlobSource],
        properties: IngestionProperties,
        format: DataFormat,
        tracking: Tracking,
    ) -> Result<OperationId> {
        // What becomes of them is told by the operation, and to no queue.
        let properties = properties.with_reporting(ReportLevel::None, ReportMethod::Queue);
        let token = self.identity_token();
        let now = self.now();
        let text = |blob: &BlobSource| {
            let message = IngestionMessage::new(blob, &properties, format, token.clone());
            message.to_json(now).map(|json| STANDARD.encode(json))
        };
        let texts: Vec<String> = blobs.iter().map(text).collect::<Result<_>>()?;
        let mut state = self.state();
        let blobs = blobs.iter().zip(texts);
        let id = state
            .queued
            .take(&properties.database, &properties.table, blobs, tracking, now);
        state.note_change();
        Ok(id)
    }
}

#[async_trait]
impl QueuedEndpoint for FakeKusto {
    async fn configuration(&self) -> Result<IngestionConfiguration> {
        self.serve(RequestKind::IngestionConfiguration, || {
            let service = self.offered("ask for the ingestion configuration")?;
            let issued = self.issued_resources()?;
            let containers = issued.containers.iter().map(ResourceUri::expose);
            Ok(service.configuration(containers.map(|address| address.as_str())))
        })
    }

    async fn submit(
        &self,
        database: &DatabaseName,
        table: &TableName,
        request: &QueuedRequest,
    ) -> Result<Option<OperationId>> {
        self.serve(RequestKind::QueuedSubmission, || {
            self.take(database, table, request)
        })
    }

    async fn operation(
        &self,
        database: &DatabaseName,
        table: &TableName,
        id: &OperationId,
        detail: OperationDetail,
    ) -> Result<QueuedOperation> {
        self.serve(RequestKind::QueuedOperations, || {
            self.offered("ask for the queued operation")?;
            self.state().queued.told(database, table, id, detail)
        })
    }
}
