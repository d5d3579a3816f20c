//! One value of an Arrow array, as a typed value.

use arrow_array::Array;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal128Type, Decimal256Type, DecimalType,
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType,
    Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_schema::{DataType, Field, TimeUnit};
use kusto_ingest_core::Timespan;
use uuid::Uuid;

use crate::Decimal;
use crate::record::Typed;
use crate::value::with_ticks;

/// Ticks of 100 ns a day.
const DAY: i128 = 864_000_000_000;

/// The day of 1970 in the calendar of INT96.
const JULIAN_1970: i64 = 2_440_588;

/// Reads the values of arrays.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ArrayReader {
    /// Whether binary of 12 bytes is a moment: INT96 of Parquet.
    pub(crate) has_int96: bool,
}

impl ArrayReader {
    /// The value of a field in one row; null where the array has no such type. None if the record takes more memory than it may
    /// still: a list of millions is a few bytes in a file.
    pub(crate) fn value<'a>(
        self,
        field: &Field,
        array: &'a dyn Array,
        row: usize,
        left: &mut usize,
    ) -> Option<Typed<'a>> {
        charge(left, size_of::<Typed<'_>>())?;
        if array.is_null(row) {
            return Some(Typed::Null);
        }
        Some(match array.data_type() {
            DataType::List(item) => {
                let ends = array.as_list::<i32>().value_offsets();
                let range = ends[row] as usize..ends[row + 1] as usize;
                self.items(item, array.as_list::<i32>().values(), range, left)?
            }
            DataType::LargeList(item) => {
                let ends = array.as_list::<i64>().value_offsets();
                let range = ends[row] as usize..ends[row + 1] as usize;
                self.items(item, array.as_list::<i64>().values(), range, left)?
            }
            DataType::FixedSizeList(item, length) => {
                let length = usize::try_from(*length).unwrap_or_default();
                let first = array.as_fixed_size_list().value_offset_at(row);
                let values = array.as_fixed_size_list().values();
                self.items(item, values, first..first + length, left)?
            }
            DataType::Struct(fields) => {
                let columns = fields.iter().zip(array.as_struct().columns());
                let member = |(field, column): (&'a std::sync::Arc<Field>, &'a arrow_array::ArrayRef)| {
                    charge(left, field.name().len())?;
                    Some((
                        field.name().as_str().into(),
                        self.value(field, column, row, left)?,
                    ))
                };
                Typed::Object(columns.map(member).collect::<Option<_>>()?)
            }
            DataType::Map(..) => self.entries(array.as_map(), row, left)?,
            _ => {
                let value = self.single(field, array, row);
                match &value {
                    Typed::Text(text) => charge(left, text.len())?,
                    Typed::Bytes(bytes) => charge(left, bytes.len())?,
                    _ => {}
                }
                value
            }
        })
    }

    /// A value without others in it.
    fn single<'a>(self, field: &Field, array: &'a dyn Array, row: usize) -> Typed<'a> {
        match array.data_type() {
            DataType::Boolean => Typed::Bool(array.as_boolean().value(row)),
            DataType::Utf8 => Typed::Text(array.as_string::<i32>().value(row).into()),
            DataType::LargeUtf8 => Typed::Text(array.as_string::<i64>().value(row).into()),
            DataType::Utf8View => Typed::Text(array.as_string_view().value(row).into()),
            DataType::Binary => Typed::Bytes(array.as_binary::<i32>().value(row).into()),
            DataType::LargeBinary => Typed::Bytes(array.as_binary::<i64>().value(row).into()),
            DataType::BinaryView => Typed::Bytes(array.as_binary_view().value(row).into()),
            DataType::FixedSizeBinary(_) => self.fixed(field, array.as_fixed_size_binary().value(row)),
            _ => self.primitive(array, row),
        }
    }

    fn items<'a>(
        self,
        item: &Field,
        values: &'a dyn Array,
        range: std::ops::Range<usize>,
        left: &mut usize,
    ) -> Option<Typed<'a>> {
        let items = range.map(|at| self.value(item, values, at, left));
        Some(Typed::List(items.collect::<Option<_>>()?))
    }

    /// The entries of a map as members, each named by the text of its key.
    fn entries<'a>(self, map: &'a arrow_array::MapArray, row: usize, left: &mut usize) -> Option<Typed<'a>> {
        let ends = map.value_offsets();
        let (DataType::Struct(fields), [key, value]) = (map.entries().data_type(), map.entries().columns())
        else {
            return Some(Typed::Null);
        };
        let entry = |at| {
            let name = match self.value(&fields[0], key, at, left)? {
                Typed::Text(text) => text,
                key => key.text().into_owned().into(),
            };
            Some((name, self.value(&fields[1], value, at, left)?))
        };
        let entries = (ends[row] as usize..ends[row + 1] as usize).map(entry);
        Some(Typed::Object(entries.collect::<Option<_>>()?))
    }

    fn fixed<'a>(self, field: &Field, bytes: &'a [u8]) -> Typed<'a> {
        match <[u8; 12]>::try_from(bytes) {
            Ok(bytes) if self.has_int96 => int96(bytes),
            _ if field.extension_type_name() == Some("arrow.uuid") => {
                Uuid::from_slice(bytes).map_or(Typed::Bytes(bytes.into()), Typed::Guid)
            }
            _ => Typed::Bytes(bytes.into()),
        }
    }

    /// What Arrow stores as a number, and means as one or as a time.
    fn primitive<'a>(self, array: &'a dyn Array, row: usize) -> Typed<'a> {
        let of = Cell { array, row };
        match array.data_type() {
            DataType::Int8 => of.integer::<Int8Type>(),
            DataType::Int16 => of.integer::<Int16Type>(),
            DataType::Int32 => of.integer::<Int32Type>(),
            DataType::Int64 => of.integer::<Int64Type>(),
            DataType::UInt8 => of.integer::<UInt8Type>(),
            DataType::UInt16 => of.integer::<UInt16Type>(),
            DataType::UInt32 => of.integer::<UInt32Type>(),
            DataType::UInt64 => of.integer::<UInt64Type>(),
            DataType::Float16 => Typed::Real(of.native::<Float16Type>().to_f64()),
            DataType::Float32 => Typed::Real(of.native::<Float32Type>().into()),
            DataType::Float64 => Typed::Real(of.native::<Float64Type>()),
            DataType::Decimal128(..) => of.decimal::<Decimal128Type>(),
            DataType::Decimal256(..) => of.decimal::<Decimal256Type>(),
            DataType::Date32 => moment(i128::from(of.native::<Date32Type>()) * DAY),
            DataType::Date64 => moment(i128::from(of.native::<Date64Type>()) * 10_000),
            DataType::Timestamp(unit, _) => moment(ticks(
                *unit,
                match unit {
                    TimeUnit::Second => of.native::<TimestampSecondType>(),
                    TimeUnit::Millisecond => of.native::<TimestampMillisecondType>(),
                    TimeUnit::Microsecond => of.native::<TimestampMicrosecondType>(),
                    TimeUnit::Nanosecond => of.native::<TimestampNanosecondType>(),
                },
            )),
            DataType::Duration(unit) => length(ticks(
                *unit,
                match unit {
                    TimeUnit::Second => of.native::<DurationSecondType>(),
                    TimeUnit::Millisecond => of.native::<DurationMillisecondType>(),
                    TimeUnit::Microsecond => of.native::<DurationMicrosecondType>(),
                    TimeUnit::Nanosecond => of.native::<DurationNanosecondType>(),
                },
            )),
            DataType::Time32(unit) => length(ticks(
                *unit,
                i64::from(match unit {
                    TimeUnit::Second => of.native::<Time32SecondType>(),
                    _ => of.native::<Time32MillisecondType>(),
                }),
            )),
            DataType::Time64(unit) => length(ticks(
                *unit,
                match unit {
                    TimeUnit::Microsecond => of.native::<Time64MicrosecondType>(),
                    _ => of.native::<Time64NanosecondType>(),
                },
            )),
            _ => Typed::Unrepresentable,
        }
    }
}

fn charge(left: &mut usize, bytes: usize) -> Option<()> {
    *left = left.checked_sub(bytes)?;
    Some(())
}

/// One value of an array of numbers.
#[derive(Clone, Copy)]
struct Cell<'a> {
    array: &'a dyn Array,
    row: usize,
}

impl<'a> Cell<'a> {
    fn native<T: ArrowPrimitiveType>(self) -> T::Native {
        self.array.as_primitive::<T>().value(self.row)
    }

    fn integer<T: ArrowPrimitiveType<Native: Into<i128>>>(self) -> Typed<'a> {
        Typed::Integer(self.native::<T>().into())
    }

    fn decimal<T: DecimalType>(self) -> Typed<'a> {
        let text = self.array.as_primitive::<T>().value_as_string(self.row);
        Decimal::parse(&text).map_or(Typed::Unrepresentable, Typed::Decimal)
    }
}

/// A number of units as ticks of 100 ns; what is below a tick is cut off.
pub(crate) fn ticks(unit: TimeUnit, number: i64) -> i128 {
    let number = i128::from(number);
    match unit {
        TimeUnit::Second => number * 10_000_000,
        TimeUnit::Millisecond => number * 10_000,
        TimeUnit::Microsecond => number * 10,
        TimeUnit::Nanosecond => number.div_euclid(100),
    }
}

/// The moment so many ticks after 1970.
pub(crate) fn moment<'a>(ticks: i128) -> Typed<'a> {
    with_ticks(ticks).map_or(Typed::Unrepresentable, Typed::DateTime)
}

/// The length of so many ticks.
pub(crate) fn length<'a>(ticks: i128) -> Typed<'a> {
    i64::try_from(ticks).map_or(Typed::Unrepresentable, |ticks| {
        Typed::Timespan(Timespan::from_ticks(ticks))
    })
}

/// Nanoseconds of a day, and the day: exact for every year, where nanoseconds since 1970 are not.
fn int96<'a>(bytes: [u8; 12]) -> Typed<'a> {
    let [nanoseconds @ .., a, b, c, d] = bytes;
    let nanoseconds = i64::from_le_bytes(nanoseconds);
    let days = i64::from(i32::from_le_bytes([a, b, c, d])) - JULIAN_1970;
    moment(i128::from(days) * DAY + ticks(TimeUnit::Nanosecond, nanoseconds))
}
