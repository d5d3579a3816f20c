//! The columns of a stripe, read value by value.

use bytes::Bytes as Packed;
use kusto_ingest_core::Result;

use super::description::{StripeFooter, Type};
use super::runs::{Bits, Bytes, Integers};
use super::stream::{Packing, Stream};
use super::{damaged, too_large};
use crate::Decimal;
use crate::code::{FORMAT_NOT_SUPPORTED, failure};
use crate::record::{LARGEST_RECORD, Typed};
use crate::value::with_ticks;

/// How deep types may lie within each other.
const DEEPEST: usize = 64;

/// The most words of a dictionary.
const MOST_WORDS: u64 = 1 << 22;

/// The seconds from 1970 to 2015, from which ORC counts.
const FIRST_SECOND: i128 = 1_420_070_400;

const TICKS: i128 = 10_000_000;

/// A column of a stripe.
pub(super) struct Column {
    present: Option<Bits>,
    values: Values,
}

enum Values {
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
        words: Vec<String>,
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

/// What columns are opened from.
pub(super) struct Opening<'a> {
    pub(super) types: &'a [Type],
    pub(super) footer: &'a StripeFooter,
    pub(super) packing: Packing,
}

impl Opening<'_> {
    /// The column of a type; of a structure, those members that are wanted.
    pub(super) fn column(&self, at: usize, depth: usize, wanted: &dyn Fn(&str) -> bool) -> Result<Column> {
        if depth > DEEPEST {
            return Err(damaged("its types are nested deeper than 64 levels"));
        }
        let present = self.footer.stream(at, 0).map(|packed| Bits::new(self.of(packed)));
        Ok(Column {
            present,
            values: self.values(at, depth, wanted)?,
        })
    }

    fn values(&self, at: usize, depth: usize, wanted: &dyn Fn(&str) -> bool) -> Result<Values> {
        let kind = &self.types[at];
        let inner = |place: usize| {
            let at = kind.inner.get(place).copied();
            let at = at.ok_or_else(|| damaged("a type lacks what is in it"))?;
            self.column(at, depth + 1, &|_| true)
        };
        Ok(match kind.kind {
            0 => Values::Bool(Bits::new(self.stream(at, 1)?)),
            1 => Values::Byte(Bytes::new(self.stream(at, 1)?)),
            2..=4 => Values::Integer(self.integers(at, 1, true)?),
            5 => Values::Float(self.stream(at, 1)?),
            6 => Values::Double(self.stream(at, 1)?),
            7 | 16 | 17 if self.encoding(at).0 % 2 == 1 => self.words(at)?,
            7 | 8 | 16 | 17 => Values::Text {
                data: self.stream(at, 1)?,
                lengths: self.integers(at, 2, false)?,
                is_binary: kind.kind == 8,
            },
            9 if !matches!(self.footer.zone.as_str(), "" | "UTC" | "GMT" | "Etc/UTC") => {
                let zone = &self.footer.zone;
                let why = format!("its timestamps are of the time zone {zone:?}, and those of UTC are read");
                return Err(failure(FORMAT_NOT_SUPPORTED, why));
            }
            9 | 18 => Values::Moment {
                seconds: self.integers(at, 1, true)?,
                nanoseconds: self.integers(at, 5, false)?,
            },
            10 => Values::List {
                lengths: self.integers(at, 2, false)?,
                items: Box::new(inner(0)?),
            },
            11 => Values::Map {
                lengths: self.integers(at, 2, false)?,
                entries: Box::new((inner(0)?, inner(1)?)),
            },
            12 => {
                let members = kind.names.iter().enumerate().filter(|(_, name)| wanted(name));
                let members = members.map(|(place, name)| Ok((name.clone(), inner(place)?)));
                Values::Struct(members.collect::<Result<_>>()?)
            }
            13 => Values::Union {
                tags: Bytes::new(self.stream(at, 1)?),
                branches: (0..kind.inner.len()).map(inner).collect::<Result<_>>()?,
            },
            14 => Values::Decimal {
                data: self.stream(at, 1)?,
                scales: self.integers(at, 5, true)?,
            },
            15 => Values::Date(self.integers(at, 1, true)?),
            _ => return Err(damaged("a column has an unknown type")),
        })
    }

    /// Text that stands in a dictionary.
    fn words(&self, at: usize) -> Result<Values> {
        let (_, size) = self.encoding(at);
        if size > MOST_WORDS {
            return Err(too_large("a dictionary has more than 4,194,304 words"));
        }
        let all = match self.footer.stream(at, 3) {
            Some(packed) => self.of(packed).rest(LARGEST_RECORD)?,
            None => Vec::new(),
        };
        let mut lengths = self.integers(at, 2, false)?;
        let mut words = Vec::new();
        let mut rest = all.as_slice();
        for _ in 0..size {
            let length = usize::try_from(lengths.next()?).ok();
            let split = length.and_then(|length| rest.split_at_checked(length));
            let (word, more) = split.ok_or_else(|| damaged("a dictionary is cut off"))?;
            words.push(String::from_utf8_lossy(word).into_owned());
            rest = more;
        }
        Ok(Values::Words {
            places: self.integers(at, 1, false)?,
            words,
        })
    }

    fn integers(&self, at: usize, kind: u64, is_signed: bool) -> Result<Integers> {
        let is_second = self.encoding(at).0 >= 2;
        Ok(Integers::new(self.stream(at, kind)?, is_signed, is_second))
    }

    /// A stream; one without bytes where all values are null.
    fn stream(&self, at: usize, kind: u64) -> Result<Stream> {
        Ok(self.of(self.footer.stream(at, kind).unwrap_or_default()))
    }

    fn of(&self, packed: Packed) -> Stream {
        Stream::new(packed, self.packing)
    }

    fn encoding(&self, at: usize) -> (u64, u64) {
        self.footer.encodings.get(at).copied().unwrap_or_default()
    }
}

impl Column {
    /// The next value. `left` is how much memory the record may still take.
    pub(super) fn next(&mut self, left: &mut usize) -> Result<Typed<'static>> {
        charge(left, size_of::<Typed<'_>>())?;
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
                charge(left, length)?;
                let bytes = data.bytes(length)?;
                match is_binary {
                    true => Typed::Bytes(bytes.into()),
                    false => Typed::Text(crate::format::lines::lossy(bytes).into()),
                }
            }
            Values::Words { places, words } => {
                let word = words.get(count(places)?);
                let word = word.ok_or_else(|| damaged("a dictionary has no such word"))?;
                charge(left, word.len())?;
                Typed::Text(word.clone().into())
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
    fn next(&mut self, left: &mut usize) -> Result<Typed<'static>> {
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
                    charge(left, name.len())?;
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

fn charge(left: &mut usize, bytes: usize) -> Result<()> {
    let rest = left.checked_sub(bytes);
    *left = rest.ok_or_else(|| too_large("a record takes more than 64 MiB"))?;
    Ok(())
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
            .unwrap_or_default();
        if shift > 126 {
            return Err(damaged("a decimal has more than 128 bits"));
        }
        if byte < 0x80 {
            break;
        }
    }
    let number = (raw >> 1).cast_signed() ^ -(raw & 1).cast_signed();
    let scale = scales.next()?;
    let decimal = Decimal::parse(&format!("{number}e{}", -i128::from(scale)));
    Ok(decimal.map_or(Typed::Unrepresentable, Typed::Decimal))
}
