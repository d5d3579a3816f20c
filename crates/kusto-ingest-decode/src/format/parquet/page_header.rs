//! The header of a page: how large it is, packed and unpacked, and how its values are written.

use parquet::basic::Encoding;

use super::thrift::{Fields, Kind, Malformed};

/// What the header of a page says.
#[derive(Debug, Default)]
pub(super) struct PageHeader {
    /// The bytes that the header takes itself.
    pub(super) length: usize,
    kind: i64,
    pub(super) unpacked: i64,
    pub(super) packed: i64,
    pub(super) values: i64,
    encoding: i64,
    /// Bytes of levels of both kinds in front, which are not compressed.
    levels: [i64; 2],
    pub(super) is_plain: bool,
}

impl PageHeader {
    /// Reads a header as the library does: a field that it knows has the kind that it expects, and one header of values is there.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut header = Self::default();
        let mut fields = Fields::of(bytes);
        let mut has_values = false;
        while let Some((number, kind)) = fields.next()? {
            match (number, kind) {
                (1, Kind::Integer) => header.kind = fields.integer()?,
                (2, Kind::Integer) => header.unpacked = fields.integer()?,
                (3, Kind::Integer) => header.packed = fields.integer()?,
                (4, Kind::Integer) => fields.skip(kind)?,
                (5 | 7 | 8, Kind::Struct) if !std::mem::replace(&mut has_values, true) => match number {
                    5 => fields.within(|inner| header.read_data(inner))?,
                    7 => fields.within(|inner| header.read_dictionary(inner))?,
                    _ => fields.within(|inner| header.read_second(inner))?,
                },
                (6, Kind::Struct) => fields.skip(kind)?,
                (1..=8, _) => return Err(Malformed),
                (_, kind) => fields.skip(kind)?,
            }
        }
        header.length = bytes.len() - fields.bytes.len();
        Ok(header)
    }

    fn read_data(&mut self, fields: &mut Fields<'_>) -> Result<(), Malformed> {
        while let Some((number, kind)) = fields.next()? {
            match (number, kind) {
                (1, Kind::Integer) => self.values = fields.integer()?,
                (2, Kind::Integer) => self.encoding = fields.integer()?,
                (3 | 4, Kind::Integer) => fields.skip(kind)?,
                (1..=4, _) => return Err(Malformed),
                (_, kind) => fields.skip(kind)?,
            }
        }
        Ok(())
    }

    fn read_dictionary(&mut self, fields: &mut Fields<'_>) -> Result<(), Malformed> {
        while let Some((number, kind)) = fields.next()? {
            match (number, kind) {
                (1, Kind::Integer) => self.values = fields.integer()?,
                (2, Kind::Integer) => self.encoding = fields.integer()?,
                (3, Kind::True | Kind::False) => {}
                (1..=3, _) => return Err(Malformed),
                (_, kind) => fields.skip(kind)?,
            }
        }
        Ok(())
    }

    /// The header of data in its second version.
    fn read_second(&mut self, fields: &mut Fields<'_>) -> Result<(), Malformed> {
        while let Some((number, kind)) = fields.next()? {
            match (number, kind) {
                (1, Kind::Integer) => self.values = fields.integer()?,
                (2 | 3, Kind::Integer) => fields.skip(kind)?,
                (4, Kind::Integer) => self.encoding = fields.integer()?,
                (5, Kind::Integer) => self.levels[0] = fields.integer()?,
                (6, Kind::Integer) => self.levels[1] = fields.integer()?,
                (7, Kind::True | Kind::False) => self.is_plain = kind == Kind::False,
                (1..=7, _) => return Err(Malformed),
                (_, kind) => fields.skip(kind)?,
            }
        }
        Ok(())
    }

    pub(super) fn is_data(&self) -> bool {
        self.kind == 0 || self.kind == 3
    }

    /// Whether the values have an encoding.
    pub(super) fn is(&self, encoding: Encoding) -> bool {
        self.is_data() && self.encoding == i64::from(encoding as i32)
    }

    /// The bytes of levels; none where there are fewer than no bytes.
    pub(super) fn levels(&self) -> Option<usize> {
        let [one, other] = self.levels.map(|bytes| usize::try_from(bytes).ok());
        one?.checked_add(other?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_the_library_could_read_otherwise_is_malformed() {
        // Data, unpacked to 6 bytes from 4, and the header of 3 values in the encoding 0.
        let right = [
            0x15, 0, 0x15, 12, 0x15, 8, 0x2c, 0x15, 6, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0,
        ];
        let header = PageHeader::read(&right).expect("it is right");
        assert_eq!((header.unpacked, header.packed, header.values), (6, 4, 3));
        assert!(header.is(Encoding::PLAIN));
        // The size is binary, the number of values a byte, and the header of values is there twice.
        for (at, byte) in [(2, 0x18), (7, 0x13)] {
            let mut odd = right;
            odd[at] = byte;
            assert!(PageHeader::read(&odd).is_err(), "{at}");
        }
        let twice = [&right[..16], &[0x3c, 0x15, 0, 0, 0]].concat();
        assert!(PageHeader::read(&twice).is_err());
    }
}
