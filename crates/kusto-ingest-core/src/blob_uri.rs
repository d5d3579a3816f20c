//! The address of a blob as Kusto reads it, secrets included, which are shown nowhere.

use std::fmt;

use url::{Host, Url};

use crate::{Error, ErrorKind, Result};

/// The address of a blob in one of the forms that Kusto reads: a URL with a signature, or a URL followed by
/// `;` and a key, a token, `managed_identity=…` or `impersonate`. A service of one's own may also read from a file
/// system: `file:///…`, an absolute path, or a path to another machine (`\\server\share\…`).
///
/// `Debug` and `Display` end before the first `?` or `;`; [`BlobUri::expose`] gives the whole.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BlobUri(String);

impl BlobUri {
    /// Checks the shape of an address and keeps it letter by letter.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when it is neither a URL with a path nor an absolute path to a file, when its
    /// scheme is not one that Kusto reads from, or when it is plain `http` to a host other than a loopback address.
    pub fn parse(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        let refuse =
            |why: &'static str| Error::new(ErrorKind::InvalidInput, "read the blob's address").because(why);
        if is_path(&text) {
            return match is_path_of_file(redacted(&text)) {
                true => Ok(Self(text)),
                false => Err(refuse("it is a path that names no file")),
            };
        }
        // Text that is no URL is not shown at all: it may be anything, a signature too.
        let url = Url::parse(redacted(&text)).map_err(|_| refuse("it is not a URL"))?;
        if url.password().is_some() {
            return Err(refuse(
                "it holds a password; Kusto reads keys after a ';' and signatures after a '?'",
            ));
        }
        let refuse = |why| Err(refuse(why).with("blob", redacted(&text)));
        match url.scheme() {
            "https" | "abfss" | "adl" | "s3" | "file" => {}
            "http" if is_loopback(&url) => {}
            "http" => return refuse("plain http is allowed to loopback addresses only; use https"),
            _ => return refuse("its scheme is not one of https, abfss, adl, s3, file"),
        }
        if url.path().trim_matches('/').is_empty() {
            return refuse("it names no blob");
        }
        Ok(Self(text))
    }

    /// The whole address with its secrets, for the service.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The address without its secrets.
    #[must_use]
    pub fn redacted(&self) -> &str {
        redacted(&self.0)
    }

    /// What stands between `?` and `;`: signatures, too.
    pub(crate) fn query(&self) -> &str {
        let rest = &self.0[self.redacted().len()..];
        let query = rest.strip_prefix('?').unwrap_or_default();
        query.split(';').next().unwrap_or_default()
    }
}

/// An address up to the first `?` or `;`: what may be shown of it.
#[must_use]
pub fn redacted(address: &str) -> &str {
    &address[..address.find(['?', ';']).unwrap_or(address.len())]
}

/// Whether an address is a path on a file system, of whatever kind: absolute (`/data/a.csv`, `C:\data\a.csv`), or to
/// another machine (`\\server\share\a.csv`).
#[must_use]
pub fn is_path(address: &str) -> bool {
    match address.as_bytes() {
        [b'/', ..] | [b'\\', b'\\', ..] => true,
        [drive, b':', b'/' | b'\\', ..] => drive.is_ascii_alphabetic(),
        _ => false,
    }
}

fn is_path_of_file(path: &str) -> bool {
    !path.ends_with(['/', '\\']) && !path.chars().any(char::is_control)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl fmt::Debug for BlobUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BlobUri").field(&self.redacted()).finish()
    }
}

impl fmt::Display for BlobUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_kusto_reads_is_kept_letter_by_letter_and_shown_without_secret() {
        for text in [
            "https://a.blob.core.windows.net/c/b.csv?sv=1&sig=SECRET%3D",
            "https://a.blob.core.windows.net/c/b.csv;SECRETKEY==",
            "abfss://fs@a.dfs.core.windows.net/p;sharedkey=SECRET",
            "http://127.0.0.1:10000/devstoreaccount1/c/b.csv?sig=SECRET",
            "file:///data/b.csv",
            "/data/my b.csv",
            r"C:\data\b.csv",
            r"\\server\share\b.csv;SECRET",
        ] {
            let uri = BlobUri::parse(text).unwrap();
            assert_eq!(uri.expose(), text);
            assert!(!format!("{uri} {uri:?}").contains("SECRET"), "{uri:?}");
        }
    }

    #[test]
    fn other_addresses_are_refused_without_their_secret() {
        for text in [
            "",
            "b.csv",
            "ftp://h/b.csv?sig=SECRET",
            "http://h/b.csv?sig=SECRET",
            "https://me:SECRET@h/b.csv",
            "SECRET",
            "https://h?sig=SECRET",
            "data/b.csv?SECRET",
            "/data/?SECRET",
            r"C:\;SECRET",
            r"\data\b.csv?SECRET",
            "/data/b\nc.csv?SECRET",
        ] {
            let error = BlobUri::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
            assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
        }
    }
}
