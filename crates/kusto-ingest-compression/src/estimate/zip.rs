//! What a zip archive says of the sizes of its files: its last record leads to the list of them.

const END: &[u8] = b"PK\x05\x06";
const END_LEN: usize = 22;
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_LEN: usize = 20;
const END_64: &[u8] = b"PK\x06\x06";
const ENTRY: &[u8] = b"PK\x01\x02";
const ENTRY_LEN: usize = 46;
/// The extra field with sizes of 64 bits.
const SIZES_64: u16 = 1;

/// Where the list of an archive's files lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ZipDirectory {
    /// Its place in the archive.
    pub at: u64,
    /// Its length in bytes.
    pub len: u64,
}

/// Finds the list of an archive's files from the archive's end, which begins at `start`.
#[must_use]
pub fn zip_directory(end: &[u8], start: u64) -> Option<ZipDirectory> {
    // A comment may hold anything, so the last record that fits is the one.
    let last = (0..=end.len().checked_sub(END_LEN)?).rev().find(|at| {
        end[*at..].starts_with(END)
            && short(end, at + 20).is_some_and(|comment| at + END_LEN + comment == end.len())
    })?;
    let (len, at) = (number(end, last + 12)?, number(end, last + 16)?);
    if len != u64::from(u32::MAX) && at != u64::from(u32::MAX) {
        return Some(ZipDirectory { at, len });
    }
    let locator = last
        .checked_sub(LOCATOR_LEN)
        .filter(|at| end[*at..].starts_with(LOCATOR))?;
    let record = usize::try_from(long(end, locator + 8)?.checked_sub(start)?).ok()?;
    if !end.get(record..)?.starts_with(END_64) {
        return None;
    }
    Some(ZipDirectory {
        len: long(end, record + 40)?,
        at: long(end, record + 48)?,
    })
}

/// The sum of the uncompressed sizes of an archive's files, from the list of them.
#[must_use]
pub fn zip_raw_size(directory: &[u8]) -> Option<u64> {
    let (mut at, mut sum) = (0_usize, 0_u64);
    while at < directory.len() {
        if !directory[at..].starts_with(ENTRY) {
            return None;
        }
        let (name, extra, comment) = (
            short(directory, at + 28)?,
            short(directory, at + 30)?,
            short(directory, at + 32)?,
        );
        let extra_at = at + ENTRY_LEN + name;
        let size = match number(directory, at + 24)? {
            size if size == u64::from(u32::MAX) => size_64(directory.get(extra_at..extra_at + extra)?)?,
            size => size,
        };
        sum = sum.checked_add(size)?;
        at = extra_at + extra + comment;
    }
    Some(sum)
}

/// The uncompressed size is the first of the sizes of 64 bits.
fn size_64(extra: &[u8]) -> Option<u64> {
    let mut at = 0;
    loop {
        let (id, len) = (short(extra, at)?, short(extra, at + 2)?);
        if id == usize::from(SIZES_64) {
            return long(extra, at + 4);
        }
        at += 4 + len;
    }
}

fn bytes<const N: usize>(from: &[u8], at: usize) -> Option<[u8; N]> {
    from.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn short(from: &[u8], at: usize) -> Option<usize> {
    bytes(from, at).map(u16::from_le_bytes).map(usize::from)
}

fn number(from: &[u8], at: usize) -> Option<u64> {
    bytes(from, at).map(u32::from_le_bytes).map(u64::from)
}

fn long(from: &[u8], at: usize) -> Option<u64> {
    bytes(from, at).map(u64::from_le_bytes)
}
