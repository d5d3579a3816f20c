//! Kusto's scalar types by every name that services use, and values in their one form.

use kusto_ingest_core::Timespan;
use serde_json::Value;

/// One row a type: Kusto's word, what .NET calls it, further spellings.
const TYPES: &[(&str, &str, &[&str])] = &[
    ("bool", "Boolean", &["boolean", "sbyte"]),
    ("int", "Int32", &["int32"]),
    ("long", "Int64", &["int64"]),
    ("real", "Double", &["double", "float", "single"]),
    ("decimal", "SqlDecimal", &["sqldecimal"]),
    ("string", "String", &[]),
    ("guid", "Guid", &["uuid", "uniqueid"]),
    ("datetime", "DateTime", &["date"]),
    ("timespan", "TimeSpan", &["time"]),
    ("dynamic", "Object", &["object"]),
];

/// Kusto's word for a type, whatever it was called. A type nobody knows is `dynamic`: any JSON value.
pub(super) fn kusto_type(name: &str) -> &'static str {
    let name = name.rsplit('.').next().unwrap_or(name);
    TYPES
        .iter()
        .find(|(kusto, dot_net, others)| {
            [kusto, dot_net]
                .into_iter()
                .chain(*others)
                .any(|known| known.eq_ignore_ascii_case(name))
        })
        .map_or("dynamic", |(kusto, ..)| kusto)
}

/// A value in the one form of its type: some commands answer booleans as 0 and 1, and timespans as ticks.
pub(super) fn normal(kusto: &str, value: Value) -> Value {
    match (kusto, &value) {
        ("bool", Value::Number(number)) => number.as_i64().map_or(value, |number| Value::Bool(number != 0)),
        ("timespan", Value::Number(number)) => number.as_i64().map_or(value, |ticks| {
            Value::String(Timespan::from_ticks(ticks).to_string())
        }),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_by_every_name() {
        for (name, kusto) in [
            ("Int32", "int"),
            ("System.Int64", "long"),
            ("SqlDecimal", "decimal"),
            ("System.Data.SqlTypes.SqlDecimal", "decimal"),
            ("SByte", "bool"),
            ("uniqueid", "guid"),
            ("Object", "dynamic"),
            ("something new", "dynamic"),
            ("datetime", "datetime"),
        ] {
            assert_eq!(kusto_type(name), kusto, "{name}");
        }
    }

    #[test]
    fn a_boolean_is_true_or_false_and_a_timespan_a_text() {
        assert_eq!(normal("bool", 1.into()), Value::Bool(true));
        assert_eq!(normal("timespan", 10_000_000.into()), Value::from("00:00:01"));
        assert_eq!(
            normal("timespan", (-15_000_000).into()),
            Value::from("-00:00:01.5000000")
        );
        assert_eq!(normal("long", 1.into()), Value::from(1));
    }
}
