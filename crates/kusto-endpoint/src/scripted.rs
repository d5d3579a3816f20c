//! An endpoint for tests, which answers as it was told to.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use kusto_ingest_core::{DatabaseName, Error, ErrorKind, Result};

use crate::{Dataset, ManagementEndpoint, QueryEndpoint, RequestProperties};

/// An endpoint for tests, which answers as it was told to and remembers what it was asked.
///
/// An answer belongs to the commands or queries that begin with some text. Answers for once come first, in their
/// order; then the standing one. Clones share the same script, so a test keeps one and hands the other over.
#[derive(Clone, Default)]
pub struct ScriptedEndpoint(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    once: Vec<(String, VecDeque<Result<Dataset>>)>,
    standing: Vec<(String, Dataset)>,
    asked: Vec<RecordedCommand>,
}

/// What a [`ScriptedEndpoint`] was asked.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RecordedCommand {
    /// The database it was asked in.
    pub database: DatabaseName,
    /// The command or query.
    pub text: String,
    /// Its properties.
    pub properties: RequestProperties,
}

impl ScriptedEndpoint {
    /// An endpoint that knows no answer yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers every command or query that begins with this text; a later answer replaces an earlier one.
    #[must_use]
    pub fn with_response(self, beginning: impl Into<String>, answer: Dataset) -> Self {
        let beginning = beginning.into();
        {
            let mut script = self.script();
            script.standing.retain(|(known, _)| *known != beginning);
            script.standing.push((beginning, answer));
        }
        self
    }

    /// Answers one command or query that begins with this text, before the standing answer and after those added
    /// earlier.
    pub fn once(&self, beginning: impl Into<String>, answer: Result<Dataset>) {
        let beginning = beginning.into();
        let mut script = self.script();
        if let Some((_, answers)) = script.once.iter_mut().find(|(known, _)| *known == beginning) {
            answers.push_back(answer);
            return;
        }
        script.once.push((beginning, VecDeque::from([answer])));
    }

    /// The commands and queries that it was asked, in order.
    #[must_use]
    pub fn commands(&self) -> Vec<RecordedCommand> {
        self.script().asked.clone()
    }

    /// How many commands and queries it was asked that begin with this text.
    #[must_use]
    pub fn command_count(&self, beginning: &str) -> usize {
        let script = self.script();
        script
            .asked
            .iter()
            .filter(|asked| asked.text.starts_with(beginning))
            .count()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, database: &DatabaseName, text: &str, properties: &RequestProperties) -> Result<Dataset> {
        let mut script = self.script();
        script.asked.push(RecordedCommand {
            database: database.clone(),
            text: text.to_owned(),
            properties: properties.clone(),
        });
        let once = script
            .once
            .iter_mut()
            .filter(|(beginning, _)| text.starts_with(beginning.as_str()))
            .find_map(|(_, answers)| answers.pop_front());
        let standing = || {
            let found = script
                .standing
                .iter()
                .find(|(beginning, _)| text.starts_with(beginning.as_str()));
            found.map(|(_, answer)| Ok(answer.clone()))
        };
        once.or_else(standing).unwrap_or_else(|| {
            Err(Error::new(ErrorKind::Unsupported, "answer").because("the script has no answer to this"))
        })
    }
}

#[async_trait]
impl ManagementEndpoint for ScriptedEndpoint {
    async fn execute(
        &self,
        database: &DatabaseName,
        command: &str,
        properties: &RequestProperties,
    ) -> Result<Dataset> {
        self.answer(database, command, properties)
    }
}

#[async_trait]
impl QueryEndpoint for ScriptedEndpoint {
    async fn query(
        &self,
        database: &DatabaseName,
        query: &str,
        properties: &RequestProperties,
    ) -> Result<Dataset> {
        self.answer(database, query, properties)
    }
}

impl fmt::Debug for ScriptedEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedEndpoint")
            .field("asked", &self.script().asked.len())
            .finish_non_exhaustive()
    }
}
