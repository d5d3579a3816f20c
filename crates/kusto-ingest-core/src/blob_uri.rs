//! The address of a blob as Kusto reads it, secrets included, which are shown nowhere.

mod target;

use std::fmt;

use url::{Host, Url};

use crate::{Error, ErrorKind, Result, redact_address};

/// The address of a blob in one of the forms that Kusto reads: a URL with a SAS, or a URL followed by
/// `;` and a key, a token, `managed_identity=…` or `impersonate`. A self-hosted service may also read from a file
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
    /// scheme is not one that Kusto reads from or is left out, when it is plain `http` to a host other than a loopback
    /// address, and when it names no blob but a container, a folder, or several blobs by a wildcard.
    pub fn parse(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        let refuse =
            |why: &'static str| Error::new(ErrorKind::InvalidInput, "read the blob's address").because(why);
        if is_path(&text) {
            return match is_path_of_file(redact_address(&text)) {
                true => Ok(Self(text)),
                false => Err(refuse("it is a path that names no file")),
            };
        }
        if Self::lacks_scheme(&text) {
            let shown = redact_address(&text);
            return Err(refuse("it lacks its scheme: write https:// before it").with("blob", shown));
        }
        // Text that is no URL is not shown at all: it may be anything, a SAS too.
        let not_a_url = "it is not a URL, such as https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB?SAS";
        let is_blank = |letter: char| letter.is_control() || letter.is_whitespace();
        if text.starts_with(is_blank) || text.ends_with(is_blank) || text.contains(char::is_control) {
            return Err(refuse(
                "it begins or ends with a blank, or holds a control character",
            ));
        }
        // A parser takes `https:host`, too.
        let front = text.split(';').next().filter(|_| text.contains("://"));
        let url = front.and_then(|front| Url::parse(front).ok());
        let url = url.ok_or_else(|| refuse(not_a_url))?;
        Self::check(&url, &text)?;
        Ok(Self(text))
    }

    /// As [`parse`](Self::parse), for an address that was parsed as a URL before.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn from_url(url: Url) -> Result<Self> {
        Self::check(&url, url.as_str())?;
        Ok(Self(url.into()))
    }

    /// What is wrong with an address, and what would be right.
    fn check(url: &Url, text: &str) -> Result<()> {
        let refuse =
            |why: &'static str| Error::new(ErrorKind::InvalidInput, "read the blob's address").because(why);
        if url.password().is_some() || (url.scheme().starts_with("http") && !url.username().is_empty()) {
            return Err(refuse(
                "it holds a user or password; Kusto reads keys after a ';' and SAS tokens after a '?'",
            ));
        }
        let refuse = |why| Err(refuse(why).with("blob", redact_address(text)));
        match url.scheme() {
            "https" | "abfss" | "adl" | "s3" | "file" => {}
            "http" if is_loopback(url) => {}
            "http" => return refuse("plain http is allowed to loopback addresses only; use https"),
            _ => return refuse("its scheme is not one of https, abfss, adl, s3, file"),
        }
        match target::refused(url) {
            Some(why) => refuse(why),
            None => Ok(()),
        }
    }

    /// Whether a text is the address of a blob without its scheme, so that it could be mistaken for the path of a file.
    ///
    /// ```
    /// use kusto_ingest_core::BlobUri;
    ///
    /// assert!(BlobUri::lacks_scheme("acct.blob.core.windows.net/container/day.csv"));
    /// assert!(!BlobUri::lacks_scheme("data/day.csv"));
    /// ```
    #[must_use]
    pub fn lacks_scheme(text: &str) -> bool {
        target::lacks_scheme(text)
    }

    /// The whole address with its secrets, for the service.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The address without its secrets.
    #[must_use]
    pub fn redacted(&self) -> &str {
        redact_address(&self.0)
    }

    /// The part between `?` and `;`, such as a SAS.
    pub(crate) fn query(&self) -> &str {
        let rest = &self.0[self.redacted().len()..];
        let query = rest.strip_prefix('?').unwrap_or_default();
        query.split(';').next().unwrap_or_default()
    }
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
    fn what_names_no_blob_is_refused_and_the_error_says_what_to_do() {
        const ACCOUNT: &str = "https://a.blob.core.windows.net";
        for (text, why) in [
            (&*format!("{ACCOUNT}/logs"), "a container"),
            (
                &*format!("{ACCOUNT}/logs?sp=rl&sr=c&sig=SECRET%3D"),
                "name each blob",
            ),
            (&*format!("{ACCOUNT}/logs/;SECRET=="), "a container"),
            (
                "https://a.z01.blob.storage.azure.net/logs?sig=SECRET",
                "a container",
            ),
            ("https://a.dfs.core.windows.net/fs?sig=SECRET", "a container"),
            (
                "http://127.0.0.1:10000/devstoreaccount1/logs?sig=SECRET",
                "a container",
            ),
            ("http://localhost:10000/devstoreaccount1?sig=SECRET", "no blob"),
            (&*format!("{ACCOUNT}/logs/2026/?sig=SECRET"), "a folder"),
            (
                "abfss://fs@a.dfs.core.windows.net/2026/;sharedkey=SECRET",
                "a folder",
            ),
            ("https://bucket.s3.eu-west-1.amazonaws.com/2026/", "a folder"),
            (
                &*format!("{ACCOUNT}/logs?restype=container&comp=list&sig=SECRET"),
                "a container",
            ),
            (
                &*format!("{ACCOUNT}/logs/a.csv?comp=list&sig=SECRET"),
                "lists a container",
            ),
            (&*format!("{ACCOUNT}/logs/*.csv?sig=SECRET"), "%2A"),
            (&*format!("{ACCOUNT}/logs/2026-??.csv"), "wildcard"),
            ("a.blob.core.windows.net/logs/a.csv?sig=SECRET", "https://"),
            ("A.Blob.Core.Windows.Net:443/logs/a.csv;SECRET", "its scheme"),
            ("bucket.s3.eu-west-1.amazonaws.com/a.csv", "its scheme"),
            ("https:a.blob.core.windows.net/logs/a.csv", "not a URL"),
            (" https://h/c/a.csv?sig=SECRET", "a blank"),
            ("https://h/c/a.csv?sig=SECRET\n", "a blank"),
            ("https://SECRET@h/c/a.csv", "a user"),
        ] {
            let error = BlobUri::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
            assert!(error.to_string().contains(why), "{text}: {error}");
            assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
        }
        for text in [
            &*format!("{ACCOUNT}/$root/a.csv?sig=S"),
            &*format!("{ACCOUNT}/logs/%2A.csv?sr=c&sig=S"),
            &*format!("{ACCOUNT}/logs/a.csv?snapshot=2026-01-01T00:00:00Z"),
            "abfss://fs@a.dfs.core.windows.net/a.csv",
            "https://bucket.s3.eu-west-1.amazonaws.com/a.csv",
            "s3://bucket/a.csv",
            "http://127.0.0.1:8080/a.csv",
        ] {
            assert!(BlobUri::parse(text).is_ok(), "{text}");
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
