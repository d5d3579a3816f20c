//! Why single sources of a command failed, as the engine keeps it.

use kusto_endpoint::{ManagementEndpoint, RequestProperties, Table};
use kusto_ingest_core::{DatabaseName, Error, ErrorKind, redact_address, span};
use serde_json::Value;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::operations::is_true;
use crate::redactor::Redactor;

/// Why single sources of an operation failed.
#[derive(Default)]
pub(crate) struct Failures(Vec<Failure>);

struct Failure {
    /// The source without secrets; empty when the engine does not say.
    path: String,
    error: Error,
}

impl Failures {
    /// Asks the engine. That it does not tell is no error: what is known already then has to do.
    pub(crate) async fn of(
        engine: &dyn ManagementEndpoint,
        database: &DatabaseName,
        operation: Uuid,
        redactor: &Redactor,
    ) -> Self {
        let command = format!(".show ingestion failures with (OperationId={operation})");
        let answer = engine
            .execute(database, &command, &RequestProperties::new())
            .instrument(span::command(".show ingestion failures", database, 1))
            .await;
        match answer {
            Ok(answer) => answer.primary().map_or_else(Self::default, |table| {
                Self(
                    (0..table.rows.len())
                        .map(|row| read(table, row, operation, redactor))
                        .collect(),
                )
            }),
            Err(error) => {
                let error = redactor.error(error);
                tracing::debug!(error = %error.chain(), "the engine does not tell why single sources failed");
                Self::default()
            }
        }
    }

    /// The failure of a source, given without its secrets.
    pub(crate) fn about(&self, path: &str) -> Option<&Error> {
        let failure = self.0.iter().find(|failure| failure.path == path)?;
        Some(&failure.error)
    }

    /// The one failure there is, whatever it names.
    pub(crate) fn only(&self) -> Option<&Error> {
        match self.0.as_slice() {
            [failure] => Some(&failure.error),
            _ => None,
        }
    }
}

fn read(table: &Table, row: usize, operation: Uuid, redactor: &Redactor) -> Failure {
    let text = |name: &str| table.value(row, name).and_then(Value::as_str).unwrap_or_default();
    let is_transient = text("FailureKind").eq_ignore_ascii_case("transient")
        || table.value(row, "ShouldRetry").is_some_and(is_true);
    let kind = match is_transient {
        true => ErrorKind::Unavailable,
        false => ErrorKind::Rejected,
    };
    let error = Error::new(kind, "ingest the source")
        .because(redactor.text(text("Details")))
        .with("operation", operation)
        .with_permanence(!is_transient);
    let code = text("ErrorCode");
    Failure {
        path: redact_address(text("IngestionSourcePath")).to_owned(),
        error: if code.is_empty() {
            error
        } else {
            error.with_code(redactor.text(code))
        },
    }
}
