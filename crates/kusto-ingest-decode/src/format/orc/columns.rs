//! The columns of a stripe, read value by value.

use kusto_ingest_core::Result;

use super::runs::{Bits, Bytes, Integers};
use super::stream::Stream;
use super::{damaged, too_large};
use crate::Decimal;
use crate::record::Typed;
use crate::value::with_ticks;

/// The seconds from 1970 to 2015, from which ORC counts.
const FIRST_SECOND: i128 = 1_420_070_400;

const TICKS: i128 = 10_000_000;

/// A column of a stripe.
pub(super) struct Column {
    pub(super) present: Option<Bits>,
    pub(super) values: Values,
}

/// The values of a column that are not null.
pub(super) enum Values {
    Bool(Bits),
    Byte(Bytes),
    Integer(Integers),
    Float(Stream),
    Double(Stream),
    Text {
        data: Stream,
        lengths: Integers,
        is_binary: bool,
    },
    Words {
        places: Integers,
        words: Words,
    },
    Moment {
        seconds: Integers,
        nanoseconds: Integers,
    },
    Date(Integers),
    Decimal {
        data: Stream,
        scales: Integers,
    },
    List {
        lengths: Integers,
        items: Box<Column>,
    },
    Map {
        lengths: Integers,
        entries: Box<(Column, Column)>,
    },
    Struct(Vec<(String, Column)>),
    Union {
        tags: Bytes,
        branches: Vec<Column>,
    },
}

/// The words of a dictionary, one behind the other.
pub(super) struct Words {
    pub(super) all: Vec<u8>,
    /// Where each ends, and the next begins.
    pub(super) ends: Vec<u32>,
}

impl Words {
    fn get(&self, place: usize) -> Option<&[u8]> {
        let end = *self.ends.get(place)?;
        let from = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.all.get(from as usize..end as usize)
    }
}

/// What the values of a file may still take.
pub(super) struct Budget {
    /// The memory of the record.
    pub(super) record: usize,
    /// How many values may take no bytes: structures of which nothing is read.
    pub(super) free: u64,
}

impl Budget {
    fn charge(&mut self, bytes: usize) -> Result<()> {
        let rest = self.record.checked_sub(bytes);
        self.record = rest.ok_or_else(|| too_large("a record takes more than 64 MiB"))?;
        Ok(())
    }
}

impl Column {
    /// Refuses more values than may take no bytes, if these do.
    pub(super) fn expect(&self, values: u64, left: &Budget) -> Result<()> {
        match self.is_free() && values > left.free {
            true => Err(too_many()),
            false => Ok(()),
        }
    }

    /// Whether its values take no bytes.
    fn is_free(&self) -> bool {
        match &self.values {
            Values::Struct(members) => {
                self.present.is_none() && members.iter().all(|(_, member)| member.is_free())
            }
            _ => false,
        }
    }

    /// The next value.
    pub(super) fn next(&mut self, left: &mut Budget) -> Result<Typed<'static>> {
        left.charge(size_of::<Typed<'_>>())?;
        if matches!(&self.values, Values::Struct(members) if members.is_empty()) {
            left.free = left.free.checked_sub(1).ok_or_else(too_many)?;
        }
        if let Some(present) = &mut self.present
            && !present.next()?
        {
            return Ok(Typed::Null);
        }
        Ok(match &mut self.values {
            Values::Bool(bits) => Typed::Bool(bits.next()?),
            Values::Byte(bytes) => Typed::Integer(bytes.next()?.cast_signed().into()),
            Values::Integer(numbers) => Typed::Integer(numbers.next()?.into()),
            Values::Float(data) => Typed::Real(f32::from_le_bytes(array(data)?).into()),
            Values::Double(data) => Typed::Real(f64::from_le_bytes(array(data)?)),
            Values::Text {
                data,
                lengths,
                is_binary,
            } => {
                let length = count(lengths)?;
                left.charge(length)?;
                let bytes = data.bytes(length)?;
                match is_binary {
                    true => Typed::Bytes(bytes.into()),
                    false => Typed::Text(crate::format::lines::lossy(bytes).into()),
                }
            }
            Values::Words { places, words } => {
                let word = words.get(count(places)?);
                let word = word.ok_or_else(|| damaged("a dictionary has no such word"))?;
                left.charge(word.len())?;
                Typed::Text(String::from_utf8_lossy(word).into_owned().into())
            }
            Values::Moment { seconds, nanoseconds } => moment(seconds.next()?, nanoseconds.next()?),
            Values::Date(days) => ticks(i128::from(days.next()?) * 86_400 * TICKS),
            Values::Decimal { data, scales } => decimal(data, scales)?,
            nested => return nested.next(left),
        })
    }
}

impl Values {
    /// The next value of a column with others in it.
    fn next(&mut self, left: &mut Budget) -> Result<Typed<'static>> {
        Ok(match self {
            Self::List { lengths, items } => {
                let items = (0..count(lengths)?).map(|_| items.next(left));
                Typed::List(items.collect::<Result<_>>()?)
            }
            Self::Map { lengths, entries } => {
                let (keys, values) = &mut **entries;
                let entries = (0..count(lengths)?).map(|_| {
                    let key = keys.next(left)?.text().into_owned();
                    Ok((key.into(), values.next(left)?))
                });
                Typed::Object(entries.collect::<Result<_>>()?)
            }
            Self::Struct(members) => {
                let members = members.iter_mut().map(|(name, member)| {
                    left.charge(name.len())?;
                    Ok((name.clone().into(), member.next(left)?))
                });
                Typed::Object(members.collect::<Result<_>>()?)
            }
            Self::Union { tags, branches } => {
                let branch = branches.get_mut(usize::from(tags.next()?));
                return branch
                    .ok_or_else(|| damaged("a union has no such branch"))?
                    .next(left);
            }
            // The others hold no columns.
            _ => Typed::Null,
        })
    }
}

fn count(numbers: &mut Integers) -> Result<usize> {
    usize::try_from(numbers.next()?).map_err(|_| damaged("a value has fewer than no parts"))
}

fn array<const N: usize>(data: &mut Stream) -> Result<[u8; N]> {
    let bytes = data.bytes(N)?;
    bytes.try_into().map_err(|_| damaged("a value is cut off"))
}

fn too_many() -> kusto_ingest_core::Error {
    too_large("more than 67,108,864 of its rows or values take no bytes of what is read")
}

fn ticks(ticks: i128) -> Typed<'static> {
    with_ticks(ticks).map_or(Typed::Unrepresentable, Typed::DateTime)
}

/// Seconds since 2015, and nanoseconds without their zeros at the end.
fn moment(seconds: i64, nanoseconds: i64) -> Typed<'static> {
    let zeros = u32::try_from(nanoseconds & 7).unwrap_or_default();
    let factor = if zeros == 0 { 1 } else { 10_i128.pow(zeros + 1) };
    let nanoseconds = i128::from(nanoseconds >> 3) * factor;
    let mut seconds = i128::from(seconds) + FIRST_SECOND;
    // Writers round towards 1970.
    if seconds < 0 && nanoseconds > 999_999 {
        seconds -= 1;
    }
    ticks(seconds * TICKS + nanoseconds / 100)
}

/// A number of any length, and the digits behind its point.
fn decimal(data: &mut Stream, scales: &mut Integers) -> Result<Typed<'static>> {
    let mut raw: u128 = 0;
    for shift in (0..u32::MAX).step_by(7) {
        let byte = data.byte()?;
        let bits = u128::from(byte & 0x7f);
        raw |= bits
            .checked_shl(shift)
            .filter(|moved| moved >> shift == bits)
            .ok_or_else(|| damaged("a decimal has more than 128 bits"))?;
        if byte < 0x80 {
            break;
        }
    }
    let number = (raw >> 1).cast_signed() ^ -(raw & 1).cast_signed();
    let scale = scales.next()?;
    let decimal = Decimal::parse(&format!("{number}e{}", -i128::from(scale)));
    Ok(decimal.map_or(Typed::Unrepresentable, Typed::Decimal))
}
