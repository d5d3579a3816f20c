//! The operations of the engine, and how they ended.

mod state;

pub use state::OperationState;

use std::sync::Arc;
use std::time::Duration;

use kusto_endpoint::{ManagementEndpoint, RequestProperties, Table};
use kusto_ingest_core::{
    Clock, DatabaseName, Error, ErrorKind, PollSchedule, Result, Timestamp, span, within,
};
use serde_json::Value;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::redactor::Redactor;

/// How long the engine may not know an operation that it has just begun.
pub(crate) const UNKNOWN_AT_FIRST: Duration = Duration::from_secs(60);

/// How long one look may take.
pub(crate) const LOOK_LIMIT: Duration = Duration::from_secs(60);

/// How long the last look may take, when the time to follow is almost over.
const LAST_LOOK: Duration = Duration::from_secs(5);

/// An operation, as the engine shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Its identity.
    pub id: Uuid,
    /// How far it is.
    pub state: OperationState,
    /// The engine's words on it, in one line and without secrets.
    pub status: Option<String>,
    /// When it began.
    pub started_on: Option<Timestamp>,
    /// When it was last heard of.
    pub updated_on: Option<Timestamp>,
    /// Whether the engine says that the same command may succeed later.
    pub should_retry: bool,
}

impl Operation {
    /// Why it failed; `None` when it did not, or has not ended.
    #[must_use]
    pub fn failure(&self) -> Option<Error> {
        let (kind, permanent) = self.state.failure(self.should_retry)?;
        let told = self.status.as_deref().filter(|status| !status.is_empty());
        let reason = match (&self.state, told) {
            (OperationState::PartiallySucceeded, told) => {
                format!(
                    "only a part was ingested: {}",
                    told.unwrap_or("the engine says no more")
                )
            }
            (_, Some(told)) => told.to_owned(),
            (state, None) => format!("the operation ended as {state}"),
        };
        let error = Error::new(kind, "ingest by the operation").because(reason);
        Some(
            error
                .with("operation", self.id)
                .with("state", &self.state)
                .with_permanence(permanent),
        )
    }

    fn read(table: &Table, row: usize, id: Uuid, redactor: &Redactor) -> Self {
        let text = |name: &str| table.value(row, name).and_then(Value::as_str);
        let time = |name: &str| text(name).and_then(|text| Timestamp::parse(text).ok());
        Self {
            id,
            state: OperationState::from_name(text("State").unwrap_or_default()),
            status: text("Status").map(|text| redactor.text(text)),
            started_on: time("StartedOn"),
            updated_on: time("LastUpdatedOn"),
            should_retry: table.value(row, "ShouldRetry").is_some_and(is_true),
        }
    }
}

/// Whether a value says yes: as a truth value, a number or a text.
pub(crate) fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_i64().is_some_and(|number| number != 0),
        Value::String(text) => text.eq_ignore_ascii_case("true") || text == "1",
        _ => false,
    }
}

/// Looks at the operations of an engine.
#[derive(Clone, Debug)]
pub struct Operations {
    engine: Arc<dyn ManagementEndpoint>,
    clock: Arc<dyn Clock>,
}

impl Operations {
    /// The operations of the engine behind an endpoint.
    #[must_use]
    pub fn new(engine: Arc<dyn ManagementEndpoint>, clock: Arc<dyn Clock>) -> Self {
        Self { engine, clock }
    }

    /// Looks once. `None` when the engine does not know it: it shows the last six hours, and those just begun may
    /// not be shown yet.
    ///
    /// # Errors
    /// Those of the endpoint.
    pub async fn fetch(&self, database: &DatabaseName, id: Uuid) -> Result<Option<Operation>> {
        self.fetch_hiding(database, id, &Redactor::default()).await
    }

    /// The default schedule of looks at an operation: the first after 1 s, later ones up to every 15 s, for an hour.
    #[must_use]
    pub fn default_schedule() -> PollSchedule {
        let second = Duration::from_secs(1);
        PollSchedule::standard().with_intervals(second, 2 * second, 15 * second)
    }

    /// Looks until the operation is final. A failed operation is no error here: it has [`Operation::failure`].
    ///
    /// A look with a transient failure is made again, as the schedule says. Dropping the future changes nothing for the
    /// operation.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when the limit passed first; [`ErrorKind::NotFound`] when the engine does not know the
    /// operation for a minute; permanent errors of the endpoint, and others where more looks in a row failed than the
    /// schedule allows.
    pub async fn wait_for_operation(
        &self,
        database: &DatabaseName,
        id: Uuid,
        schedule: &PollSchedule,
    ) -> Result<Operation> {
        self.wait_for_operation_redacted(database, id, schedule, &Redactor::default())
            .await
    }

    pub(crate) async fn wait_for_operation_redacted(
        &self,
        database: &DatabaseName,
        id: Uuid,
        schedule: &PollSchedule,
        redactor: &Redactor,
    ) -> Result<Operation> {
        let begun = self.clock.monotonic();
        let elapsed = || self.clock.monotonic().saturating_sub(begun);
        let left = || schedule.limit.map(|limit| limit.saturating_sub(elapsed()));
        let (mut looks, mut failures, mut seen) = (0, 0, None);
        let mut wait = schedule.before(looks);
        loop {
            wait = left().map_or(wait, |left| wait.min(left));
            if !wait.is_zero() {
                self.clock.sleep(wait).await;
            }
            let limit = left().map_or(LOOK_LIMIT, |left| left.clamp(LAST_LOOK, LOOK_LIMIT));
            let look = self.fetch_hiding(database, id, redactor);
            let looked = within(&*self.clock, limit, "look at the operation", look).await;
            looks += 1;
            wait = schedule.before(looks);
            let is_over = left().is_some_and(|left| left.is_zero());
            match looked {
                Ok(Some(operation)) if operation.state.is_final() => return Ok(operation),
                Ok(None) if elapsed() >= UNKNOWN_AT_FIRST => return Err(unknown(id)),
                Ok(looked) => {
                    failures = 0;
                    seen = looked.map(|operation| operation.state).or(seen);
                }
                Err(error) => {
                    failures += 1;
                    let random = id.as_u64_pair().1.rotate_left(looks);
                    match schedule.after_failure(failures, random) {
                        _ if error.is_permanent() => return Err(error.with("operation", id)),
                        Some(longer) => wait += longer,
                        None if is_over => {}
                        None => return Err(error.with("operation", id)),
                    }
                    tracing::debug!(error = %error.chain(), "polling the operation again");
                }
            }
            if is_over {
                let limit = schedule.limit.unwrap_or_default();
                return Err(too_long(id, limit, seen.as_ref()));
            }
        }
    }

    async fn fetch_hiding(
        &self,
        database: &DatabaseName,
        id: Uuid,
        redactor: &Redactor,
    ) -> Result<Option<Operation>> {
        let command = format!(".show operations {id}");
        let answer = self
            .engine
            .execute(database, &command, &RequestProperties::new())
            .instrument(span::command(".show operations", database, 1))
            .await?;
        let table = answer.primary().filter(|table| !table.rows.is_empty());
        // The engine gives one row for an identity; a history of several has the latest last.
        Ok(table.map(|table| Operation::read(table, latest(table), id, redactor)))
    }
}

fn latest(table: &Table) -> usize {
    let updated = |row: &usize| {
        let text = table.value(*row, "LastUpdatedOn").and_then(Value::as_str);
        text.and_then(|text| Timestamp::parse(text).ok())
    };
    (0..table.rows.len()).max_by_key(updated).unwrap_or_default()
}

fn too_long(id: Uuid, limit: Duration, seen: Option<&OperationState>) -> Error {
    let error = Error::new(ErrorKind::Timeout, "follow the operation")
        .because(format!("it has not ended after {limit:?}"))
        .with("operation", id);
    match seen {
        Some(state) => error.with("state", state),
        None => error,
    }
}

fn unknown(id: Uuid) -> Error {
    Error::new(ErrorKind::NotFound, "follow the operation")
        .because("the engine does not know it")
        .with("operation", id)
}
