//! Lengths of time as Kusto's `timespan`: `[-][d.]hh:mm:ss[.fffffff]`.

use std::fmt;
use std::time::Duration;

use kusto_ingest_core::{Error, ErrorKind, Result};
use serde::{Serialize, Serializer, ser};

/// Writes a field as a `timespan`, for `#[serde(serialize_with = "kusto_ingest_rows::as_timespan")]`.
///
/// Without it, a [`Duration`] becomes a dynamic value of seconds and nanoseconds, as serde has it.
/// [`Timespan`] serves where no attribute fits.
///
/// # Errors
/// As [`ToTimespan::to_ticks`], and whatever the serializer says.
pub fn as_timespan<T, S>(length: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    T: ToTimespan + ?Sized,
    S: Serializer,
{
    match length.to_ticks().map_err(ser::Error::custom)? {
        Some(ticks) => serializer.collect_str(&Ticks(ticks)),
        None => serializer.serialize_none(),
    }
}

/// A length of time that is written as a `timespan`, for rows that are tuples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a wrapper is its content, and nothing more"
)]
pub struct Timespan<T>(pub T);

impl<T: ToTimespan> Serialize for Timespan<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        as_timespan(&self.0, serializer)
    }
}

/// What can be written as a `timespan`.
pub trait ToTimespan {
    /// The length in ticks of 100 ns, the rest cut off; `None` is null.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for more ticks than an `i64` holds, which is about 29,000 years.
    fn to_ticks(&self) -> Result<Option<i64>>;
}

const NANOS_PER_TICK: i128 = 100;

impl ToTimespan for Duration {
    fn to_ticks(&self) -> Result<Option<i64>> {
        // The nanoseconds of any `Duration` fit in 94 bits.
        ticks(i128::try_from(self.as_nanos()).unwrap_or(i128::MAX))
    }
}

impl ToTimespan for time::Duration {
    fn to_ticks(&self) -> Result<Option<i64>> {
        ticks(self.whole_nanoseconds())
    }
}

impl<T: ToTimespan> ToTimespan for Option<T> {
    fn to_ticks(&self) -> Result<Option<i64>> {
        self.as_ref().map_or(Ok(None), T::to_ticks)
    }
}

/// So many nanoseconds in ticks.
pub(crate) fn ticks(nanos: i128) -> Result<Option<i64>> {
    i64::try_from(nanos / NANOS_PER_TICK).map(Some).map_err(|_| {
        Error::new(ErrorKind::InvalidInput, "write a timespan").because("it is longer than a timespan can be")
    })
}

struct Ticks(i64);

impl fmt::Display for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ticks = self.0.unsigned_abs();
        let (seconds, fraction) = (ticks / 10_000_000, ticks % 10_000_000);
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
        if self.0 < 0 {
            f.write_str("-")?;
        }
        if days > 0 {
            write!(f, "{days}.")?;
        }
        write!(f, "{hours:02}:{minutes:02}:{:02}", seconds % 60)?;
        if fraction > 0 {
            write!(f, ".{fraction:07}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_as_kusto_reads_them() {
        for (ticks, expect) in [
            (0, "00:00:00"),
            (1, "00:00:00.0000001"),
            (-12_345_678, "-00:00:01.2345678"),
            (10_000_000 * 86_399, "23:59:59"),
            (10_000_000 * 86_400, "1.00:00:00"),
            (-10_000_000 * 90_061, "-1.01:01:01"),
            (i64::MAX, "10675199.02:48:05.4775807"),
            (i64::MIN, "-10675199.02:48:05.4775808"),
        ] {
            assert_eq!(Ticks(ticks).to_string(), expect);
        }
    }

    #[test]
    fn lengths_are_cut_to_ticks() {
        assert_eq!(Duration::from_nanos(199).to_ticks().unwrap(), Some(1));
        assert_eq!(time::Duration::nanoseconds(-199).to_ticks().unwrap(), Some(-1));
        assert_eq!(None::<Duration>.to_ticks().unwrap(), None);
        assert!(Duration::MAX.to_ticks().is_err());
        assert!(time::Duration::MIN.to_ticks().is_err());
    }
}
