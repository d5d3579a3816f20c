//! Decimal numbers of up to 34 digits, as IEEE 754 has them in 128 bits.

use std::fmt;

/// How many digits a decimal has at most.
const MOST_DIGITS: usize = 34;

/// The exponents of ten that the last digit may have.
const EXPONENTS: std::ops::RangeInclusive<i64> = -6176..=6111;

/// A decimal number of up to 34 digits, normalized: `.50` is `0.50`, `1e3` is `1E+3`. Trailing zeros are kept: they
/// show the precision. Further digits are rounded, half to even.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal(Box<str>);

impl Decimal {
    /// Reads a sign, digits with a point, and an exponent, of which only digits must be there. `None` for other text,
    /// and for what is larger than a decimal can be.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (number, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, read_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let are_digits = |text: &str| text.bytes().all(|next| next.is_ascii_digit());
        if !are_digits(whole) || !are_digits(fraction) || number.is_empty() || number == "." {
            return None;
        }
        let sign = if text.starts_with('-') { "-" } else { "" };
        let leading = whole.trim_start_matches('0');
        let digits = format!("{leading}{fraction}");
        let digits = match leading {
            "" => digits.trim_start_matches('0'),
            _ => &digits,
        };
        let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        let (digits, exponent) = rounded(digits, exponent);
        let (digits, exponent) = match digits.is_empty() {
            true => (
                "0".to_owned(),
                exponent.clamp(*EXPONENTS.start(), *EXPONENTS.end()),
            ),
            false => (digits, exponent),
        };
        EXPONENTS
            .contains(&exponent)
            .then(|| Self(format!("{sign}{}", written(&digits, exponent)).into_boxed_str()))
    }

    /// Its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A whole number; one of very many digits stays beyond all bounds.
fn read_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|next| next.is_ascii_digit()) {
        return None;
    }
    let size = digits
        .parse::<i64>()
        .unwrap_or(i64::from(i32::MAX))
        .min(i64::from(i32::MAX));
    Some(if text.starts_with('-') { -size } else { size })
}

/// No more digits than a decimal has, and the exponent of the last one.
fn rounded(digits: &str, exponent: i64) -> (String, i64) {
    let Some((kept, rest)) = digits
        .split_at_checked(MOST_DIGITS)
        .filter(|(_, rest)| !rest.is_empty())
    else {
        return (digits.to_owned(), exponent);
    };
    let exponent = exponent.saturating_add(i64::try_from(rest.len()).unwrap_or(i64::MAX));
    let is_odd = kept.ends_with(['1', '3', '5', '7', '9']);
    let above_half = rest.starts_with(['6', '7', '8', '9'])
        || (rest.starts_with('5') && (is_odd || rest[1..].contains(|next| next != '0')));
    if !above_half {
        return (kept.to_owned(), exponent);
    }
    let mut bytes = kept.as_bytes().to_vec();
    for byte in bytes.iter_mut().rev() {
        if *byte != b'9' {
            *byte += 1;
            return (String::from_utf8(bytes).unwrap_or_default(), exponent);
        }
        *byte = b'0';
    }
    // All were nines: the last zero gives its place to a one in front.
    (
        format!("1{}", "0".repeat(MOST_DIGITS - 1)),
        exponent.saturating_add(1),
    )
}

/// Digits with a point where that is short, else with an exponent.
fn written(digits: &str, exponent: i64) -> String {
    let len = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let adjusted = exponent + len - 1;
    if exponent > 0 || adjusted < -6 {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{first}{point}{rest}E{adjusted:+}");
    }
    let behind = usize::try_from(-exponent).unwrap_or_default();
    match digits.len().checked_sub(behind) {
        _ if behind == 0 => digits.to_owned(),
        Some(whole @ 1..) => format!("{}.{}", &digits[..whole], &digits[whole..]),
        _ => format!("0.{digits:0>behind$}"),
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
    fn a_number_has_one_spelling() {
        for (text, expect) in [
            ("0.10", "0.10"),
            ("+1", "1"),
            ("-1", "-1"),
            ("007", "7"),
            ("0", "0"),
            ("-0.00", "-0.00"),
            (
                "12345678901234567890123456789012.34",
                "12345678901234567890123456789012.34",
            ),
            (".5", "0.5"),
            ("5.", "5"),
            ("0.000001", "0.000001"),
            ("1e-7", "1E-7"),
            ("0.00000012", "1.2E-7"),
            ("-2.5E+3", "-2.5E+3"),
            ("25e-1", "2.5"),
            ("0e10", "0E+10"),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().as_str(), expect, "{text}");
        }
    }

    #[test]
    fn digits_beyond_the_thirty_fourth_are_rounded_to_the_even_neighbour() {
        let thirty_three = "123456789012345678901234567890123";
        for (end, expect) in [
            ("44", "4"),
            ("45", "4"),
            ("450001", "5"),
            ("46", "5"),
            ("35", "4"),
        ] {
            let read = Decimal::parse(&format!("0.{thirty_three}{end}")).unwrap();
            assert_eq!(read.as_str(), format!("0.{thirty_three}{expect}"), "{end}");
        }
        let nines = Decimal::parse(&"9".repeat(35)).unwrap();
        assert_eq!(nines.as_str(), format!("1.{}E+35", "0".repeat(33)));
    }

    #[test]
    fn other_text_and_what_is_too_large_are_refused() {
        for text in [
            "",
            ".",
            "-",
            "1.2.3",
            "e5",
            "1e",
            "1e+",
            "0x1",
            "NaN",
            "1 2",
            "--1",
            "1e6112",
            "1e-6177",
            "1e99999999999999999999",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
