//! Members of JSON objects whose names come in more than one spelling.

use kusto_ingest_core::Timestamp;
use serde_json::Value;

/// The first member of one of these names, whatever the case of its letters, that is not null.
pub(super) fn member<'v>(value: &'v Value, names: &[&str]) -> Option<&'v Value> {
    let object = value.as_object()?;
    let find = |name: &&str| object.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let found = names.iter().filter_map(find).map(|(_, value)| value);
    found.into_iter().find(|value| !value.is_null())
}

/// A member that is text, and not blank.
pub(super) fn text<'v>(value: &'v Value, names: &[&str]) -> Option<&'v str> {
    let text = member(value, names)?.as_str()?.trim();
    (!text.is_empty()).then_some(text)
}

/// A member that is a whole number, written as one or as text.
pub(super) fn number(value: &Value, names: &[&str]) -> Option<u64> {
    let found = member(value, names)?;
    found.as_u64().or_else(|| found.as_str()?.trim().parse().ok())
}

/// A member that is a moment.
pub(super) fn moment(value: &Value, names: &[&str]) -> Option<Timestamp> {
    Timestamp::parse(text(value, names)?).ok()
}

/// The members of a list; none where there is no list.
pub(super) fn items<'v>(value: &'v Value, names: &[&str]) -> &'v [Value] {
    member(value, names)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}
