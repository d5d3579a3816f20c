//! Text encodings: UTF-8, and UTF-16 with a byte order mark.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use kusto_ingest_core::Result;

use crate::code::unreadable;

/// Puts the two bytes of a unit of UTF-16 together.
type Unit = fn([u8; 2]) -> u16;

/// Opens a source as UTF-8, without its byte order mark.
pub(crate) fn open<'a>(mut input: impl Read + 'a) -> Result<impl BufRead + 'a> {
    let mut start = Vec::with_capacity(3);
    input
        .by_ref()
        .take(3)
        .read_to_end(&mut start)
        .map_err(unreadable)?;
    let (mark, wide): (usize, Option<Unit>) = match start.as_slice() {
        [0xEF, 0xBB, 0xBF] => (3, None),
        [0xFF, 0xFE, ..] => (2, Some(u16::from_le_bytes)),
        [0xFE, 0xFF, ..] => (2, Some(u16::from_be_bytes)),
        _ => (0, None),
    };
    start.drain(..mark);
    let bytes = Cursor::new(start).chain(input);
    let text: Box<dyn Read + 'a> = match wide {
        Some(unit) => Box::new(Utf16 {
            input: BufReader::new(bytes),
            unit,
            high: None,
            ready: Cursor::new(Vec::new()),
        }),
        None => Box::new(bytes),
    };
    Ok(BufReader::with_capacity(64 << 10, text))
}

/// Turns UTF-16 into UTF-8; what is not text becomes U+FFFD.
struct Utf16<R> {
    input: R,
    unit: Unit,
    /// The first half of a surrogate pair, whose second half comes with the next chunk.
    high: Option<u16>,
    ready: Cursor<Vec<u8>>,
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let given = self.ready.read(buffer)?;
        if given > 0 || buffer.is_empty() {
            return Ok(given);
        }
        let mut bytes = Vec::new();
        self.input.by_ref().take(8 << 10).read_to_end(&mut bytes)?;
        let at_end = bytes.len() < 8 << 10;
        let pairs = bytes.chunks_exact(2);
        let is_cut = !pairs.remainder().is_empty();
        let mut units: Vec<u16> = self.high.take().into_iter().collect();
        units.extend(pairs.map(|pair| (self.unit)([pair[0], pair[1]])));
        if !at_end && units.last().is_some_and(|last| (0xD800..0xDC00).contains(last)) {
            self.high = units.pop();
        }
        let mut text = String::from_utf16_lossy(&units);
        if is_cut {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        self.ready = Cursor::new(text.into_bytes());
        self.ready.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> String {
        let mut text = String::new();
        open(bytes).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn byte_order_marks_are_obeyed_and_left_out() {
        assert_eq!(read(b"a"), "a");
        assert_eq!(read(b""), "");
        assert_eq!(read("\u{FEFF}a,b".as_bytes()), "a,b");
        assert_eq!(read(&[0xFF, 0xFE, b'a', 0, 0xE9, 0]), "a\u{e9}");
        assert_eq!(read(&[0xFE, 0xFF, 0, b'a']), "a");
        assert_eq!(read(&[0xFF, 0xFE]), "");
        assert_eq!(read(&[0xFF, 0xFE, b'a', 0, b'b']), "a\u{FFFD}");
    }

    #[test]
    fn pairs_that_lie_across_chunks_stay_whole() {
        let text = format!("a{}", "\u{1F980}".repeat(5000));
        let bytes: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(read(&bytes), text);
    }
}
