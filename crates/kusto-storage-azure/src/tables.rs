//! Tables: entities are inserted, read and merged.
//!
//! After "Insert Entity", "Query Entities" and "Merge Entity" of the Table service's REST documentation.

use async_trait::async_trait;
use azure_core::http::{Method, Url};
use kusto_ingest_core::{ErrorKind, Result};
use kusto_storage::{Entity, EntityKey, Operation, ResourceUri, TableStore};

use crate::AzureStorage;
use crate::call::{Call, RestRequest};
use crate::entity;

/// The newest version of the table service. It has stood still since, in every cloud.
const SERVICE_VERSION: &str = "2019-02-02";

/// The version of OData that the service speaks.
const DATA_VERSION: &str = "3.0;NetFx";

const OK: &[u16] = &[200];
const NO_CONTENT: &[u16] = &[204];
/// Some servers answer with the entity, though it is said that nobody wants it.
const INSERTED: &[u16] = &[204, 201];

#[async_trait]
impl TableStore for AzureStorage {
    async fn insert(&self, table: &ResourceUri, entity: &Entity) -> Result<()> {
        let call = Call::new(Operation::InsertEntity, table);
        let outcome = self
            .table(Method::Post, table.expose().clone())
            .header("prefer", "return-no-content")
            .header("content-type", "application/json")
            .body(entity::encode(entity))
            .send(INSERTED)
            .await;
        call.done(outcome, INSERTED)
    }

    async fn get(&self, table: &ResourceUri, key: &EntityKey) -> Result<Option<Entity>> {
        let call = Call::new(Operation::GetEntity, table);
        let outcome = self
            .table(Method::Get, entity::address(table, key))
            .send(OK)
            .await;
        let answer = match call.answered(outcome) {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("ResourceNotFound") => return Ok(None),
            Err(error) => return Err(error),
        };
        let unreadable = || call.error(ErrorKind::Protocol).because("the answer is no entity");
        Ok(Some(entity::decode(key, answer.body()).ok_or_else(unreadable)?))
    }

    async fn merge(&self, table: &ResourceUri, entity: &Entity) -> Result<()> {
        let call = Call::new(Operation::MergeEntity, table);
        let outcome = self
            .table(Method::Patch, entity::address(table, &entity.key))
            // Without it, an entity that is not there would be inserted.
            .header("if-match", "*")
            .header("content-type", "application/json")
            .body(entity::encode(entity))
            .send(NO_CONTENT)
            .await;
        call.done(outcome, NO_CONTENT)
    }
}

impl AzureStorage {
    fn table(&self, method: Method, url: Url) -> RestRequest<'_> {
        RestRequest::new(self, method, url, self.call_limits)
            .header("x-ms-version", SERVICE_VERSION)
            .header("dataserviceversion", DATA_VERSION)
            .header("maxdataserviceversion", DATA_VERSION)
            // Minimal, not none: it names the types that are not JSON's own.
            .header("accept", "application/json;odata=minimalmetadata")
    }
}
