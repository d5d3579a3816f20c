//! From the text of a cluster's address to the one `Url` that is checked and that is sent to.

use url::Url;

use crate::error::invalid_data_source as invalid;
use crate::host::check_name;
use crate::{Error, ErrorKind, Result, web_page};

/// Reads the address of a cluster or of one of its services, and changes nothing in it but its spelling.
///
/// Two URL parsers can disagree about the host of one text. What they disagree about (backslashes, user names,
/// characters that are dropped or stand for others) is therefore refused before the text is parsed.
pub(crate) fn address(text: &str) -> Result<Url> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::new(ErrorKind::MissingDataSource, "the address is empty"));
    }
    if let Some(unusable) = text
        .chars()
        .find(|c| c.is_control() || c.is_whitespace() || *c == '\\')
    {
        return Err(invalid(match unusable {
            '\\' => "it contains a backslash",
            _ => "it contains a space or a control character",
        }));
    }
    // By the text, not by trying: a URL parser takes `localhost:8080` for the scheme `localhost`.
    let text = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    let (_, rest) = text.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err(invalid("it names no host"));
    }
    if authority.starts_with('@') {
        return Err(invalid(
            "the shorthand `@cluster/database` is known to tools only; write the address",
        ));
    }
    if authority.contains('@') {
        return Err(invalid("it contains a user name"));
    }
    // `https:/help` would otherwise be the host `https`.
    if authority.ends_with(':') {
        return Err(invalid(
            "it has a colon without a port; a scheme is followed by `://`",
        ));
    }
    if let Some(unusable) = authority.chars().find(|c| !c.is_ascii() || *c == '%') {
        return Err(invalid(match unusable {
            '%' => "its host contains a percent escape",
            _ => "its host contains letters beyond ASCII; an international name is written as `xn--…`",
        }));
    }
    let url = Url::parse(&text).map_err(|_| invalid("it is not a URL"))?;
    web_page::refuse(&url)?;
    check_shape(&url)?;
    Ok(url)
}

/// Refuses a URL that is not the plain address of a service.
pub(crate) fn check_shape(url: &Url) -> Result<()> {
    if !matches!(url.scheme(), "https" | "http") {
        return Err(invalid("its scheme is neither https nor http"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("it contains a user name"));
    }
    if url.query().is_some() {
        return Err(invalid("it contains a query"));
    }
    if url.fragment().is_some() {
        return Err(invalid("it contains a fragment"));
    }
    if url.port() == Some(0) {
        return Err(invalid("nothing listens on port 0"));
    }
    match url.domain() {
        Some(name) => check_name(name),
        None => Ok(()),
    }
}

/// Takes the database off the address of a cluster, as in `https://help.kusto.windows.net/Samples`.
///
/// A path of more than one segment belongs to a proxy and is kept.
pub(crate) fn split_catalog(mut url: Url) -> Result<(Url, Option<String>)> {
    let path = url.path().trim_end_matches('/').to_owned();
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let catalog = match (segments.next(), segments.next()) {
        (Some(only), None) => Some(percent_decoded(only)?),
        _ => None,
    };
    url.set_path(if catalog.is_some() { "" } else { &path });
    Ok((url, catalog))
}

/// The address as it is written by hand: without the slash that stands for an empty path.
pub(crate) fn written(url: &Url) -> &str {
    match url.path() {
        "/" => url.as_str().trim_end_matches('/'),
        _ => url.as_str(),
    }
}

fn percent_decoded(text: &str) -> Result<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        match tail {
            [high, low, after @ ..]
                if *first == b'%' && high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                decoded.push(digit(*high) << 4 | digit(*low));
                rest = after;
            }
            _ => {
                decoded.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(decoded).map_err(|_| invalid("the database in its path is not text"))
}

fn digit(hexadecimal: u8) -> u8 {
    match hexadecimal {
        b'0'..=b'9' => hexadecimal - b'0',
        _ => (hexadecimal | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_parsers_disagree_about_is_refused() {
        for text in [
            "https:///evil.com",
            "https:////evil.com",
            "https://",
            "https://@evil.com",
            "https://h.net\t.evil.com",
            "https://h\n.net",
            "https://h.net;Fed=true",
            "https://a..b",
            "https://h\u{3000}.net",
            "foo/bar?u=http://x",
            "http:/h",
            "https://h.net:99999",
            "https://evil.com\u{3002}kusto.windows.net",
            "https://\u{ff48}elp.kusto.windows.net",
            "https://help.kusto.windows.net%2eevil.com",
            "https://[::1%25eth0]",
            "https://h.net:443:80",
            "https://h.net:0",
            "https:h.net",
            "//h.net/x",
        ] {
            assert_eq!(
                address(text).unwrap_err().kind(),
                ErrorKind::InvalidDataSource,
                "{text:?}"
            );
        }
    }

    #[test]
    fn percent_escapes_become_text_and_stray_percents_stay() {
        for (path, catalog) in [
            ("My%20Db", "My Db"),
            ("100%", "100%"),
            ("%c3%A9%2F", "é/"),
            ("%zz", "%zz"),
        ] {
            assert_eq!(percent_decoded(path).unwrap(), catalog);
        }
        assert!(percent_decoded("%ff").is_err());
    }
}
