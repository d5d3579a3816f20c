//! Lengths of time as Kusto's `timespan`: `[-][d.]hh:mm:ss[.fffffff]`.

use std::time::Duration;

use kusto_ingest_core::{Result, Timespan};
use serde::{Serializer, ser};

/// Writes a field as a `timespan`, for `#[serde(serialize_with = "kusto_ingest_rows::serialize_timespan")]`.
///
/// Without it, a [`Duration`] becomes a dynamic value of seconds and nanoseconds, as serde has it.
/// [`Timespan`] serves where no attribute fits, as in a tuple.
///
/// # Errors
/// As [`ToTimespan::to_timespan`], and whatever the serializer says.
pub fn serialize_timespan<T, S>(length: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    T: ToTimespan + ?Sized,
    S: Serializer,
{
    match length.to_timespan().map_err(ser::Error::custom)? {
        Some(length) => serializer.collect_str(&length),
        None => serializer.serialize_none(),
    }
}

/// What can be written as a `timespan`.
pub trait ToTimespan {
    /// The length, cut to the tick of 100 ns; `None` is null.
    ///
    /// # Errors
    /// As [`Timespan::from_nanoseconds`].
    fn to_timespan(&self) -> Result<Option<Timespan>>;
}

impl ToTimespan for Timespan {
    fn to_timespan(&self) -> Result<Option<Timespan>> {
        Ok(Some(*self))
    }
}

impl ToTimespan for Duration {
    fn to_timespan(&self) -> Result<Option<Timespan>> {
        // The nanoseconds of any `Duration` fit in 94 bits.
        let nanoseconds = i128::try_from(self.as_nanos()).unwrap_or(i128::MAX);
        Timespan::from_nanoseconds(nanoseconds).map(Some)
    }
}

impl ToTimespan for time::Duration {
    fn to_timespan(&self) -> Result<Option<Timespan>> {
        Timespan::from_nanoseconds(self.whole_nanoseconds()).map(Some)
    }
}

impl<T: ToTimespan> ToTimespan for Option<T> {
    fn to_timespan(&self) -> Result<Option<Timespan>> {
        self.as_ref().map_or(Ok(None), T::to_timespan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_cut_to_ticks() {
        let one = |ticks| Some(Timespan::from_ticks(ticks));
        assert_eq!(Duration::from_nanos(199).to_timespan().unwrap(), one(1));
        assert_eq!(time::Duration::nanoseconds(-199).to_timespan().unwrap(), one(-1));
        assert_eq!(Timespan::from_ticks(7).to_timespan().unwrap(), one(7));
        assert_eq!(None::<Duration>.to_timespan().unwrap(), None);
        assert!(Duration::MAX.to_timespan().is_err());
        assert!(time::Duration::MIN.to_timespan().is_err());
    }
}
