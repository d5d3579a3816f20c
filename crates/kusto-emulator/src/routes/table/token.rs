//! Where the next page begins, as a header can carry it: keys may hold any letter.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// A part of a key as the service writes it in headers: `1!8!Zm9v`.
pub(super) fn written(part: &str) -> String {
    let text = BASE64_URL_SAFE_NO_PAD.encode(part);
    format!("1!{}!{text}", text.len())
}

/// A part of a key as a client gives it back; what is no token is the part itself.
pub(super) fn read(token: &str) -> String {
    let text = token.strip_prefix("1!").and_then(|rest| rest.split_once('!'));
    let bytes = text.and_then(|(_, text)| BASE64_URL_SAFE_NO_PAD.decode(text).ok());
    let part = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    part.unwrap_or_else(|| token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_key_comes_back_as_it_was() {
        for part in ["", "0", "it's", "ä→b", "1!2!x"] {
            assert_eq!(read(&written(part)), part);
        }
        assert_eq!(read("plain"), "plain");
    }
}
