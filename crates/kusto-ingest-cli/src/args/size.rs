//! Numbers of bytes as people write them: `64KiB`, `2GiB`.

use std::fmt;
use std::str::FromStr;

/// The units, the largest first. Those with an `i` are powers of 1,024.
const UNITS: &[(&str, u64)] = &[
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("KB", 1000),
    ("B", 1),
];

/// A number of bytes, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(u64);

impl Size {
    pub(crate) const fn of(bytes: u64) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(self) -> u64 {
        self.0
    }

    /// As many bytes as memory can hold, where it is more.
    pub(crate) fn in_memory(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || format!("{text:?} is no size with a unit, such as 64KiB, 512MiB or 2GiB");
        let text = text.trim();
        let end = text.find(|next: char| !next.is_ascii_digit());
        let (number, unit) = text.split_at(end.ok_or_else(refuse)?);
        let number: u64 = number.parse().map_err(|_| refuse())?;
        let (_, factor) = UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
            .ok_or_else(refuse)?;
        match number.checked_mul(*factor) {
            None => Err(refuse()),
            Some(0) => Err("it must be at least 1B".to_owned()),
            Some(bytes) => Ok(Self(bytes)),
        }
    }
}

/// In the largest unit that leaves no fraction.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut units = UNITS.iter();
        let whole = units.find(|(_, factor)| self.0.is_multiple_of(*factor));
        let (unit, factor) = whole.unwrap_or(&("B", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_need_a_unit_and_are_written_in_the_largest() {
        for (text, bytes, shown) in [
            ("64KiB", 64 << 10, "64KiB"),
            ("1024 kib".replace(' ', "").as_str(), 1 << 20, "1MiB"),
            ("2GiB", 2 << 30, "2GiB"),
            ("5MB", 5_000_000, "5MB"),
            ("1500B", 1500, "1500B"),
        ] {
            let size: Size = text.parse().expect(text);
            assert_eq!((size.bytes(), size.to_string().as_str()), (bytes, shown));
        }
        for text in [
            "",
            "64",
            "KiB",
            "-1B",
            "1.5GiB",
            "64 KiB of it",
            "0MiB",
            "99999999999TiB",
        ] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}
