//! This Kusto as the endpoints see it: commands and queries, one after the other.

use async_trait::async_trait;
use kusto_endpoint::{Dataset, ManagementEndpoint, QueryEndpoint, RequestProperties, Table};
use kusto_ingest_core::{DatabaseName, Result};

use crate::answer::table_of;
use crate::command::Command;
use crate::{FakeKusto, RequestKind, answer, query};

impl FakeKusto {
    fn command(&self, database: &DatabaseName, text: &str) -> Result<Table> {
        let command = Command::parse(text);
        let kind = command.as_ref().map_or(RequestKind::Unknown, Command::kind);
        self.serve(kind, || self.run(database, command?))
    }

    fn run(&self, database: &DatabaseName, command: Command) -> Result<Table> {
        self.state().catalog.database(database.as_str())?;
        match command {
            Command::IngestionResources => self.resource_table(),
            Command::IdentityToken => Ok(self.token_table()),
            Command::TempStorage => self.temp_storage(),
            Command::Ingest(ingest) => self.ingest(database, ingest),
            Command::Operations(ids) => {
                // What waits is worked on first.
                while self.work_on_operation() {}
                Ok(self.state().log.operations(&ids))
            }
            Command::IngestionFailures(operation) => Ok(self.state().log.failures(operation)),
            about_tables => {
                let now = self.now();
                let catalog = &mut self.state().catalog;
                let database = catalog.name_of(database.as_str()).to_owned();
                answer::run(catalog, &database, about_tables, now)
            }
        }
    }

    fn token_table(&self) -> Table {
        table_of(&[("AuthorizationContext", "string")]).with_row([self.0.token.expose()])
    }

    /// One of the containers that are issued anyway.
    fn temp_storage(&self) -> Result<Table> {
        let empty = table_of(&[("StorageRoot", "string")]);
        let issued = self.issued_resources()?;
        let first = issued.containers.first();
        Ok(first.into_iter().fold(empty, |table, container| {
            table.with_row([container.expose().as_str()])
        }))
    }

    fn resource_table(&self) -> Result<Table> {
        let empty = table_of(&[("ResourceTypeName", "string"), ("StorageRoot", "string")]);
        let issued = self.issued_resources()?;
        Ok(issued.all().fold(empty, |table, (name, _, address)| {
            table.with_row([name, address.expose().as_str()])
        }))
    }
}

#[async_trait]
impl ManagementEndpoint for FakeKusto {
    async fn execute(
        &self,
        database: &DatabaseName,
        command: &str,
        _properties: &RequestProperties,
    ) -> Result<Dataset> {
        self.command(database, command).map(Dataset::single)
    }
}

#[async_trait]
impl QueryEndpoint for FakeKusto {
    /// Also takes commands, as Kusto's query endpoint does.
    async fn query(
        &self,
        database: &DatabaseName,
        query: &str,
        _properties: &RequestProperties,
    ) -> Result<Dataset> {
        if query.trim_start().starts_with('.') {
            return self.command(database, query).map(Dataset::single);
        }
        self.serve(RequestKind::Query, || {
            query::run(&mut self.state().catalog, database.as_str(), query).map(Dataset::single)
        })
    }
}
