//! How long a service asks to wait before another try, read from the headers of its answer.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// The longest wait that a service may ask for. A longer one is cut to it.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// How long an answer asks to wait, five minutes at most; `None` where it does not ask, or not in a way that is known.
///
/// `header` gives the value of a header by its name in small letters. The headers are, the first that can be read:
/// `x-ms-retry-after-ms` and `retry-after-ms` in milliseconds, `retry-after` in seconds or as an HTTP date. A date is
/// by the clock of the service, so it counts from the answer's own `date`, and our clock may be wrong.
pub fn retry_after<'h>(header: impl Fn(&'static str) -> Option<&'h str>) -> Option<Duration> {
    let number = |name| header(name)?.trim().parse::<u64>().ok();
    let date = |name| OffsetDateTime::parse(header(name)?.trim(), &Rfc2822).ok();
    let until_date = || {
        let wait = date("retry-after")? - date("date")?;
        // What has passed already is no wait.
        Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
    };
    number("x-ms-retry-after-ms")
        .or_else(|| number("retry-after-ms"))
        .map(Duration::from_millis)
        .or_else(|| number("retry-after").map(Duration::from_secs))
        .or_else(until_date)
        .map(|wait| wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_and_the_finest_counts() {
        let date = ("date", "Mon, 23 Nov 2026 10:00:00 GMT");
        for (headers, expect) in [
            (vec![("retry-after", "7")], Some(7_000)),
            (vec![("retry-after", " 7 ")], Some(7_000)),
            (vec![("retry-after-ms", "250")], Some(250)),
            (vec![("x-ms-retry-after-ms", "1500")], Some(1_500)),
            (vec![("retry-after", "7"), ("retry-after-ms", "250")], Some(250)),
            (
                vec![("retry-after-ms", "250"), ("x-ms-retry-after-ms", "100")],
                Some(100),
            ),
            (
                vec![("retry-after-ms", "soon"), ("retry-after", "7")],
                Some(7_000),
            ),
            (
                vec![date, ("retry-after", "Mon, 23 Nov 2026 10:00:07 GMT")],
                Some(7_000),
            ),
            (
                vec![date, ("retry-after", "Mon, 23 Nov 2026 09:00:00 GMT")],
                Some(0),
            ),
            (
                vec![date, ("retry-after", "Mon, 23 Nov 2027 10:00:00 GMT")],
                Some(300_000),
            ),
            (vec![("retry-after", "Mon, 23 Nov 2026 10:00:07 GMT")], None),
            (vec![("retry-after", "18446744073709551615")], Some(300_000)),
            (vec![("retry-after", "-1")], None),
            (vec![("retry-after", "soon")], None),
            (vec![date], None),
        ] {
            let header = |name| {
                headers
                    .iter()
                    .find_map(|(known, value)| (*known == name).then_some(*value))
            };
            assert_eq!(
                retry_after(header),
                expect.map(Duration::from_millis),
                "{headers:?}"
            );
        }
    }
}
