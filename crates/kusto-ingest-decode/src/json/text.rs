//! What stands in the quotes of a JSON text, and how it is put there.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text that stands between the quotes of a valid string, and whether half a surrogate pair in it had to become
/// U+FFFD: programs that cut text in the middle of an emoji write such halves, and the grammar allows them.
pub(crate) fn unescape(inner: &str) -> (Cow<'_, str>, bool) {
    if !inner.contains('\\') {
        return (Cow::Borrowed(inner), false);
    }
    let mut text = String::with_capacity(inner.len());
    let mut is_mended = false;
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (letter, after) = escaped(&rest[at + 1..]);
        is_mended |= letter.is_none();
        text.push(letter.unwrap_or(char::REPLACEMENT_CHARACTER));
        rest = after;
    }
    text.push_str(rest);
    (Cow::Owned(text), is_mended)
}

/// The letter that an escape means, given without its backslash, and what follows it; no letter for half a pair.
fn escaped(text: &str) -> (Option<char>, &str) {
    let mut letters = text.chars();
    let letter = match letters.next() {
        Some('u') => return unit_pair(letters.as_str()),
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some(other) => other,
        None => char::REPLACEMENT_CHARACTER,
    };
    (Some(letter), letters.as_str())
}

/// The letter of one unit of UTF-16, or of two where the first is half a pair.
fn unit_pair(text: &str) -> (Option<char>, &str) {
    let Some((first, rest)) = unit(text) else {
        return (None, "");
    };
    let second = rest
        .strip_prefix("\\u")
        .filter(|_| (0xD800..0xDC00).contains(&first));
    if let Some((second, after)) = second.and_then(unit)
        && let Some(Ok(letter)) = char::decode_utf16([first, second]).next()
    {
        return (Some(letter), after);
    }
    (char::from_u32(first.into()), rest)
}

fn unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

/// Appends a text in quotes, with as few escapes as JSON allows.
pub(crate) fn escape_into(json: &mut String, text: &str) {
    json.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|next: char| matches!(next, '"' | '\\' | '\0'..='\u{1f}')) {
        json.push_str(&rest[..at]);
        let letter = rest.as_bytes()[at];
        match letter {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            b'\n' => json.push_str("\\n"),
            b'\r' => json.push_str("\\r"),
            b'\t' => json.push_str("\\t"),
            control => {
                // Writing to memory does not fail.
                let _ = write!(json, "\\u{control:04x}");
            }
        }
        rest = &rest[at + 1..];
    }
    json.push_str(rest);
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_letters_and_halves_of_pairs_u_fffd() {
        for (inner, text, mended) in [
            ("plain", "plain", false),
            (r#"a\"b\\c\/d"#, "a\"b\\c/d", false),
            (r"\b\f\n\r\t", "\u{8}\u{c}\n\r\t", false),
            (r"\u00e9", "\u{e9}", false),
            (r"\ud83d\ude00!", "\u{1F600}!", false),
            (r"cut \ud83d", "cut \u{FFFD}", true),
            (r"\ud83dx", "\u{FFFD}x", true),
            (r"\ud83d\u0041", "\u{FFFD}A", true),
            (r"\ud83d\ud83d\ude00", "\u{FFFD}\u{1F600}", true),
            (r"\ude00 tail", "\u{FFFD} tail", true),
        ] {
            assert_eq!(unescape(inner), (Cow::Borrowed(text), mended), "{inner}");
        }
    }

    #[test]
    fn what_is_escaped_reads_back() {
        let text = "a\"b\\c\n\r\t\u{0}\u{1f}\u{e9}\u{1F600}/";
        let mut json = String::new();
        escape_into(&mut json, text);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        assert_eq!(unescape(&json[1..json.len() - 1]).0, text);
    }
}
