//! What an ORC file says of itself: at its end, and at the end of each stripe.

use std::collections::HashMap;

use bytes::Bytes;
use kusto_ingest_core::Result;

use super::proto::{Field, Message, Parts};
use super::stream::{Codec, Packing, Room, Stream};
use super::{damaged, too_large};
use crate::record::LARGEST_RECORD;

/// The largest chunk.
const LARGEST_CHUNK: u64 = 8 << 20;

/// The most words that the dictionaries of a stripe have together.
const MOST_WORDS: u64 = 1 << 26;

/// The description of a file.
pub(super) struct Footer {
    pub(super) packing: Packing,
    pub(super) stripes: Vec<Stripe>,
    /// The outermost first, and each before those in it.
    pub(super) types: Vec<Type>,
}

/// Some rows, in streams of their own.
#[derive(Debug, Default)]
pub(super) struct Stripe {
    offset: u64,
    index: u64,
    data: u64,
    footer: u64,
    pub(super) rows: u64,
}

/// A type, with the places of those in it.
#[derive(Debug, Default)]
pub(super) struct Type {
    pub(super) kind: u64,
    pub(super) inner: Vec<usize>,
    pub(super) names: Vec<String>,
}

/// The streams of a stripe, and how columns are encoded.
pub(super) struct StripeFooter {
    /// The bytes of each stream, by its column and by what it holds.
    streams: HashMap<(u64, u64), Bytes>,
    /// The encoding of each column, and the size of its dictionary.
    pub(super) encodings: Vec<(u64, u64)>,
    pub(super) zone: String,
}

impl Footer {
    pub(super) fn read(file: &Bytes) -> Result<Self> {
        let cut = || damaged("its description is cut off");
        let (length, before) = file.split_last().ok_or_else(cut)?;
        let start = before.len().checked_sub(usize::from(*length)).ok_or_else(cut)?;
        let (mut codec, mut chunk, mut footer) = (0, 256 << 10, 0);
        let mut postscript = Message(&before[start..]);
        while let Some((number, field)) = postscript.next()? {
            match number {
                1 => footer = field.number(),
                2 => codec = field.number(),
                3 => chunk = field.number(),
                _ => {}
            }
        }
        if chunk > LARGEST_CHUNK {
            return Err(too_large("its chunks are larger than 8 MiB"));
        }
        let packing = Packing {
            codec: Codec::of(codec)?,
            chunk: usize::try_from(chunk).unwrap_or_default(),
        };
        let first = usize::try_from(footer)
            .ok()
            .and_then(|length| start.checked_sub(length));
        let packed = file.slice(first.ok_or_else(cut)?..start);
        let bytes = Stream::new(packed, packing, &Room::new()).rest(LARGEST_RECORD)?;
        let (mut stripes, mut types) = (Vec::new(), Vec::new());
        let (mut message, mut parts) = (Message(&bytes), Parts::most());
        while let Some((number, field)) = message.next()? {
            match number {
                3 => {
                    parts.take()?;
                    stripes.push(Stripe::read(field.bytes())?);
                }
                4 => {
                    parts.take()?;
                    types.push(Type::read(field.bytes(), &mut parts)?);
                }
                _ => {}
            }
        }
        if !are_a_tree(&types) {
            return Err(damaged("its types are not in order"));
        }
        if !are_apart(&stripes) {
            return Err(damaged("its stripes are not one behind the other"));
        }
        Ok(Self {
            packing,
            stripes,
            types,
        })
    }
}

/// Whether each type lies within one other at most, which stands before it: so none is opened twice.
fn are_a_tree(types: &[Type]) -> bool {
    let mut is_inner = vec![false; types.len()];
    let mut inner = types
        .iter()
        .enumerate()
        .flat_map(|(at, kind)| kind.inner.iter().map(move |inner| (at, *inner)));
    let is_first = inner.all(|(at, inner)| match is_inner.get_mut(inner) {
        Some(seen) => inner > at && !std::mem::replace(seen, true),
        None => false,
    });
    is_first && !types.is_empty()
}

/// Whether each stripe begins where the one before ended, or later: no bytes of the file are read for more than one.
fn are_apart(stripes: &[Stripe]) -> bool {
    let mut end = 0;
    stripes.iter().all(|stripe| {
        let is_behind = stripe.offset >= end;
        let length = stripe
            .index
            .saturating_add(stripe.data)
            .saturating_add(stripe.footer);
        end = stripe.offset.saturating_add(length);
        is_behind
    })
}

impl Stripe {
    fn read(bytes: &[u8]) -> Result<Self> {
        let (mut stripe, mut message) = (Self::default(), Message(bytes));
        while let Some((number, field)) = message.next()? {
            match number {
                1 => stripe.offset = field.number(),
                2 => stripe.index = field.number(),
                3 => stripe.data = field.number(),
                4 => stripe.footer = field.number(),
                5 => stripe.rows = field.number(),
                _ => {}
            }
        }
        Ok(stripe)
    }

    /// What stands at its end.
    pub(super) fn footer(&self, file: &Bytes, packing: Packing) -> Result<StripeFooter> {
        let part = |from: u64, length: u64| {
            let from = usize::try_from(from).ok()?;
            let end = from.checked_add(usize::try_from(length).ok()?)?;
            (end <= file.len()).then(|| file.slice(from..end))
        };
        let beyond = || damaged("a stripe lies beyond the file");
        let from = self
            .offset
            .checked_add(self.index)
            .and_then(|at| at.checked_add(self.data));
        let packed = part(from.ok_or_else(beyond)?, self.footer).ok_or_else(beyond)?;
        let bytes = Stream::new(packed, packing, &Room::new()).rest(LARGEST_RECORD)?;
        let mut footer = StripeFooter {
            streams: HashMap::new(),
            encodings: Vec::new(),
            zone: String::new(),
        };
        let (mut offset, mut words) = (self.offset, 0_u64);
        let (mut message, mut parts) = (Message(&bytes), Parts::most());
        while let Some((number, field)) = message.next()? {
            match number {
                1 => {
                    parts.take()?;
                    let [kind, column, length] = numbers(field.bytes())?;
                    let stream = part(offset, length).ok_or_else(beyond)?;
                    footer.streams.entry((column, kind)).or_insert(stream);
                    offset = offset.checked_add(length).ok_or_else(beyond)?;
                }
                2 => {
                    parts.take()?;
                    let [kind, size, _] = numbers(field.bytes())?;
                    words = words.saturating_add(size);
                    footer.encodings.push((kind, size));
                }
                3 => footer.zone = String::from_utf8_lossy(field.bytes()).into_owned(),
                _ => {}
            }
        }
        if words > MOST_WORDS {
            return Err(too_large(
                "the dictionaries of a stripe have more than 67,108,864 words",
            ));
        }
        Ok(footer)
    }
}

/// The first three fields of a message of numbers.
fn numbers(bytes: &[u8]) -> Result<[u64; 3]> {
    let (mut numbers, mut message) = ([0; 3], Message(bytes));
    while let Some((number, field)) = message.next()? {
        if let (1..=3, Field::Number(value)) = (number, field) {
            numbers[usize::try_from(number).unwrap_or(1) - 1] = value;
        }
    }
    Ok(numbers)
}

impl Type {
    fn read(bytes: &[u8], parts: &mut Parts) -> Result<Self> {
        let (mut kind, mut message) = (Self::default(), Message(bytes));
        let mut inner = Vec::new();
        while let Some((number, field)) = message.next()? {
            match number {
                1 => kind.kind = field.number(),
                2 => Message::numbers(field, &mut inner, parts)?,
                3 => {
                    parts.take()?;
                    kind.names
                        .push(String::from_utf8_lossy(field.bytes()).into_owned());
                }
                _ => {}
            }
        }
        kind.inner = inner
            .into_iter()
            .map(|at| usize::try_from(at).unwrap_or(usize::MAX))
            .collect();
        Ok(kind)
    }
}

impl StripeFooter {
    /// A stream of a column.
    pub(super) fn stream(&self, column: usize, wanted: u64) -> Option<Bytes> {
        self.streams.get(&(column as u64, wanted)).cloned()
    }
}
