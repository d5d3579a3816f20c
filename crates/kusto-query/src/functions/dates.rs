//! Functions of moments: the starts and ends of days and years, and what lies between two.

use kusto_ingest_decode::ScalarType::{DateTime, Long, Timespan};

use super::strings::text;
use super::{Function, typed};
use crate::Value;
use crate::value::{DAY, Parts, SECOND, from_parts, moment, unix_ticks};

pub(super) const TABLE: &[Function] = &[
    typed("now", "?p", DateTime, |args, env| {
        at(add(env.now, args.first().map_or(Some(0), |by| by.as_ticks())))
    }),
    typed("ago", "p", DateTime, |args, env| {
        at(add(env.now, args[0].as_ticks().and_then(i64::checked_neg)))
    }),
    typed("startofday", "d?l", DateTime, |args, _| {
        at(start(args, Unit::Day, 0))
    })
    .named_first(),
    typed("startofweek", "d?l", DateTime, |args, _| {
        at(start(args, Unit::Week, 0))
    })
    .named_first(),
    typed("startofmonth", "d?l", DateTime, |args, _| {
        at(start(args, Unit::Month, 0))
    })
    .named_first(),
    typed("startofyear", "d?l", DateTime, |args, _| {
        at(start(args, Unit::Year, 0))
    })
    .named_first(),
    typed("endofday", "d?l", DateTime, |args, _| at(end(args, Unit::Day))).named_first(),
    typed("endofweek", "d?l", DateTime, |args, _| at(end(args, Unit::Week))).named_first(),
    typed("endofmonth", "d?l", DateTime, |args, _| {
        at(end(args, Unit::Month))
    })
    .named_first(),
    typed("endofyear", "d?l", DateTime, |args, _| at(end(args, Unit::Year))).named_first(),
    typed("datetime_diff", "sdd", Long, |args, _| difference(args).into()),
    typed("datetime_add", "sld", DateTime, |args, _| at(added(args))),
    typed("make_datetime", "n?nnnnn", DateTime, |args, _| {
        at(make_datetime(args))
    }),
    typed("make_timespan", "nn?nn", Timespan, |args, _| {
        make_timespan(args).map_or(Value::Null, Value::Timespan)
    }),
    typed("unixtime_seconds_todatetime", "n", DateTime, |args, _| {
        at(unix(args, SECOND))
    }),
    typed("unixtime_milliseconds_todatetime", "n", DateTime, |args, _| {
        at(unix(args, SECOND / 1000))
    }),
    typed("unixtime_microseconds_todatetime", "n", DateTime, |args, _| {
        at(unix(args, SECOND / 1_000_000))
    }),
    typed("unixtime_nanoseconds_todatetime", "n", DateTime, |args, _| {
        at(args[0]
            .as_long()
            .and_then(|nanoseconds| unix_ticks((nanoseconds / 100).into())))
    }),
];

/// A stretch of the calendar.
#[derive(Clone, Copy)]
enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    /// So many ticks.
    Ticks(i64),
}

fn at(ticks: Option<i64>) -> Value {
    ticks.map_or(Value::Null, Value::DateTime)
}

fn add(ticks: i64, by: Option<i64>) -> Option<i64> {
    ticks.checked_add(by?).and_then(moment)
}

fn unit(name: &str) -> Option<Unit> {
    Some(match name.to_ascii_lowercase().as_str() {
        "year" => Unit::Year,
        "quarter" => Unit::Quarter,
        "month" => Unit::Month,
        "week" => Unit::Week,
        "day" => Unit::Day,
        "hour" => Unit::Ticks(3600 * SECOND),
        "minute" => Unit::Ticks(60 * SECOND),
        "second" => Unit::Ticks(SECOND),
        "millisecond" => Unit::Ticks(SECOND / 1000),
        "microsecond" => Unit::Ticks(SECOND / 1_000_000),
        "nanosecond" => Unit::Ticks(0),
        _ => return None,
    })
}

/// The start of the unit that a moment lies in, some units further on.
fn start(args: &[&Value], unit: Unit, further: i64) -> Option<i64> {
    let offset = args.get(1).map_or(Some(0), |offset| offset.as_long())?;
    shifted(
        floor(args[0].as_ticks()?, unit)?,
        unit,
        offset.checked_add(further)?,
    )
}

fn end(args: &[&Value], unit: Unit) -> Option<i64> {
    start(args, unit, 1)?.checked_sub(1)
}

fn floor(ticks: i64, unit: Unit) -> Option<i64> {
    let parts = Parts::of(ticks);
    match unit {
        Unit::Day => Some(ticks - parts.ticks),
        Unit::Week => moment(ticks - parts.ticks - i64::from(parts.weekday) * DAY),
        Unit::Month => from_parts(parts.year.into(), parts.month.into(), 1, 0),
        Unit::Quarter => from_parts(parts.year.into(), i64::from((parts.month - 1) / 3 * 3 + 1), 1, 0),
        Unit::Year => from_parts(parts.year.into(), 1, 1, 0),
        Unit::Ticks(size) => Some(ticks - ticks.checked_rem_euclid(size)?),
    }
}

/// A moment some units further on; of months that are shorter, the last day.
fn shifted(ticks: i64, unit: Unit, by: i64) -> Option<i64> {
    let months = match unit {
        Unit::Day => return add(ticks, DAY.checked_mul(by)),
        Unit::Week => return add(ticks, (7 * DAY).checked_mul(by)),
        Unit::Ticks(size) => return add(ticks, size.checked_mul(by)),
        Unit::Month => by,
        Unit::Quarter => by.checked_mul(3)?,
        Unit::Year => by.checked_mul(12)?,
    };
    let parts = Parts::of(ticks);
    let month = (i64::from(parts.year) * 12 + i64::from(parts.month) - 1).checked_add(months)?;
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    let mut days = (1..=i64::from(parts.day)).rev().take(4);
    days.find_map(|day| from_parts(year, month, day, parts.ticks))
}

/// How many borders of a unit lie between two moments.
fn difference(args: &[&Value]) -> Option<i64> {
    let (later, earlier) = (args[1].as_ticks()?, args[2].as_ticks()?);
    let months = |ticks: i64| {
        let parts = Parts::of(ticks);
        i64::from(parts.year) * 12 + i64::from(parts.month) - 1
    };
    let unit = unit(text(args, 0))?;
    Some(match unit {
        Unit::Year => months(later) / 12 - months(earlier) / 12,
        Unit::Quarter => months(later) / 3 - months(earlier) / 3,
        Unit::Month => months(later) - months(earlier),
        Unit::Week => (floor(later, unit)? - floor(earlier, unit)?) / (7 * DAY),
        Unit::Day => later / DAY - earlier / DAY,
        Unit::Ticks(0) => (later - earlier).checked_mul(100)?,
        Unit::Ticks(size) => later / size - earlier / size,
    })
}

/// `datetime_add(unit, amount, moment)`
fn added(args: &[&Value]) -> Option<i64> {
    shifted(args[2].as_ticks()?, unit(text(args, 0))?, args[1].as_long()?)
}

/// Year, month, day, hour, minute, second; a single argument is something to be read as a moment.
fn make_datetime(args: &[&Value]) -> Option<i64> {
    let number = |place: usize, default: i64| args.get(place).map_or(Some(default), |value| value.as_long());
    let (hour, minute) = (number(3, 0)?, number(4, 0)?);
    let second = args.get(5).map_or(Some(0.0), |value| value.as_real())?;
    let in_range = (0..24).contains(&hour) && (0..60).contains(&minute) && (0.0..60.0).contains(&second);
    let ticks = in_range.then(|| (hour * 3600 + minute * 60) * SECOND + seconds(second))?;
    from_parts(number(0, 1)?, number(1, 1)?, number(2, 1)?, ticks)
}

#[expect(clippy::cast_possible_truncation, reason = "a minute has few ticks")]
fn seconds(seconds: f64) -> i64 {
    (seconds * 10_000_000.0).round() as i64
}

/// `([days,] hours, minutes[, seconds])`
fn make_timespan(args: &[&Value]) -> Option<i64> {
    let (days, rest) = match args {
        [days, rest @ ..] if args.len() == 4 => (days.as_long()?, rest),
        all => (0, all),
    };
    let (hours, minutes) = (rest.first()?.as_long()?, rest.get(1)?.as_long()?);
    let second = rest.get(2).map_or(Some(0.0), |value| value.as_real())?;
    let in_range = (0..60).contains(&minutes) && (0.0..60.0).contains(&second) && hours.abs() < 1_000_000;
    let days = in_range.then(|| days.checked_mul(DAY)).flatten()?;
    days.checked_add((hours * 3600 + minutes * 60) * SECOND + seconds(second))
}

fn unix(args: &[&Value], ticks: i64) -> Option<i64> {
    if let Some(whole) = args[0].as_long() {
        return unix_ticks(i128::from(whole) * i128::from(ticks));
    }
    let ticks = Value::Long(ticks).as_real()? * args[0].as_real()?;
    unix_ticks(
        crate::value::cast(&Value::Real(ticks.round()), Long)
            .as_long()?
            .into(),
    )
}
