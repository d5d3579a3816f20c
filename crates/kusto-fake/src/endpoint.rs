//! This Kusto as the endpoints see it: commands and queries, one after the other.

use async_trait::async_trait;
use kusto_endpoint::{Dataset, ManagementEndpoint, QueryEndpoint, RequestProperties};
use kusto_ingest_core::{DatabaseName, Result};
use kusto_ingest_decode::ScalarType;

use crate::answer::table_of;
use crate::manage::{Command, Session};
use crate::wire::AnswerOptions;
use crate::{Answer, AnswerTable, FakeKusto, RequestKind};

impl FakeKusto {
    /// Runs a command. Operators may stand behind it, and behind a semicolon more commands and queries.
    ///
    /// # Errors
    /// The service's own codes, [`execute`](ManagementEndpoint::execute)'s too; `NotSupportedByEmulator` for a command that
    /// this Kusto does not know.
    pub fn answer_command(
        &self,
        database: &DatabaseName,
        text: &str,
        properties: &RequestProperties,
    ) -> Result<Answer> {
        self.note_ignored_options(properties);
        let command = Command::parse(text);
        let kind = command
            .as_ref()
            .map_or(RequestKind::Unknown, |command| command.kind);
        let mut rest = None;
        let first = self.serve(kind, || {
            let session = Session::new(self, database.as_str(), properties)?;
            let mut command = command?;
            rest = command.rest.take();
            session.run_command(command)
        })?;
        let mut answer = Answer::single(first);
        if let Some(rest) = rest {
            let more = self.answer_query(database, &rest, properties, &AnswerOptions::UNCUT)?;
            answer.tables.extend(more.tables);
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
        self.note_ignored_options(properties);
        let run = || self.run_query(database.as_str(), text, properties, options);
        let tables = self.serve(RequestKind::Query, run)?;
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
