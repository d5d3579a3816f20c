//! Moments as Kusto's `datetime`: UTC, seven digits, and a `Z`.

use std::time::SystemTime;

use kusto_ingest_core::{Error, ErrorKind, Result, Timestamp};
use serde::{Serializer, ser};
use time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// Writes a field as a `datetime`, for `#[serde(serialize_with = "kusto_ingest_rows::serialize_datetime")]`.
///
/// Needed for the types of the `time` crate and for [`SystemTime`], whose own spelling Kusto does not read.
/// Text in RFC 3339, which is what `chrono` and `jiff` write, passes through as it is, and so does
/// [`Timestamp`], which serves where no attribute fits.
///
/// # Errors
/// As [`ToDatetime::to_datetime`], and whatever the serializer says.
pub fn serialize_datetime<T, S>(moment: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    T: ToDatetime + ?Sized,
    S: Serializer,
{
    match moment.to_datetime().map_err(ser::Error::custom)? {
        Some(at) => serializer.collect_str(&at),
        None => serializer.serialize_none(),
    }
}

/// What can be written as a `datetime`.
pub trait ToDatetime {
    /// The moment in UTC, cut to the tick of 100 ns when it is written; `None` is null.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a moment outside the years 1 to 9999, which Kusto's calendar lacks.
    fn to_datetime(&self) -> Result<Option<Timestamp>>;
}

impl ToDatetime for OffsetDateTime {
    fn to_datetime(&self) -> Result<Option<Timestamp>> {
        self.checked_to_offset(UtcOffset::UTC)
            .filter(|at| (1..=9999).contains(&at.year()))
            .map(|at| Some(Timestamp::from_datetime(at)))
            .ok_or_else(outside)
    }
}

/// A moment without offset counts as UTC.
impl ToDatetime for PrimitiveDateTime {
    fn to_datetime(&self) -> Result<Option<Timestamp>> {
        self.assume_utc().to_datetime()
    }
}

/// A day is its midnight in UTC.
impl ToDatetime for Date {
    fn to_datetime(&self) -> Result<Option<Timestamp>> {
        self.midnight().to_datetime()
    }
}

impl ToDatetime for SystemTime {
    fn to_datetime(&self) -> Result<Option<Timestamp>> {
        let since = match self.duration_since(Self::UNIX_EPOCH) {
            Ok(after) => i128::try_from(after.as_nanos()),
            Err(before) => i128::try_from(before.duration().as_nanos()).map(|nanos| -nanos),
        };
        let nanos = since.map_err(|_| outside())?;
        OffsetDateTime::from_unix_timestamp_nanos(nanos)
            .map_err(|_| outside())?
            .to_datetime()
    }
}

impl ToDatetime for Timestamp {
    fn to_datetime(&self) -> Result<Option<Timestamp>> {
        self.as_datetime().to_datetime()
    }
}

impl<T: ToDatetime> ToDatetime for Option<T> {
    fn to_datetime(&self) -> Result<Option<Timestamp>> {
        self.as_ref().map_or(Ok(None), T::to_datetime)
    }
}

pub(crate) fn outside() -> Error {
    Error::new(ErrorKind::InvalidInput, "write a datetime").because("it is outside of the years 1 to 9999")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use time::macros::{date, datetime};

    use super::*;

    fn text(moment: &impl ToDatetime) -> String {
        match moment.to_datetime() {
            Ok(Some(at)) => at.to_string(),
            Ok(None) => "null".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn every_moment_becomes_utc_with_seven_digits() {
        for (moment, expect) in [
            (datetime!(2020-01-01 00:00 UTC), "2020-01-01T00:00:00.0000000Z"),
            (datetime!(2020-01-01 01:30 +02:00), "2019-12-31T23:30:00.0000000Z"),
            (
                datetime!(2020-01-01 00:00:00.123_456_789 UTC),
                "2020-01-01T00:00:00.1234567Z",
            ),
        ] {
            assert_eq!(text(&moment), expect);
        }
        assert_eq!(
            text(&datetime!(1999-12-31 23:59:59)),
            "1999-12-31T23:59:59.0000000Z"
        );
        assert_eq!(text(&date!(2024 - 02 - 29)), "2024-02-29T00:00:00.0000000Z");
        let before = SystemTime::UNIX_EPOCH - Duration::from_millis(1);
        assert_eq!(text(&before), "1969-12-31T23:59:59.9990000Z");
        assert_eq!(text(&None::<Date>), "null");
        assert_eq!(text(&Some(Timestamp::UNIX_EPOCH)), "1970-01-01T00:00:00.0000000Z");
    }

    #[test]
    fn a_year_that_kusto_lacks_is_an_error() {
        for moment in [
            datetime!(0000-12-31 00:00 UTC),
            datetime!(0001-01-01 00:00 +01:00),
            datetime!(9999-12-31 23:59 -01:00),
        ] {
            assert!(text(&moment).contains("outside"), "{moment}");
        }
    }
}
