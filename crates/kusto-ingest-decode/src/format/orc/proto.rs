//! The little of Protocol Buffers that ORC's descriptions need.

use kusto_ingest_core::Result;

use super::{damaged, too_large};

/// The fields of a message, one after the other.
pub(super) struct Message<'a>(pub(super) &'a [u8]);

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Of a type that no description has.
    Other,
}

/// How many parts a description may still have: most take two bytes in the file, and many more in memory.
pub(super) struct Parts(usize);

impl Parts {
    /// More than a hundred thousand columns have.
    pub(super) const fn most() -> Self {
        Self(1 << 20)
    }

    pub(super) fn take(&mut self) -> Result<()> {
        let rest = self.0.checked_sub(1);
        self.0 = rest.ok_or_else(|| too_large("its description has more than 1,048,576 parts"))?;
        Ok(())
    }
}

impl<'a> Field<'a> {
    pub(super) fn number(self) -> u64 {
        match self {
            Self::Number(number) => number,
            _ => 0,
        }
    }

    pub(super) fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            _ => &[],
        }
    }
}

impl<'a> Message<'a> {
    /// The next field, with its number.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Field<'a>)>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let field = match key & 7 {
            0 => Field::Number(self.varint()?),
            1 => {
                self.take(8)?;
                Field::Other
            }
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| cut())?;
                Field::Bytes(self.take(length)?)
            }
            5 => {
                self.take(4)?;
                Field::Other
            }
            _ => return Err(damaged("its description has a field of an unknown type")),
        };
        Ok(Some((key >> 3, field)))
    }

    /// Numbers that may be packed into one field.
    pub(super) fn numbers(field: Field<'_>, into: &mut Vec<u64>, parts: &mut Parts) -> Result<()> {
        let Field::Bytes(bytes) = field else {
            parts.take()?;
            into.push(field.number());
            return Ok(());
        };
        let mut packed = Message(bytes);
        while !packed.0.is_empty() {
            parts.take()?;
            into.push(packed.varint()?);
        }
        Ok(())
    }

    pub(super) fn varint(&mut self) -> Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(damaged("its description has a number of more than 64 bits"))
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(cut)?;
        self.0 = rest;
        Ok(taken)
    }
}

fn cut() -> kusto_ingest_core::Error {
    damaged("its description is cut off")
}
