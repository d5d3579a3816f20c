//! The records of a zip archive: where the list of its files is, what it says of them, and how a file begins.
//!
//! Nothing is unpacked here, and no bytes are fetched: each caller has another part of the archive at hand.

const END: &[u8] = b"PK\x05\x06";
const END_LEN: usize = 22;
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_LEN: usize = 20;
const END_64: &[u8] = b"PK\x06\x06";
const ENTRY: &[u8] = b"PK\x01\x02";
const ENTRY_LEN: usize = 46;
const LOCAL: &[u8] = b"PK\x03\x04";
const LOCAL_LEN: usize = 30;
/// The extra field with numbers of 64 bits.
const NUMBERS_64: usize = 1;

/// How a file of an archive is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// Not at all.
    Stored,
    /// By deflate.
    Deflated,
    /// By another method, of this number.
    Other(u16),
}

/// Where the list of an archive's files lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Directory {
    /// Its place in the archive.
    pub at: u64,
    /// Its length in bytes.
    pub len: u64,
}

/// What the list says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry<'a> {
    /// Its path in the archive; that of a folder ends with `/`.
    pub name: &'a [u8],
    /// How it is packed.
    pub method: Method,
    /// Whether a password is needed.
    pub is_encrypted: bool,
    /// The CRC-32 of its bytes when they are unpacked.
    pub crc: u32,
    /// Its bytes as it is packed.
    pub packed: u64,
    /// Its bytes when it is unpacked.
    pub size: u64,
    /// Where its [`LocalHeader`] begins in the archive.
    pub header_at: u64,
}

/// The files of a list, in their order. What is no entry gives `None` and ends the list.
#[derive(Clone, Copy, Debug)]
pub struct Entries<'a>(&'a [u8]);

/// What stands before the bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocalHeader {
    /// How the file is packed.
    pub method: Method,
    /// Whether a password is needed.
    pub is_encrypted: bool,
    /// Whether the lengths stand behind the bytes, and not here.
    pub has_lengths_behind: bool,
    /// The file's bytes as it is packed, as far as they are told here.
    pub packed: u32,
    /// The header's own length: the file's bytes follow.
    pub len: usize,
}

impl Method {
    fn of(number: u16) -> Self {
        match number {
            0 => Self::Stored,
            8 => Self::Deflated,
            other => Self::Other(other),
        }
    }
}

impl Directory {
    /// Finds the list from the archive's end, which begins at `start`.
    #[must_use]
    pub fn find(end: &[u8], start: u64) -> Option<Self> {
        // A comment may hold anything, so the last record that fits is the one.
        let last = (0..=end.len().checked_sub(END_LEN)?).rev().find(|at| {
            end[*at..].starts_with(END)
                && two(end, at + 20).is_some_and(|comment| at + END_LEN + usize::from(comment) == end.len())
        })?;
        let (len, at) = (four(end, last + 12)?, four(end, last + 16)?);
        if len != u32::MAX && at != u32::MAX {
            let (at, len) = (at.into(), len.into());
            return Some(Self { at, len });
        }
        let locator = last
            .checked_sub(LOCATOR_LEN)
            .filter(|at| end[*at..].starts_with(LOCATOR))?;
        let record = usize::try_from(eight(end, locator + 8)?.checked_sub(start)?).ok()?;
        if !end.get(record..)?.starts_with(END_64) {
            return None;
        }
        Some(Self {
            len: eight(end, record + 40)?,
            at: eight(end, record + 48)?,
        })
    }

    /// The files of a list, whose bytes are given whole.
    #[must_use]
    pub fn entries(bytes: &[u8]) -> Entries<'_> {
        Entries(bytes)
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Option<Entry<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let read = Entry::read(self.0);
        self.0 = read.map_or(&[], |(_, rest)| rest);
        Some(read.map(|(entry, _)| entry))
    }
}

impl<'a> Entry<'a> {
    /// The entry at the front, and what follows it.
    fn read(list: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (fields, rest) = list.split_at_checked(ENTRY_LEN)?;
        if !fields.starts_with(ENTRY) {
            return None;
        }
        let (name, rest) = rest.split_at_checked(two(fields, 28)?.into())?;
        let (extra, rest) = rest.split_at_checked(two(fields, 30)?.into())?;
        let rest = rest.get(usize::from(two(fields, 32)?)..)?;
        // What 32 bits do not hold stands in the extra field, in this order.
        let mut wide = numbers_64(extra).chunks_exact(8);
        let mut number = |at| match four(fields, at)? {
            u32::MAX => eight(wide.next()?, 0),
            narrow => Some(narrow.into()),
        };
        let entry = Self {
            name,
            method: Method::of(two(fields, 10)?),
            is_encrypted: is_encrypted(two(fields, 8)?),
            crc: four(fields, 16)?,
            size: number(24)?,
            packed: number(20)?,
            header_at: number(42)?,
        };
        Some((entry, rest))
    }
}

impl LocalHeader {
    /// Whether a file of an archive begins here.
    #[must_use]
    pub fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(LOCAL)
    }

    /// Reads the header with which `bytes` begin; `None` where they are none, or end within it.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let fields = bytes.get(..LOCAL_LEN).filter(|fields| Self::begins(fields))?;
        let flags = two(fields, 6)?;
        let len = LOCAL_LEN + usize::from(two(fields, 26)?) + usize::from(two(fields, 28)?);
        (len <= bytes.len()).then_some(Self {
            method: Method::of(two(fields, 8)?),
            is_encrypted: is_encrypted(flags),
            has_lengths_behind: flags & 1 << 3 != 0,
            packed: four(fields, 18)?,
            len,
        })
    }
}

fn is_encrypted(flags: u16) -> bool {
    flags & 1 != 0
}

/// The field with numbers of 64 bits among the extra fields; nothing where it is not there.
fn numbers_64(mut extra: &[u8]) -> &[u8] {
    while let (Some(id), Some(len)) = (two(extra, 0), two(extra, 2)) {
        let Some((field, rest)) = extra[4..].split_at_checked(len.into()) else {
            break;
        };
        if usize::from(id) == NUMBERS_64 {
            return field;
        }
        extra = rest;
    }
    &[]
}

fn bytes<const N: usize>(from: &[u8], at: usize) -> Option<[u8; N]> {
    from.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn two(from: &[u8], at: usize) -> Option<u16> {
    bytes(from, at).map(u16::from_le_bytes)
}

fn four(from: &[u8], at: usize) -> Option<u32> {
    bytes(from, at).map(u32::from_le_bytes)
}

fn eight(from: &[u8], at: usize) -> Option<u64> {
    bytes(from, at).map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry of a file `f` whose size, packed size and place are these, and its extra fields.
    fn entry(flags: u8, method: u8, numbers: [u32; 3], extra: &[u8]) -> Vec<u8> {
        let [size, packed, at] = numbers.map(u32::to_le_bytes);
        let extra_len = [u8::try_from(extra.len()).unwrap(), 0];
        [
            ENTRY,
            &[20, 0, 20, 0, flags, 0, method, 0, 0, 0, 0, 0, 7, 0, 0, 0],
            &packed,
            &size,
            &[1, 0],
            &extra_len,
            &[0; 10],
            &at,
            b"f",
            extra,
        ]
        .concat()
    }

    /// An archive's last record, and its comment.
    fn end(len: u32, at: u32, comment: &[u8]) -> Vec<u8> {
        let comment_len = u16::try_from(comment.len()).unwrap().to_le_bytes();
        let (len, at) = (len.to_le_bytes(), at.to_le_bytes());
        [END, &[0; 8], &len, &at, &comment_len, comment].concat()
    }

    #[test]
    fn the_list_is_found_from_the_last_record_that_ends_with_the_archive() {
        let found = Some(Directory { at: 7, len: 46 });
        for comment in [
            &b""[..],
            b"a comment with PK\x05\x06 in it, longer than the record",
        ] {
            assert_eq!(Directory::find(&end(46, 7, comment), 900), found, "{comment:?}");
        }
        let cut = end(46, 7, b"cut");
        assert_eq!(Directory::find(&cut[..cut.len() - 1], 0), None);
        assert_eq!(Directory::find(b"PK\x05\x06", 0), None);
    }

    #[test]
    fn the_place_of_a_list_in_64_bits_is_found_through_its_locator() {
        let wide = [46_u64.to_le_bytes(), (1_u64 << 33).to_le_bytes()].concat();
        let record = [END_64, &[0; 36], &wide].concat();
        let locator = [LOCATOR, &[0; 4], &900_u64.to_le_bytes(), &[0; 4]].concat();
        let archive = [record, locator, end(46, u32::MAX, b"")].concat();
        let found = Directory { at: 1 << 33, len: 46 };
        assert_eq!(Directory::find(&archive, 900), Some(found));
        assert_eq!(
            Directory::find(&archive, 901),
            None,
            "the record lies before these bytes"
        );
        assert_eq!(Directory::find(&end(46, u32::MAX, b""), 900), None);
    }

    #[test]
    fn a_list_is_read_to_its_end_and_what_32_bits_do_not_hold_from_the_extra_field() {
        let other = [9, 0, 2, 0, 1, 1];
        let wide = [&[1, 0, 16, 0][..], &5_u64.to_le_bytes(), &6_u64.to_le_bytes()].concat();
        let list = [
            entry(0, 8, [3, 2, 1], &other),
            entry(1, 0, [u32::MAX, 4, u32::MAX], &[&other[..], &wide].concat()),
        ]
        .concat();
        let read: Vec<_> = Directory::entries(&list).map(Option::unwrap).collect();
        let numbers: Vec<_> = read
            .iter()
            .map(|entry| (entry.size, entry.packed, entry.header_at, entry.crc))
            .collect();
        assert_eq!(numbers, [(3, 2, 1, 7), (5, 4, 6, 7)]);
        assert_eq!(read[0].name, b"f");
        assert_eq!(
            (read[0].method, read[1].method),
            (Method::Deflated, Method::Stored)
        );
        assert_eq!((read[0].is_encrypted, read[1].is_encrypted), (false, true));
    }

    #[test]
    fn what_is_no_entry_ends_the_list() {
        let whole = entry(0, 0, [1, 1, 0], &[]);
        for broken in [
            &b"PK\x01\x02 cut short"[..],
            &whole[..whole.len() - 1],
            &entry(0, 0, [u32::MAX, 1, 0], &[]),
            &entry(0, 0, [u32::MAX, 1, 0], &[1, 0, 9, 0, 1]),
        ] {
            let list = [whole.as_slice(), broken].concat();
            let read: Vec<bool> = Directory::entries(&list).map(|entry| entry.is_some()).collect();
            assert_eq!(read, [true, false], "{broken:?}");
        }
    }

    #[test]
    fn a_file_tells_how_it_begins_once_its_header_is_whole() {
        let mut header = [LOCAL, &[20, 0, 8, 0, 12, 0], &[0; 8], &[5, 0, 0, 0], &[0; 4]].concat();
        header.extend([1, 0, 2, 0, b'n', 0, 0]);
        let read = LocalHeader::read(&header).unwrap();
        assert_eq!((read.len, read.packed), (header.len(), 5));
        assert_eq!(read.method, Method::Other(12));
        assert_eq!((read.is_encrypted, read.has_lengths_behind), (false, true));
        for cut in [0, 4, 29, header.len() - 1] {
            assert_eq!(LocalHeader::read(&header[..cut]), None, "{cut}");
        }
        header[0] = b'?';
        assert_eq!(LocalHeader::read(&header), None);
    }
}
