//! Splits valid JSON, one level at a time, into the text of its values.

use std::borrow::Cow;

use super::unescape;

/// The members of an object, in order.
pub(crate) type Members<'a> = Vec<(Cow<'a, str>, &'a str)>;

/// The members of a valid value, when it is an object.
pub(crate) fn members(text: &str) -> Option<Members<'_>> {
    let mut rest = text.trim_start().strip_prefix('{')?.trim_start();
    let mut members = Members::with_capacity(8);
    while !rest.starts_with('}') {
        let (name, after) = value(rest)?;
        let name = name.strip_prefix('"')?.strip_suffix('"')?;
        let (value, after) = value(after.trim_start().strip_prefix(':')?)?;
        members.push((unescape(name).0, value));
        rest = next(after)?;
    }
    Some(members)
}

/// The elements of a valid value, when it is an array.
pub(crate) fn elements(text: &str) -> Option<Vec<&str>> {
    let mut rest = text.trim_start().strip_prefix('[')?.trim_start();
    let mut elements = Vec::new();
    while !rest.starts_with(']') {
        let (element, after) = value(rest)?;
        elements.push(element);
        rest = next(after)?;
    }
    Some(elements)
}

/// What follows a value: the next one, or the end of what holds both.
fn next(after: &str) -> Option<&str> {
    let after = after.trim_start();
    match after.strip_prefix(',') {
        Some(rest) => Some(rest.trim_start()),
        None => after.starts_with([']', '}']).then_some(after),
    }
}

/// The value at the front, and what follows it.
fn value(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let bytes = text.as_bytes();
    let end = match bytes.first()? {
        b'"' => string_end(bytes, 1)?,
        b'{' | b'[' => container_end(bytes)?,
        _ => {
            let ends = |next: &u8| matches!(next, b',' | b']' | b'}' | b':') || next.is_ascii_whitespace();
            bytes.iter().position(ends).unwrap_or(bytes.len())
        }
    };
    text.split_at_checked(end)
}

/// The place behind the closing quote, of a string whose text begins at a place.
pub(super) fn string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The place behind the bracket that closes the first one.
fn container_end(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        match bytes.get(at)? {
            b'"' => at = string_end(bytes, at + 1)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_arrays_are_taken_apart_one_level_deep() {
        let found = members(r#" { "a" : {"x":"}"} , "b\u00e9":[1, "]"],"c":-1.5e3,"d":null} "#).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|(name, value)| (name.as_ref(), *value))
            .collect();
        assert_eq!(
            found,
            [
                ("a", r#"{"x":"}"}"#),
                ("b\u{e9}", r#"[1, "]"]"#),
                ("c", "-1.5e3"),
                ("d", "null")
            ]
        );
        assert_eq!(elements(r#"[1 ,"a,b", [2] ]"#).unwrap(), ["1", r#""a,b""#, "[2]"]);
        assert!(members("{ }").unwrap().is_empty() && elements("[\n]").unwrap().is_empty());
        assert!(members("[1]").is_none() && elements("{}").is_none() && members("1").is_none());
    }

    #[test]
    fn what_is_cut_off_is_nothing_and_no_panic() {
        let whole = r#"{"a":{"x":"\"}"},"b":[1,2]}"#;
        for end in 0..whole.len() {
            assert!(members(&whole[..end]).is_none(), "{end}");
        }
    }
}
