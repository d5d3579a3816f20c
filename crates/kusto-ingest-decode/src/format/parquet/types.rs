//! Looks at the types of a file before the library does: it follows them as deep as they go, and takes memory for whatever they
//! say to hold.

use kusto_ingest_core::Result;

use super::thrift::{Fields, Kind, Malformed};
use super::{damaged, too_large};
use crate::record::LARGEST_RECORD;

/// How deep types may lie within each other.
const DEEPEST: usize = 64;

/// What encrypted files end with: the library reads none of them.
const ENCRYPTED: &[u8] = b"PARE";

/// Refuses a file whose types hold more than there are, lie too deep, or have names too long.
///
/// # Errors
/// `BadRequest_InvalidBlob` for a damaged file, `Stream_InputStreamTooLarge` beyond a limit.
pub(super) fn check(file: &[u8]) -> Result<()> {
    if file.ends_with(ENCRYPTED) {
        return Ok(());
    }
    let mut fields = Fields::of(description(file).ok_or_else(|| damaged("its description is cut off"))?);
    let types = types(&mut fields).map_err(|_| damaged("its types cannot be read"))?;
    let (mut inner, mut names) = (0_usize, 0_usize);
    // How many types are still to come within each that is open, and how long the names down to it are.
    let mut open: Vec<(usize, usize)> = Vec::new();
    for kind in &types {
        while open.last().is_some_and(|(left, _)| *left == 0) {
            open.pop();
        }
        if open.len() > DEEPEST {
            return Err(damaged("its types are nested deeper than 64 levels"));
        }
        inner = inner.saturating_add(kind.inner);
        if inner >= types.len() {
            return Err(damaged("a type holds more than there are"));
        }
        let mut path = 0;
        if let Some((left, above)) = open.last_mut() {
            *left -= 1;
            path = *above + kind.name + size_of::<String>();
        }
        match kind.inner {
            // Each column has all the names that lead to it.
            0 => names = names.saturating_add(path),
            inner => open.push((inner, path)),
        }
        if names > LARGEST_RECORD {
            return Err(too_large("the names of its columns take more than 64 MiB"));
        }
    }
    Ok(())
}

/// The bytes of what a file says of itself: before its length, which is before the last word.
fn description(file: &[u8]) -> Option<&[u8]> {
    let (before, _) = file.split_last_chunk::<4>()?;
    let (before, length) = before.split_last_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    before.get(before.len().checked_sub(length)?..)
}

/// A type: how many are in it, and how long its name is.
#[derive(Default)]
struct Type {
    inner: usize,
    name: usize,
}

/// The types of a file, each before those in it. A field that the library reads has the kind that it expects there, so that both
/// read the same.
fn types(fields: &mut Fields<'_>) -> Result<Vec<Type>, Malformed> {
    while let Some(field) = fields.next()? {
        match field {
            (2, Kind::List) => {
                let count = fields.list(Kind::Struct)?;
                return (0..count).map(|_| fields.within(Type::read)).collect();
            }
            (1 | 3, Kind::Integer) | (6, Kind::Binary) => fields.skip(field.1)?,
            (1..=7, _) => return Err(Malformed),
            (_, kind) => fields.skip(kind)?,
        }
    }
    Err(Malformed)
}

impl Type {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Malformed> {
        let mut read = Self::default();
        while let Some(field) = fields.next()? {
            match field {
                (4, Kind::Binary) => read.name = fields.binary()?.len(),
                (5, Kind::Integer) => {
                    read.inner = usize::try_from(fields.integer()?).map_err(|_| Malformed)?;
                }
                (10, Kind::Struct) => fields.within(pass_meaning)?,
                (1..=3 | 6..=9, Kind::Integer) => fields.skip(Kind::Integer)?,
                (1..=10, _) => return Err(Malformed),
                (_, kind) => fields.skip(kind)?,
            }
        }
        Ok(read)
    }
}

/// Passes over what a type means: one of many structures, most of them empty.
fn pass_meaning(fields: &mut Fields<'_>) -> Result<(), Malformed> {
    let Some((meaning, Kind::Struct)) = fields.next()? else {
        return Err(Malformed);
    };
    fields.within(|inner| {
        while let Some((number, kind)) = inner.next()? {
            let is_known = match (meaning, number) {
                (5, 1 | 2) | (18, 2) => kind == Kind::Integer,
                (7 | 8, 1) | (10, 2) => matches!(kind, Kind::True | Kind::False),
                (7 | 8, 2) => kind == Kind::Struct,
                (10 | 16, 1) => kind == Kind::Byte,
                (17 | 18, 1) => kind == Kind::Binary,
                _ => true,
            };
            match (meaning, number) {
                _ if !is_known => return Err(Malformed),
                // A unit of time is a structure, and empty.
                (7 | 8, 2) => inner.within(|unit| match unit.next()? {
                    Some((_, Kind::Struct)) => {
                        unit.skip(Kind::Struct)?;
                        unit.end()
                    }
                    _ => Err(Malformed),
                })?,
                _ => inner.skip(kind)?,
            }
        }
        Ok(())
    })?;
    fields.end()
}
