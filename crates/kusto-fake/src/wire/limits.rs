//! Where an answer is cut, and what it says then.

use kusto_ingest_decode::{Row, Value};
use serde::Serialize;

use super::{AnswerContext, AnswerOptions};
use crate::AnswerTable;

/// The rows of a table that are sent, and why the others are not.
#[derive(Clone, Copy)]
pub(super) struct LimitedRows<'a> {
    pub(super) rows: &'a [Row],
    pub(super) cut: Option<LimitReached>,
}

/// Which limit was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LimitReached {
    Records(u64),
    Bytes(u64),
}

/// Cuts a table as the options say.
pub(super) fn kept<'a>(table: &'a AnswerTable, options: &AnswerOptions) -> LimitedRows<'a> {
    let taken = options
        .take
        .map_or(table.rows.len(), |take| at_most(take, table.rows.len()));
    let rows = &table.rows[..taken];
    let fitting = options.max_bytes.map_or(rows.len(), |most| fitting(rows, most));
    let allowed = options
        .max_records
        .map_or(rows.len(), |most| at_most(most, rows.len()));
    let cut = match (options.max_bytes, options.max_records) {
        (Some(most), _) if fitting < rows.len().min(allowed) => Some(LimitReached::Bytes(most)),
        (_, Some(most)) if allowed < rows.len() => Some(LimitReached::Records(most)),
        _ => None,
    };
    LimitedRows {
        rows: &rows[..fitting.min(allowed)],
        cut,
    }
}

fn at_most(most: u64, rows: usize) -> usize {
    usize::try_from(most).map_or(rows, |most| most.min(rows))
}

/// How many rows have no more than so many bytes of values together.
fn fitting(rows: &[Row], most: u64) -> usize {
    let mut total = 0_u64;
    rows.iter()
        .take_while(|row| {
            total += row.iter().map(size).sum::<u64>();
            total <= most
        })
        .count()
}

/// The bytes of a value, as the service counts them: texts by their letters, all else by the size of its type.
fn size(value: &Value) -> u64 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) => 4,
        Value::Long(_) | Value::Real(_) | Value::DateTime(_) | Value::Timespan(_) => 8,
        Value::Decimal(_) | Value::Guid(_) => 16,
        Value::String(text) => text.len() as u64,
        Value::Dynamic(value) => value.as_str().len() as u64,
    }
}

impl LimitReached {
    /// The text that the service writes.
    pub(super) fn text(self) -> String {
        let limit = match self {
            Self::Records(most) => format!("{most} records"),
            Self::Bytes(most) => format!("{most} bytes"),
        };
        format!(
            "Query execution has exceeded the allowed limits (80DA0003): The results of this query exceed the set limit of \
             {limit}, so not all records were returned (E_QUERY_RESULT_SET_TOO_LARGE, 0x80DA0003). See \
             https://aka.ms/kustoquerylimits for more information and possible solutions."
        )
    }

    /// The error in V2 answers.
    pub(super) fn error(self, context: &AnswerContext) -> OneApiErrors {
        OneApiErrors {
            errors: [OneApiError {
                error: ErrorDetails {
                    code: "LimitsExceeded",
                    message: "Request is invalid and cannot be executed.",
                    exception: "Kusto.Data.Exceptions.KustoServicePartialQueryFailureLimitsExceededException",
                    description: self.text(),
                    context: Context {
                        timestamp: context.at.to_string(),
                        client_request_id: context.client_request_id.clone(),
                        activity_id: context.activity_id.to_string(),
                    },
                    permanent: false,
                },
            }],
        }
    }
}

/// Errors in the place of a row.
#[derive(Clone, Serialize)]
pub(super) struct OneApiErrors {
    #[serde(rename = "OneApiErrors")]
    pub(super) errors: [OneApiError; 1],
}

/// An error within an answer.
#[derive(Clone, Serialize)]
pub(super) struct OneApiError {
    error: ErrorDetails,
}

#[derive(Clone, Serialize)]
struct ErrorDetails {
    code: &'static str,
    message: &'static str,
    #[serde(rename = "@type")]
    exception: &'static str,
    #[serde(rename = "@message")]
    description: String,
    #[serde(rename = "@context")]
    context: Context,
    #[serde(rename = "@permanent")]
    permanent: bool,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    timestamp: String,
    client_request_id: String,
    activity_id: String,
}
