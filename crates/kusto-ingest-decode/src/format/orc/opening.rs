//! Opens the columns of a stripe: those that are wanted, with what is in them.

use bytes::Bytes as Packed;
use kusto_ingest_core::Result;

use super::columns::{Column, Values, Words};
use super::description::{StripeFooter, Type};
use super::runs::{Bits, Bytes, Integers};
use super::stream::{Packing, Room, Stream};
use super::{damaged, too_large};
use crate::code::{FORMAT_NOT_SUPPORTED, failure};
use crate::record::LARGEST_RECORD;

/// How deep types may lie within each other.
const DEEPEST: usize = 64;

/// The most words of a dictionary.
const MOST_WORDS: u64 = 1 << 22;

/// What columns are opened from.
pub(super) struct Opening<'a> {
    pub(super) types: &'a [Type],
    pub(super) footer: &'a StripeFooter,
    pub(super) packing: Packing,
    /// What the columns take while they are open.
    pub(super) room: Room,
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
        self.room.take(all.len())?;
        self.room.take(
            usize::try_from(size)
                .unwrap_or(usize::MAX)
                .saturating_mul(size_of::<u32>()),
        )?;
        let mut lengths = self.integers(at, 2, false)?;
        let (mut end, mut ends): (u32, _) = (0, Vec::new());
        for _ in 0..size {
            let length = u32::try_from(lengths.next()?).ok();
            let next = length.and_then(|length| end.checked_add(length));
            let next = next.filter(|next| *next as usize <= all.len());
            end = next.ok_or_else(|| damaged("a dictionary is cut off"))?;
            ends.push(end);
        }
        Ok(Values::Words {
            places: self.integers(at, 1, false)?,
            words: Words { all, ends },
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
        Stream::new(packed, self.packing, &self.room)
    }

    fn encoding(&self, at: usize) -> (u64, u64) {
        self.footer.encodings.get(at).copied().unwrap_or_default()
    }
}
