//! What a command runs in: a Kusto, and the database that the request names.

use std::collections::BTreeMap;

use kusto_endpoint::RequestProperties;
use kusto_ingest_core::Result;
use kusto_ingest_decode::{ScalarType, Value};
use uuid::Uuid;

use super::Command;
use crate::answer::table_of;
use crate::catalog::{Catalog, Database, StoredTable, missing};
use crate::fake::Work;
use crate::operations::Ended;
use crate::refusal::refused;
use crate::wire::AnswerOptions;
use crate::{AnswerTable, FakeKusto};

/// What a command does once it is read.
pub(crate) type Action = Box<dyn FnOnce(&Session<'_>) -> Result<AnswerTable> + Send>;

/// What a command does, ready to be run.
#[expect(clippy::unnecessary_wraps, reason = "whoever reads a command ends with it")]
pub(crate) fn action(
    run: impl FnOnce(&Session<'_>) -> Result<AnswerTable> + Send + 'static,
) -> Result<Action> {
    Ok(Box::new(run))
}

/// What a command runs in.
pub(crate) struct Session<'a> {
    pub(crate) kusto: &'a FakeKusto,
    /// The database, by the name that it was created with.
    pub(crate) database: String,
    /// What the request says beside its text.
    pub(crate) properties: RequestProperties,
    /// The command that runs.
    pub(crate) text: String,
}

/// A table, in a database or in that of the request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TableRef {
    pub(crate) database: Option<String>,
    pub(crate) table: String,
}

impl TableRef {
    pub(super) fn of(mut path: Vec<String>) -> Option<Self> {
        let table = path.pop()?;
        let database = path.pop();
        path.is_empty().then_some(Self { database, table })
    }
}

impl<'a> Session<'a> {
    /// # Errors
    /// `BadRequest_DatabaseNotExist`.
    pub(crate) fn new(kusto: &'a FakeKusto, database: &str, properties: &RequestProperties) -> Result<Self> {
        let database = kusto.state().catalog.database(database)?.name.clone();
        Ok(Self {
            kusto,
            database,
            properties: properties.clone(),
            text: String::new(),
        })
    }

    /// Works on the catalog.
    pub(crate) fn catalog<T>(&self, work: impl FnOnce(&mut Catalog) -> Result<T>) -> Result<T> {
        work(&mut self.kusto.state().catalog)
    }

    /// Works on a database by name, or on that of the request.
    pub(crate) fn database<T>(
        &self,
        name: Option<&str>,
        work: impl FnOnce(&mut Database) -> Result<T>,
    ) -> Result<T> {
        let name = name.unwrap_or(&self.database);
        work(self.kusto.state().catalog.database(name)?)
    }

    /// Works on a table, and the name of its database.
    ///
    /// # Errors
    /// `BadRequest_EntityNotFound`: the service has another code for it here than where it ingests.
    pub(crate) fn table<T>(
        &self,
        table: &TableRef,
        work: impl FnOnce(&str, &mut StoredTable) -> Result<T>,
    ) -> Result<T> {
        self.database(table.database.as_deref(), |database| {
            let found = database.tables.get_mut(&table.table);
            let found = found.ok_or_else(|| missing("BadRequest_EntityNotFound", "table", &table.table))?;
            work(&database.name, found)
        })
    }

    /// All tables of the database.
    pub(crate) fn tables(&self) -> Result<Vec<TableRef>> {
        self.database(None, |database| {
            let refer = |table: &String| TableRef {
                database: None,
                table: table.clone(),
            };
            Ok(database.tables.keys().map(refer).collect())
        })
    }

    /// Runs a query or a command, and tells its first table.
    pub(crate) fn run(&self, text: &str) -> Result<AnswerTable> {
        if text.trim_start().starts_with('.') {
            let command = Command::parse(text)?;
            return self.run_command(command);
        }
        let answer = self
            .kusto
            .run_query(&self.database, text, &self.properties, &AnswerOptions::UNCUT)?;
        Ok(answer.into_iter().next().unwrap_or_default())
    }

    /// Runs a command that is read, and the operators behind it.
    pub(crate) fn run_command(&self, command: Command) -> Result<AnswerTable> {
        let session = Session {
            kusto: self.kusto,
            database: self.database.clone(),
            properties: self.properties.clone(),
            text: command.text,
        };
        self.kusto.state().begin_command();
        let answer = (command.action)(&session);
        self.kusto.state().end_command();
        let answer = answer?;
        match command.operators {
            Some(operators) => {
                let (kusto, properties) = (self.kusto, &self.properties);
                kusto.run_operators(&self.database, answer, &operators, properties)
            }
            None => Ok(answer),
        }
    }

    /// Works at once, or notes an operation that is worked on later.
    pub(crate) fn now_or_later(
        &self,
        is_async: bool,
        kind: &'static str,
        work: impl FnOnce(&Session<'_>) -> Result<AnswerTable> + Send + 'static,
    ) -> Result<AnswerTable> {
        if !is_async {
            return work(self);
        }
        let (database, properties) = (self.database.clone(), self.properties.clone());
        Ok(self.start(kind, move |kusto, _| {
            let session = Session {
                kusto,
                database,
                properties,
                text: String::new(),
            };
            kusto.state().begin_command();
            let ended = Ended::of(work(&session));
            kusto.state().end_command();
            ended
        }))
    }

    /// Notes an operation that is to be worked on later, and answers with its identity.
    pub(crate) fn start(
        &self,
        kind: &'static str,
        work: impl FnOnce(&FakeKusto, Uuid) -> Ended + Send + 'static,
    ) -> AnswerTable {
        let now = self.kusto.now();
        let mut state = self.kusto.state();
        let work: Work = Box::new(work);
        let id = state
            .log
            .begin(kind, &self.database, Some((work, &self.text)), now);
        state.note_change();
        table_of(&[("OperationId", ScalarType::Guid)]).with_row([id])
    }

    /// The extents that a query tells by `ExtentId`, and by `TableName` where it is not known which table is meant.
    pub(crate) fn extents(
        &self,
        query: &str,
        of: Option<&TableRef>,
    ) -> Result<BTreeMap<TableRef, Vec<Uuid>>> {
        let found = self.run(query)?;
        let why = "the query must have the columns ExtentId and TableName";
        let id = found
            .column("ExtentId")
            .ok_or_else(|| refused("General_BadRequest", why))?;
        let name = found.column("TableName");
        let mut chosen: BTreeMap<_, Vec<Uuid>> = BTreeMap::new();
        for row in &found.rows {
            let table = match (of, name.map(|name| &row[name])) {
                (Some(table), _) => table.clone(),
                (None, Some(Value::String(table))) => TableRef {
                    database: None,
                    table: table.clone(),
                },
                _ => return Err(refused("General_BadRequest", why)),
            };
            let extent = match &row[id] {
                Value::Guid(extent) => *extent,
                other => Uuid::parse_str(&other.to_string())
                    .map_err(|_| refused("General_BadRequest", "an ExtentId is no identity"))?,
            };
            chosen.entry(table).or_default().push(extent);
        }
        Ok(chosen)
    }
}
