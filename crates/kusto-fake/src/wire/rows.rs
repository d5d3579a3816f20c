//! Columns and rows as they are written, key by key in the service's order.

use std::fmt;

use kusto_ingest_core::Timestamp;
use kusto_ingest_decode::{Row, ScalarType, Value};
use serde::ser::{Error, Serialize, SerializeSeq, Serializer};
use serde_json::value::RawValue;

use crate::AnswerTable;

/// A V1 column has the .NET and the Kusto name of its type, a V2 column only Kusto's.
#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WireColumn<'a> {
    column_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_type: Option<&'static str>,
    column_type: &'static str,
}

pub(super) fn columns_v1(table: &AnswerTable) -> Vec<WireColumn<'_>> {
    columns(table, |scalar_type| Some(dot_net_type(scalar_type)))
}

pub(super) fn columns_v2(table: &AnswerTable) -> Vec<WireColumn<'_>> {
    columns(table, |_| None)
}

fn columns(
    table: &AnswerTable,
    data_type: impl Fn(ScalarType) -> Option<&'static str>,
) -> Vec<WireColumn<'_>> {
    let columns = table.columns.iter().map(|column| WireColumn {
        column_name: &column.name,
        data_type: data_type(column.scalar_type),
        column_type: column.scalar_type.name(),
    });
    columns.collect()
}

/// Rows, and what stands behind them where not all of them came.
pub(super) struct Rows<'a, E> {
    pub(super) rows: &'a [Row],
    pub(super) error: Option<E>,
}

impl<E: Serialize> Serialize for Rows<'_, E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let length = self.rows.len() + usize::from(self.error.is_some());
        let mut rows = serializer.serialize_seq(Some(length))?;
        for row in self.rows {
            rows.serialize_element(&Cells(row))?;
        }
        if let Some(error) = &self.error {
            rows.serialize_element(error)?;
        }
        rows.end()
    }
}

struct Cells<'a>(&'a Row);

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Cell))
    }
}

/// A value as the service writes it. Dynamic values stand there as they are kept: with their members in order, and every
/// digit of their numbers.
struct Cell<'a>(&'a Value);

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i32(*value),
            Value::Long(value) => serializer.serialize_i64(*value),
            Value::Real(value) if value.is_finite() => serializer.serialize_f64(*value),
            Value::String(text) => serializer.serialize_str(text),
            Value::DateTime(value) => serializer.collect_str(&IsoTimestamp(*value)),
            Value::Dynamic(value) => {
                let raw: &RawValue = serde_json::from_str(value.as_str()).map_err(S::Error::custom)?;
                raw.serialize(serializer)
            }
            Value::Real(_) | Value::Decimal(_) | Value::Timespan(_) | Value::Guid(_) => {
                serializer.collect_str(self.0)
            }
        }
    }
}

/// A moment as the service writes it: `2009-04-01T00:00:00Z` and `…00.5Z`, without zeros behind the last digit.
struct IsoTimestamp(Timestamp);

impl fmt::Display for IsoTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        match text.strip_suffix('Z').filter(|digits| digits.contains('.')) {
            Some(digits) => {
                let digits = digits.trim_end_matches('0').trim_end_matches('.');
                write!(f, "{digits}Z")
            }
            None => f.write_str(&text),
        }
    }
}

/// What .NET calls a scalar type in an answer.
fn dot_net_type(scalar_type: ScalarType) -> &'static str {
    match scalar_type {
        ScalarType::Bool => "Boolean",
        ScalarType::Int => "Int32",
        ScalarType::Long => "Int64",
        ScalarType::Real => "Double",
        ScalarType::Decimal => "SqlDecimal",
        ScalarType::String => "String",
        ScalarType::Guid => "Guid",
        ScalarType::DateTime => "DateTime",
        ScalarType::Timespan => "TimeSpan",
        ScalarType::Dynamic => "Object",
    }
}
