//! This Kusto as the endpoints see it: commands and queries, one after the other.

use async_trait::async_trait;
use kusto_endpoint::{Dataset, ManagementEndpoint, QueryEndpoint, RequestProperties};
use kusto_ingest_core::{DatabaseName, Result};
use kusto_ingest_decode::ScalarType;

use crate::command::Command;
use crate::manage::table_of;
use crate::wire::AnswerOptions;
use crate::{Answer, AnswerTable, FakeKusto, RequestKind, manage, query};

impl FakeKusto {
    /// Runs a command.
    ///
    /// # Errors
    /// The service's own codes, [`execute`](ManagementEndpoint::execute)'s too.
    pub fn answer_command(&self, database: &DatabaseName, text: &str) -> Result<Answer> {
        let command = Command::parse(text);
        let kind = command.as_ref().map_or(RequestKind::Unknown, Command::kind);
        let table = self.serve(kind, || self.run(database, command?))?;
        Ok(Answer::single(table))
    }

    /// Runs a query, or a command, which Kusto's query endpoint takes as well. Of rows beyond the limits that the options
    /// name there is one, by which the answer is seen to be cut.
    ///
    /// # Errors
    /// The service's own codes; `NotSupportedByEmulator` for a query that this Kusto does not know.
    pub fn answer_query(
        &self,
        database: &DatabaseName,
        text: &str,
        options: &AnswerOptions,
    ) -> Result<Answer> {
        if text.trim_start().starts_with('.') {
            return self.answer_command(database, text);
        }
        let run = || query::run(&mut self.state().catalog, database.as_str(), text, options);
        Ok(Answer::single(self.serve(RequestKind::Query, run)?))
    }

    fn run(&self, database: &DatabaseName, command: Command) -> Result<AnswerTable> {
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
                manage::run(catalog, &database, about_tables, now)
            }
        }
    }

    fn token_table(&self) -> AnswerTable {
        table_of(&[("AuthorizationContext", ScalarType::String)]).with_row([self.0.token.expose()])
    }

    /// One of the containers that are issued anyway.
    fn temp_storage(&self) -> Result<AnswerTable> {
        let empty = table_of(&[("StorageRoot", ScalarType::String)]);
        let issued = self.issued_resources()?;
        let first = issued.containers.first();
        Ok(first.into_iter().fold(empty, |table, container| {
            table.with_row([container.expose().as_str()])
        }))
    }

    fn resource_table(&self) -> Result<AnswerTable> {
        let empty = table_of(&[
            ("ResourceTypeName", ScalarType::String),
            ("StorageRoot", ScalarType::String),
        ]);
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
        let answer = self.answer_command(database, command)?;
        Ok(answer.to_dataset())
    }
}

#[async_trait]
impl QueryEndpoint for FakeKusto {
    /// Also takes commands, as Kusto's query endpoint does. The answer is whole, whatever its size.
    async fn query(
        &self,
        database: &DatabaseName,
        query: &str,
        _properties: &RequestProperties,
    ) -> Result<Dataset> {
        let answer = self.answer_query(database, query, &AnswerOptions::UNCUT)?;
        Ok(answer.to_dataset())
    }
}
