//! The little of Thrift's compact protocol that types and headers of pages need.

/// A header ended early, or holds what no header does.
#[derive(Debug)]
pub(super) struct Malformed;

/// How deep structures may lie within each other.
const DEEPEST: u32 = 16;

/// Reads a structure field by field.
pub(super) struct Fields<'a> {
    pub(super) bytes: &'a [u8],
    last: i16,
    depth: u32,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    True,
    False,
    Byte,
    Integer,
    Double,
    Binary,
    List,
    Map,
    Struct,
}

impl<'a> Fields<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            last: 0,
            depth: 0,
        }
    }

    /// The next field: its number and type; none at the end of the structure.
    pub(super) fn next(&mut self) -> Result<Option<(i16, Kind)>, Malformed> {
        let head = self.byte()?;
        if head == 0 {
            return Ok(None);
        }
        self.last = match head >> 4 {
            0 => i16::try_from(self.integer()?).map_err(|_| Malformed)?,
            more => self.last.checked_add(i16::from(more)).ok_or(Malformed)?,
        };
        Ok(Some((self.last, kind(head & 0x0f)?)))
    }

    /// The value of a field that is an integer.
    pub(super) fn integer(&mut self) -> Result<i64, Malformed> {
        let raw = self.varint()?;
        let half = i64::try_from(raw >> 1).map_err(|_| Malformed)?;
        Ok(half ^ -i64::from(raw & 1 == 1))
    }

    /// The bytes of a field that is binary.
    pub(super) fn binary(&mut self) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
        self.take(length)
    }

    /// The length of a list whose items are of a kind. Each takes a byte at least.
    pub(super) fn list(&mut self, items: Kind) -> Result<usize, Malformed> {
        let head = self.byte()?;
        let length = match head >> 4 {
            0x0f => usize::try_from(self.varint()?).map_err(|_| Malformed)?,
            short => short.into(),
        };
        match kind(head & 0x0f)? == items && length <= self.bytes.len() {
            true => Ok(length),
            false => Err(Malformed),
        }
    }

    /// The end of the structure: no more fields.
    pub(super) fn end(&mut self) -> Result<(), Malformed> {
        match self.next()? {
            None => Ok(()),
            Some(_) => Err(Malformed),
        }
    }

    /// Reads a field that is a structure itself.
    pub(super) fn within<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        let mut inner = Self {
            bytes: self.bytes,
            last: 0,
            depth: self.depth + 1,
        };
        if inner.depth > DEEPEST {
            return Err(Malformed);
        }
        let value = read(&mut inner)?;
        self.bytes = inner.bytes;
        Ok(value)
    }

    /// Passes over the value of a field.
    pub(super) fn skip(&mut self, kind: Kind) -> Result<(), Malformed> {
        match kind {
            Kind::True | Kind::False => Ok(()),
            Kind::Byte => self.byte().map(drop),
            Kind::Integer => self.varint().map(drop),
            Kind::Double => self.take(8).map(drop),
            Kind::Binary => self.binary().map(drop),
            Kind::Struct => self.within(|inner| {
                while let Some((_, kind)) = inner.next()? {
                    inner.skip(kind)?;
                }
                Ok(())
            }),
            // Nothing that is passed over has one.
            Kind::List | Kind::Map => Err(Malformed),
        }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(Malformed)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.bytes.split_first().ok_or(Malformed)?;
        self.bytes = rest;
        Ok(*first)
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }
}

fn kind(code: u8) -> Result<Kind, Malformed> {
    Ok(match code {
        1 => Kind::True,
        2 => Kind::False,
        3 => Kind::Byte,
        4..=6 => Kind::Integer,
        7 => Kind::Double,
        8 => Kind::Binary,
        9 | 10 => Kind::List,
        11 => Kind::Map,
        12 => Kind::Struct,
        _ => return Err(Malformed),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_by_number_and_what_is_unknown_is_passed_over() {
        // 1: i32 = -2, 3: binary "ab", 4: struct { 1: i64 = 300 }, 7: true
        let bytes = [
            0x15, 0x03, 0x28, 0x02, b'a', b'b', 0x1c, 0x16, 0xd8, 0x04, 0x00, 0x31, 0x00, 0xee,
        ];
        let mut fields = Fields::of(&bytes);
        assert_eq!(fields.next().unwrap(), Some((1, Kind::Integer)));
        assert_eq!(fields.integer().unwrap(), -2);
        let (three, kind) = fields.next().unwrap().unwrap();
        fields.skip(kind).unwrap();
        assert_eq!((three, fields.next().unwrap()), (3, Some((4, Kind::Struct))));
        let inner = fields.within(|inner| {
            inner.next()?;
            let value = inner.integer()?;
            assert_eq!(inner.next()?, None);
            Ok(value)
        });
        assert_eq!(inner.unwrap(), 300);
        assert_eq!(fields.next().unwrap(), Some((7, Kind::True)));
        assert_eq!(fields.next().unwrap(), None);
        assert_eq!(fields.bytes, [0xee]);
    }

    #[test]
    fn what_is_cut_or_longer_than_the_bytes_is_malformed() {
        for bytes in [
            &[][..],
            &[0x15],
            &[0x15, 0xff, 0xff],
            &[0x18, 0x7f, 1],
            &[0x1d, 0],
        ] {
            let mut fields = Fields::of(bytes);
            let read = fields.next().and_then(|field| match field {
                Some((_, kind)) => fields.skip(kind),
                None => Ok(()),
            });
            assert!(read.is_err(), "{bytes:?}");
        }
    }
}
