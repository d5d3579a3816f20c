//! This Kusto as the endpoints see it: commands and queries, one after the other.

use async_trait::async_trait;
use kusto_endpoint::{Dataset, ManagementEndpoint, QueryEndpoint, RequestProperties};
use kusto_ingest_core::{DatabaseName, Result};
use kusto_ingest_decode::ScalarType;
use kusto_query::{split_command, split_statement};

use crate::command::Command;
use crate::manage::table_of;
use crate::wire::AnswerOptions;
use crate::{Answer, AnswerTable, FakeKusto, RequestKind, manage};

impl FakeKusto {
    /// Runs a command. Operators may stand behind it, and behind a semicolon queries.
    ///
    /// # Errors
    /// The service's own codes, [`execute`](ManagementEndpoint::execute)'s too.
    pub fn answer_command(
        &self,
        database: &DatabaseName,
        text: &str,
        properties: &RequestProperties,
    ) -> Result<Answer> {
        let (command, rest) = split_command(text);
        let (operators, queries) = match rest.starts_with('|') {
            true => split_statement(rest),
            false => ("", rest),
        };
        let command = Command::parse(command);
        let kind = command.as_ref().map_or(RequestKind::Unknown, Command::kind);
        let mut table = self.serve(kind, || self.run(database, command?))?;
        if !operators.is_empty() {
            table = self.run_operators(database, table, operators, properties)?;
        }
        let mut answer = Answer::single(table);
        let queries = queries.trim_matches(|letter: char| letter == ';' || letter.is_whitespace());
        if !queries.is_empty() {
            let more = self.run_query(database, queries, properties, &AnswerOptions::UNCUT)?;
            answer.tables.extend(more);
        }
        Ok(answer)
    }

    /// Runs a query, or a command, which Kusto's query endpoint takes as well. Of rows beyond the limits that the options
    /// name there is at least one, by which the answer is seen to be cut.
    ///
    /// # Errors
    /// The service's own codes; `NotSupportedByEmulator` for a query that this Kusto does not know.
    pub fn answer_query(
        &self,
        database: &DatabaseName,
        text: &str,
        properties: &RequestProperties,
        options: &AnswerOptions,
    ) -> Result<Answer> {
        if text.trim_start().starts_with('.') {
            return self.answer_command(database, text, properties);
        }
        let run = || self.run_query(database, text, properties, options);
        let tables = self.serve(RequestKind::Query, run)?;
        Ok(Answer { tables })
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
        properties: &RequestProperties,
    ) -> Result<Dataset> {
        let answer = self.answer_command(database, command, properties)?;
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
        properties: &RequestProperties,
    ) -> Result<Dataset> {
        let answer = self.answer_query(database, query, properties, &AnswerOptions::UNCUT)?;
        Ok(answer.to_dataset())
    }
}
