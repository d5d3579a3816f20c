//! The fields of one record of a delimited format, kept together.

use std::borrow::Cow;

/// The fields of one record, kept together.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The bytes, once the record is whole and where they are text.
    text: String,
}

impl Fields {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A field as text; bytes that are not UTF-8 become U+FFFD.
    pub(crate) fn get(&self, at: usize) -> Option<Cow<'_, str>> {
        let end = *self.ends.get(at)?;
        let range = self.start(at)..end;
        // A letter may lie across two fields, if each has half of it.
        match self.text.get(range.clone()) {
            Some(text) => Some(Cow::Borrowed(text)),
            None if self.text.is_empty() => Some(String::from_utf8_lossy(&self.bytes[range])),
            None => Some(String::from_utf8_lossy(&self.text.as_bytes()[range])),
        }
    }

    /// Whether it is one field without a byte, as an empty line is.
    pub(crate) fn is_one_empty(&self) -> bool {
        self.len() == 1 && self.ends[0] == 0
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
        if self.bytes.is_empty() {
            self.bytes = std::mem::take(&mut self.text).into_bytes();
        }
        self.text.clear();
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

    /// Ends the record: its bytes are looked at once, all together.
    pub(crate) fn seal(&mut self) {
        match String::from_utf8(std::mem::take(&mut self.bytes)) {
            Ok(text) => self.text = text,
            Err(error) => self.bytes = error.into_bytes(),
        }
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
