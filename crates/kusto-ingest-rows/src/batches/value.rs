//! One value of an Arrow array, as serde and Kusto see it.

mod time_unit;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    DecimalType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    RunEndIndexType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, StructArray};
use arrow_schema::{DataType, Field};
use serde::{Serialize, Serializer, ser};
use uuid::Uuid;

use super::schema;
use crate::{serialize_datetime, serialize_timespan};

/// One value of an array.
pub(crate) struct Value<'a> {
    array: &'a dyn Array,
    row: usize,
    is_uuid: bool,
}

impl<'a> Value<'a> {
    /// A value of a field, which may say more of it than its array does.
    pub(crate) fn of_field(field: &Field, array: &'a dyn Array, row: usize) -> Self {
        let is_uuid = schema::is_uuid(field);
        Self { array, row, is_uuid }
    }

    fn new(array: &'a dyn Array, row: usize) -> Self {
        let is_uuid = false;
        Self { array, row, is_uuid }
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (array, row) = (self.array, self.row);
        if array.is_null(row) {
            return to.serialize_none();
        }
        match array.data_type() {
            DataType::Null => to.serialize_none(),
            DataType::Boolean => to.serialize_bool(array.as_boolean().value(row)),
            kind if kind.is_primitive() => self.primitive(to),
            DataType::Utf8 => to.serialize_str(array.as_string::<i32>().value(row)),
            DataType::LargeUtf8 => to.serialize_str(array.as_string::<i64>().value(row)),
            DataType::Utf8View => to.serialize_str(array.as_string_view().value(row)),
            DataType::Binary => to.serialize_bytes(array.as_binary::<i32>().value(row)),
            DataType::LargeBinary => to.serialize_bytes(array.as_binary::<i64>().value(row)),
            DataType::BinaryView => to.serialize_bytes(array.as_binary_view().value(row)),
            DataType::FixedSizeBinary(_) if self.is_uuid => self.uuid(to),
            DataType::FixedSizeBinary(_) => to.serialize_bytes(array.as_fixed_size_binary().value(row)),
            DataType::List(item) => list(item, &*array.as_list::<i32>().value(row), to),
            DataType::LargeList(item) => list(item, &*array.as_list::<i64>().value(row), to),
            DataType::ListView(item) => list(item, &*array.as_list_view::<i32>().value(row), to),
            DataType::LargeListView(item) => list(item, &*array.as_list_view::<i64>().value(row), to),
            DataType::FixedSizeList(item, _) => list(item, &*array.as_fixed_size_list().value(row), to),
            DataType::Struct(_) => members(array.as_struct(), row, to),
            DataType::Map(..) => entries(&array.as_map().value(row), to),
            DataType::Dictionary(key, _) => self.dictionary(key, to),
            DataType::RunEndEncoded(ends, values) => self.run(ends.data_type(), values, to),
            other => unsupported(other),
        }
    }
}

impl Value<'_> {
    fn number<T: ArrowPrimitiveType>(&self) -> T::Native {
        self.array.as_primitive::<T>().value(self.row)
    }

    /// What Arrow stores as a number, and means as one or as a time.
    fn primitive<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if let Some(moment) = time_unit::moment(self.array, self.row) {
            return serialize_datetime(&moment, to);
        }
        if let Some(length) = time_unit::length(self.array, self.row) {
            return serialize_timespan(&length, to);
        }
        match self.array.data_type() {
            DataType::Int8 => to.serialize_i8(self.number::<Int8Type>()),
            DataType::Int16 => to.serialize_i16(self.number::<Int16Type>()),
            DataType::Int32 => to.serialize_i32(self.number::<Int32Type>()),
            DataType::Int64 => to.serialize_i64(self.number::<Int64Type>()),
            DataType::UInt8 => to.serialize_u8(self.number::<UInt8Type>()),
            DataType::UInt16 => to.serialize_u16(self.number::<UInt16Type>()),
            DataType::UInt32 => to.serialize_u32(self.number::<UInt32Type>()),
            DataType::UInt64 => to.serialize_u64(self.number::<UInt64Type>()),
            DataType::Float16 => to.serialize_f32(self.number::<Float16Type>().to_f32()),
            DataType::Float32 => to.serialize_f32(self.number::<Float32Type>()),
            DataType::Float64 => to.serialize_f64(self.number::<Float64Type>()),
            DataType::Decimal32(..) => self.decimal::<Decimal32Type, S>(to),
            DataType::Decimal64(..) => self.decimal::<Decimal64Type, S>(to),
            DataType::Decimal128(..) => self.decimal::<Decimal128Type, S>(to),
            DataType::Decimal256(..) => self.decimal::<Decimal256Type, S>(to),
            other => unsupported(other),
        }
    }

    fn decimal<T: DecimalType, S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.array.as_primitive::<T>().value_as_string(self.row))
    }

    fn uuid<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let bytes = self.array.as_fixed_size_binary().value(self.row);
        let id = Uuid::from_slice(bytes).map_err(ser::Error::custom)?;
        to.serialize_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
    }

    /// The value of the run that the row is in.
    fn run<S: Serializer>(&self, ends: &DataType, field: &Field, to: S) -> Result<S::Ok, S::Error> {
        let (array, row) = (self.array, self.row);
        let (values, place) = match ends {
            DataType::Int16 => in_run::<Int16Type>(array, row),
            DataType::Int32 => in_run::<Int32Type>(array, row),
            DataType::Int64 => in_run::<Int64Type>(array, row),
            other => return unsupported(other),
        };
        Value::of_field(field, values, place).serialize(to)
    }

    fn dictionary<S: Serializer>(&self, key: &DataType, to: S) -> Result<S::Ok, S::Error> {
        match key {
            DataType::Int8 => self.looked_up::<Int8Type, S>(to),
            DataType::Int16 => self.looked_up::<Int16Type, S>(to),
            DataType::Int32 => self.looked_up::<Int32Type, S>(to),
            DataType::Int64 => self.looked_up::<Int64Type, S>(to),
            DataType::UInt8 => self.looked_up::<UInt8Type, S>(to),
            DataType::UInt16 => self.looked_up::<UInt16Type, S>(to),
            DataType::UInt32 => self.looked_up::<UInt32Type, S>(to),
            DataType::UInt64 => self.looked_up::<UInt64Type, S>(to),
            other => unsupported(other),
        }
    }

    /// The value that a key of a dictionary stands for.
    fn looked_up<K: ArrowDictionaryKeyType, S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let dictionary = self.array.as_dictionary::<K>();
        match dictionary.key(self.row) {
            Some(key) => Value::new(&**dictionary.values(), key).serialize(to),
            None => to.serialize_none(),
        }
    }
}

fn in_run<E: RunEndIndexType>(array: &dyn Array, row: usize) -> (&dyn Array, usize) {
    let runs = array.as_run::<E>();
    (&**runs.values(), runs.get_physical_index(row))
}

fn list<S: Serializer>(item: &Field, items: &dyn Array, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq((0..items.len()).map(|row| Value::of_field(item, items, row)))
}

fn members<S: Serializer>(members: &StructArray, row: usize, to: S) -> Result<S::Ok, S::Error> {
    let named = members.fields().iter().zip(members.columns());
    to.collect_map(named.map(|(field, array)| (field.name(), Value::of_field(field, &**array, row))))
}

/// A map is a list of structs of two members: key and value.
fn entries<S: Serializer>(entries: &StructArray, to: S) -> Result<S::Ok, S::Error> {
    let ([key, value], [keys, values]) = (entries.fields().as_ref(), entries.columns()) else {
        return Err(ser::Error::custom("a map has keys and values, and nothing else"));
    };
    to.collect_map((0..entries.len()).map(|row| {
        (
            Value::of_field(key, &**keys, row),
            Value::of_field(value, &**values, row),
        )
    }))
}

fn unsupported<T, E: ser::Error>(kind: &DataType) -> Result<T, E> {
    Err(E::custom(format!(
        "values of the Arrow type {kind} cannot be written"
    )))
}
