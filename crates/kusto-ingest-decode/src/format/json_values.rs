//! Finds where JSON values begin and end in a source, whether they stand in an array or one after the other.

use std::io::BufRead;

use kusto_ingest_core::Result;

use crate::code::{INVALID_BLOB, TOO_LARGE, failure, unreadable};
use crate::record::LARGEST_RECORD;

/// The layout of the values in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// It is one value.
    One,
    /// It is an array of them, or they stand one after the other.
    Many,
}

/// Reads the values of a source one by one. Only one is in memory at a time, and none larger than a record may be.
pub(crate) struct Values<R> {
    input: R,
    shape: Shape,
    place: Place,
    /// The line that is being read, from 1.
    line: u64,
}

/// Where the reader stands between values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    /// Behind the bracket that opens the array, or behind a comma in it.
    BeforeElement {
        is_first: bool,
    },
    BehindElement,
    /// Behind a value that stands in no array.
    BehindValue,
    /// Behind the array, or behind the only value: nothing may follow.
    End,
}

impl<R: BufRead> Values<R> {
    pub(crate) fn new(input: R, shape: Shape) -> Self {
        Self {
            input,
            shape,
            place: Place::Start,
            line: 1,
        }
    }

    /// Reads the next value into `value`, and gives the line on which it begins; `None` at the end. Only its end is
    /// found; whether it is valid JSON is not checked.
    pub(crate) fn read(&mut self, value: &mut Vec<u8>) -> Result<Option<u64>> {
        value.clear();
        loop {
            let Some(next) = self.skip_blanks()? else {
                return match self.place {
                    Place::Start | Place::BehindValue | Place::End => Ok(None),
                    Place::BeforeElement { .. } | Place::BehindElement => {
                        Err(self.broken("the array is not closed"))
                    }
                };
            };
            match (self.place, next) {
                (Place::Start, b'[') if self.shape == Shape::Many => {
                    self.input.consume(1);
                    self.place = Place::BeforeElement { is_first: true };
                }
                (Place::BeforeElement { is_first: true } | Place::BehindElement, b']') => {
                    self.input.consume(1);
                    self.place = Place::End;
                }
                (Place::BehindElement, b',') => {
                    self.input.consume(1);
                    self.place = Place::BeforeElement { is_first: false };
                }
                (Place::BehindElement, _) => return Err(self.broken("a comma is missing in the array")),
                (Place::End, _) => return Err(self.broken("something follows the value")),
                (Place::Start | Place::BehindValue | Place::BeforeElement { .. }, _) => {
                    let begin = self.line;
                    self.read_value(value)?;
                    self.place = match (self.place, self.shape) {
                        (Place::BeforeElement { .. }, _) => Place::BehindElement,
                        (_, Shape::Many) => Place::BehindValue,
                        (_, Shape::One) => Place::End,
                    };
                    return Ok(Some(begin));
                }
            }
        }
    }

    /// Skips blanks; the first other letter, which is left in its place.
    fn skip_blanks(&mut self) -> Result<Option<u8>> {
        loop {
            let chunk = self.input.fill_buf().map_err(unreadable)?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let blanks = chunk.iter().take_while(|next| next.is_ascii_whitespace()).count();
            self.line += line_feeds(&chunk[..blanks]);
            let first = chunk.get(blanks).copied();
            self.input.consume(blanks);
            if first.is_some() {
                return Ok(first);
            }
        }
    }

    /// Reads to the end of the value that begins here.
    fn read_value(&mut self, value: &mut Vec<u8>) -> Result<()> {
        let begin = self.line;
        let mut scan = Scan::default();
        loop {
            let chunk = self.input.fill_buf().map_err(unreadable)?;
            if chunk.is_empty() {
                return match scan.is_open() {
                    false => Ok(()),
                    true => Err(self.broken(format!("the value that begins at line {begin} is not closed"))),
                };
            }
            let end = scan.end(chunk);
            let used = end.unwrap_or(chunk.len());
            value.extend_from_slice(&chunk[..used]);
            self.line += line_feeds(&chunk[..used]);
            self.input.consume(used);
            if value.len() > LARGEST_RECORD {
                let why = format!("the value that begins at line {begin} is larger than 64 MiB");
                return Err(failure(TOO_LARGE, why));
            }
            if end.is_some() {
                return Ok(());
            }
        }
    }

    fn broken(&self, why: impl std::fmt::Display) -> kusto_ingest_core::Error {
        failure(
            INVALID_BLOB,
            format!("it is not JSON at line {}: {why}", self.line),
        )
    }
}

/// How far a value was read: brackets that are open, and whether a string is.
#[derive(Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    is_escaped: bool,
    /// It is a number or a word, which ends where something else begins.
    in_word: bool,
}

impl Scan {
    /// Whether more must follow.
    fn is_open(&self) -> bool {
        self.depth > 0 || self.in_string
    }

    /// The place behind the value, where it ends in this chunk.
    fn end(&mut self, chunk: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(&next) = chunk.get(at) {
            if self.in_string {
                match next {
                    _ if self.is_escaped => self.is_escaped = false,
                    b'\\' => self.is_escaped = true,
                    b'"' => {
                        self.in_string = false;
                        if self.depth == 0 {
                            return Some(at + 1);
                        }
                    }
                    _ => {}
                }
            } else {
                match next {
                    b'"' | b'{' | b'[' | b',' | b']' | b'}' if self.in_word => return Some(at),
                    _ if self.in_word && next.is_ascii_whitespace() => return Some(at),
                    b'"' => self.in_string = true,
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' if self.depth <= 1 => return Some(at + 1),
                    b'}' | b']' => self.depth -= 1,
                    _ => self.in_word = self.depth == 0,
                }
            }
            at += 1;
        }
        None
    }
}

fn line_feeds(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn read(text: &str, shape: Shape, chunk: usize) -> Result<Vec<(u64, String)>> {
        let mut values = Values::new(BufReader::with_capacity(chunk, text.as_bytes()), shape);
        let (mut found, mut value) = (Vec::new(), Vec::new());
        while let Some(line) = values.read(&mut value)? {
            found.push((line, String::from_utf8_lossy(&value).into_owned()));
        }
        Ok(found)
    }

    #[test]
    fn values_are_found_wherever_the_chunks_end() {
        let text = " {\"a\":\"}\\\"]\"}\n\n[1,\n{}] 12\"x\" true{\"b\":[[]]}";
        for chunk in 1..text.len() {
            let found = read(text, Shape::Many, chunk).unwrap();
            let found: Vec<_> = found.iter().map(|(line, text)| (*line, text.as_str())).collect();
            assert_eq!(
                found,
                [
                    (1, "{\"a\":\"}\\\"]\"}"),
                    (3, "[1,\n{}]"),
                    (4, "12"),
                    (4, "\"x\""),
                    (4, "true"),
                    (4, "{\"b\":[[]]}"),
                ],
                "{chunk}"
            );
        }
        assert_eq!(
            read("\n[ 1 ,\n{\"a\":[2]} ]\n", Shape::Many, 2).unwrap(),
            [(2, "1".to_owned()), (3, "{\"a\":[2]}".to_owned())]
        );
        assert_eq!(read("[1,2]", Shape::One, 9).unwrap(), [(1, "[1,2]".to_owned())]);
        assert!(
            read("[]", Shape::Many, 9).unwrap().is_empty() && read(" ", Shape::One, 9).unwrap().is_empty()
        );
    }

    #[test]
    fn what_is_open_or_followed_by_more_is_broken_at_its_line() {
        for (text, shape, line) in [
            ("[1,\n2", Shape::Many, "line 2"),
            ("[1,\n\n", Shape::Many, "line 3"),
            ("[1\n2]", Shape::Many, "line 2"),
            ("[1]\nx", Shape::Many, "line 2"),
            ("{\"a\":\n", Shape::Many, "line 1 is not closed"),
            ("1\n2", Shape::One, "line 2"),
        ] {
            let error = read(text, shape, 64).unwrap_err();
            assert_eq!(error.code(), Some("BadRequest_InvalidBlob"), "{text}");
            assert!(error.to_string().contains(line), "{text}: {error}");
        }
    }
}
