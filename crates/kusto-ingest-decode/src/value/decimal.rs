//! Decimal numbers, kept digit by digit.

use std::fmt;

/// A decimal number, kept as the text that it was read from: `0.10` stays `0.10`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal(String);

impl Decimal {
    /// Reads a sign, digits with a point, and an exponent, of which only digits must be there.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (number, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, Some(exponent)),
            None => (unsigned, None),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let are_digits = |text: &str| text.bytes().all(|next| next.is_ascii_digit());
        let is_number =
            are_digits(whole) && are_digits(fraction) && !(whole.is_empty() && fraction.is_empty());
        let is_exponent = |text: &str| {
            let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
            !digits.is_empty() && are_digits(digits)
        };
        (is_number && exponent.is_none_or(is_exponent))
            .then(|| Self(text.strip_prefix('+').unwrap_or(text).to_owned()))
    }

    /// Its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept_and_other_text_refused() {
        for text in [
            "0.10",
            "-1",
            "12345678901234567890123456789012.34",
            ".5",
            "5.",
            "1e-7",
            "-2.5E+3",
        ] {
            assert_eq!(Decimal::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "", ".", "-", "1.2.3", "e5", "1e", "1e+", "0x1", "NaN", "1 2", "--1",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
