//! Writes a valid JSON value without blanks, its members in their order and its numbers digit by digit.

use super::split::string_end;
use super::{escape_into, unescape};
use crate::WarningKind;

/// Deeper values are refused: those who read them walk down by recursion, and allow no more.
pub(crate) const DEEPEST: usize = 127;

/// A value without blanks, and what of it could not stay as it was.
pub(crate) struct CompactJson {
    pub(crate) text: String,
    pub(crate) note: Option<WarningKind>,
}

/// Rewrites a valid value. A number beyond a double becomes null, half a surrogate pair U+FFFD; nothing else of the value
/// is touched by that. Nothing when the value is too deep.
pub(crate) fn compact(raw: &str) -> Option<CompactJson> {
    let bytes = raw.as_bytes();
    let mut compact = CompactJson {
        text: String::with_capacity(raw.len()),
        note: None,
    };
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(next) = bytes.get(at) {
        let end = match next {
            b'"' => string_end(bytes, at + 1)?,
            b'-' | b'0'..=b'9' => {
                let digits = bytes[at..].iter().take_while(|next| is_of_number(**next)).count();
                at + digits
            }
            _ => at + 1,
        };
        let token = raw.get(at..end)?;
        match next {
            b'"' => compact.string(token),
            b'-' | b'0'..=b'9' => compact.number(token),
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => compact.text.push_str(token),
        }
        match next {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return None;
        }
        at = end;
    }
    Some(compact)
}

impl CompactJson {
    fn string(&mut self, quoted: &str) {
        if !quoted.contains('\\') {
            return self.text.push_str(quoted);
        }
        let (text, is_mended) = unescape(&quoted[1..quoted.len() - 1]);
        escape_into(&mut self.text, &text);
        if is_mended {
            self.note.get_or_insert(WarningKind::SurrogateReplaced);
        }
    }

    fn number(&mut self, digits: &str) {
        if is_beyond_double(digits) {
            self.text.push_str("null");
            self.note.get_or_insert(WarningKind::NumberOutOfRange);
        } else {
            self.text.push_str(digits);
        }
    }
}

fn is_of_number(next: u8) -> bool {
    next.is_ascii_digit() || matches!(next, b'-' | b'+' | b'.' | b'e' | b'E')
}

/// Whether digits mean more than a double can hold. Without an exponent that takes 309 of them.
pub(crate) fn is_beyond_double(digits: &str) -> bool {
    (digits.len() > 308 || digits.contains(['e', 'E'])) && digits.parse().is_ok_and(f64::is_infinite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_go_and_order_and_digits_stay() {
        let raw = " { \"z\" : 1.50 , \"a\" : [ 9007199254740993 , \"b c\" ] , \"m\" : { } , \"t\" : true }\n";
        let written = compact(raw).unwrap();
        assert_eq!(
            written.text,
            r#"{"z":1.50,"a":[9007199254740993,"b c"],"m":{},"t":true}"#
        );
        assert_eq!(written.note, None);
    }

    #[test]
    fn a_number_beyond_a_double_and_half_a_pair_cost_only_themselves() {
        let written = compact(r#"{"r":1e400,"keep":"x","s":1e308}"#).unwrap();
        assert_eq!(written.text, r#"{"r":null,"keep":"x","s":1e308}"#);
        assert_eq!(written.note, Some(WarningKind::NumberOutOfRange));
        let long = format!("[-{}]", "9".repeat(400));
        assert_eq!(compact(&long).unwrap().text, "[null]");
        let written = compact(r#"["cut \ud83d","\u00e9"]"#).unwrap();
        assert_eq!(written.text, "[\"cut \u{FFFD}\",\"\u{e9}\"]");
        assert_eq!(written.note, Some(WarningKind::SurrogateReplaced));
    }

    #[test]
    fn what_is_as_deep_as_readers_go_is_kept_and_deeper_refused() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(compact(&nested(DEEPEST)).unwrap().text, nested(DEEPEST));
        assert!(serde_json::from_str::<serde_json::Value>(&nested(DEEPEST)).is_ok());
        assert!(compact(&nested(DEEPEST + 1)).is_none());
    }
}
