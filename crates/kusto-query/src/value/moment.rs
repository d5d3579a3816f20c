//! Moments: ticks of 100 ns since the year 1, and the parts of a date.

use kusto_ingest_core::Timestamp;
use time::{Date, Month, OffsetDateTime};

/// The ticks of a second.
pub(crate) const SECOND: i64 = 10_000_000;

/// The ticks of a day.
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// The ticks from the year 1 to the year 1970.
const UNIX_EPOCH: i64 = 719_162 * DAY;

/// The last moment: the last tick of the year 9999.
const LAST: i64 = 3_652_059 * DAY - 1;

/// The Julian day of the first day of the year 1.
const FIRST_JULIAN_DAY: i64 = 1_721_426;

/// Ticks as a moment; nothing outside the calendar.
pub(crate) fn moment(ticks: i64) -> Option<i64> {
    (0..=LAST).contains(&ticks).then_some(ticks)
}

/// The ticks of a moment, cut to the calendar of Kusto.
pub(crate) fn now_ticks(at: Timestamp) -> i64 {
    let ticks = at.as_datetime().unix_timestamp_nanos().div_euclid(100);
    let since_year_one = ticks + i128::from(UNIX_EPOCH);
    i64::try_from(since_year_one).unwrap_or(0).clamp(0, LAST)
}

/// The moment of ticks.
pub(crate) fn timestamp(ticks: i64) -> Timestamp {
    let nanos = i128::from(ticks - UNIX_EPOCH) * 100;
    let at = OffsetDateTime::from_unix_timestamp_nanos(nanos);
    Timestamp::from_datetime(at.unwrap_or(OffsetDateTime::UNIX_EPOCH))
}

/// The ticks since 1970 as a moment.
pub(crate) fn unix_ticks(ticks: i128) -> Option<i64> {
    let ticks = ticks.checked_add(i128::from(UNIX_EPOCH))?;
    moment(i64::try_from(ticks).ok()?)
}

/// The parts of a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    pub(crate) year: i32,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) day_of_year: u16,
    /// Sunday is zero.
    pub(crate) weekday: u8,
    /// By ISO 8601.
    pub(crate) week: u8,
    /// The ticks since midnight.
    pub(crate) ticks: i64,
}

impl Parts {
    pub(crate) fn of(ticks: i64) -> Self {
        let julian = i32::try_from(ticks.div_euclid(DAY) + FIRST_JULIAN_DAY).unwrap_or_default();
        let date = Date::from_julian_day(julian).unwrap_or(Date::MIN);
        Self {
            year: date.year(),
            month: date.month().into(),
            day: date.day(),
            day_of_year: date.ordinal(),
            weekday: date.weekday().number_days_from_sunday(),
            week: date.iso_week(),
            ticks: ticks.rem_euclid(DAY),
        }
    }
}

/// The moment of a date and ticks since its midnight. Days beyond the month's last one are refused.
pub(crate) fn from_parts(year: i64, month: i64, day: i64, ticks: i64) -> Option<i64> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
    let days = i64::from(date.to_julian_day()) - FIRST_JULIAN_DAY;
    moment(days.checked_mul(DAY)?.checked_add(ticks)?)
}
