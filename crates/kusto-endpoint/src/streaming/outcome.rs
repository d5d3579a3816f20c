//! What an engine answers to a streaming request.

use kusto_ingest_core::{Error, ErrorKind, Idempotency, Result};
use serde::Deserialize;
use serde_json::Value;

use super::call::OPERATION;
use crate::service_error::foreign_success;
use crate::{Dataset, ServiceError, Table, json};

const CONSUMED: &str = "ConsumedRecordsCount";
const POLICY_STATUS: &str = "UpdatePolicyStatus";
const POLICY_CODE: &str = "UpdatePolicyFailureCode";
const POLICY_REASON: &str = "UpdatePolicyFailureReason";

/// What an engine answered to a streaming request that it carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamingOutcome {
    /// How many records were consumed, where the engine says. It has said zero of requests that did bring data: it
    /// proves nothing.
    pub consumed_records: Option<i64>,
    /// What the table's update policy did, where the engine says.
    pub update_policy: Option<UpdatePolicyOutcome>,
    /// The service's name for what it did.
    pub activity_id: Option<String>,
}

/// What a table's update policy did with streamed data, in the engine's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdatePolicyOutcome {
    /// Whether it ran, such as `Inactive`.
    pub status: String,
    /// The kind of failure, if any.
    pub code: Option<String>,
    /// The failure in words, if any.
    pub reason: Option<String>,
}

impl StreamingOutcome {
    /// The outcome of so many records.
    #[must_use]
    pub fn of_records(count: i64) -> Self {
        Self {
            consumed_records: Some(count),
            ..Self::default()
        }
    }

    /// Reads the body of a success. An empty one, `null` and an object that says nothing of this are a success all the
    /// same.
    ///
    /// # Errors
    /// The service's own error where one stands in the answer. [`ErrorKind::OutcomeUnknown`] for any other body, such as
    /// the sign-in page of a network: whether the service was asked is not known.
    pub fn from_body(body: &[u8]) -> Result<Self> {
        if let Some(outcome) = usual(body) {
            return Ok(outcome);
        }
        let said = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii();
        if said.is_empty() {
            return Ok(Self::default());
        }
        match json::read(said) {
            Ok(Value::Null) => Ok(Self::default()),
            Ok(Value::Object(_)) => match Dataset::from_v1(said) {
                Ok(dataset) => Ok(dataset.primary().map(Self::from_table).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::Protocol => Ok(Self::default()),
                Err(error) => Err(error),
            },
            _ => Err(foreign_success(OPERATION, said)),
        }
    }

    fn from_table(table: &Table) -> Self {
        let text = |name| {
            let told = table.value(0, name).and_then(Value::as_str);
            told.map(ToOwned::to_owned)
        };
        Self::told(
            table.value(0, CONSUMED).and_then(Value::as_i64),
            [text(POLICY_STATUS), text(POLICY_CODE), text(POLICY_REASON)],
        )
    }

    fn told(consumed_records: Option<i64>, policy: [Option<String>; 3]) -> Self {
        let [status, code, reason] = policy.map(|text| text.filter(|text| !text.is_empty()));
        Self {
            consumed_records,
            update_policy: status.map(|status| UpdatePolicyOutcome { status, code, reason }),
            activity_id: None,
        }
    }
}

/// The answer as engines write it: one table of four columns and one row, and nothing beside it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct StandardAnswer<'a> {
    #[serde(borrow)]
    tables: [StandardTable<'a>; 1],
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StandardTable<'a> {
    #[serde(borrow)]
    columns: [StandardColumn<'a>; 4],
    rows: [StandardRow; 1],
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StandardColumn<'a> {
    column_name: &'a str,
}

#[derive(Deserialize)]
struct StandardRow(Option<i64>, Option<String>, Option<String>, Option<String>);

/// Reads the usual answer without a dataset, which would cost a fifth of a small request. `None` for any other.
fn usual(body: &[u8]) -> Option<StreamingOutcome> {
    let StandardAnswer { tables: [table] } = serde_json::from_slice(body).ok()?;
    let names = table.columns.map(|column| column.column_name);
    if names != [CONSUMED, POLICY_STATUS, POLICY_CODE, POLICY_REASON] {
        return None;
    }
    let [StandardRow(consumed, status, code, reason)] = table.rows;
    Some(StreamingOutcome::told(consumed, [status, code, reason]))
}

/// The error that a service answered with; an address without any streaming answers with no words at all.
pub(crate) fn refusal(told: ServiceError, operation: &'static str, status: u16) -> Error {
    let is_wordless = told.code.is_none() && told.exception.is_none();
    if status == 404 && is_wordless {
        return Error::new(ErrorKind::Unsupported, operation)
            .because(
                "there is no such address on the endpoint: streaming ingestion is switched off for the cluster, \
                 or this is not an engine's address",
            )
            .with_http_status(status);
    }
    told.into_error_of(Idempotency::NonIdempotent, operation, status)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(policy: [Option<&str>; 3]) -> String {
        let column = |name| json!({"ColumnName": name, "DataType": "String", "ColumnType": "string"});
        let columns = [CONSUMED, POLICY_STATUS, POLICY_CODE, POLICY_REASON].map(column);
        let [status, code, reason] = policy;
        json!({"Tables": [{
            "TableName": "Table_0",
            "Columns": columns,
            "Rows": [[7, status, code, reason]],
        }]})
        .to_string()
    }

    #[test]
    fn the_usual_answer_says_the_same_with_and_without_a_dataset() {
        for policy in [
            [Some("Inactive"), Some("Unknown"), None],
            [Some("Failed"), None, None],
            [Some("Failed"), Some("Unknown"), Some("it failed")],
        ] {
            let body = body(policy);
            let dataset = Dataset::from_v1(body.as_bytes()).expect("an answer");
            let read = dataset.primary().map(StreamingOutcome::from_table);
            assert_eq!(usual(body.as_bytes()), read, "{body}");
            assert!(read.is_some_and(|read| read.consumed_records == Some(7)));
        }
    }

    #[test]
    fn any_other_answer_is_left_to_the_dataset() {
        let body = body([Some("Inactive"), Some("Unknown"), None]);
        assert!(usual(body.as_bytes()).is_some());
        for other in [
            body.replace(CONSUMED, "Kind"),
            body.replace("\"Tables\"", "\"Exceptions\":[\"no\"],\"Tables\""),
            body.replace("[7,", "[[],"),
            body.replace("\"Rows\":[", "\"Rows\":[{\"OneApiErrors\":[]},"),
        ] {
            assert_ne!(other, body);
            assert_eq!(usual(other.as_bytes()), None, "{other}");
        }
    }
}
