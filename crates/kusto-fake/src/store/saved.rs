//! Rows as bytes: what a log keeps of them, column by column, and exactly.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use kusto_ingest_core::Timestamp;
use uuid::Uuid;

use super::Store;
use super::chunk::Chunk;
use super::column::{Column, Values, is_set, set};
use super::texts::TextColumn;

/// How the values of each type are marked.
const KINDS: [u8; 7] = *b"bilrtgx";

/// Rows that are to be written as bytes.
pub(crate) struct SavedRows(Piece);

enum Piece {
    /// Those of a chunk that takes no more, from this one on.
    Shared(Arc<Chunk>, usize),
    Written(Vec<u8>),
}

impl SavedRows {
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self.0 {
            Piece::Shared(chunk, from) => chunk.to_bytes(from..chunk.len()),
            Piece::Written(bytes) => bytes,
        }
    }
}

impl Store {
    /// The rows from this one on, for a log.
    pub(crate) fn saved_from(&self, first: usize) -> Vec<SavedRows> {
        let mut pieces = Vec::new();
        let mut begin = 0;
        for chunk in &self.full {
            let end = begin + chunk.len();
            if first < end {
                pieces.push(SavedRows(Piece::Shared(
                    Arc::clone(chunk),
                    first.saturating_sub(begin),
                )));
            }
            begin = end;
        }
        if let Some(open) = self.open.as_ref().filter(|open| first < begin + open.len()) {
            let rows = first.saturating_sub(begin)..open.len();
            pieces.push(SavedRows(Piece::Written(open.to_bytes(rows))));
        }
        pieces
    }

    /// Appends rows that were [saved](Self::saved_from); whether they were some.
    pub(crate) fn append_saved(&mut self, bytes: &[u8]) -> bool {
        let chunk = Chunk::of_bytes(bytes);
        let rows = chunk.as_ref().map_or(0, Chunk::len);
        self.append(Self {
            rows,
            open: chunk,
            ..Self::default()
        });
        rows > 0
    }
}

impl Chunk {
    /// These rows as bytes.
    pub(super) fn to_bytes(&self, rows: Range<usize>) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_length(&mut bytes, rows.len());
        put_length(&mut bytes, self.columns().len());
        for column in self.columns() {
            column.write(&mut bytes, &rows);
        }
        bytes
    }

    /// The rows of these bytes; `None` for what are none.
    pub(super) fn of_bytes(mut bytes: &[u8]) -> Option<Self> {
        let rows = take_length(&mut bytes)?;
        let count = take_length(&mut bytes)?;
        let mut columns = Vec::new();
        for _ in 0..count {
            columns.push(Column::read(&mut bytes, rows)?);
        }
        bytes.is_empty().then(|| Self::of_columns(columns, rows))
    }
}

impl Column {
    fn write(&self, bytes: &mut Vec<u8>, rows: &Range<usize>) {
        let all = rows.clone();
        let mut nulls = Vec::new();
        for at in rows.clone().filter(|at| is_set(&self.nulls, *at)) {
            set(&mut nulls, at - rows.start);
        }
        put_length(bytes, nulls.len());
        nulls
            .iter()
            .for_each(|word: &u64| bytes.extend(word.to_le_bytes()));
        let kind = match &self.values {
            Values::Bool(_) => 0,
            Values::Int(_) => 1,
            Values::Long(_) => 2,
            Values::Real(_) => 3,
            Values::DateTime(_) => 4,
            Values::Guid(_) => 5,
            Values::Text(_) => 6,
        };
        bytes.push(KINDS[kind]);
        match &self.values {
            Values::Bool(values) => bytes.extend(values[all].iter().map(|value| u8::from(*value))),
            Values::Int(values) => bytes.extend(values[all].iter().flat_map(|value| value.to_le_bytes())),
            Values::Long(values) => bytes.extend(values[all].iter().flat_map(|value| value.to_le_bytes())),
            Values::Real(values) => bytes.extend(values[all].iter().flat_map(|value| value.to_le_bytes())),
            Values::DateTime(values) => {
                bytes.extend(values[all].iter().flat_map(|value| nanoseconds(*value)))
            }
            Values::Guid(values) => bytes.extend(values[all].iter().flat_map(|value| *value.as_bytes())),
            Values::Text(texts) => all.for_each(|at| {
                let text = texts.get(at);
                put_length(bytes, text.len());
                bytes.extend_from_slice(text.as_bytes());
            }),
        }
    }

    fn read(bytes: &mut &[u8], rows: usize) -> Option<Self> {
        let words = take_length(bytes)?;
        let mut nulls = Vec::new();
        for _ in 0..words {
            nulls.push(u64::from_le_bytes(take(bytes)?));
        }
        let [kind] = take(bytes)?;
        let values = match KINDS.iter().position(|known| *known == kind)? {
            0 => Values::Bool(each(bytes, rows, |[value]: [u8; 1]| value != 0)?),
            1 => Values::Int(each(bytes, rows, i32::from_le_bytes)?),
            2 => Values::Long(each(bytes, rows, i64::from_le_bytes)?),
            3 => Values::Real(each(bytes, rows, f64::from_le_bytes)?),
            4 => Values::DateTime(each(bytes, rows, moment)?),
            5 => Values::Guid(each(bytes, rows, Uuid::from_bytes)?),
            _ => {
                let mut texts = TextColumn::default();
                for _ in 0..rows {
                    let length = take_length(bytes)?;
                    let (text, rest) = bytes.split_at_checked(length)?;
                    texts.push(std::str::from_utf8(text).ok()?);
                    *bytes = rest;
                }
                Values::Text(texts)
            }
        };
        Some(Self {
            values,
            nulls,
            len: rows,
        })
    }
}

/// A moment, to the nanosecond from 1970 on.
fn nanoseconds(at: Timestamp) -> [u8; 16] {
    at.as_datetime().unix_timestamp_nanos().to_le_bytes()
}

fn moment(bytes: [u8; 16]) -> Timestamp {
    let nanoseconds = i128::from_le_bytes(bytes);
    let size = nanoseconds.unsigned_abs();
    let second = 1_000_000_000;
    let seconds = u64::try_from(size / second).unwrap_or(u64::MAX);
    let rest = u32::try_from(size % second).unwrap_or_default();
    let distance = Duration::new(seconds, rest);
    match nanoseconds < 0 {
        true => Timestamp::UNIX_EPOCH - distance,
        false => Timestamp::UNIX_EPOCH + distance,
    }
}

fn each<T, const SIZE: usize>(
    bytes: &mut &[u8],
    count: usize,
    read: impl Fn([u8; SIZE]) -> T,
) -> Option<Vec<T>> {
    let (all, rest) = bytes.split_at_checked(count.checked_mul(SIZE)?)?;
    *bytes = rest;
    let (values, _) = all.as_chunks::<SIZE>();
    Some(values.iter().map(|value| read(*value)).collect())
}

fn take<const SIZE: usize>(bytes: &mut &[u8]) -> Option<[u8; SIZE]> {
    let (value, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*value)
}

fn put_length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend((length as u64).to_le_bytes());
}

fn take_length(bytes: &mut &[u8]) -> Option<usize> {
    usize::try_from(u64::from_le_bytes(take(bytes)?)).ok()
}
