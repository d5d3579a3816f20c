//! A moment in UTC, written the way Kusto writes it.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

use crate::{Error, ErrorKind, Result};

/// A moment in UTC.
///
/// `Display` writes `2026-01-02T03:04:05.6789010Z`: seven digits (Kusto's tick is 100 ns) and a `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(OffsetDateTime::UNIX_EPOCH);

    /// Takes a date and time of any offset; one that lies outside the calendar in UTC becomes its nearest end.
    #[must_use]
    pub fn from_datetime(at: OffsetDateTime) -> Self {
        let nearest = if at.year() < 0 {
            PrimitiveDateTime::MIN
        } else {
            PrimitiveDateTime::MAX
        };
        Self(
            at.checked_to_offset(UtcOffset::UTC)
                .unwrap_or(nearest.assume_utc()),
        )
    }

    /// The date and time, at offset zero.
    #[must_use]
    pub fn as_datetime(self) -> OffsetDateTime {
        self.0
    }

    /// Reads what services and clients write: RFC 3339, also without zone (then UTC), with a blank in place
    /// of the `T`, with any number of fraction digits, or a date alone.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the text is none of these.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim().replacen(' ', "T", 1);
        let date = format_description!("[year]-[month]-[day]");
        let local =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second][optional [.[subsecond]]]");
        let minutes = format_description!("[year]-[month]-[day]T[hour]:[minute]");
        OffsetDateTime::parse(&text, &Rfc3339)
            .or_else(|_| {
                PrimitiveDateTime::parse(text.trim_end_matches('Z'), local).map(PrimitiveDateTime::assume_utc)
            })
            .or_else(|_| {
                PrimitiveDateTime::parse(text.trim_end_matches('Z'), minutes)
                    .map(PrimitiveDateTime::assume_utc)
            })
            .or_else(|_| {
                time::Date::parse(text.trim_end_matches('Z'), date).map(|day| day.midnight().assume_utc())
            })
            .map(Self::from_datetime)
            .map_err(|_| {
                Error::new(ErrorKind::InvalidInput, "read a date and time").because("it is not ISO 8601")
            })
    }

    /// How long ago `earlier` was; zero when it lies ahead, as it may after a clock was set back.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        (self.0 - earlier.0).try_into().unwrap_or(Duration::ZERO)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    /// Saturates at the end of the calendar, so that "never" can be written as a very long duration.
    fn add(self, by: Duration) -> Self {
        let by = time::Duration::try_from(by).unwrap_or(time::Duration::MAX);
        Self(self.0.saturating_add(by))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, by: Duration) -> Self {
        let by = time::Duration::try_from(by).unwrap_or(time::Duration::MAX);
        Self(self.0.saturating_sub(by))
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(at: OffsetDateTime) -> Self {
        Self::from_datetime(at)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.0;
        write!(f, "{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day())?;
        write!(
            f,
            "T{:02}:{:02}:{:02}.{:07}Z",
            at.hour(),
            at.minute(),
            at.second(),
            at.nanosecond() / 100
        )
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s02_c18_seven_fraction_digits_and_a_z_are_always_written() {
        assert_eq!(Timestamp::UNIX_EPOCH.to_string(), "1970-01-01T00:00:00.0000000Z");
        let at = Timestamp::UNIX_EPOCH + Duration::from_nanos(678_901_099);
        assert_eq!(at.to_string(), "1970-01-01T00:00:00.6789010Z");
    }

    #[test]
    fn every_spelling_that_clients_and_services_use_is_read() {
        for (text, expect) in [
            ("2026-01-02T03:04:05.678901", "2026-01-02T03:04:05.6789010Z"),
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.0000000Z"),
            ("2019-05-27 08:57:05.4273524", "2019-05-27T08:57:05.4273524Z"),
            ("2026-01-02T03:04:05+01:00", "2026-01-02T02:04:05.0000000Z"),
            ("2012/01/01", "refused"),
            ("2012-01-01", "2012-01-01T00:00:00.0000000Z"),
            ("2012-01-01T10:20", "2012-01-01T10:20:00.0000000Z"),
            ("yesterday", "refused"),
        ] {
            let read = Timestamp::parse(text).map_or_else(|_| "refused".to_owned(), |at| at.to_string());
            assert_eq!(read, expect, "{text}");
        }
    }

    #[test]
    fn a_moment_beyond_the_calendar_is_its_end() {
        let last = Timestamp::parse("9999-12-31T23:59:59-01:00").map(|at| at.to_string());
        assert_eq!(last.unwrap(), "9999-12-31T23:59:59.9999999Z");
    }

    #[test]
    fn time_that_runs_backwards_counts_as_none() {
        let early = Timestamp::UNIX_EPOCH;
        assert_eq!(early.since(early + Duration::from_secs(5)), Duration::ZERO);
        assert!(early + Duration::MAX > early);
    }
}
