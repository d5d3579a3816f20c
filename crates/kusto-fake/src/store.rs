//! The rows of a table, stored by column and in chunks, so that small data takes little memory.

mod chunk;
mod column;
mod texts;

use std::ops::Range;
use std::sync::Arc;

use kusto_ingest_core::Timestamp;
use kusto_ingest_decode::{DecodedValue, Row, Schema, Value};

use chunk::Chunk;

/// The rows of a table, or those on their way into one. Clones share their chunks until one of them changes.
#[derive(Clone, Default)]
pub(crate) struct Store {
    chunks: Vec<Arc<Chunk>>,
    rows: usize,
    /// The bytes of the chunks that are closed.
    closed: u64,
}

impl Store {
    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// How much memory they take, in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.closed + self.chunks.last().map_or(0, |chunk| chunk.size())
    }

    /// Puts a value into the row that is being appended, which is of a schema: of the first column first.
    pub(crate) fn value(&mut self, schema: &Schema, column: usize, value: &DecodedValue<'_>) {
        if column == 0 {
            self.make_room(schema);
        }
        if let Some(last) = self.chunks.last_mut() {
            Arc::make_mut(last).value(column, value);
        }
    }

    /// Appends a row, which has a value for every column.
    pub(crate) fn push(&mut self, schema: &Schema, row: &[Value]) {
        for (column, value) in row.iter().enumerate() {
            let value = match value {
                Value::String(text) => DecodedValue::String(text.into()),
                other => DecodedValue::Other(other.clone()),
            };
            self.value(schema, column, &value);
        }
        self.end_row(schema);
    }

    /// Ends the row.
    pub(crate) fn end_row(&mut self, schema: &Schema) {
        if schema.columns().is_empty() {
            self.make_room(schema);
        }
        if let Some(last) = self.chunks.last_mut() {
            Arc::make_mut(last).end_row();
            self.rows += 1;
        }
    }

    fn make_room(&mut self, schema: &Schema) {
        if self.chunks.last().is_none_or(|chunk| chunk.is_full()) {
            self.close();
            self.chunks.push(Arc::new(Chunk::new(schema)));
        }
    }

    /// Appends all rows of another store. Few rows are put into the last chunk: tables that many small sources go into
    /// have few chunks.
    pub(crate) fn append(&mut self, other: Self) {
        self.rows += other.rows;
        for mut chunk in other.chunks {
            match self.chunks.last_mut().filter(|last| last.can_absorb(&chunk)) {
                Some(last) => Arc::make_mut(last).absorb(Arc::unwrap_or_clone(chunk)),
                None => {
                    self.close();
                    Arc::make_mut(&mut chunk).shrink();
                    self.chunks.push(chunk);
                }
            }
        }
    }

    /// Gives back what the last chunk has in reserve: another one follows.
    fn close(&mut self) {
        if let Some(last) = self.chunks.last_mut() {
            Arc::make_mut(last).shrink();
            self.closed += last.size();
        }
    }

    /// The rows in their order, each with a value for every column of a schema that begins with the one they were pushed
    /// by.
    pub(crate) fn rows<'a>(&'a self, schema: &'a Schema) -> impl Iterator<Item = Row> + 'a {
        let chunks = self.chunks.iter();
        chunks.flat_map(move |chunk| (0..chunk.len()).map(move |at| chunk.row(schema, at)))
    }
}

impl Store {
    /// The rows of these ranges, in their order.
    pub(crate) fn part(&self, schema: &Schema, ranges: &[Range<usize>]) -> Self {
        let mut part = Self::default();
        let mut ranges = ranges.iter();
        let mut wanted = ranges.next();
        for (at, row) in self.rows(schema).enumerate() {
            while wanted.is_some_and(|range| at >= range.end) {
                wanted = ranges.next();
            }
            match wanted {
                None => break,
                Some(range) if range.contains(&at) => part.push(schema, &row),
                Some(_) => {}
            }
        }
        part
    }

    /// Gives the rows other columns: each has the values of one that is there, or none.
    pub(crate) fn rearrange(&mut self, from: &Schema, to: &Schema, places: &[Option<usize>]) {
        for chunk in &mut self.chunks {
            *chunk = Arc::new(chunk.rearranged(from, to, places));
        }
        let closed = self.chunks.len().saturating_sub(1);
        self.closed = self.chunks.iter().take(closed).map(|chunk| chunk.size()).sum();
    }
}

/// How many bytes a value takes in a store.
pub(crate) fn size_of_value(value: &DecodedValue<'_>) -> u64 {
    let text = |text: &str| text.len() + size_of::<u32>();
    let size = match value {
        DecodedValue::String(value) => text(value),
        DecodedValue::Other(Value::Decimal(value)) => text(value.as_str()),
        DecodedValue::Other(Value::Dynamic(value)) => text(value.as_str()),
        DecodedValue::Other(Value::Guid(_) | Value::DateTime(_)) => size_of::<Timestamp>(),
        DecodedValue::Other(_) => size_of::<u64>(),
    };
    size as u64
}

/// How many bytes a vector has reserved.
fn reserved<T>(values: &Vec<T>) -> usize {
    values.capacity() * size_of::<T>()
}

#[cfg(test)]
mod tests {
    use kusto_ingest_core::{DataFormat, Timespan};
    use kusto_ingest_decode::{DecodeOptions, decode};

    use super::*;

    const EVERY_TYPE: &str =
        "b:bool,i:int,l:long,r:real,d:decimal,t:datetime,s:timespan,u:guid,x:string,j:dynamic";

    fn decoded(data: &str) -> (Schema, Vec<Row>) {
        let schema: Schema = EVERY_TYPE.parse().unwrap();
        let rows = decode(data.as_bytes(), &DecodeOptions::new(DataFormat::Psv), &schema)
            .unwrap()
            .rows;
        (schema, rows)
    }

    fn pushed(schema: &Schema, rows: &[Row]) -> Store {
        let mut store = Store::default();
        rows.iter().for_each(|row| store.push(schema, row));
        store
    }

    #[test]
    fn values_of_every_type_come_back_and_nulls_stay_nulls() {
        let (schema, rows) = decoded(
            "true|1|2|3.5|4.50|2012-01-01|1.02:03:04|74be27de-1e4e-49d9-b579-fe0b331d3642|text|{\"z\":1,\"a\":[]}\n\
             |||||||||\nfalse|-1|-2|NaN|1E+9|0001-01-01|-00:00:01|74be27de1e4e49d9b579fe0b331d3642||\"\"\n",
        );
        let store = pushed(&schema, &rows);
        let back: Vec<Row> = store.rows(&schema).collect();
        // Not a number is equal to nothing.
        assert_eq!(format!("{back:?}"), format!("{rows:?}"));
        assert_eq!(back[0][6], Value::Timespan(Timespan::from_ticks(937_840_000_000)));
        assert!(back[1][0].is_null() && back[1][8] == Value::String(String::new()) && back[1][9].is_null());
    }

    #[test]
    fn small_sources_share_chunks_and_large_ones_are_cut() {
        let (schema, rows) = decoded("true|1|2|3.5|4|2012-01-01|1:00:00||x|[]\n");
        let mut table = Store::default();
        for _ in 0..1000 {
            table.append(pushed(&schema, &rows));
        }
        assert_eq!((table.len(), table.chunks.len()), (1000, 1));
        let mut large = Store::default();
        for _ in 0..100_000 {
            large.push(&schema, &rows[0]);
        }
        table.append(large);
        assert_eq!((table.len(), table.rows(&schema).count()), (101_000, 101_000));
        assert!(table.chunks.len() < 8, "{}", table.chunks.len());
        let counted: u64 = table.chunks.iter().map(|chunk| chunk.size()).sum();
        assert_eq!(table.size(), counted, "what is counted is what is there");
    }

    #[test]
    fn columns_that_were_added_later_are_missing_in_earlier_rows() {
        let narrow: Schema = "a:string".parse().unwrap();
        let wide: Schema = "a:string,b:string,c:long".parse().unwrap();
        let mut store = pushed(&narrow, &[vec![Value::String("x".to_owned())]]);
        let row = vec![
            Value::String("y".to_owned()),
            Value::String("z".to_owned()),
            Value::Long(1),
        ];
        store.append(pushed(&wide, std::slice::from_ref(&row)));
        let back: Vec<Row> = store.rows(&wide).collect();
        assert_eq!(
            back[0],
            [
                Value::String("x".to_owned()),
                Value::String(String::new()),
                Value::Null
            ]
        );
        assert_eq!(back[1], row);
    }

    #[test]
    fn a_row_of_two_short_strings_takes_at_most_48_bytes() {
        let schema: Schema = "a:string,b:string".parse().unwrap();
        let mut store = Store::default();
        for number in 0..200_000 {
            let row = vec![
                Value::String(format!("host-{:03}", number % 500)),
                Value::String(format!("r{number:08}")),
            ];
            store.push(&schema, &row);
        }
        let each = store.size() / 200_000;
        assert!(each <= 48, "{each}");
    }
}
