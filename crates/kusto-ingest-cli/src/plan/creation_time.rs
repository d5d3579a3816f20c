//! When data was created, as the path of a source tells it.

mod format;
mod strftime;

use kusto_ingest::clock::Timestamp;

use regex_lite::Regex;

use crate::args::BackfillArgs;
use crate::report::CommandError;
use format::Format;

/// Where in a path the time stands, and how it is written.
///
/// Three ways to write it: `prefix{yyyy/MM/dd}suffix`; as LightIngest has it, `'prefix'yyyy/MM/dd'suffix'`; and a regular
/// expression with a format of `strftime`. The time is read as UTC unless it says otherwise.
#[derive(Debug)]
pub(crate) struct CreationTimePattern {
    place: Place,
    format: Format,
}

/// Where in a path the time stands.
#[derive(Debug)]
enum Place {
    Between { prefix: String, suffix: String },
    Matched(Regex),
}

impl CreationTimePattern {
    /// What the arguments say, where they say it.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub(crate) fn of(args: &BackfillArgs) -> Result<Option<Self>, CommandError> {
        match (&args.creation_time_pattern, &args.creation_time_regex) {
            (Some(pattern), _) => Self::parse(pattern).map(Some),
            (None, Some(regex)) => {
                Self::matched(regex, args.creation_time_format.as_deref().unwrap_or_default()).map(Some)
            }
            (None, None) => Ok(None),
        }
    }

    fn matched(regex: &str, format: &str) -> Result<Self, CommandError> {
        let refused = |name: &str, text: &str, why: &str| {
            CommandError::usage(format!(
                "--creation-time-{name} {text:?} cannot be used: {why}; write --creation-time-regex '/dt=(?P<t>[^/]+)/' \
                 --creation-time-format '%Y-%m-%d'"
            ))
        };
        let place = Regex::new(regex).map_err(|error| refused("regex", regex, &error.to_string()))?;
        if place.captures_len() < 2 {
            return Err(refused("regex", regex, "it has no group"));
        }
        let parsed = strftime::as_dotnet(format).and_then(|format| Format::parse(&format));
        Ok(Self {
            place: Place::Matched(place),
            format: parsed.map_err(|why| refused("format", format, &why))?,
        })
    }

    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    fn parse(text: &str) -> Result<Self, CommandError> {
        let refused = |why: &str| {
            CommandError::usage(format!(
                "--creation-time-pattern {text:?} cannot be used: {why}; write 'folder/{{yyyy/MM/dd}}/', or \
                 \"'folder/'yyyy/MM/dd'/'\""
            ))
        };
        let is_braced = text.contains('{') && text.contains('}');
        let (prefix, format, suffix) = match is_braced {
            true => {
                let (prefix, rest) = text.split_once('{').ok_or_else(|| refused("it has no braces"))?;
                let (format, suffix) = rest
                    .rsplit_once('}')
                    .ok_or_else(|| refused("a brace is not closed"))?;
                (prefix, format, suffix)
            }
            false => {
                let parts: Vec<&str> = text.split('\'').filter(|part| !part.is_empty()).collect();
                match parts.as_slice() {
                    [prefix, format, suffix] => (*prefix, *format, *suffix),
                    _ => return Err(refused("it is not made of a prefix, a format and a suffix")),
                }
            }
        };
        Ok(Self {
            place: Place::Between {
                prefix: prefix.to_owned(),
                suffix: suffix.to_owned(),
            },
            format: Format::parse(format).map_err(|why| refused(&why))?,
        })
    }

    /// The time in a path or address; none where it is not there.
    pub(crate) fn time_in(&self, path: &str) -> Option<Timestamp> {
        let (prefix, suffix) = match &self.place {
            Place::Between { prefix, suffix } => (prefix, suffix),
            Place::Matched(regex) => {
                let found = regex.captures(path)?;
                let time = found.name("t").or_else(|| found.get(1))?;
                return self.format.read_all(time.as_str());
            }
        };
        let mut from = 0;
        while let Some(hit) = path.get(from..)?.find(prefix) {
            let begin = from + hit + prefix.len();
            if let Some(time) = self.format.read(&path[begin..], suffix) {
                return Some(time);
            }
            // The next character, which may be of several bytes.
            from += hit + path[from + hit..].chars().next()?.len_utf8();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(pattern: &str, path: &str) -> Option<String> {
        let pattern = CreationTimePattern::parse(pattern).unwrap();
        pattern
            .time_in(path)
            .map(|time| time.to_string()[..19].to_owned())
    }

    #[test]
    fn the_documented_patterns_of_lightingest_are_read() {
        for (pattern, path, expect) in [
            (
                "'historicalvalues'yyyyMMdd'.parquet'",
                "https://a.blob.core.windows.net/c/historicalvalues19840101.parquet",
                "1984-01-01T00:00:00",
            ),
            (
                "'https://storageaccount/mycontainer/myfolder/'yyyy/MM/dd'/'",
                "https://storageaccount/mycontainer/myfolder/2002/12/01/blobname.extension",
                "2002-12-01T00:00:00",
            ),
            (
                "'mycontainer/myfolder/'yyyy/MM/dd/HH'/'",
                "https://h/mycontainer/myfolder/2020/02/29/13/a.csv.gz",
                "2020-02-29T13:00:00",
            ),
        ] {
            assert_eq!(time(pattern, path).as_deref(), Some(expect), "{pattern}");
        }
    }

    #[test]
    fn braces_may_stand_alone_and_widths_may_vary() {
        for (pattern, path, expect) in [
            (
                "myfolder/{yyyy/MM/dd}/",
                "x/myfolder/2026/01/31/a.csv",
                Some("2026-01-31T00:00:00"),
            ),
            ("{yyyy-MM-dd}", "logs-2026-01-31.csv", Some("2026-01-31T00:00:00")),
            ("d={yyyy-M-d}/", "d=2026-1-9/a.csv", Some("2026-01-09T00:00:00")),
            ("d={yyyy-M-d}/", "d=2026-11-30/a.csv", Some("2026-11-30T00:00:00")),
            (
                "{yyyyMMdd_HHmmss}",
                "a_20260131_235958.csv",
                Some("2026-01-31T23:59:58"),
            ),
            ("{yyyy'T'MM}x", "2026T03x", Some("2026-03-01T00:00:00")),
            ("{ddMMMyyyy}", "a31Jan2026", Some("2026-01-31T00:00:00")),
            (
                "{MMMM d, yyyy h tt}",
                "at March 3, 2026 12 AM.csv",
                Some("2026-03-03T00:00:00"),
            ),
            (
                "{yyyy-MM-ddTHH:mm:ssK}",
                "2026-01-01T01:00:00+02:00",
                Some("2025-12-31T23:00:00"),
            ),
            ("{yyMMdd}.csv", "260131.csv", Some("2026-01-31T00:00:00")),
            // The first hit of the prefix holds no time; the second does.
            ("f/{yyyy}/", "f/f/2026/", Some("2026-01-01T00:00:00")),
            ("d={yyyy-MM-dd}/", "d=2026-02-30/a.csv", None),
            ("d={yyyy-MM-dd}/", "d=2026-01-31.csv", None),
            ("d={yyyy-MM-dd}/", "other", None),
        ] {
            assert_eq!(time(pattern, path).as_deref(), expect, "{pattern} in {path}");
        }
    }

    #[test]
    fn a_regular_expression_finds_the_time_and_a_format_reads_all_of_it() {
        for (regex, format, path, expect) in [
            (
                "dt=(?P<t>[^/]+)/",
                "%Y-%m-%d",
                "x/dt=2026-01-31/a.csv",
                Some("2026-01-31T00:00:00"),
            ),
            (
                "(x)/(?P<t>\\d+)",
                "%Y%m%d",
                "x/20260131",
                Some("2026-01-31T00:00:00"),
            ),
            (
                "_(\\d{8}_\\d{2})",
                "%Y%m%d_%H",
                "a_20260131_23.csv",
                Some("2026-01-31T23:00:00"),
            ),
            ("dt=([^/]+)/", "%Y-%m-%d", "x/dt=2026-01-31-2/a.csv", None),
            ("dt=([^/]+)/", "%Y-%m-%d", "x/a.csv", None),
        ] {
            let pattern = CreationTimePattern::matched(regex, format).unwrap();
            let time = pattern
                .time_in(path)
                .map(|time| time.to_string()[..19].to_owned());
            assert_eq!(time.as_deref(), expect, "{regex} {format} {path}");
        }
        for (regex, format, why) in [
            ("(", "%Y", "--creation-time-regex"),
            ("\\d+", "%Y", "it has no group"),
            ("(\\d+)", "%m", "it has no year"),
            ("(\\d+)", "%Y%j", "%j is not read"),
        ] {
            let error = CreationTimePattern::matched(regex, format).unwrap_err();
            assert!(error.message.contains(why), "{error:?}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_what_is_right() {
        for (pattern, why) in [
            ("yyyy", "a prefix, a format and a suffix"),
            ("'a'yyyy", "a prefix, a format and a suffix"),
            ("a{MM/dd}", "no year"),
            ("a{yyyy/QQ}", "'QQ'"),
            ("a{}", "no year"),
        ] {
            let error = CreationTimePattern::parse(pattern).unwrap_err();
            assert!(
                error.message.contains(why) && error.message.contains("{yyyy/MM/dd}"),
                "{error:?}"
            );
        }
    }
}
