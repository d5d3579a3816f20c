//! Datetimes, in the formats that Kusto reads: ISO 8601, RFC 822, RFC 850, and slashes.

use kusto_ingest_core::Timestamp;
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// Reads a date, with a time and a zone or without; without a zone it is UTC.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let mut scan = Scan(text.trim());
    let date = date(&mut scan)?;
    let is_time = scan.eat(['T', 't']) || (scan.blanks() && scan.starts_with(|next| next.is_ascii_digit()));
    let time = if is_time { time(&mut scan)? } else { Time::MIDNIGHT };
    let offset = zone(&mut scan)?;
    if !scan.0.is_empty() || date.year() < 1 {
        return None;
    }
    let at = OffsetDateTime::new_in_offset(date, time, offset).checked_to_offset(UtcOffset::UTC)?;
    (1..=9999)
        .contains(&at.year())
        .then(|| Timestamp::from_datetime(at))
}

/// The moment so many ticks of 100 ns after 1970.
pub(crate) fn with_ticks(ticks: i128) -> Option<Timestamp> {
    let at = OffsetDateTime::from_unix_timestamp_nanos(ticks.checked_mul(100)?).ok()?;
    (1..=9999)
        .contains(&at.year())
        .then(|| Timestamp::from_datetime(at))
}

/// `2012-01-31`, `2012/1/31`, `1/31/2012`, `[Tue, ]31 Jan 2012` or `[Tuesday, ]31-Jan-12`.
fn date(scan: &mut Scan<'_>) -> Option<Date> {
    if scan.starts_with(|next| next.is_ascii_alphabetic()) {
        weekday(scan)?;
    }
    let (first, length) = scan.number(4)?;
    let separator = ['-', '/', ' ']
        .into_iter()
        .find(|next| scan.0.starts_with(*next))?;
    scan.eat([separator]);
    if scan.starts_with(|next| next.is_ascii_alphabetic()) && length <= 2 && separator != '/' {
        let month = month(scan.word())?;
        scan.eat([separator]).then_some(())?;
        let year = match scan.number(4)? {
            (year, 4) => year,
            (year, 2) if year < 50 => year + 2000,
            (year, 2) => year + 1900,
            _ => return None,
        };
        return calendar(year, month, first);
    }
    let (second, _) = scan.number(2)?;
    scan.eat([separator]).then_some(())?;
    let (third, last) = scan.number(4)?;
    match (length, last, separator) {
        (4, 1..=2, '-' | '/') => calendar(first, second, third),
        (1..=2, 4, '/') => calendar(third, first, second),
        _ => None,
    }
}

/// `h:mm[:ss[.f…]][ AM| PM]`; digits beyond a tick are cut off.
fn time(scan: &mut Scan<'_>) -> Option<Time> {
    let (mut hour, _) = scan.number(2)?;
    scan.eat([':']).then_some(())?;
    let (minute, _) = scan.number(2)?;
    let (mut second, mut ticks) = (0, 0);
    if scan.eat([':']) {
        second = scan.number(2)?.0;
        if scan.eat(['.', ',']) {
            ticks = scan.fraction()?;
        }
    }
    scan.blanks();
    let noon = match scan.0.get(..2) {
        Some(half) if half.eq_ignore_ascii_case("AM") => Some(0),
        Some(half) if half.eq_ignore_ascii_case("PM") => Some(12),
        _ => None,
    };
    if let Some(noon) = noon {
        (1..=12).contains(&hour).then_some(())?;
        hour = hour % 12 + noon;
        scan.0 = &scan.0[2..];
    }
    let small = |number: u32| u8::try_from(number).ok();
    Time::from_hms_nano(small(hour)?, small(minute)?, small(second)?, ticks * 100).ok()
}

/// `Z`, `GMT`, `UTC`, `±hh`, `±hhmm`, `±hh:mm`, or nothing, which is UTC.
fn zone(scan: &mut Scan<'_>) -> Option<UtcOffset> {
    scan.blanks();
    let sign = match scan.0.chars().next() {
        Some('+') => 1,
        Some('-') => -1,
        _ => {
            let word = scan.word();
            let known = ["", "Z", "GMT", "UTC"]
                .iter()
                .any(|zone| zone.eq_ignore_ascii_case(word));
            return known.then_some(UtcOffset::UTC);
        }
    };
    scan.eat(['+', '-']);
    let (hours, length) = scan.number(2)?;
    let minutes = match scan.eat([':']) {
        false if scan.0.is_empty() => 0,
        _ => scan.number(2).filter(|(_, length)| *length == 2)?.0,
    };
    if length != 2 || hours > 14 || minutes > 59 {
        return None;
    }
    UtcOffset::from_whole_seconds(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?).ok()
}

fn weekday(scan: &mut Scan<'_>) -> Option<()> {
    const DAYS: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let word = scan.word().to_ascii_lowercase();
    DAYS.iter().find(|day| **day == word || day[..3] == word)?;
    scan.eat([',']);
    scan.blanks();
    Some(())
}

fn month(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let at = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(word))?;
    u32::try_from(at + 1).ok()
}

fn calendar(year: u32, month: u32, day: u32) -> Option<Date> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(year.try_into().ok()?, month, day.try_into().ok()?).ok()
}

/// What is left of the text.
struct Scan<'a>(&'a str);

impl<'a> Scan<'a> {
    fn starts_with(&self, is: impl Fn(char) -> bool) -> bool {
        self.0.starts_with(is)
    }

    fn eat<const N: usize>(&mut self, any: [char; N]) -> bool {
        let rest = self.0.strip_prefix(any);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Whether there were any.
    fn blanks(&mut self) -> bool {
        let rest = self.0.trim_start_matches(' ');
        let any = rest.len() < self.0.len();
        self.0 = rest;
        any
    }

    fn word(&mut self) -> &'a str {
        self.take(usize::MAX, |next| next.is_ascii_alphabetic())
    }

    /// A number of at most `longest` digits, and how many it had.
    fn number(&mut self, longest: usize) -> Option<(u32, usize)> {
        let digits = self.take(longest, |next| next.is_ascii_digit());
        Some((digits.parse().ok()?, digits.len()))
    }

    /// The ticks that digits behind a point mean.
    fn fraction(&mut self) -> Option<u32> {
        let digits = self.take(usize::MAX, |next| next.is_ascii_digit());
        let seven = digits.get(..7).unwrap_or(digits);
        if seven.is_empty() {
            return None;
        }
        let ticks: u32 = seven.parse().ok()?;
        Some(ticks * 10_u32.pow(7 - u32::try_from(seven.len()).ok()?))
    }

    fn take(&mut self, longest: usize, is: impl Fn(u8) -> bool) -> &'a str {
        let end = self.0.bytes().take(longest).take_while(|next| is(*next)).count();
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_that_kusto_documents_is_read() {
        for (text, expect) in [
            ("2014-05-25T08:20:03.123456Z", "2014-05-25T08:20:03.1234560Z"),
            ("2014-05-25T08:20", "2014-05-25T08:20:00.0000000Z"),
            ("2014-11-08 15:55:55.123456Z", "2014-11-08T15:55:55.1234560Z"),
            ("2014-11-08 15:55", "2014-11-08T15:55:00.0000000Z"),
            ("2014-11-08", "2014-11-08T00:00:00.0000000Z"),
            ("Sat, 8 Nov 14 15:05:02 GMT", "2014-11-08T15:05:02.0000000Z"),
            ("8 Nov 14 15:05", "2014-11-08T15:05:00.0000000Z"),
            ("Saturday, 08-Nov-14 15:05:02 GMT", "2014-11-08T15:05:02.0000000Z"),
            ("08-Nov-14 15:05:02", "2014-11-08T15:05:02.0000000Z"),
            ("2014-11-08 15:05:25 GMT", "2014-11-08T15:05:25.0000000Z"),
            ("2012/01/01", "2012-01-01T00:00:00.0000000Z"),
            ("2012/1/9 3:04", "2012-01-09T03:04:00.0000000Z"),
            ("1/31/2012 11:30:00 PM", "2012-01-31T23:30:00.0000000Z"),
            ("2026-01-02T03:04:05+01:00", "2026-01-02T02:04:05.0000000Z"),
            ("2026-01-02T03:04:05-0130", "2026-01-02T04:34:05.0000000Z"),
            ("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.1234567Z"),
            ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"),
            ("2012-01-01Z", "2012-01-01T00:00:00.0000000Z"),
        ] {
            assert_eq!(
                parse(text).map(|at| at.to_string()).as_deref(),
                Some(expect),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "yesterday",
            "2012",
            "2012-13-01",
            "2012-02-30",
            "31/12/2012",
            "12:30:00",
            "0000-01-01",
            "1-2-3",
            "2012-01-01T",
            "2012-01-01T25:00",
            "2012-01-01 x",
            "9999-12-31T23:59:59-01:00",
            "2012-01-01T10:00+1",
            "0001-01-01T00:00:00+01:00",
            "2012-01-01T10:00:00.",
            "2012-01-01T10:00 EST",
            "1.5",
            "20120101",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
