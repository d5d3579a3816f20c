//! Lengths of time as people write them: `90s`, `60m`, `1h30m`.

use std::time::Duration;

const UNITS: &[(&str, u64)] = &[
    ("ms", 1),
    ("s", 1000),
    ("m", 60 * 1000),
    ("h", 60 * 60 * 1000),
    ("d", 24 * 60 * 60 * 1000),
];

/// Reads numbers with units, one behind the other.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let refuse = || format!("{text:?} is no length of time, such as 90s, 60m or 1h30m");
    let mut rest = text.trim();
    let mut milliseconds: u64 = 0;
    if rest.is_empty() {
        return Err(refuse());
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|next: char| !next.is_ascii_digit())
            .ok_or_else(refuse)?;
        let number: u64 = rest[..digits].parse().map_err(|_| refuse())?;
        let after = &rest[digits..];
        let end = after
            .find(|next: char| next.is_ascii_digit())
            .unwrap_or(after.len());
        let (_, factor) = UNITS
            .iter()
            .find(|(unit, _)| *unit == &after[..end])
            .ok_or_else(refuse)?;
        milliseconds = number
            .checked_mul(*factor)
            .and_then(|more| milliseconds.checked_add(more))
            .ok_or_else(refuse)?;
        rest = &after[end..];
    }
    Ok(Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_units_are_read_and_all_else_is_refused() {
        for (text, milliseconds) in [
            ("60m", Some(3_600_000)),
            ("90s", Some(90_000)),
            ("1h30m", Some(5_400_000)),
            ("200ms", Some(200)),
            ("1d", Some(86_400_000)),
            ("0s", Some(0)),
            ("", None),
            ("60", None),
            ("m", None),
            ("1.5h", None),
            ("-1s", None),
            ("1 h", None),
            ("99999999999999999999s", None),
            ("99999999999999d", None),
        ] {
            let read = parse(text).ok().map(|read| read.as_millis());
            assert_eq!(read, milliseconds, "{text:?}");
        }
    }
}
