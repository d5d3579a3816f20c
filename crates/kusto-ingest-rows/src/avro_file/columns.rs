//! Columns as Kusto reads them from Avro: what Avro has no exact type for becomes the text of the value.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{TimestampMicrosecondType, TimestampMillisecondType};
use arrow_array::{
    Array, ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, TimestampMillisecondArray,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::batches::{Value, is_uuid};
use crate::json;
use crate::refusal::Refusal;

/// The zone of all of Kusto's datetimes.
const UTC: &str = "+00:00";

/// Columns, and the schema that they are written with.
pub(super) struct Columns {
    pub(super) schema: SchemaRef,
    changes: Vec<Change>,
}

/// What is done to a column.
#[derive(Clone, Copy)]
enum Change {
    None,
    Text,
    InUtc,
}

impl Columns {
    pub(super) fn of(schema: &Schema) -> Result<Self, Refusal> {
        let changes: Vec<_> = schema.fields().iter().map(|field| change(field)).collect();
        let fields = schema.fields().iter().zip(&changes);
        let fields = fields.map(|(field, change)| written(field, *change));
        Ok(Self {
            schema: Arc::new(Schema::new(fields.collect::<Result<Vec<_>, _>>()?)),
            changes,
        })
    }

    /// The batch as it is written.
    pub(super) fn convert(&self, batch: &RecordBatch) -> Result<RecordBatch, Refusal> {
        let columns = batch
            .schema_ref()
            .fields()
            .iter()
            .zip(batch.columns())
            .zip(&self.changes);
        let columns = columns.map(|((field, array), change)| match change {
            Change::None => Ok(array.clone()),
            Change::Text => text(field, array),
            Change::InUtc => Ok(in_utc(array)),
        });
        let columns = columns.collect::<Result<Vec<_>, Refusal>>()?;
        RecordBatch::try_new(self.schema.clone(), columns).map_err(|error| Refusal::new(error.to_string()))
    }
}

fn change(field: &Field) -> Change {
    match field.data_type() {
        DataType::Duration(_) | DataType::Time64(TimeUnit::Nanosecond) | DataType::UInt64 => Change::Text,
        DataType::Timestamp(TimeUnit::Nanosecond | TimeUnit::Second, _) => Change::Text,
        DataType::Timestamp(..) => Change::InUtc,
        _ => Change::None,
    }
}

fn written(field: &Field, change: Change) -> Result<Field, Refusal> {
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
    let field = field.clone();
    Ok(match (change, field.data_type()) {
        (Change::Text, _) => Field::new(name, DataType::Utf8, field.is_nullable()),
        (Change::InUtc, DataType::Timestamp(unit, _)) => {
            let data_type = DataType::Timestamp(*unit, Some(UTC.into()));
            Field::new(name, data_type, field.is_nullable())
        }
        _ if is_uuid(&field) => field.with_metadata([("logicalType".to_owned(), "uuid".to_owned())]),
        _ => field,
    })
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
