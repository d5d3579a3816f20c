//! The text of a file, whichever editor saved it.

use std::borrow::Cow;

const MARK: char = '\u{feff}';

/// The text behind a byte order mark.
pub(crate) fn unmarked(text: &str) -> &str {
    text.strip_prefix(MARK).unwrap_or(text)
}

/// The text of a file in UTF-8 or UTF-16, without its byte order mark. The text begins with a letter of ASCII, as JSON
/// does: so a zero in its first two bytes tells UTF-16 where no mark does. `None` when it is text in neither encoding.
#[must_use]
pub fn decode_text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let text = match bytes {
        [0xFF, 0xFE, ..] | [_, 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0xFE, 0xFF, ..] | [0, ..] => utf16(bytes, u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).ok().map(Cow::from),
    }?;
    Some(match text {
        Cow::Borrowed(text) => unmarked(text).into(),
        Cow::Owned(text) => unmarked(&text).to_owned().into(),
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Cow<'_, str>> {
    let pairs = bytes.chunks(2).map(|pair| pair.try_into().ok().map(unit));
    let units: Vec<u16> = pairs.collect::<Option<_>>()?;
    String::from_utf16(&units).ok().map(Cow::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_in_every_encoding_with_and_without_a_mark() {
        for text in ["[\"Größe 😀\"]", "\u{feff}[\"Größe 😀\"]"] {
            let little = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for bytes in [text.as_bytes().to_vec(), little, big] {
                let read = decode_text(&bytes).expect("it is text");
                assert_eq!(read, "[\"Größe 😀\"]", "{bytes:?}");
            }
        }
    }

    #[test]
    fn what_is_no_text_is_none() {
        for bytes in [b"\xFF\xFE[".as_slice(), b"[\0\x00\xD8", b"[\xE4]"] {
            assert_eq!(decode_text(bytes), None, "{bytes:?}");
        }
    }
}
