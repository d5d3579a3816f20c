//! Columns and rows as they are written, key by key in the service's order.

use kusto_endpoint::{Column, Table};
use serde::ser::{Serialize, SerializeSeq, Serializer};
use serde_json::Value;

/// What .NET calls Kusto's scalar types.
const DOT_NET_TYPES: [(&str, &str); 9] = [
    ("bool", "Boolean"),
    ("int", "Int32"),
    ("long", "Int64"),
    ("real", "Double"),
    ("decimal", "SqlDecimal"),
    ("string", "String"),
    ("guid", "Guid"),
    ("datetime", "DateTime"),
    ("timespan", "TimeSpan"),
];

/// A column of the first shape has both names of its type, one of the second shape Kusto's own alone.
#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WireColumn<'a> {
    column_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_type: Option<&'static str>,
    column_type: &'a str,
}

pub(super) fn columns_v1(table: &Table) -> Vec<WireColumn<'_>> {
    columns(table, |kusto_type| Some(dot_net_type(kusto_type)))
}

pub(super) fn columns_v2(table: &Table) -> Vec<WireColumn<'_>> {
    columns(table, |_| None)
}

fn columns(table: &Table, data_type: impl Fn(&str) -> Option<&'static str>) -> Vec<WireColumn<'_>> {
    let columns = table.columns.iter().map(|column| WireColumn {
        column_name: &column.name,
        data_type: data_type(&column.kusto_type),
        column_type: &column.kusto_type,
    });
    columns.collect()
}

/// Rows, and what stands behind them where not all of them came.
pub(super) struct Rows<'a, E> {
    pub(super) columns: &'a [Column],
    pub(super) rows: &'a [Vec<Value>],
    pub(super) error: Option<E>,
}

impl<E: Serialize> Serialize for Rows<'_, E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let length = self.rows.len() + usize::from(self.error.is_some());
        let mut rows = serializer.serialize_seq(Some(length))?;
        for row in self.rows {
            rows.serialize_element(&Row(self.columns, row))?;
        }
        if let Some(error) = &self.error {
            rows.serialize_element(error)?;
        }
        rows.end()
    }
}

struct Row<'a>(&'a [Column], &'a [Value]);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut cells = serializer.serialize_seq(Some(self.1.len()))?;
        for (place, value) in self.1.iter().enumerate() {
            let is_moment = self
                .0
                .get(place)
                .is_some_and(|column| column.kusto_type == "datetime");
            match value {
                Value::String(text) if is_moment => cells.serialize_element(&Moment(text))?,
                other => cells.serialize_element(other)?,
            }
        }
        cells.end()
    }
}

/// A moment as the service writes it: `2009-04-01T00:00:00Z` and `…00.5Z`, without zeros behind the last digit.
struct Moment<'a>(&'a str);

impl Serialize for Moment<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.strip_suffix('Z').filter(|digits| digits.contains('.')) {
            Some(digits) => {
                let digits = digits.trim_end_matches('0').trim_end_matches('.');
                serializer.collect_str(&format_args!("{digits}Z"))
            }
            None => serializer.serialize_str(self.0),
        }
    }
}

fn dot_net_type(kusto: &str) -> &'static str {
    let mut known = DOT_NET_TYPES.iter();
    known
        .find(|(name, _)| name.eq_ignore_ascii_case(kusto))
        .map_or("Object", |(_, dot_net)| dot_net)
}
