//! Queued ingestion over the REST routes of the Data Management service.

use async_trait::async_trait;
use kusto_endpoint::{
    EndpointResponse, IngestionConfiguration, OperationDetail, OperationId, QueuedCall, QueuedEndpoint,
    QueuedOperation, QueuedRequest,
};
use kusto_ingest_core::{DatabaseName, Result, TableName};

use crate::AzureEndpoint;
use crate::post::Post;

impl AzureEndpoint {
    async fn call<T>(
        &self,
        call: &QueuedCall,
        read: impl FnOnce(EndpointResponse<'_>) -> Result<T> + Send,
    ) -> Result<T> {
        let answer = self.ask(&Post::from(call)).await?;
        read(answer.as_answer()).map_err(|error| error.with("endpoint", self.base_url()))
    }
}

#[async_trait]
impl QueuedEndpoint for AzureEndpoint {
    async fn configuration(&self) -> Result<IngestionConfiguration> {
        let call = QueuedCall::configuration(&self.headers);
        self.call(&call, |answer| answer.read_configuration(&call)).await
    }

    async fn submit(
        &self,
        database: &DatabaseName,
        table: &TableName,
        request: &QueuedRequest,
    ) -> Result<Option<OperationId>> {
        let call = QueuedCall::submit(database, table, request, &self.headers)?;
        self.call(&call, |answer| answer.read_submission(&call)).await
    }

    async fn operation(
        &self,
        database: &DatabaseName,
        table: &TableName,
        id: &OperationId,
        detail: OperationDetail,
    ) -> Result<QueuedOperation> {
        let call = QueuedCall::operation(database, table, id, detail, &self.headers)?;
        self.call(&call, |answer| answer.read_operation(&call)).await
    }
}
