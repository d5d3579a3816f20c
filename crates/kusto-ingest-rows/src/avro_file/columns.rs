//! Columns as Kusto reads them from Avro: what Avro has no exact type for becomes the text of the value, within others too.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{TimestampMicrosecondType, TimestampMillisecondType};
use arrow_array::{
    Array, ArrayRef, FixedSizeListArray, LargeListArray, ListArray, MapArray, RecordBatch, StringArray,
    StructArray, TimestampMicrosecondArray, TimestampMillisecondArray,
};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};

use crate::batches::{Value, is_uuid};
use crate::json;
use crate::refusal::Refusal;

/// The zone of all of Kusto's datetimes.
const UTC: &str = "+00:00";

/// Columns, and the schema that they are written with.
pub(super) struct Columns {
    pub(super) schema: SchemaRef,
}

impl Columns {
    pub(super) fn of(schema: &Schema) -> Result<Self, Refusal> {
        let fields = schema.fields().iter().map(|field| column(field));
        Ok(Self {
            schema: Arc::new(Schema::new(fields.collect::<Result<Vec<_>, _>>()?)),
        })
    }

    /// The batch as it is written.
    pub(super) fn convert(&self, batch: &RecordBatch) -> Result<RecordBatch, Refusal> {
        let found = batch.schema_ref().fields().iter().zip(batch.columns());
        let columns = found.zip(self.schema.fields());
        let columns = columns.map(|((field, array), wanted)| converted(field, array, wanted));
        let columns = columns.collect::<Result<Vec<_>, Refusal>>()?;
        Ok(RecordBatch::try_new(self.schema.clone(), columns)?)
    }
}

/// A column as it is written.
fn column(field: &Field) -> Result<Field, Refusal> {
    let name = field.name();
    let is_letter = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
    if !name.starts_with(is_letter)
        || !name
            .chars()
            .all(|letter| is_letter(letter) || letter.is_ascii_digit())
    {
        let why = format!("Avro has no column {name:?}: names are of ASCII letters, digits and _");
        return Err(Refusal::new(why));
    }
    Ok(match is_uuid(field) {
        true => field
            .clone()
            .with_metadata([("logicalType".to_owned(), "uuid".to_owned())]),
        false => written(field),
    })
}

/// A field as it is written: a column, or what is within one.
fn written(field: &Field) -> Field {
    let inner = |inner: &FieldRef| Arc::new(written(inner));
    let data_type = match field.data_type() {
        _ if is_text(field) => return Field::new(field.name(), DataType::Utf8, field.is_nullable()),
        DataType::Timestamp(unit, _) => DataType::Timestamp(*unit, Some(UTC.into())),
        DataType::List(item) => DataType::List(inner(item)),
        DataType::LargeList(item) => DataType::LargeList(inner(item)),
        DataType::FixedSizeList(item, length) => DataType::FixedSizeList(inner(item), *length),
        DataType::Struct(members) => DataType::Struct(members.iter().map(inner).collect()),
        DataType::Map(entries, is_sorted) => DataType::Map(inner(entries), *is_sorted),
        other => other.clone(),
    };
    field.clone().with_data_type(data_type)
}

/// Whether values become text: Avro has no type for them that keeps all digits, or that says what they mean.
fn is_text(field: &Field) -> bool {
    match field.data_type() {
        DataType::Duration(_) | DataType::Time64(TimeUnit::Nanosecond) | DataType::UInt64 => true,
        DataType::Timestamp(TimeUnit::Nanosecond | TimeUnit::Second, _) => true,
        // Within others, where a column says it by its metadata.
        DataType::FixedSizeBinary(_) => is_uuid(field),
        // Their values are not taken apart.
        DataType::ListView(item) | DataType::LargeListView(item) => has_text(item),
        DataType::RunEndEncoded(_, values) => has_text(values),
        DataType::Dictionary(_, values) => has_text(&Field::new("", values.as_ref().clone(), true)),
        _ => false,
    }
}

/// Whether values become text, or those within them.
fn has_text(field: &Field) -> bool {
    written(field).data_type() != field.data_type()
}

/// The values of a field as those of the field that is written.
fn converted(field: &Field, array: &ArrayRef, wanted: &Field) -> Result<ArrayRef, Refusal> {
    if field.data_type() == wanted.data_type() {
        return Ok(array.clone());
    }
    let nulls = array.nulls().cloned();
    Ok(match (field.data_type(), wanted.data_type()) {
        (DataType::Timestamp(..), DataType::Timestamp(..)) => in_utc(array),
        (DataType::List(item), DataType::List(to)) => {
            let list = array.as_list::<i32>();
            let values = converted(item, list.values(), to)?;
            Arc::new(ListArray::try_new(
                to.clone(),
                list.offsets().clone(),
                values,
                nulls,
            )?)
        }
        (DataType::LargeList(item), DataType::LargeList(to)) => {
            let list = array.as_list::<i64>();
            let values = converted(item, list.values(), to)?;
            let list = LargeListArray::try_new(to.clone(), list.offsets().clone(), values, nulls);
            Arc::new(list?)
        }
        (DataType::FixedSizeList(item, length), DataType::FixedSizeList(to, _)) => {
            let values = converted(item, array.as_fixed_size_list().values(), to)?;
            let list = FixedSizeListArray::try_new(to.clone(), *length, values, nulls);
            Arc::new(list?)
        }
        (DataType::Struct(_), DataType::Struct(_)) => Arc::new(members(array.as_struct(), wanted)?),
        (DataType::Map(..), DataType::Map(to, is_sorted)) => {
            let map = array.as_map();
            let (ends, entries) = (map.offsets().clone(), members(map.entries(), to)?);
            Arc::new(MapArray::try_new(to.clone(), ends, entries, nulls, *is_sorted)?)
        }
        _ => text(field, array)?,
    })
}

/// The members of a structure.
fn members(array: &StructArray, wanted: &Field) -> Result<StructArray, Refusal> {
    let DataType::Struct(to) = wanted.data_type() else {
        return Err(Refusal::new("a structure has members"));
    };
    let columns = array.fields().iter().zip(array.columns()).zip(to);
    let columns = columns.map(|((field, column), to)| converted(field, column, to));
    let columns = columns.collect::<Result<_, _>>()?;
    Ok(StructArray::try_new(to.clone(), columns, array.nulls().cloned())?)
}

impl From<ArrowError> for Refusal {
    fn from(error: ArrowError) -> Self {
        Self::new(error.to_string())
    }
}

/// The values as Kusto's text of them.
fn text(field: &Field, array: &ArrayRef) -> Result<ArrayRef, Refusal> {
    let mut out = Vec::new();
    let texts = (0..array.len()).map(|row| {
        if array.is_null(row) {
            return Ok(None);
        }
        out.clear();
        json::write(&Value::of_field(field, &**array, row), &mut out)?;
        let text = String::from_utf8_lossy(&out);
        Ok(Some(text.trim_matches('"').to_owned()))
    });
    let texts: StringArray = texts.collect::<Result<Vec<_>, Refusal>>()?.into();
    Ok(Arc::new(texts))
}

fn in_utc(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            let moments: &TimestampMillisecondArray = array.as_primitive::<TimestampMillisecondType>();
            Arc::new(moments.clone().with_timezone(UTC))
        }
        _ => {
            let moments: &TimestampMicrosecondArray = array.as_primitive::<TimestampMicrosecondType>();
            Arc::new(moments.clone().with_timezone(UTC))
        }
    }
}
