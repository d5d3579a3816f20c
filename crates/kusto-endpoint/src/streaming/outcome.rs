//! What an engine answers to a streaming request.

use kusto_ingest_core::{Error, ErrorKind, Result};
use serde_json::Value;

use crate::{Dataset, ServiceError, Table};

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

    /// Reads the body of a success. A body that says nothing, or nothing of this, is a success all the same.
    ///
    /// # Errors
    /// The service's own error where one stands in the answer.
    pub fn from_body(body: &[u8]) -> Result<Self> {
        match Dataset::from_v1(body) {
            Ok(dataset) => Ok(dataset.primary().map(Self::from_table).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Protocol || !body.trim_ascii().starts_with(b"{") => {
                Ok(Self::default())
            }
            Err(error) => Err(error),
        }
    }

    fn from_table(table: &Table) -> Self {
        let text = |name| {
            let told = table.value(0, name).and_then(Value::as_str);
            told.filter(|text| !text.is_empty()).map(ToOwned::to_owned)
        };
        Self {
            consumed_records: table.value(0, CONSUMED).and_then(Value::as_i64),
            update_policy: text(POLICY_STATUS).map(|status| UpdatePolicyOutcome {
                status,
                code: text(POLICY_CODE),
                reason: text(POLICY_REASON),
            }),
            activity_id: None,
        }
    }

    /// Writes the body of a success as an engine does.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let policy = self.update_policy.clone().unwrap_or_else(|| UpdatePolicyOutcome {
            status: "Inactive".to_owned(),
            code: Some("Unknown".to_owned()),
            reason: None,
        });
        let columns = [
            (CONSUMED, "long"),
            (POLICY_STATUS, "string"),
            (POLICY_CODE, "string"),
            (POLICY_REASON, "string"),
        ];
        let row = [
            self.consumed_records.into(),
            policy.status.into(),
            policy.code.into(),
            policy.reason.into(),
        ] as [Value; 4];
        Dataset::single(Table::of("Table_0", &columns).with_row(row)).to_v1()
    }
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
    told.into_error(operation, status)
}
