//! Turns what the format `json` accepts beyond JSON into JSON: comments, and strings in single quotes.

/// A text without comments and with double quotes only; `None` where it has neither comments nor single quotes. The
/// result need not be JSON.
///
/// The service says of `json` that it takes these two. It says so of no other format, and of no further leniency.
pub(crate) fn to_strict(text: &str) -> Option<String> {
    if !text.contains(['\'', '/']) {
        return None;
    }
    let mut strict = String::with_capacity(text.len() + 2);
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '/']) {
        strict.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match rest.as_bytes() {
            [b'"', ..] => quoted(rest, '"'),
            [b'\'', ..] => quoted(rest, '\''),
            [b'/', b'/', ..] => Some(rest.find('\n').unwrap_or(rest.len())),
            [b'/', b'*', ..] => rest.find("*/").map(|end| end + 2),
            _ => Some(1),
        }?;
        let (token, after) = rest.split_at(taken);
        match token.as_bytes() {
            [b'\'', ..] => double_quotes(&mut strict, &token[1..token.len() - 1]),
            [b'/', _, ..] => strict.push(' '),
            _ => strict.push_str(token),
        }
        rest = after;
    }
    strict.push_str(rest);
    Some(strict)
}

/// How long the quoted text at the front is, quotes included.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' {
            letters.next()?;
        } else if letter == quote {
            return Some(at + 1);
        }
    }
    None
}

/// Appends a text in double quotes that stood in single ones.
fn double_quotes(strict: &mut String, inner: &str) {
    strict.push('"');
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => strict.push_str("\\\""),
            '\\' => match letters.next() {
                Some('\'') => strict.push('\''),
                Some(other) => strict.extend(['\\', other]),
                None => {}
            },
            other => strict.push(other),
        }
    }
    strict.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_single_quotes_become_double_ones() {
        for (text, strict) in [
            (r"{'id': 1, 'name': 'single'}", r#"{"id": 1, "name": "single"}"#),
            (r#"{"id": 3, /* why */ "name": 1}"#, r#"{"id": 3,   "name": 1}"#),
            (r#"{"id": 4} // end"#, r#"{"id": 4}  "#),
            (
                r#"{"u": "http://x/*y*/", 'v': "it's"}"#,
                r#"{"u": "http://x/*y*/", "v": "it's"}"#,
            ),
            (r#"{'a': 'say "\'hi\'" \n'}"#, r#"{"a": "say \"'hi'\" \n"}"#),
            ("// alone", " "),
        ] {
            assert_eq!(to_strict(text).as_deref(), Some(strict), "{text}");
        }
    }

    #[test]
    fn what_is_open_at_its_end_or_has_nothing_to_mend_is_left_alone() {
        for text in ["{'a': 1", "{'a", "/* open", "{\"a\": 1", "{\"a': /"] {
            let read = to_strict(text);
            assert!(
                read.is_none_or(|strict| super::super::fault(&strict).is_some()),
                "{text}"
            );
        }
        assert_eq!(to_strict("{\"a\":1}"), None);
    }
}
