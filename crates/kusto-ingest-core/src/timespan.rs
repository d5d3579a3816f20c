//! A length of time in ticks of 100 ns, written the way Kusto writes it.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::{Error, ErrorKind, Result};

const PER_SECOND: i64 = 10_000_000;
const PER_DAY: i64 = 86_400 * PER_SECOND;
const NANOS_PER_TICK: i128 = 100;

/// A length of time in ticks of 100 ns, of either sign.
///
/// `Display` and serde write `[-][d.]hh:mm:ss[.fffffff]`.
///
/// ```
/// use kusto_ingest_core::Timespan;
///
/// let day_and_a_bit = Timespan::parse("1.00:00:00.5").map(|span| span.to_string());
/// assert_eq!(day_and_a_bit.as_deref(), Some("1.00:00:00.5000000"));
/// assert_eq!(Timespan::parse("90m"), Timespan::parse("01:30:00"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timespan(i64);

impl Timespan {
    /// The longest one, which is about 29,000 years.
    pub const MAX: Self = Self(i64::MAX);

    /// So many ticks of 100 ns.
    #[must_use]
    pub fn from_ticks(ticks: i64) -> Self {
        Self(ticks)
    }

    /// So many nanoseconds, cut to ticks.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for more ticks than an `i64` holds, which is about 29,000 years.
    pub fn from_nanoseconds(nanoseconds: i128) -> Result<Self> {
        i64::try_from(nanoseconds / NANOS_PER_TICK)
            .map(Self)
            .map_err(|_| {
                Error::new(ErrorKind::InvalidInput, "write a timespan")
                    .because("it is longer than a timespan can be")
            })
    }

    /// A duration, cut to ticks; what is longer than a timespan can be becomes [`MAX`](Self::MAX).
    #[must_use]
    pub fn saturating_from(length: Duration) -> Self {
        let ticks = length.as_nanos() / NANOS_PER_TICK.unsigned_abs();
        i64::try_from(ticks).map_or(Self::MAX, Self)
    }

    /// It as a duration; `None` when it is negative.
    #[must_use]
    pub fn to_duration(self) -> Option<Duration> {
        let ticks = u64::try_from(self.0).ok()?;
        let second = PER_SECOND.unsigned_abs();
        Some(Duration::from_secs(ticks / second) + Duration::from_nanos(ticks % second * 100))
    }

    /// Its ticks of 100 ns.
    #[must_use]
    pub fn ticks(self) -> i64 {
        self.0
    }

    /// Reads `[-][d.]hh:mm[:ss[.fffffff]]`, or a number with one of the units `d`, `h`, `m`, `s`, `ms`,
    /// `microsecond` and `tick`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let ticks = match unsigned.contains(':') {
            true => clock(unsigned)?,
            false => with_unit(unsigned)?,
        };
        let ticks = if negative { -ticks } else { ticks };
        ticks.try_into().ok().map(Self)
    }
}

impl fmt::Display for Timespan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ticks = i128::from(self.0).abs();
        let (day, second) = (i128::from(PER_DAY), i128::from(PER_SECOND));
        if self.0 < 0 {
            f.write_str("-")?;
        }
        if ticks >= day {
            write!(f, "{}.", ticks / day)?;
        }
        let seconds = ticks % day / second;
        write!(
            f,
            "{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )?;
        match ticks % second {
            0 => Ok(()),
            fraction => write!(f, ".{fraction:07}"),
        }
    }
}

impl Serialize for Timespan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The ticks of `[d.]hh:mm[:ss[.fffffff]]`.
fn clock(text: &str) -> Option<i128> {
    let mut parts = text.split(':');
    let (hours, minutes) = (parts.next()?, parts.next()?);
    let (seconds, fraction) = parts
        .next()
        .map_or(("0", ""), |last| last.split_once('.').unwrap_or((last, "0")));
    if parts.next().is_some() {
        return None;
    }
    let (days, hours) = hours.split_once('.').unwrap_or(("0", hours));
    let days = digits(days, 8, i128::MAX)?;
    let whole = digits(hours, 2, 23)? * 3600 + digits(minutes, 2, 59)? * 60 + digits(seconds, 2, 59)?;
    let fraction = match fraction {
        "" => 0,
        _ => digits(&format!("{fraction:0<7}"), 7, i128::MAX)?,
    };
    Some(days * i128::from(PER_DAY) + whole * i128::from(PER_SECOND) + fraction)
}

/// The ticks of a number with a unit.
fn with_unit(text: &str) -> Option<i128> {
    let end = text.find(|next: char| !next.is_ascii_digit() && next != '.')?;
    let (number, unit) = text.split_at(end);
    let ticks: i64 = match unit.trim_start() {
        "d" | "day" | "days" => PER_DAY,
        "h" | "hour" | "hours" => 3600 * PER_SECOND,
        "m" | "minute" | "minutes" => 60 * PER_SECOND,
        "s" | "second" | "seconds" => PER_SECOND,
        "ms" | "millisecond" | "milliseconds" => PER_SECOND / 1_000,
        "microsecond" | "microseconds" => 10,
        "tick" | "ticks" => 1,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = if whole.is_empty() && !fraction.is_empty() {
        "0"
    } else {
        whole
    };
    let whole = digits(whole, 19, i128::MAX)? * i128::from(ticks);
    if fraction.is_empty() {
        return Some(whole);
    }
    let scale = 10_i128.pow(fraction.len().min(20).try_into().ok()?);
    Some(whole + digits(fraction, 20, i128::MAX)? * i128::from(ticks) / scale)
}

/// A number of at least one and at most `longest` digits, up to `most`.
fn digits(text: &str, longest: usize, most: i128) -> Option<i128> {
    let are_digits =
        !text.is_empty() && text.len() <= longest && text.bytes().all(|next| next.is_ascii_digit());
    if !are_digits {
        return None;
    }
    text.parse().ok().filter(|number| *number <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_and_one_is_written() {
        for (text, expect) in [
            ("00:00:00", "00:00:00"),
            ("1:2:3", "01:02:03"),
            ("12:30", "12:30:00"),
            ("-1.02:03:04.0000001", "-1.02:03:04.0000001"),
            ("00:00:00.123", "00:00:00.1230000"),
            ("1d", "1.00:00:00"),
            ("2h", "02:00:00"),
            ("3m", "00:03:00"),
            ("4s", "00:00:04"),
            ("5ms", "00:00:00.0050000"),
            ("1.5h", "01:30:00"),
            ("10675199.02:48:05.4775807", "10675199.02:48:05.4775807"),
            ("-10675199.02:48:05.4775808", "-10675199.02:48:05.4775808"),
            ("10675199.02:48:05.4775808", "refused"),
            ("24:00:00", "refused"),
            ("1:60:00", "refused"),
            ("1:2:3:4", "refused"),
            ("7", "refused"),
            ("d", "refused"),
            ("1.d.2", "refused"),
            ("", "refused"),
            ("a:b:c", "refused"),
            ("-00:00:01", "-00:00:01"),
            ("00:00:00.0000001", "00:00:00.0000001"),
            ("-10675199.02:48:05.4775809", "refused"),
            ("1:2:3.12345678", "refused"),
        ] {
            let read = Timespan::parse(text).map_or("refused".to_owned(), |span| span.to_string());
            assert_eq!(read, expect, "{text}");
        }
    }

    #[test]
    fn s01_w3_lengths_of_time_are_written_in_ticks_and_read_back() {
        for (length, text) in [
            (Duration::from_secs(15), "00:00:15"),
            (Duration::from_secs(3_600), "01:00:00"),
            (Duration::from_millis(1_500), "00:00:01.5000000"),
            (Duration::from_millis(90), "00:00:00.0900000"),
            (Duration::from_secs(86_399), "23:59:59"),
            (Duration::from_secs(86_405), "1.00:00:05"),
        ] {
            assert_eq!(Timespan::saturating_from(length).to_string(), text);
            assert_eq!(
                Timespan::parse(text).and_then(Timespan::to_duration),
                Some(length),
                "{text}"
            );
        }
    }

    #[test]
    fn ticks_of_either_sign_are_written_to_the_last() {
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
            let span = Timespan::from_ticks(ticks);
            assert_eq!(span.to_string(), expect);
            assert_eq!(serde_json::to_value(span).unwrap(), expect);
        }
    }

    #[test]
    fn lengths_are_cut_to_ticks_towards_zero() {
        let ticks = |nanos| Timespan::from_nanoseconds(nanos).map(Timespan::ticks).unwrap();
        assert_eq!((ticks(199), ticks(-199)), (1, -1));
        assert_eq!(
            Timespan::saturating_from(Duration::from_nanos(199)),
            Timespan::from_ticks(1)
        );
    }

    #[test]
    fn what_is_too_long_is_refused_or_the_longest() {
        let longest = i128::from(i64::MAX) * NANOS_PER_TICK;
        assert_eq!(Timespan::from_nanoseconds(longest + 99).unwrap(), Timespan::MAX);
        let refused = Timespan::from_nanoseconds(longest + 100).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
        assert!(Timespan::from_nanoseconds(i128::MIN).is_err());
        assert_eq!(Timespan::saturating_from(Duration::MAX), Timespan::MAX);
        assert_eq!(Timespan::from_ticks(-1).to_duration(), None);
    }
}
