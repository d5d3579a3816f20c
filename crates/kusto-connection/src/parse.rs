//! From the text of a connection string to its segments, and from those to a [`ConnectionString`].

use std::str::FromStr;

use crate::connection::Value;
use crate::{ConnectionString, Error, ErrorKind, Keyword, Result, Secret, data_source, keyword};

/// The longest connection string that is read, in bytes: 64 KiB, which leaves room for certificates.
///
/// It holds for the text that is given and for the text that it would be rendered as, so that what was read once
/// can be read again.
pub const MAX_LENGTH: usize = 64 * 1024;

impl ConnectionString {
    /// Reads a connection string, or the bare address of a cluster.
    ///
    /// ```
    /// use kusto_connection::ConnectionString;
    ///
    /// let connection = ConnectionString::parse("https://help.kusto.windows.net/Samples; Fed=true")?;
    /// assert_eq!(connection.data_source().as_str(), "https://help.kusto.windows.net/");
    /// assert_eq!(connection.initial_catalog(), Some("Samples"));
    /// # Ok::<(), kusto_connection::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        let too_long = || Error::new(ErrorKind::TooLong, "it is longer than 64 KiB");
        if text.len() > MAX_LENGTH {
            return Err(too_long());
        }
        if text.trim().is_empty() {
            return Err(Error::new(ErrorKind::Empty, "it is empty"));
        }
        let (values, duplicates) = collect(text)?;
        let (index, address) = values.data_source.ok_or_else(|| {
            Error::new(ErrorKind::MissingDataSource, "it names no cluster").about(Keyword::DataSource)
        })?;
        let here = |error: Error| error.at_segment(index).about(Keyword::DataSource);
        let (url, database) = data_source::address(&address)
            .and_then(data_source::split_catalog)
            .map_err(here)?;
        let mut connection = Self::at(url, database);
        for (keyword, value) in values.others {
            connection.set(keyword, Some(value));
        }
        connection.duplicates = duplicates;
        if connection.rendered_length() > MAX_LENGTH {
            return Err(too_long());
        }
        Ok(connection)
    }
}

impl FromStr for ConnectionString {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

/// One `keyword=value`. The index of the first segment is 1, and blank segments count.
struct Segment<'a> {
    index: usize,
    key: &'a str,
    value: Raw<'a>,
}

/// A value as it stands in the text.
enum Raw<'a> {
    Plain(&'a str),
    /// What stands between two quotes, in which the quote itself is doubled.
    Quoted(&'a str, char),
}

impl Raw<'_> {
    fn unquoted(&self) -> Secret {
        Secret::new(match *self {
            Self::Plain(text) => text.to_owned(),
            Self::Quoted(text, quote) => text.replace(&format!("{quote}{quote}"), &quote.to_string()),
        })
    }
}

#[derive(Default)]
struct Values {
    data_source: Option<(usize, String)>,
    others: Vec<(Keyword, Value)>,
}

/// Reads every segment. The last of several values of a keyword wins, and an empty one means that it is not set.
fn collect(text: &str) -> Result<(Values, Vec<Keyword>)> {
    let mut values = Values::default();
    let mut seen = Vec::new();
    let mut duplicates = Vec::new();
    let mut previous = None;
    let segments = Segments {
        rest: Some(text),
        index: 0,
        first: true,
    };
    for segment in segments {
        let segment = segment?;
        let Some(keyword) = identify(&segment, previous)? else {
            continue;
        };
        if seen.contains(&keyword) && !duplicates.contains(&keyword) {
            duplicates.push(keyword);
        }
        seen.push(keyword);
        previous = Some(keyword);

        values.others.retain(|(other, _)| *other != keyword);
        let value = segment.value.unquoted();
        match keyword {
            Keyword::DataSource => values.data_source = Some((segment.index, value.expose().to_owned())),
            _ if value.expose().is_empty() => {}
            _ => values
                .others
                .push((keyword, typed(keyword, value, segment.index)?)),
        }
    }
    Ok((values, duplicates))
}

/// The keyword of a segment; none for one that is not supported and asks for nothing, such as `EnforceMfa=False`.
fn identify(segment: &Segment<'_>, previous: Option<Keyword>) -> Result<Option<Keyword>> {
    let refused = |kind, reason| Err(Error::new(kind, reason).at_segment(segment.index));
    let value = segment.value.unquoted();
    let says_off = value.expose().is_empty() || flag(value.expose()) == Some(false);
    match Keyword::find(segment.key) {
        Some(keyword) if keyword.is_supported() => Ok(Some(keyword)),
        Some(keyword) if says_off && (keyword.is_flag() || value.expose().is_empty()) => Ok(None),
        Some(keyword) => {
            let reason = format!("`{keyword}` is not supported, and ignoring it could do harm");
            refused(ErrorKind::UnsupportedKeyword, reason).map_err(|error| error.about(keyword))
        }
        None => match keyword::hint(segment.key) {
            Some(_) if says_off => Ok(None),
            Some(hint) => refused(
                ErrorKind::UnsupportedKeyword,
                format!("a keyword is not supported: {hint}"),
            ),
            None if may_be_shown(segment.key, value.expose(), previous) => refused(
                ErrorKind::UnknownKeyword,
                format!("`{}` is not a keyword", segment.key),
            ),
            None => refused(ErrorKind::UnknownKeyword, "a keyword is unknown".to_owned()),
        },
    }
}

/// Whether an unknown keyword can be shown: it looks like one, and is neither the tail of a secret that holds a
/// semicolon nor base64, which ends in `=` where a keyword has a value.
fn may_be_shown(key: &str, value: &str, previous: Option<Keyword>) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_');
    !previous.is_some_and(Keyword::is_secret)
        && !value.trim_start_matches('=').is_empty()
        && key.len() <= 64
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(word)
}

fn typed(keyword: Keyword, value: Secret, index: usize) -> Result<Value> {
    if keyword.is_secret() {
        return Ok(Value::Secret(value));
    }
    if !keyword.is_flag() {
        return Ok(Value::Text(value.expose().to_owned()));
    }
    let flag = flag(value.expose()).ok_or_else(|| {
        let reason = format!("the value of `{keyword}` is neither true nor false");
        Error::new(ErrorKind::InvalidBool, reason)
            .at_segment(index)
            .about(keyword)
    })?;
    Ok(Value::Flag(flag))
}

/// What a text says that is true or false.
fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// The segments of a connection string, without the blank ones.
struct Segments<'a> {
    rest: Option<&'a str>,
    index: usize,
    first: bool,
}

impl<'a> Iterator for Segments<'a> {
    type Item = Result<Segment<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let text = self.rest.take()?;
            self.index += 1;
            let plain = text.split(';').next().unwrap_or_default();
            if plain.trim().is_empty() {
                self.rest = text.get(plain.len() + 1..);
                continue;
            }
            let first = std::mem::take(&mut self.first);
            return Some(
                self.segment(text, plain, first)
                    .map_err(|error| error.at_segment(self.index)),
            );
        }
    }
}

impl<'a> Segments<'a> {
    /// Reads the segment at the start of `text`; `plain` is what it is if a semicolon in it is not quoted.
    fn segment(&mut self, text: &'a str, plain: &'a str, first: bool) -> Result<Segment<'a>> {
        if first && (!plain.contains('=') || starts_with_scheme(plain.trim_start())) {
            self.rest = text.get(plain.len() + 1..);
            return Ok(Segment {
                index: self.index,
                key: Keyword::DataSource.name(),
                value: Raw::Plain(plain.trim()),
            });
        }
        let Some((key, _)) = plain.split_once('=') else {
            return Err(Error::new(
                ErrorKind::MissingEquals,
                "a segment is not of the form `keyword=value`",
            ));
        };
        let tail = text[key.len() + 1..].trim_start();
        let (value, rest) = match tail.chars().next() {
            Some(quote @ ('"' | '\'')) => quoted(&tail[1..], quote)?,
            _ => match tail.split_once(';') {
                Some((value, rest)) => (Raw::Plain(value.trim_end()), Some(rest)),
                None => (Raw::Plain(tail.trim_end()), None),
            },
        };
        self.rest = rest;
        Ok(Segment {
            index: self.index,
            key: key.trim(),
            value,
        })
    }
}

/// Whether `text` starts with `scheme://`: an address may contain `=`, and is none the less no keyword.
fn starts_with_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once("://") else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-'))
}

/// Reads a quoted value whose opening quote is gone, and what follows it.
fn quoted(text: &str, quote: char) -> Result<(Raw<'_>, Option<&str>)> {
    let mut from = 0;
    loop {
        let Some(found) = text[from..].find(quote) else {
            return Err(Error::new(
                ErrorKind::UnterminatedQuote,
                "a quoted value has no closing quote",
            ));
        };
        let end = from + found;
        if text[end + 1..].starts_with(quote) {
            from = end + 2;
            continue;
        }
        let after = text[end + 1..].trim_start();
        let rest = match after.strip_prefix(';') {
            Some(rest) => Some(rest),
            None if after.is_empty() => None,
            None => {
                let reason = "something follows a closing quote; a quote inside a value is doubled";
                return Err(Error::new(ErrorKind::TrailingAfterQuote, reason));
            }
        };
        return Ok((Raw::Quoted(&text[..end], quote), rest));
    }
}
