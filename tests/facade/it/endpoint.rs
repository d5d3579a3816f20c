//! An endpoint without a wire, which tells what it was asked.

use std::sync::{Arc, Mutex};

use kusto_ingest::endpoint::{Dataset, ManagementEndpoint, QueryEndpoint, RequestProperties, Table};
use kusto_ingest::properties::{DatabaseName, TableName};
use kusto_ingest::streaming::{StreamingEndpoint, StreamingOutcome, StreamingRequest};
use kusto_ingest::{Result, async_trait};

/// Answers everything alike. Clones share what they were asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Engine(Arc<Mutex<Vec<String>>>);

impl Engine {
    pub(crate) fn asked(&self) -> Vec<String> {
        self.0.lock().expect("no test panics while it looks").clone()
    }

    fn note(&self, what: &str) {
        self.0
            .lock()
            .expect("no test panics while it looks")
            .push(what.to_owned());
    }
}

#[async_trait]
impl ManagementEndpoint for Engine {
    async fn execute(&self, _: &DatabaseName, command: &str, _: &RequestProperties) -> Result<Dataset> {
        self.note(command);
        let table = match command {
            ".get ingestion resources" => Table::of(
                "Table_0",
                &[("ResourceTypeName", "string"), ("StorageRoot", "string")],
            )
            .with_row(["SecuredReadyForAggregationQueue", super::pieces::QUEUE])
            .with_row(["TempStorage", super::pieces::CONTAINER]),
            _ => Table::of("Table_0", &[("ExtentId", "guid")])
                .with_row(["8a3b0d5e-0000-4000-8000-000000000001"]),
        };
        Ok(Dataset::single(table))
    }
}

#[async_trait]
impl QueryEndpoint for Engine {
    async fn query(&self, _: &DatabaseName, query: &str, _: &RequestProperties) -> Result<Dataset> {
        self.note(query);
        Ok(Dataset::single(
            Table::of("Table_0", &[("Count", "long")]).with_row([3]),
        ))
    }
}

#[async_trait]
impl StreamingEndpoint for Engine {
    async fn ingest(
        &self,
        database: &DatabaseName,
        table: &TableName,
        _: &StreamingRequest,
    ) -> Result<StreamingOutcome> {
        self.note(&format!("stream into {database}.{table}"));
        Ok(StreamingOutcome::of_records(1))
    }
}
