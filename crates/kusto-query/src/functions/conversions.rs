//! From one type to another.

use kusto_ingest_decode::ScalarType::{
    Bool, DateTime, Decimal, Dynamic, Guid, Int, Long, Real, String as Text, Timespan,
};

use super::strings::text;
use super::{Function, typed};
use crate::Value;
use crate::value::{cast, parse_json};

macro_rules! conversion {
    ($name:literal, $to:expr) => {
        typed($name, "a", $to, |args, _| cast(args[0], $to)).named_first()
    };
}

pub(super) const TABLE: &[Function] = &[
    conversion!("tostring", Text),
    conversion!("tobool", Bool),
    conversion!("toint", Int),
    conversion!("tolong", Long),
    conversion!("todouble", Real),
    conversion!("todecimal", Decimal),
    conversion!("todatetime", DateTime),
    conversion!("totimespan", Timespan),
    conversion!("toguid", Guid),
    typed("todynamic", "a", Dynamic, |args, _| json(args[0])).named_first(),
    typed("parse_json", "a", Dynamic, |args, _| json(args[0])).named_first(),
    typed("dynamic_to_json", "a", Text, |args, _| {
        let mut text = String::new();
        args[0].write_json(&mut text);
        text.into()
    }),
    typed("tohex", "l?l", Text, |args, _| {
        let number = args[0]
            .as_long()
            .map(|number| format!("{number:x}"))
            .unwrap_or_default();
        let length = args
            .get(1)
            .and_then(|length| length.as_long())
            .and_then(|length| usize::try_from(length).ok());
        format!("{number:0>width$}", width = length.unwrap_or(0).min(64)).into()
    }),
    typed("new_guid", "", Guid, |_, env| {
        let random = (u128::from(env.random()) << 64) | u128::from(env.random());
        Value::Guid(uuid::Builder::from_random_bytes(random.to_be_bytes()).into_uuid())
    }),
    typed("extract_json", "ss?a", Dynamic, |args, _| {
        let source = json(args[1]);
        path(&source, text(args, 0)).cloned().unwrap_or(Value::Null)
    }),
];

/// Text that is JSON as its value; what is none is itself.
fn json(value: &Value) -> Value {
    match value {
        Value::String(text) => parse_json(text).unwrap_or_else(|| value.clone()),
        other => other.clone(),
    }
}

/// What lies at a path such as `$.a[0]['b']`.
fn path<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let mut value = value;
    let mut rest = path.strip_prefix('$')?;
    while !rest.is_empty() {
        let (step, after) = match rest.strip_prefix('[') {
            Some(inner) => inner.split_once(']')?,
            None => {
                let rest = rest.strip_prefix('.')?;
                rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()))
            }
        };
        let name = step.trim_matches(['\'', '"']);
        value = match (value.as_array(), name.parse::<usize>()) {
            (Some(items), Ok(place)) => items.get(place)?,
            _ => super::element(value, name)?,
        };
        rest = after;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_members_and_elements() {
        let value = parse_json(r#"{"a":[{"b c":1}]}"#).unwrap();
        assert_eq!(path(&value, "$.a[0]['b c']"), Some(&Value::Long(1)));
        assert_eq!(path(&value, "$.a[1]"), None);
        assert_eq!(path(&value, "a"), None);
    }
}
