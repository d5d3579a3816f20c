//! INT96, read as the bytes it is: as nanoseconds since 1970, only the years 1677 to 2262 would have a value.

use std::sync::Arc;

use parquet::basic::{ConvertedType, Type as Physical};
use parquet::errors::Result;
use parquet::schema::types::{SchemaDescriptor, Type};

/// The length of INT96 in bytes.
pub(super) const LENGTH: i32 = 12;

/// The schema with bytes in the place of INT96; none where there is none, or where other bytes of that length could not be
/// told from it.
pub(super) fn as_bytes(schema: &SchemaDescriptor) -> Option<Arc<SchemaDescriptor>> {
    let columns = || schema.columns().iter();
    let is_other = |column: &&Arc<parquet::schema::types::ColumnDescriptor>| {
        column.physical_type() == Physical::FIXED_LEN_BYTE_ARRAY && column.type_length() == LENGTH
    };
    if !columns().any(|column| column.physical_type() == Physical::INT96) || columns().any(|it| is_other(&it))
    {
        return None;
    }
    let root = replaced(schema.root_schema()).ok()?;
    Some(Arc::new(SchemaDescriptor::new(Arc::new(root))))
}

fn replaced(node: &Type) -> Result<Type> {
    let info = node.get_basic_info();
    let id = info.has_id().then(|| info.id());
    match node {
        Type::PrimitiveType { physical_type, .. } if *physical_type == Physical::INT96 => {
            Type::primitive_type_builder(node.name(), Physical::FIXED_LEN_BYTE_ARRAY)
                .with_length(LENGTH)
                .with_converted_type(ConvertedType::NONE)
                .with_repetition(info.repetition())
                .with_id(id)
                .build()
        }
        Type::PrimitiveType { .. } => Ok(node.clone()),
        Type::GroupType { fields, .. } => {
            let fields = fields.iter().map(|field| replaced(field).map(Arc::new));
            let mut group = Type::group_type_builder(node.name())
                .with_fields(fields.collect::<Result<_>>()?)
                .with_converted_type(info.converted_type())
                .with_logical_type(info.logical_type_ref().cloned())
                .with_id(id);
            if info.has_repetition() {
                group = group.with_repetition(info.repetition());
            }
            group.build()
        }
    }
}
