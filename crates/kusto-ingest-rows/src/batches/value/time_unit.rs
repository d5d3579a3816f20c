//! Arrow's moments and lengths of time, which are numbers with a unit.

use arrow_array::Array;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, DurationMicrosecondType, DurationMillisecondType,
    DurationNanosecondType, DurationSecondType, Time32MillisecondType, Time32SecondType,
    Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow_schema::{DataType, TimeUnit};
use kusto_ingest_core::{Result, Timespan, Timestamp};
use time::OffsetDateTime;

use crate::datetime;
use crate::{ToDatetime, ToTimespan};

/// Nanoseconds since 1970 in UTC. Arrow's timestamps are in UTC whatever zone they are to be shown in; those
/// without a zone are taken for UTC.
pub(super) struct UnixNanoseconds(i128);

/// Nanoseconds. A time of day is its distance from midnight.
pub(super) struct Length(i128);

impl ToDatetime for UnixNanoseconds {
    fn to_datetime(&self) -> Result<Option<Timestamp>> {
        OffsetDateTime::from_unix_timestamp_nanos(self.0)
            .map_err(|_| datetime::outside())?
            .to_datetime()
    }
}

impl ToTimespan for Length {
    fn to_timespan(&self) -> Result<Option<Timespan>> {
        Timespan::from_nanoseconds(self.0).map(Some)
    }
}

const DAY: i128 = 86_400_000_000_000;

/// The moment in a row; `None` when the array has none.
pub(super) fn moment(array: &dyn Array, row: usize) -> Option<UnixNanoseconds> {
    let nanos = match array.data_type() {
        DataType::Date32 => i128::from(array.as_primitive::<Date32Type>().value(row)) * DAY,
        DataType::Date64 => nanos::<Date64Type>(array, row, TimeUnit::Millisecond),
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => nanos::<TimestampSecondType>(array, row, *unit),
            TimeUnit::Millisecond => nanos::<TimestampMillisecondType>(array, row, *unit),
            TimeUnit::Microsecond => nanos::<TimestampMicrosecondType>(array, row, *unit),
            TimeUnit::Nanosecond => nanos::<TimestampNanosecondType>(array, row, *unit),
        },
        _ => return None,
    };
    Some(UnixNanoseconds(nanos))
}

/// The length of time in a row; `None` when the array has none.
pub(super) fn length(array: &dyn Array, row: usize) -> Option<Length> {
    let nanos = match array.data_type() {
        DataType::Time32(unit @ TimeUnit::Second) => nanos::<Time32SecondType>(array, row, *unit),
        DataType::Time32(unit @ TimeUnit::Millisecond) => nanos::<Time32MillisecondType>(array, row, *unit),
        DataType::Time64(unit @ TimeUnit::Microsecond) => nanos::<Time64MicrosecondType>(array, row, *unit),
        DataType::Time64(unit @ TimeUnit::Nanosecond) => nanos::<Time64NanosecondType>(array, row, *unit),
        DataType::Duration(unit) => match unit {
            TimeUnit::Second => nanos::<DurationSecondType>(array, row, *unit),
            TimeUnit::Millisecond => nanos::<DurationMillisecondType>(array, row, *unit),
            TimeUnit::Microsecond => nanos::<DurationMicrosecondType>(array, row, *unit),
            TimeUnit::Nanosecond => nanos::<DurationNanosecondType>(array, row, *unit),
        },
        _ => return None,
    };
    Some(Length(nanos))
}

fn nanos<T: ArrowPrimitiveType<Native: Into<i128>>>(array: &dyn Array, row: usize, unit: TimeUnit) -> i128 {
    let count: i128 = array.as_primitive::<T>().value(row).into();
    count
        * match unit {
            TimeUnit::Second => 1_000_000_000,
            TimeUnit::Millisecond => 1_000_000,
            TimeUnit::Microsecond => 1_000,
            TimeUnit::Nanosecond => 1,
        }
}
