//! The status of an ingestion, in the service's own words.

mod combined;
mod record;

pub use record::StatusRecord;

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// The status of an ingestion.
///
/// `FromStr` reads the service's word in any case and never fails: a word that this version does not know is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperationStatus {
    /// The service has not finished it, or not seen it yet.
    Pending,
    /// It is ingested.
    Succeeded,
    /// It failed.
    Failed,
    /// It was queued without a status row, so that this never changes.
    Queued,
    /// There was nothing to ingest, or a tag said that it was ingested before.
    Skipped,
    /// Parts of it are ingested, others failed.
    PartiallySucceeded,
    /// A word that this version does not know.
    Other(String),
}

impl OperationStatus {
    const KNOWN: &'static [(Self, &'static str)] = &[
        (Self::Pending, "Pending"),
        (Self::Succeeded, "Succeeded"),
        (Self::Failed, "Failed"),
        (Self::Queued, "Queued"),
        (Self::Skipped, "Skipped"),
        (Self::PartiallySucceeded, "PartiallySucceeded"),
    ];

    /// Every word that this version knows.
    #[must_use]
    pub fn known() -> impl ExactSizeIterator<Item = Self> {
        Self::KNOWN.iter().map(|(status, _)| status.clone())
    }

    /// The service's word.
    #[must_use]
    pub fn wire_name(&self) -> &str {
        match self {
            Self::Other(word) => word,
            known => name_in(Self::KNOWN, known),
        }
    }

    /// Whether it will not change any more. A word that this version does not know is taken to change yet.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Pending | Self::Other(_))
    }

    /// Whether all the data is in the table.
    #[must_use]
    pub fn is_success(&self) -> bool {
        *self == Self::Succeeded
    }

    /// Whether some of the data will never be in the table.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed | Self::PartiallySucceeded)
    }
}

impl fmt::Display for OperationStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wire_name())
    }
}

impl FromStr for OperationStatus {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(find(Self::KNOWN, text).unwrap_or_else(|| Self::Other(text.to_owned())))
    }
}

/// Whether another attempt at a failed ingestion makes sense, by the service's own word.
///
/// `FromStr` reads the word in any case, or its number, and never fails.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureStatus {
    /// Nobody knows.
    Unknown,
    /// The same data will fail again.
    Permanent,
    /// The same data may be ingested at another attempt.
    Transient,
    /// The service itself tried until it gave up; a new attempt may succeed.
    Exhausted,
    /// A word that this version does not know.
    Other(String),
}

impl FailureStatus {
    const KNOWN: &'static [(Self, &'static str)] = &[
        (Self::Unknown, "Unknown"),
        (Self::Permanent, "Permanent"),
        (Self::Transient, "Transient"),
        (Self::Exhausted, "Exhausted"),
    ];

    /// Every word that this version knows.
    #[must_use]
    pub fn known() -> impl ExactSizeIterator<Item = Self> {
        Self::KNOWN.iter().map(|(status, _)| status.clone())
    }

    /// The service's word.
    #[must_use]
    pub fn wire_name(&self) -> &str {
        match self {
            Self::Other(word) => word,
            known => name_in(Self::KNOWN, known),
        }
    }

    /// Whether the same data would fail again; `None` when the service does not say.
    #[must_use]
    pub fn is_permanent(&self) -> Option<bool> {
        match self {
            Self::Permanent => Some(true),
            Self::Transient | Self::Exhausted => Some(false),
            Self::Unknown | Self::Other(_) => None,
        }
    }
}

impl fmt::Display for FailureStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wire_name())
    }
}

impl FromStr for FailureStatus {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let numbered = text
            .trim()
            .parse::<usize>()
            .ok()
            .and_then(|number| Self::KNOWN.get(number));
        Ok(numbered
            .map(|(status, _)| status.clone())
            .or_else(|| find(Self::KNOWN, text))
            .unwrap_or_else(|| Self::Other(text.to_owned())))
    }
}

fn name_in<T: PartialEq>(table: &'static [(T, &'static str)], wanted: &T) -> &'static str {
    table
        .iter()
        .find(|(value, _)| value == wanted)
        .map_or("", |(_, name)| name)
}

fn find<T: Clone>(table: &[(T, &str)], text: &str) -> Option<T> {
    table
        .iter()
        .find(|(_, name)| name.eq_ignore_ascii_case(text.trim()))
        .map(|(value, _)| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_case_and_unknown_ones_are_kept() {
        for (text, expect, is_final, is_success, is_failure) in [
            ("Pending", OperationStatus::Pending, false, false, false),
            ("succeeded", OperationStatus::Succeeded, true, true, false),
            ("Failed", OperationStatus::Failed, true, false, true),
            ("Queued", OperationStatus::Queued, true, false, false),
            ("Skipped", OperationStatus::Skipped, true, false, false),
            (
                "PartiallySucceeded",
                OperationStatus::PartiallySucceeded,
                true,
                false,
                true,
            ),
            (
                "Brewing",
                OperationStatus::Other("Brewing".into()),
                false,
                false,
                false,
            ),
        ] {
            let read: OperationStatus = text.parse().unwrap();
            assert_eq!(read, expect);
            assert_eq!(
                (read.is_final(), read.is_success(), read.is_failure()),
                (is_final, is_success, is_failure),
                "{text}"
            );
        }
    }

    #[test]
    fn a_failure_says_by_word_or_number_whether_it_is_permanent() {
        for (text, expect) in [
            ("Permanent", Some(true)),
            ("1", Some(true)),
            ("Transient", Some(false)),
            ("2", Some(false)),
            ("exhausted", Some(false)),
            ("0", None),
            ("9", None),
        ] {
            let read: FailureStatus = text.parse().unwrap();
            assert_eq!(read.is_permanent(), expect, "{text}");
        }
    }
}
