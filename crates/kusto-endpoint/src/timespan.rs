//! How Kusto writes a length of time: `[d.]hh:mm:ss[.fffffff]`.

use std::time::Duration;

const TICKS_PER_SECOND: u64 = 10_000_000;

/// Writes a length of time as Kusto reads it, in ticks of 100 ns; what is finer is cut off.
#[must_use]
pub fn timespan(length: Duration) -> String {
    let (seconds, ticks) = (length.as_secs(), length.subsec_nanos() / 100);
    let (days, seconds) = (seconds / 86_400, seconds % 86_400);
    let mut text = if days > 0 {
        format!("{days}.")
    } else {
        String::new()
    };
    text.push_str(&format!(
        "{:02}:{:02}:{:02}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    ));
    if ticks > 0 {
        text.push_str(&format!(".{ticks:07}"));
    }
    text
}

/// Reads a length of time as Kusto writes it; `None` when the text is none, or is negative.
#[must_use]
pub fn parse_timespan(text: &str) -> Option<Duration> {
    let mut parts = text.trim().split(':');
    let (first, minutes, last) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (days, hours) = first.split_once('.').unwrap_or(("0", first));
    let (seconds, fraction) = last.split_once('.').unwrap_or((last, ""));
    let (hours, minutes, seconds) = (number(hours, 24)?, number(minutes, 60)?, number(seconds, 60)?);
    let whole = number(days, 10_675_200)? * 86_400 + hours * 3_600 + minutes * 60 + seconds;
    Some(Duration::from_secs(whole) + Duration::from_nanos(ticks(fraction)? * 100))
}

/// Ticks as Kusto sometimes writes a timespan: a plain number.
pub(crate) fn timespan_of_ticks(ticks: i64) -> String {
    let size = ticks.unsigned_abs();
    let length =
        Duration::from_secs(size / TICKS_PER_SECOND) + Duration::from_nanos(size % TICKS_PER_SECOND * 100);
    let sign = if ticks < 0 { "-" } else { "" };
    format!("{sign}{}", timespan(length))
}

fn number(text: &str, bound: u64) -> Option<u64> {
    let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| all_digits && *number < bound)
}

/// The fraction `5` is half a second, not five ticks.
fn ticks(fraction: &str) -> Option<u64> {
    if fraction.is_empty() {
        return Some(0);
    }
    if fraction.len() > 7 {
        return None;
    }
    number(&format!("{fraction:0<7}"), TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s01_w3_lengths_of_time_are_written_in_ticks_and_read_back() {
        for (length, text) in [
            (Duration::from_secs(15), "00:00:15"),
            (Duration::from_secs(3_600), "01:00:00"),
            (Duration::from_millis(1_500), "00:00:01.5000000"),
            (Duration::from_millis(90), "00:00:00.0900000"),
            (Duration::from_secs(86_405), "1.00:00:05"),
        ] {
            assert_eq!(timespan(length), text);
            assert_eq!(parse_timespan(text), Some(length), "{text}");
        }
        assert_eq!(parse_timespan("00:00:01.5"), Some(Duration::from_millis(1_500)));
    }

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        for text in [
            "",
            "10",
            "00:10",
            "-00:00:01",
            "00:60:00",
            "a:b:c",
            "00:00:00.12345678",
            "1:2:3:4",
        ] {
            assert_eq!(parse_timespan(text), None, "{text}");
        }
    }

    #[test]
    fn ticks_keep_their_sign() {
        assert_eq!(timespan_of_ticks(-15_000_000), "-00:00:01.5000000");
        assert_eq!(timespan_of_ticks(864_000_000_000), "1.00:00:00");
    }
}
