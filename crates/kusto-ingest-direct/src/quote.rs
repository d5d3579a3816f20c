//! How text becomes a literal or a name of Kusto's language: the one place that stands between a caller's text and
//! the engine.
//!
//! No text of a caller's reaches a command but through one of these functions. Each gives one token of the language,
//! whatever it is given, or refuses.

use std::fmt::Write as _;

use kusto_ingest_core::{DataFormat, Error, ErrorKind, MappingKind, Result, Timestamp, redact_address};
use serde_json::Value;

/// The longest name that Kusto takes, in letters.
const LONGEST_NAME: usize = 1024;

/// The name of an entity: always in brackets, since a bare one may be a keyword.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when it is blank, too long, or holds a control character.
pub(crate) fn entity(name: &str) -> Result<String> {
    let refuse = |why| Err(Error::new(ErrorKind::InvalidInput, "write the name of the table").because(why));
    if name.trim().is_empty() {
        return refuse("it is blank");
    }
    if name.chars().count() > LONGEST_NAME {
        return refuse("it is longer than 1024 letters");
    }
    if name.chars().any(char::is_control) {
        return refuse("it holds a control character");
    }
    Ok(format!("['{}']", escaped(name, '\'')))
}

/// An address with its secrets, which the service then leaves out of its logs.
///
/// Every address is written so, also one that looks public: a signed one looks the same.
///
/// # Errors
/// [`ErrorKind::InvalidInput`], without the secrets, when it holds a control character or a break of lines: such a
/// literal cannot have any.
pub(crate) fn secret(address: &str) -> Result<String> {
    if address.chars().any(needs_escape) {
        let shown: String = redact_address(address)
            .chars()
            .filter(|c| !needs_escape(*c))
            .collect();
        return Err(Error::new(ErrorKind::InvalidInput, "write the blob's address")
            .with("blob", shown)
            .because("it holds a control character or a line break"));
    }
    Ok(format!("h{}", verbatim(address)))
}

/// Any text: as it is where a literal can hold it so, else with escapes.
pub(crate) fn text(value: &str) -> String {
    if value.chars().any(needs_escape) {
        format!("\"{}\"", escaped(value, '"'))
    } else {
        verbatim(value)
    }
}

/// A truth value.
pub(crate) fn boolean(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// A moment, in UTC and with the zone said.
pub(crate) fn datetime(at: Timestamp) -> String {
    verbatim(&at.to_string())
}

/// Texts as one JSON array.
pub(crate) fn texts(values: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let array: Value = values
        .into_iter()
        .map(|value| Value::from(value.as_ref()))
        .collect();
    text(&array.to_string())
}

/// The name of a property, which nothing can be put around.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when it is no identifier of ASCII letters, digits and `_`.
pub(crate) fn property_name(name: &str) -> Result<&str> {
    let begins = |first: char| first.is_ascii_alphabetic() || first == '_';
    let goes_on = |next: char| next.is_ascii_alphanumeric() || next == '_';
    if name.starts_with(begins) && name.chars().all(goes_on) {
        return Ok(name);
    }
    Err(
        Error::new(ErrorKind::InvalidInput, "write the name of a property")
            .with("property", format!("{name:?}"))
            .because("it must be of the letters A to Z, digits and _, and begin with no digit"),
    )
}

/// Data behind a command. Everything up to the end is data, so that nothing in it needs an escape, or could have one.
///
/// # Errors
/// [`ErrorKind::Data`] when a reader of Kusto's language would not take it as it is: it holds a NUL, or it begins with
/// what such readers skip before data, or ends in blanks that count.
pub(crate) fn data(text: &str, format: DataFormat) -> Result<&str> {
    let refuse = |why| Err(Error::new(ErrorKind::Data, "put the data into a command").because(why));
    let blanks_count = format.mapping_kind() != MappingKind::Json;
    if text.contains('\0') {
        return refuse("it holds a NUL");
    }
    if text.trim_start().starts_with("//") {
        return refuse("it begins like a comment, which a command would lose");
    }
    if blanks_count && text.starts_with(char::is_whitespace) {
        return refuse("it begins with a blank, which a command would lose");
    }
    if blanks_count && text.trim_end_matches(['\r', '\n']).ends_with(char::is_whitespace) {
        return refuse("it ends with a blank, which a command would lose");
    }
    Ok(text)
}

/// A literal without escapes, in which the quote is doubled.
fn verbatim(value: &str) -> String {
    format!("@'{}'", value.replace('\'', "''"))
}

/// What cannot stand in a literal as it is: control characters and what breaks lines for Kusto's readers.
fn needs_escape(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

fn escaped(value: &str, quote: char) -> String {
    let mut text = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            _ if letter == quote => text.extend(['\\', letter]),
            // All of these fit four digits. There is no \0: with digits behind it, it would be another letter.
            _ if needs_escape(letter) => {
                // Writing into a string cannot fail.
                let _ok = write!(text, "\\u{:04X}", u32::from(letter));
            }
            _ => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s03_g2_names_are_bracketed_and_escaped() {
        for (name, expect) in [
            ("it's\\x", r"['it\'s\\x']"),
            ("where", "['where']"),
            ("1 day\"", "['1 day\"']"),
            ("a'] (@'x') <| b", r"['a\'] (@\'x\') <| b']"),
            ("ü😀", "['ü😀']"),
            ("a\u{2028}b", r"['a\u2028b']"),
        ] {
            assert_eq!(entity(name).unwrap(), expect);
        }
        for name in ["", " ", "a\nb", &"n".repeat(1025)] {
            assert_eq!(
                entity(name).unwrap_err().kind(),
                ErrorKind::InvalidInput,
                "{name:?}"
            );
        }
    }

    #[test]
    fn s03_g5_texts_never_break_the_line() {
        for (value, expect) in [
            ("plain", "@'plain'"),
            ("it's \\ \"so\"", "@'it''s \\ \"so\"'"),
            ("a\nb", r#""a\nb""#),
            ("\r\t\0\u{7f}\"'\\", r#""\r\t\u0000\u007F\"'\\""#),
            ("\u{85}\u{2029}😀", r#""\u0085\u2029😀""#),
        ] {
            assert_eq!(text(value), expect);
            assert!(!text(value).contains(needs_escape));
        }
    }

    #[test]
    fn s03_g6_an_address_with_a_line_break_is_refused_without_its_secret() {
        for address in [
            "https://a/c/f?sig=SECRET\nx",
            "https://a/c/f\r?sig=SECRET",
            "https://a/\0?SECRET",
        ] {
            let error = secret(address).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
        }
    }

    #[test]
    fn s03_g7_a_property_name_is_an_identifier() {
        assert_eq!(
            property_name("treatGzAsUncompressed_2").unwrap(),
            "treatGzAsUncompressed_2"
        );
        for name in ["a) <| x", "", "1a", "a b", "ä", "a="] {
            assert_eq!(property_name(name).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn s03_g17_data_that_a_command_would_change_is_refused() {
        for (text, format, is_kept) in [
            ("a,1\nb,2\n\n", DataFormat::Csv, true),
            ("a\0b", DataFormat::Csv, false),
            (" a,1", DataFormat::Csv, false),
            ("a\tb\t\n", DataFormat::Tsv, false),
            ("// a", DataFormat::Txt, false),
            ("a // b\n// c\n", DataFormat::Csv, true),
            ("\n [{}]\n ", DataFormat::MultiJson, true),
        ] {
            assert_eq!(data(text, format).is_ok(), is_kept, "{text:?}");
        }
    }
}
