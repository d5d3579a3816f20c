//! The parts of moments: years, days of the week, hours.

use kusto_ingest_decode::ScalarType::{Int, Timespan};

use super::strings::text;
use super::{Function, typed};
use crate::Value;
use crate::value::{DAY, Parts, SECOND};

pub(super) const TABLE: &[Function] = &[
    typed("getyear", "d", Int, |args, _| part(args[0], "year")),
    typed("monthofyear", "d", Int, |args, _| part(args[0], "month")),
    typed("week_of_year", "d", Int, |args, _| part(args[0], "week_of_year")),
    typed("dayofmonth", "d", Int, |args, _| part(args[0], "day")),
    typed("dayofyear", "d", Int, |args, _| part(args[0], "dayofyear")),
    typed("hourofday", "d", Int, |args, _| part(args[0], "hour")),
    typed("datetime_part", "sd", Int, |args, _| {
        part(args[1], &text(args, 0).to_ascii_lowercase())
    }),
    typed("dayofweek", "d", Timespan, |args, _| match args[0] {
        Value::DateTime(ticks) => Value::Timespan(i64::from(Parts::of(*ticks).weekday) * DAY),
        _ => Value::Null,
    }),
];

fn part(value: &Value, name: &str) -> Value {
    let Value::DateTime(ticks) = value else {
        return Value::Null;
    };
    let parts = Parts::of(*ticks);
    let of_day = |size: i64, most: i64| i32::try_from(parts.ticks / size % most).unwrap_or_default();
    Value::Int(match name {
        "year" => parts.year,
        "quarter" => i32::from((parts.month - 1) / 3 + 1),
        "month" => parts.month.into(),
        "week_of_year" | "weekofyear" => parts.week.into(),
        "day" => parts.day.into(),
        "dayofyear" => parts.day_of_year.into(),
        "hour" => of_day(3600 * SECOND, 24),
        "minute" => of_day(60 * SECOND, 60),
        "second" => of_day(SECOND, 60),
        "millisecond" => of_day(SECOND / 1000, 1000),
        "microsecond" => of_day(SECOND / 1_000_000, 1_000_000),
        "nanosecond" => of_day(1, SECOND) * 100,
        _ => return Value::Null,
    })
}
