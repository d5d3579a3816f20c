//! The fields of one record of a delimited format, kept together.

use std::borrow::Cow;

/// The fields of one record, kept together.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Fields {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A field as text; bytes that are not UTF-8 become U+FFFD.
    pub(crate) fn get(&self, at: usize) -> Option<Cow<'_, str>> {
        let end = *self.ends.get(at)?;
        let bytes = &self.bytes[self.start(at)..end];
        Some(std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed))
    }

    /// Whether it is one field without a byte, as an empty line is.
    pub(crate) fn is_one_empty(&self) -> bool {
        self.len() == 1 && self.bytes.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Cow<'_, str>> {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// How much memory they take: also empty fields take some.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len() + self.ends.len() * size_of::<usize>()
    }

    /// Makes room for the next record.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Adds a byte to the field that is not closed yet.
    pub(crate) fn push(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// Adds bytes to the field that is not closed yet.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Ends a field.
    pub(crate) fn close(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// Takes the carriage return off that stood before the line feed.
    pub(crate) fn drop_return(&mut self) {
        if self.bytes.len() > self.start(self.ends.len()) && self.bytes.last() == Some(&b'\r') {
            self.bytes.pop();
        }
    }

    fn start(&self, at: usize) -> usize {
        at.checked_sub(1).map_or(0, |before| self.ends[before])
    }
}
