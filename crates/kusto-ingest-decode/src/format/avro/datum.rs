//! Values in Avro's binary encoding: the bytes, the depth and the memory of each record are bounded.

use kusto_ingest_core::{Result, Timespan};
use num_bigint::BigInt;
use uuid::Uuid;

use super::shape::{At, Shape, Shapes, Unit};
use crate::Decimal;
use crate::code::{INVALID_BLOB, TOO_LARGE, failure};
use crate::record::{LARGEST_RECORD, Typed};
use crate::value::with_ticks;

/// How deep values may lie within each other: a type may contain itself.
const DEEPEST: usize = 256;

/// How many values that take no bytes a byte pays for: a row has columns without a value besides those with one.
const FREE_A_BYTE: u64 = 64;

/// Ticks of 100 ns a day.
const DAY: i128 = 864_000_000_000;

/// Reads values one after the other.
pub(super) struct Data<'a> {
    bytes: &'a [u8],
    shapes: &'a Shapes,
    depth: usize,
    /// How much memory the record may still take.
    left: usize,
    /// How many values may still take no bytes.
    free: u64,
}

impl<'a> Data<'a> {
    /// Reads a block, in which so many values may take no bytes besides those that its own bytes pay for.
    pub(super) fn new(bytes: &'a [u8], shapes: &'a Shapes, free: u64) -> Self {
        Self {
            bytes,
            shapes,
            depth: 0,
            left: LARGEST_RECORD,
            free: free.saturating_add((bytes.len() as u64).saturating_mul(FREE_A_BYTE)),
        }
    }

    /// Refuses more records than there can be: each takes a byte, or has a value that takes none.
    pub(super) fn expect(&self, count: u64) -> Result<()> {
        let most = self.free.saturating_add(self.bytes.len() as u64);
        match count > most {
            true => Err(too_many()),
            false => Ok(()),
        }
    }

    /// How many values may take no bytes in the block that follows.
    pub(super) fn free(&self) -> u64 {
        self.free
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next record.
    pub(super) fn record(&mut self) -> Result<Typed<'a>> {
        self.left = LARGEST_RECORD;
        let shapes = self.shapes;
        self.value(shapes.root())
    }

    fn value(&mut self, shape: &'a Shape) -> Result<Typed<'a>> {
        self.charge(size_of::<Typed<'_>>())?;
        if shape.is_free() {
            self.free = self.free.checked_sub(1).ok_or_else(too_many)?;
        }
        Ok(match shape {
            Shape::Null => Typed::Null,
            Shape::Bool => Typed::Bool(self.take(1)?[0] != 0),
            Shape::Int => Typed::Integer(self.int()?.into()),
            Shape::Long => Typed::Integer(self.long()?.into()),
            Shape::Float => Typed::Real(f32::from_le_bytes(self.array()?).into()),
            Shape::Double => Typed::Real(f64::from_le_bytes(self.array()?)),
            Shape::Bytes => Typed::Bytes(self.sized(None)?.into()),
            Shape::Fixed(size) => Typed::Bytes(self.take(*size)?.into()),
            Shape::Text => Typed::Text(self.text()?),
            Shape::Enum(symbols) => {
                let place = usize::try_from(self.int()?).ok();
                let symbol = place.and_then(|place| symbols.get(place));
                Typed::Text(
                    symbol
                        .ok_or_else(|| damaged("an enum has no such symbol"))?
                        .as_str()
                        .into(),
                )
            }
            Shape::Union(branches) => {
                let place = usize::try_from(self.long()?).ok();
                let branch = place.and_then(|place| branches.get(place));
                let branch = *branch.ok_or_else(|| damaged("a union has no such branch"))?;
                return self.within(branch);
            }
            Shape::Array(items) => {
                let mut values = Vec::new();
                self.blocks(|data| {
                    values.push(data.within(*items)?);
                    Ok(())
                })?;
                Typed::List(values)
            }
            Shape::Map(values) => {
                let mut members = Vec::new();
                self.blocks(|data| {
                    let name = data.text()?;
                    data.charge(size_of::<Typed<'_>>())?;
                    members.push((name, data.within(*values)?));
                    Ok(())
                })?;
                Typed::Object(members)
            }
            Shape::Record(fields) => {
                self.charge(size_of_val(fields.as_slice()))?;
                let mut members = Vec::with_capacity(fields.len());
                for (name, at) in fields {
                    members.push((name.as_str().into(), self.within(*at)?));
                }
                Typed::Object(members)
            }
            logical => self.logical(logical)?,
        })
    }

    /// A value that means something else than what is written.
    fn logical(&mut self, shape: &'a Shape) -> Result<Typed<'a>> {
        Ok(match shape {
            Shape::Decimal { scale, size } => decimal(self.sized(*size)?, *scale as i128),
            Shape::BigDecimal => {
                let mut inner = Data::new(self.sized(None)?, self.shapes, 0);
                let number = inner.sized(None)?;
                decimal(number, inner.long()?.into())
            }
            Shape::GuidText => {
                let text = self.text()?;
                Uuid::try_parse(&text).map_or(Typed::Text(text), Typed::Guid)
            }
            Shape::Guid { size } => {
                let bytes = self.sized(*size)?;
                Uuid::from_slice(bytes).map_or(Typed::Bytes(bytes.into()), Typed::Guid)
            }
            Shape::Date => moment(i128::from(self.int()?) * DAY),
            Shape::Time { is_int: true, unit } => length(unit.ticks(self.int()?.into())),
            Shape::Time { unit, .. } => length(unit.ticks(self.long()?)),
            Shape::Moment(unit) => moment(unit.ticks(self.long()?)),
            Shape::Duration => {
                let [months, days, milliseconds] =
                    [self.array()?, self.array()?, self.array()?].map(u32::from_le_bytes);
                match months {
                    0 => length(i128::from(days) * DAY + Unit::Millisecond.ticks(milliseconds.into())),
                    // Nobody knows how long a month is.
                    _ => Typed::Unrepresentable,
                }
            }
            _ => Typed::Null,
        })
    }

    fn within(&mut self, at: At) -> Result<Typed<'a>> {
        if self.depth == DEEPEST {
            return Err(damaged("a record is nested deeper than 256 levels"));
        }
        self.depth += 1;
        let shapes = self.shapes;
        let value = self.value(shapes.at(at));
        self.depth -= 1;
        value
    }

    /// The items of an array or a map, which come in blocks.
    fn blocks(&mut self, mut item: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        loop {
            let count = match self.long()? {
                0 => return Ok(()),
                count @ 1.. => count.unsigned_abs(),
                // The size of the block follows, for those who pass over it.
                count => {
                    self.long()?;
                    count.unsigned_abs()
                }
            };
            for _ in 0..count {
                item(self)?;
            }
        }
    }

    fn text(&mut self) -> Result<std::borrow::Cow<'a, str>> {
        Ok(String::from_utf8_lossy(self.sized(None)?))
    }

    /// Bytes of a size that is known, or that is written in front of them.
    fn sized(&mut self, size: Option<usize>) -> Result<&'a [u8]> {
        let size = match size {
            Some(size) => size,
            None => usize::try_from(self.long()?).map_err(|_| damaged("a value has fewer than no bytes"))?,
        };
        self.take(size)
    }

    fn int(&mut self) -> Result<i32> {
        i32::try_from(self.long()?).map_err(|_| damaged("an int has more than 32 bits"))
    }

    fn long(&mut self) -> Result<i64> {
        let mut raw = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            raw |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed());
            }
        }
        Err(damaged("a long has more than 64 bits"))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| damaged("a value is cut off"))
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(count)
            .ok_or_else(|| damaged("a record is cut off"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn charge(&mut self, bytes: usize) -> Result<()> {
        let why = "a record of the Avro file takes more than 64 MiB";
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or_else(|| failure(TOO_LARGE, why))?;
        Ok(())
    }
}

/// A number of so many bytes, the highest first, with so many digits behind the point; below none, zeros before it.
fn decimal<'a>(bytes: &[u8], scale: i128) -> Typed<'a> {
    // More digits than that are beyond every decimal.
    if bytes.len() > 64 {
        return Typed::Unrepresentable;
    }
    let number = BigInt::from_signed_bytes_be(bytes);
    Decimal::parse(&format!("{number}e{}", -scale)).map_or(Typed::Unrepresentable, Typed::Decimal)
}

fn moment<'a>(ticks: i128) -> Typed<'a> {
    with_ticks(ticks).map_or(Typed::Unrepresentable, Typed::DateTime)
}

fn length<'a>(ticks: i128) -> Typed<'a> {
    i64::try_from(ticks).map_or(Typed::Unrepresentable, |ticks| {
        Typed::Timespan(Timespan::from_ticks(ticks))
    })
}

fn too_many() -> kusto_ingest_core::Error {
    failure(
        TOO_LARGE,
        "more than 67,108,864 values of the Avro file take no bytes",
    )
}

pub(super) fn damaged(why: &str) -> kusto_ingest_core::Error {
    failure(INVALID_BLOB, format!("the Avro file is damaged: {why}"))
}

#[cfg(test)]
mod tests {
    use apache_avro::Schema;

    use super::*;

    /// Whether a block of one record is read where so many values may take no bytes besides.
    fn is_read(schema: &str, block: &[u8], free: u64) -> bool {
        let schema = Schema::parse_str(schema).expect("the schema is valid");
        let shapes = Shapes::of(&schema, true).expect("its names are known");
        let read = Data::new(block, &shapes, free).record();
        if let Err(error) = &read {
            assert_eq!(error.code(), Some(TOO_LARGE), "{error}");
        }
        read.is_ok()
    }

    #[test]
    fn values_that_take_no_bytes_are_counted_and_64_of_them_a_byte_are_free() {
        // A thousand nulls in three bytes: those of the count, and the end.
        let nulls = r#"{"type":"array","items":"null"}"#;
        let block = [0xd0, 0x0f, 0x00];
        assert!(is_read(nulls, &block, 1000 - 3 * 64));
        assert!(!is_read(nulls, &block, 999 - 3 * 64));
        // Two nulls of a union, each behind its branch.
        let unions = r#"{"type":"array","items":["null","long"]}"#;
        assert!(is_read(unions, &[0x04, 0x00, 0x00, 0x00], 0));
    }
}
