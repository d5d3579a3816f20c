//! The rows of a table, stored by column and in chunks, so that small data takes little memory.

mod chunk;
mod column;
mod saved;
mod snapshot;
mod texts;

use std::ops::Range;
use std::sync::Arc;

use kusto_ingest_core::Timestamp;
use kusto_ingest_decode::{DecodedValue, Row, Schema, Value};

use crate::Extent;
use chunk::Chunk;
pub(crate) use saved::SavedRows;
pub(crate) use snapshot::Snapshot;

/// The rows of a table, or those on their way into one.
#[derive(Clone, Default)]
pub(crate) struct Store {
    /// Chunks that take no more rows: those who read them share them.
    full: Vec<Arc<Chunk>>,
    open: Option<Chunk>,
    rows: usize,
    /// The bytes of the chunks that are full.
    full_bytes: u64,
}

impl Store {
    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// How much memory they take, in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.full_bytes + self.open.as_ref().map_or(0, Chunk::size)
    }

    /// The rows as they are now, and the extents that they are of, for who reads them while others come.
    pub(crate) fn snapshot(&self, schema: &Schema, extents: &[Extent]) -> Snapshot {
        let open = self.open.clone().map(Arc::new);
        let chunks = self.full.iter().cloned().chain(open);
        Snapshot::new(schema.clone(), chunks.collect(), extents.to_vec())
    }

    /// Puts a value into the row that is being appended, which is of a schema: of the first column first.
    pub(crate) fn value(&mut self, schema: &Schema, column: usize, value: &DecodedValue<'_>) {
        if column == 0 {
            self.make_room(schema);
        }
        if let Some(open) = &mut self.open {
            open.value(column, value);
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
        if let Some(open) = &mut self.open {
            open.end_row();
            self.rows += 1;
        }
    }

    fn make_room(&mut self, schema: &Schema) {
        if self.open.as_ref().is_none_or(Chunk::is_full) {
            self.close();
            self.open = Some(Chunk::new(schema));
        }
    }

    /// Appends all rows of another store. Few rows are put into the last chunk: tables that many small sources go into
    /// have few chunks.
    pub(crate) fn append(&mut self, other: Self) {
        self.rows += other.rows;
        let chunks = other.full.into_iter().map(Arc::unwrap_or_clone).chain(other.open);
        for mut chunk in chunks {
            match self.open.as_mut().filter(|open| open.can_absorb(&chunk)) {
                Some(open) => open.absorb(chunk),
                None => {
                    self.close();
                    chunk.shrink();
                    self.open = Some(chunk);
                }
            }
        }
    }

    /// Gives back what the open chunk has in reserve: another one follows.
    fn close(&mut self) {
        if let Some(mut open) = self.open.take() {
            open.shrink();
            self.full_bytes += open.size();
            self.full.push(Arc::new(open));
        }
    }

    /// The rows in their order, each with a value for every column of a schema that begins with the one they were pushed
    /// by.
    pub(crate) fn rows<'a>(&'a self, schema: &'a Schema) -> impl Iterator<Item = Row> + 'a {
        let chunks = self.full.iter().map(Arc::as_ref).chain(&self.open);
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
        for chunk in &mut self.full {
            *chunk = Arc::new(chunk.rearranged(from, to, places));
        }
        self.full_bytes = self.full.iter().map(|chunk| chunk.size()).sum();
        self.open = self.open.take().map(|open| open.rearranged(from, to, places));
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
    fn rows_that_were_saved_in_pieces_come_back_as_they_were() {
        let (schema, rows) = decoded(
            "true|1|2|3.5|4.50|2012-01-01|1.02:03:04|74be27de-1e4e-49d9-b579-fe0b331d3642|text|{\"z\":1,\"a\":[]}\n\
             |||||||||\nfalse|-1|-2|-inf|1E+9|0001-01-01|-00:00:01|74be27de1e4e49d9b579fe0b331d3642||\"\"\n",
        );
        let store = pushed(&schema, &rows);
        let mut back = pushed(&schema, &rows[..1]);
        for piece in store.saved_from(1) {
            assert!(back.append_saved(&piece.into_bytes()));
        }
        assert_eq!(back.rows(&schema).collect::<Vec<Row>>(), rows);
        let whole = store.saved_from(0).pop().unwrap().into_bytes();
        for end in 0..whole.len() {
            assert!(!Store::default().append_saved(&whole[..end]), "{end}");
        }
        assert_eq!(store.saved_from(3).len(), 0);
    }

    #[test]
    fn small_sources_share_chunks_and_large_ones_are_cut() {
        let (schema, rows) = decoded("true|1|2|3.5|4|2012-01-01|1:00:00||x|[]\n");
        let mut table = Store::default();
        for _ in 0..1000 {
            table.append(pushed(&schema, &rows));
        }
        assert_eq!((table.len(), table.full.len()), (1000, 0));
        let mut large = Store::default();
        for _ in 0..100_000 {
            large.push(&schema, &rows[0]);
        }
        table.append(large);
        assert_eq!((table.len(), table.rows(&schema).count()), (101_000, 101_000));
        assert!(table.full.len() < 7, "{}", table.full.len());
        let chunks = table.full.iter().map(Arc::as_ref).chain(&table.open);
        let counted: u64 = chunks.map(Chunk::size).sum();
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
