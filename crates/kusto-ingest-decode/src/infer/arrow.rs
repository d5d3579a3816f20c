//! The types of Kusto for the types of Arrow.

use arrow_schema::{DataType, Field, Schema};

use crate::ScalarType;

/// The columns of a schema, each with the type that takes all its values.
pub(super) fn columns(schema: &Schema) -> Vec<(String, ScalarType)> {
    let fields = schema.fields().iter();
    fields
        .map(|field| (field.name().clone(), scalar_type(field)))
        .collect()
}

fn scalar_type(field: &Field) -> ScalarType {
    match field.data_type() {
        DataType::Boolean => ScalarType::Bool,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 => {
            ScalarType::Int
        }
        DataType::Int64 | DataType::UInt32 => ScalarType::Long,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => ScalarType::Real,
        // The larger half of these is no long.
        DataType::UInt64 => ScalarType::Decimal,
        DataType::Decimal128(..) | DataType::Decimal256(..) => ScalarType::Decimal,
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => ScalarType::DateTime,
        DataType::Time32(_) | DataType::Time64(_) | DataType::Duration(_) => ScalarType::Timespan,
        DataType::FixedSizeBinary(_) if field.extension_type_name() == Some("arrow.uuid") => ScalarType::Guid,
        DataType::Utf8View if field.extension_type_name() == Some("arrow.json") => ScalarType::Dynamic,
        kind if kind.is_nested() => ScalarType::Dynamic,
        _ => ScalarType::String,
    }
}
