//! Which types of Arrow can be written: told by the schema, before there are rows.

use arrow_schema::{DataType, Field, Schema};
use kusto_ingest_core::Result;

use crate::refusal::Refusal;

/// The name of the extension type that is a GUID.
const UUID: &str = "arrow.uuid";

/// Refuses a schema with a column that cannot be written.
pub(super) fn check(schema: &Schema) -> Result<()> {
    schema
        .fields()
        .iter()
        .try_for_each(|field| of_field(field))
        .map_err(Refusal::in_schema)
}

/// Whether a field holds GUIDs.
pub(crate) fn is_uuid(field: &Field) -> bool {
    matches!(field.data_type(), DataType::FixedSizeBinary(16)) && field.extension_type_name() == Some(UUID)
}

fn of_field(field: &Field) -> Result<(), Refusal> {
    of_type(field.data_type()).map_err(|refusal| refusal.within(field.name()))
}

fn of_type(kind: &DataType) -> Result<(), Refusal> {
    match kind {
        DataType::Null | DataType::Boolean => Ok(()),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Ok(()),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            Ok(())
        }
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => of_field(item),
        DataType::ListView(item) | DataType::LargeListView(item) => of_field(item),
        DataType::Struct(members) => members.iter().try_for_each(|field| of_field(field)),
        DataType::Map(entries, _) => of_entries(entries.data_type()),
        DataType::Dictionary(_, values) => of_type(values),
        DataType::RunEndEncoded(_, values) => of_type(values.data_type()),
        DataType::Interval(_) => Err(refused(kind, "cast it to a duration or to text")),
        kind if kind.is_primitive() => Ok(()),
        _ => Err(refused(kind, "cast it to one that can")),
    }
}

/// The struct of a key and a value that a map is a list of.
fn of_entries(kind: &DataType) -> Result<(), Refusal> {
    let DataType::Struct(members) = kind else {
        return Err(refused(kind, "a map has keys and values"));
    };
    let [keys, values] = members.as_ref() else {
        return Err(refused(kind, "a map has keys and values, and nothing else"));
    };
    if !may_be_key(keys) {
        return Err(refused(keys.data_type(), "cast the keys of the map to text").within(keys.name()));
    }
    of_field(values)
}

fn may_be_key(field: &Field) -> bool {
    let is_key = |kind: &DataType| match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Boolean => true,
        DataType::Interval(_) => false,
        kind => kind.is_primitive() && !kind.is_floating(),
    };
    match field.data_type() {
        DataType::Dictionary(_, values) => is_key(values),
        kind => is_key(kind) || is_uuid(field),
    }
}

fn refused(kind: &DataType, advice: &str) -> Refusal {
    Refusal::new(format!(
        "values of the Arrow type {kind} cannot be written; {advice}"
    ))
}
