//! This Kusto as the endpoints see it: commands and queries, one after the other.

use async_trait::async_trait;
use kusto_endpoint::{Dataset, ManagementEndpoint, QueryEndpoint, RequestProperties};
use kusto_ingest_core::{DatabaseName, Result};
use kusto_ingest_decode::ScalarType;

use crate::answer::table_of;
use crate::manage::{Command, Session};
use crate::query::Request;
use crate::wire::AnswerOptions;
use crate::{Answer, AnswerTable, FakeKusto, RequestKind, query};

impl FakeKusto {
    /// Runs a command, and the commands and queries that follow it behind semicolons.
    ///
    /// # Errors
    /// The service's own codes, [`execute`](ManagementEndpoint::execute)'s too; `NotSupportedByEmulator` for a command that
    /// this Kusto does not know.
    pub fn answer_command(&self, database: &DatabaseName, text: &str) -> Result<Answer> {
        self.command(database.as_str(), text, &Request::default())
    }

    fn command(&self, database: &str, text: &str, request: &Request) -> Result<Answer> {
        let command = Command::parse(text);
        let kind = command
            .as_ref()
            .map_or(RequestKind::Unknown, |command| command.kind);
        let mut rest = None;
        let first = self.serve(kind, || {
            let session = Session::new(self, database)?;
            let mut command = command?;
            rest = command.rest.take();
            session.run_command(command)
        })?;
        let mut answer = Answer::single(first);
        if let Some(rest) = rest {
            answer
                .tables
                .extend(self.request(database, &rest, request)?.tables);
        }
        Ok(answer)
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
        properties: &RequestProperties,
    ) -> Result<Answer> {
        self.request(database.as_str(), text, &Request::of(properties))
    }

    fn request(&self, database: &str, text: &str, request: &Request) -> Result<Answer> {
        if text.trim_start().starts_with('.') {
            return self.command(database, text, request);
        }
        let tables = self.serve(RequestKind::Query, || query::run(self, database, text, request))?;
        Ok(Answer { tables })
    }

    pub(crate) fn token_table(&self) -> AnswerTable {
        table_of(&[("AuthorizationContext", ScalarType::String)]).with_row([self.identity_token().expose()])
    }

    /// Containers that are issued anyway: they may be written to and read.
    pub(crate) fn container_table(&self, most: usize) -> Result<AnswerTable> {
        let empty = table_of(&[("StorageRoot", ScalarType::String)]);
        let issued = self.issued_resources()?;
        let containers = issued.containers.iter().take(most);
        Ok(containers.fold(empty, |table, container| {
            table.with_row([container.expose().as_str()])
        }))
    }

    pub(crate) fn resource_table(&self) -> Result<AnswerTable> {
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
        properties: &RequestProperties,
    ) -> Result<Dataset> {
        let mut request = Request::of(properties);
        request.options = AnswerOptions::UNCUT;
        let answer = self.request(database.as_str(), query, &request)?;
        Ok(answer.to_dataset())
    }
}
