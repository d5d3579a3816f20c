//! A parser of JSON that uses no stack, and has a value for everything that the grammar allows.

use std::mem;

use serde_json::{Map, Number, Value};

/// How many arrays and objects may lie in one another. What is deeper is given as its text, since values are also
/// written, compared and dropped by recursion: at this depth that takes a third of a stack of 2 MiB.
pub(crate) const MAX_DEPTH: usize = 512;

/// Reads a text of JSON; `None` when it is none.
///
/// Half of a surrogate pair becomes U+FFFD, as do bytes that are no UTF-8. A number beyond those of a double becomes
/// the text `Infinity` or `-Infinity`, which is how Kusto writes one.
pub(super) fn read(text: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(text);
    Reader {
        text: &text,
        place: 0,
    }
    .document()
}

/// A container whose end has not been read yet.
enum OpenContainer {
    Array(Vec<Value>),
    Object(Map<String, Value>, String),
}

impl OpenContainer {
    fn add(&mut self, value: Value) {
        match self {
            Self::Array(items) => items.push(value),
            Self::Object(members, key) => drop(members.insert(mem::take(key), value)),
        }
    }

    fn end(&self) -> u8 {
        match self {
            Self::Array(_) => b']',
            Self::Object(..) => b'}',
        }
    }

    fn close(self) -> Value {
        match self {
            Self::Array(items) => Value::Array(items),
            Self::Object(members, _) => Value::Object(members),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    place: usize,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Option<Value> {
        let mut open: Vec<OpenContainer> = Vec::new();
        loop {
            let value = match self.peek()? {
                b'[' | b'{' if open.len() == MAX_DEPTH => Value::from(self.skipped()?),
                b'[' | b'{' => match self.opened()? {
                    container if self.takes(container.end()) => container.close(),
                    OpenContainer::Object(members, _) => {
                        open.push(OpenContainer::Object(members, self.key()?));
                        continue;
                    }
                    array @ OpenContainer::Array(_) => {
                        open.push(array);
                        continue;
                    }
                },
                b'"' => Value::String(self.string()?),
                _ => self.word()?,
            };
            if let Some(document) = self.put(value, &mut open)? {
                return self.peek().is_none().then_some(document);
            }
        }
    }

    /// Puts a value where it belongs, and every container that ends behind it. The document, when nothing is open.
    fn put(&mut self, mut value: Value, open: &mut Vec<OpenContainer>) -> Option<Option<Value>> {
        loop {
            let Some(container) = open.last_mut() else {
                return Some(Some(value));
            };
            container.add(value);
            if self.takes(b',') {
                if let OpenContainer::Object(_, key) = container {
                    *key = self.key()?;
                }
                return Some(None);
            }
            if !self.takes(container.end()) {
                return None;
            }
            value = open.pop()?.close();
        }
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.place..];
        let blanks = rest.iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
        self.place += blanks;
        rest.get(blanks).copied()
    }

    fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.place += usize::from(is_next);
        is_next
    }

    fn opened(&mut self) -> Option<OpenContainer> {
        let container = match self.peek()? {
            b'[' => OpenContainer::Array(Vec::new()),
            _ => OpenContainer::Object(Map::new(), String::new()),
        };
        self.place += 1;
        Some(container)
    }

    fn key(&mut self) -> Option<String> {
        let key = (self.peek()? == b'"').then(|| self.string())??;
        self.takes(b':').then_some(key)
    }

    /// A string without its quotes and escapes.
    fn string(&mut self) -> Option<String> {
        let written = self.quoted()?;
        let mut text = String::with_capacity(written.len());
        let mut rest = written;
        while let Some((plain, escaped)) = rest.split_once('\\') {
            text.push_str(plain);
            rest = unescape(escaped, &mut text)?;
        }
        text.push_str(rest);
        Some(text)
    }

    /// What stands between two quotes.
    fn quoted(&mut self) -> Option<&'a str> {
        let start = self.place + 1;
        let mut bytes = self.text.as_bytes()[start..].iter();
        let mut length = 0;
        loop {
            match bytes.next()? {
                b'"' => break,
                b'\\' => {
                    bytes.next()?;
                    length += 2;
                }
                _ => length += 1,
            }
        }
        self.place = start + length + 1;
        Some(&self.text[start..start + length])
    }

    /// The text of a container that is too deep to be a value.
    fn skipped(&mut self) -> Option<&'a str> {
        let start = self.place;
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.quoted()?;
                    continue;
                }
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth -= 1,
                _ => {}
            }
            self.place += 1;
            if depth == 0 {
                // Letters of several bytes stand in strings only; elsewhere they would be no JSON.
                return self.text.get(start..self.place);
            }
        }
    }

    /// A number, or one of the words.
    fn word(&mut self) -> Option<Value> {
        let rest = &self.text[self.place..];
        let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && !"+-.".contains(letter));
        let word = &rest[..end.unwrap_or(rest.len())];
        self.place += word.len();
        match word {
            "null" => Some(Value::Null),
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => number(word),
        }
    }
}

fn number(word: &str) -> Option<Value> {
    if let Ok(number) = serde_json::from_str::<Number>(word) {
        return Some(Value::Number(number));
    }
    let is_written_in_digits = word
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let value: f64 = word.parse().ok().filter(|_| is_written_in_digits)?;
    value
        .is_infinite()
        .then(|| Value::from(if value > 0.0 { "Infinity" } else { "-Infinity" }))
}

/// Reads what follows a backslash, and gives the rest.
fn unescape<'a>(escaped: &'a str, text: &mut String) -> Option<&'a str> {
    let letter = match escaped.as_bytes().first()? {
        b'u' => return surrogates(&escaped[1..], text),
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        letter @ (b'"' | b'\\' | b'/') => char::from(*letter),
        _ => return None,
    };
    text.push(letter);
    Some(&escaped[1..])
}

/// Reads the digits of an escape, and those of the next one where both are the halves of a letter.
fn surrogates<'a>(digits: &'a str, text: &mut String) -> Option<&'a str> {
    let (first, rest) = unit(digits)?;
    let second = rest.strip_prefix("\\u").and_then(unit);
    if let Some((second, behind)) = second
        && let Some(Ok(letter)) = char::decode_utf16([first, second]).next()
        && letter.len_utf16() == 2
    {
        text.push(letter);
        return Some(behind);
    }
    text.push(char::from_u32(u32::from(first)).unwrap_or(char::REPLACEMENT_CHARACTER));
    Some(rest)
}

fn unit(digits: &str) -> Option<(u16, &str)> {
    let (digits, rest) = digits.split_at_checked(4)?;
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let unit = u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    Some((unit, rest))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_serde_reads_is_read_as_serde_does() {
        for text in [
            r#" { "a" : [ 1 , -2.5e3 , 18446744073709551615 , true , null ] , "b" : { } , "a" : [ ] } "#,
            r#""quote \" slash \/ \\ line \n\t\r\b\f é \u00e9 \ud83d\ude00 😀""#,
            r#"[[],[[]],{},"",0,-0,1E+2]"#,
            "0",
        ] {
            let expect: Value = serde_json::from_str(text).unwrap();
            assert_eq!(read(text.as_bytes()), Some(expect), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_none() {
        for text in [
            "",
            " ",
            "{",
            "[1",
            "[1,]",
            "[1 2]",
            "{1:2}",
            r#"{"a"}"#,
            r#"{"a":1,}"#,
            "]",
            "[}",
            "1 2",
            "tru",
            "NaN",
            "1e",
            "--1",
            "inf",
            r#"""#,
            r#""\"#,
            r#""\x""#,
            r#""\u12""#,
            r#""\u+123""#,
            "[1]é",
            "é",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn halves_of_letters_and_bytes_that_are_none_cost_nothing_else() {
        for (text, expect) in [
            (br#""cut \ud83d""#.as_slice(), "cut \u{fffd}"),
            (br#""\ud83dx\ude00""#, "\u{fffd}x\u{fffd}"),
            (br#""\ud83d\u0041""#, "\u{fffd}A"),
            (br#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (b"\"\xff!\"", "\u{fffd}!"),
        ] {
            assert_eq!(read(text), Some(json!(expect)), "{text:?}");
        }
    }

    #[test]
    fn a_number_beyond_all_doubles_is_infinite() {
        let read = read(b"[1e400,-1e400,1e-400,123456789012345678901234567890]").unwrap();
        assert_eq!(
            read,
            json!(["Infinity", "-Infinity", 0.0, 123456789012345678901234567890_f64])
        );
    }

    #[test]
    fn what_is_too_deep_is_its_text() {
        let inner = |depth: usize| format!("{}\"]é\"{}", "[".repeat(depth), "]".repeat(depth));
        let mut value = read(inner(MAX_DEPTH + 2).as_bytes()).unwrap();
        for _ in 0..MAX_DEPTH {
            value = value[0].take();
        }
        assert_eq!(value, json!(inner(2)));
        // No stack is used for a depth that nobody means.
        assert!(read(inner(1_000_000).as_bytes()).is_some());
        assert_eq!(read("[".repeat(1_000_000).as_bytes()), None);
    }
}
