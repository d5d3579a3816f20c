//! How hard to compress.

use std::str::FromStr;

use kusto_ingest_core::{Error, ErrorKind, Result};

/// How hard to compress: by intent, or from 1 (fast) to 9 (small).
///
/// ```
/// use kusto_ingest_compression::GzipLevel;
///
/// # fn main() -> kusto_ingest_core::Result<()> {
/// assert_eq!(GzipLevel::default(), GzipLevel::balanced());
/// assert_eq!("smallest".parse::<GzipLevel>()?, GzipLevel::new(9)?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GzipLevel(u8);

impl GzipLevel {
    /// A level from 1 to 9.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for other numbers.
    pub fn new(level: u8) -> Result<Self> {
        if (1..=9).contains(&level) {
            return Ok(Self(level));
        }
        Err(refused().with("level", level))
    }

    /// The least work: level 1. For a network that is faster than the processor.
    #[must_use]
    pub const fn fastest() -> Self {
        Self(1)
    }

    /// Level 3, the default: within a few percent as small as level 6, at half its time. A source of 2 KiB or less is
    /// compressed as by the [fastest](Self::fastest).
    #[must_use]
    pub const fn balanced() -> Self {
        Self(3)
    }

    /// The fewest bytes: level 9. For a network that is slow or paid for by the byte.
    #[must_use]
    pub const fn smallest() -> Self {
        Self(9)
    }

    /// The level as a number from 1 to 9.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl Default for GzipLevel {
    fn default() -> Self {
        Self::balanced()
    }
}

/// `fastest`, `balanced`, `smallest`, or a number from 1 to 9.
impl FromStr for GzipLevel {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "fastest" => Ok(Self::fastest()),
            "balanced" => Ok(Self::balanced()),
            "smallest" => Ok(Self::smallest()),
            other => match other.parse() {
                Ok(number) => Self::new(number),
                Err(_) => Err(refused().with("level", other)),
            },
        }
    }
}

fn refused() -> Error {
    Error::new(ErrorKind::InvalidInput, "set the level of compression")
        .because("levels are fastest, balanced and smallest, or numbers from 1 (fast) to 9 (small)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_words_or_numbers_and_nothing_else() {
        for (text, number) in [
            ("fastest", 1),
            ("balanced", 3),
            ("smallest", 9),
            ("1", 1),
            ("9", 9),
        ] {
            assert_eq!(text.parse::<GzipLevel>().unwrap().number(), number, "{text}");
        }
        for text in ["", "0", "10", "-1", "Fastest", "best", "3 "] {
            let error = text.parse::<GzipLevel>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
            assert!(error.to_string().contains("smallest"), "{error}");
        }
    }
}
