//! Runs ingest commands: at once, or when somebody asks for their operation.

use std::panic::{AssertUnwindSafe, catch_unwind};

use kusto_endpoint::RequestProperties;
use kusto_ingest_core::{
    BlobSource, BlobUri, Error, ErrorKind, IngestionProperties, MappingKind, Result, Timespan,
};
use kusto_ingest_decode::{ScalarType, Value};
use kusto_ingest_message::IngestionMessage;
use serde_json::{Map, json};
use uuid::Uuid;

use crate::answer::table_of;
use crate::ingest_command::{Data, Ingest};
use crate::manage::Session;
use crate::operations::{Ended, StoredFailure};
use crate::worker::{IngestionKind, Outcome, internal_error, load_blob, load_bytes, load_text};
use crate::{AnswerTable, FakeKusto};

/// What the service calls the operation of an ingest command.
const INGEST: &str = "DataIngestPull";

/// One source of a command, without secrets, and what became of it.
type Loaded = (String, Result<Outcome>);

impl FakeKusto {
    /// Runs an ingest command, or notes it where it is asynchronous.
    ///
    /// # Errors
    /// The service's own codes: for a table that does not exist, for properties that cannot be read, and for the
    /// first source when no source was loaded.
    pub(crate) fn ingest(&self, session: &Session<'_>, ingest: Ingest) -> Result<AnswerTable> {
        let database = session.database.as_str();
        let properties = properties(database, &ingest)?;
        self.state().catalog.table(database, properties.table.as_str())?;
        match ingest.data {
            Data::Inline(text) => Ok(inline_table(&load_text(self, &properties, text).map_err(told)?)),
            Data::Stream(data) => Ok(inline_table(&load_bytes(self, &properties, &data).map_err(told)?)),
            Data::Blobs(blobs) if ingest.is_async => Ok(session.start(INGEST, move |kusto, id| {
                let loaded = kusto.load(&properties, &blobs);
                kusto.as_ended(id, &properties, &loaded)
            })),
            Data::Blobs(blobs) => self.ingest_now(&properties, &blobs),
        }
    }

    fn ingest_now(&self, properties: &IngestionProperties, blobs: &[BlobUri]) -> Result<AnswerTable> {
        let now = self.now();
        let id = self
            .state()
            .log
            .begin(INGEST, properties.database.as_str(), None, now);
        let loaded = self.load(properties, blobs);
        let ended = self.as_ended(id, properties, &loaded);
        self.state().log.end(id, ended, self.now());
        let all_failed = loaded.iter().all(|(_, result)| result.is_err());
        match loaded.iter().find_map(|(_, result)| result.as_ref().err()) {
            Some(error) if all_failed => Err(told(error.clone())),
            _ => Ok(loaded_table(&loaded, id)),
        }
    }

    /// Has the commands of operations that a log kept be worked on, those that had not begun.
    pub(crate) fn resume_operations(&self) {
        let unfinished = self.state().log.unfinished();
        for (id, database, command) in unfinished {
            self.state().log.resume_as(Some(id));
            let session = Session::new(self, &database, &RequestProperties::new());
            let answer = session.and_then(|session| session.run(&command));
            let now = self.now();
            let mut state = self.state();
            if state.log.resume_as(None).is_some() {
                // It is refused by now, where its table is gone for example, and nobody would work on it.
                state.log.end(id, Ended::of(answer), now);
            }
        }
    }

    /// Works on the oldest operation that waits, unless the work is held; whether there was one.
    pub(crate) fn work_on_operation(&self) -> bool {
        let now = self.now();
        let waiting = {
            let mut state = self.state();
            if state.is_held {
                None
            } else {
                state.log.take_work(now)
            }
        };
        let Some((id, work)) = waiting else {
            return false;
        };
        let ended = catch_unwind(AssertUnwindSafe(|| work(self, id)));
        let ended = ended.unwrap_or_else(|_| Ended::of(Err(internal_error())));
        let now = self.now();
        let mut state = self.state();
        state.log.end(id, ended, now);
        state.note_change();
        true
    }

    /// Loads blobs one after the other. Whether they were ingested before is asked once for all of them: the tags that the
    /// first one leaves behind do not make the command skip the others.
    fn load(&self, properties: &IngestionProperties, blobs: &[BlobUri]) -> Vec<Loaded> {
        let mut properties = properties.clone();
        let mut loaded = Vec::with_capacity(blobs.len());
        for blob in blobs {
            let result = load_blob(
                self,
                &properties,
                &BlobSource::new(blob.clone()),
                None,
                IngestionKind::Direct,
            );
            if matches!(result, Ok(Outcome::Ingested(_))) {
                properties.ingest_if_not_exists.clear();
            }
            loaded.push((blob.redacted().to_owned(), result));
        }
        loaded
    }

    fn as_ended(&self, id: Uuid, properties: &IngestionProperties, loaded: &[Loaded]) -> Ended {
        let now = self.now();
        let failed = loaded.iter().filter_map(|(path, result)| {
            let error = result.as_ref().err()?;
            Some(StoredFailure {
                operation: id,
                activity: id,
                database: properties.database.to_string(),
                table: properties.table.to_string(),
                path: path.clone(),
                failed: now,
                is_permanent: error.is_permanent(),
                is_of_update_policy: false,
                error: error.clone(),
            })
        });
        let skipped = loaded
            .iter()
            .filter(|(_, result)| matches!(result, Ok(Outcome::Skipped)));
        Ended::of_sources(loaded.len(), skipped.count(), failed.collect())
    }
}

/// What the engine refuses, it refuses with this status.
fn told(error: Error) -> Error {
    match error.http_status() {
        None => error.with_http_status(400),
        Some(_) => error,
    }
}

/// The properties of a command are those of a message, but for a few older names.
pub(crate) fn properties(database: &str, ingest: &Ingest) -> Result<IngestionProperties> {
    let mut additional = Map::new();
    for (name, value) in &ingest.properties {
        let (name, kind) = modern(name);
        if additional.insert(name.clone(), value.clone()).is_some() {
            return Err(duplicate(&name));
        }
        if let Some(kind) = kind {
            additional.insert("ingestionMappingType".to_owned(), kind.wire_name().into());
        }
    }
    let message = json!({
        "DatabaseName": database,
        "TableName": ingest.table,
        "AdditionalProperties": additional,
    });
    let message = IngestionMessage::decode(&message.to_string())?;
    message.properties().map_err(told)
}

/// A property by the name that it has today, and the kind of mapping that an older name told.
fn modern(name: &str) -> (String, Option<MappingKind>) {
    let lower = name.to_ascii_lowercase();
    let kinds = [
        ("csvmapping", MappingKind::Csv),
        ("jsonmapping", MappingKind::Json),
        ("avromapping", MappingKind::Avro),
        ("parquetmapping", MappingKind::Parquet),
        ("orcmapping", MappingKind::Orc),
    ];
    for (start, kind) in kinds {
        match lower.strip_prefix(start) {
            Some("") => return ("ingestionMapping".to_owned(), Some(kind)),
            Some("reference") => return ("ingestionMappingReference".to_owned(), Some(kind)),
            _ => {}
        }
    }
    (name.to_owned(), None)
}

fn duplicate(name: &str) -> Error {
    Error::new(ErrorKind::Rejected, "read the ingest command")
        .because("a property is set twice")
        .with("property", name)
        .with_code("BadRequest_DuplicateMapping")
        .with_http_status(400)
}

fn inline_table(outcome: &Outcome) -> AnswerTable {
    table_of(&[("ExtentId", ScalarType::Guid)]).with_row([extent_id(outcome)])
}

fn extent_id(outcome: &Outcome) -> Uuid {
    match outcome {
        Outcome::Ingested(extent) => extent.id,
        Outcome::Skipped => Uuid::nil(),
    }
}

/// One row for every source that was loaded or failed; where there is none, one that says so.
fn loaded_table(loaded: &[Loaded], operation: Uuid) -> AnswerTable {
    let columns = [
        ("ExtentId", ScalarType::Guid),
        ("ItemLoaded", ScalarType::String),
        ("Duration", ScalarType::Timespan),
        ("HasErrors", ScalarType::Bool),
        ("OperationId", ScalarType::Guid),
    ];
    let row = |extent: Uuid, item: &str, has_errors: bool| {
        [
            Value::from(extent),
            Value::from(item),
            Value::from(Timespan::from_ticks(0)),
            Value::from(has_errors),
            Value::from(operation),
        ]
    };
    let mut table = table_of(&columns);
    for (path, result) in loaded {
        table = match result {
            Ok(Outcome::Skipped) => table,
            Ok(outcome) => table.with_row(row(extent_id(outcome), path, false)),
            Err(_) => table.with_row(row(Uuid::nil(), path, true)),
        };
    }
    if table.rows.is_empty() {
        return table.with_row(row(Uuid::nil(), "", false));
    }
    table
}
