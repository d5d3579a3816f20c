//! The address of a container of the user's own, or of a virtual folder in it.

use std::fmt;

use kusto_ingest_core::{BlobUri, Error, ErrorKind, Result, redact_address};
use percent_encoding::percent_decode_str;

use crate::{BlobName, ResourceUri};

/// The address of a container, or of a virtual folder in it, and what opens it: a SAS, an account key, or nothing.
///
/// It may also be a file system of a Data Lake (`https://ACCOUNT.dfs.core.windows.net/…`, `abfss://FS@ACCOUNT…`), which is
/// listed by its account's blob endpoint; the addresses of its blobs stay as the file system's. `Debug` and `Display` end
/// before the first `?` or `;`.
#[derive(Clone, PartialEq, Eq)]
pub struct ContainerAddress {
    /// Where it is listed, with the SAS.
    container: ResourceUri,
    /// What the addresses of its blobs begin with.
    base: String,
    prefix: String,
    /// What it ends with itself: `?SAS`, `;KEY`, `;impersonate`, or nothing.
    ending: String,
    /// What the addresses of its blobs end with, where that is something else.
    of_blobs: Option<String>,
}

/// Who can open a container by its address.
#[derive(Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an address says no more")]
pub enum ContainerAccess<'a> {
    /// Whoever has the address: it holds a SAS.
    Sas,
    /// Whoever signs with this key of the account.
    AccountKey(&'a str),
    /// The address says nothing: everybody, or who signs in.
    Unstated,
    /// Kusto alone, as by `;managed_identity=…` or `;impersonate`; others sign in.
    ServiceOnly,
}

impl ContainerAddress {
    /// Whether a text looks like the address of a container or folder, and not of a blob: its path is the container's
    /// alone, or ends in a slash. Whether it is one that can be listed, [`parse`](Self::parse) tells.
    #[must_use]
    pub fn matches(text: &str) -> bool {
        let base = redact_address(text);
        let is_folder = base.ends_with('/') && base.contains("://") && !base.starts_with("file:");
        // There, a path of one part is an object in the bucket that the host names.
        is_folder || (!is_amazons(base) && Parts::of(base).is_some_and(|parts| parts.path.is_empty()))
    }

    /// Reads an address.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when it is none of a container over `https` (or `http` on this machine), and
    /// [`ErrorKind::Unsupported`] for stores that are not listed: S3 and the first Data Lake. No message holds a secret.
    pub fn parse(text: &str) -> Result<Self> {
        let base = redact_address(text);
        let refuse = |kind, why: &'static str| {
            Error::new(kind, "read the container's address")
                .because(why)
                .with("container", base)
        };
        if base.starts_with("s3://") || base.starts_with("adl://") || is_amazons(base) {
            let why = "this store is not listed; name each object, or give a list of them";
            return Err(refuse(ErrorKind::Unsupported, why));
        }
        let why = "it is no container's, such as https://ACCOUNT.blob.core.windows.net/CONTAINER";
        let parts = Parts::of(base).ok_or_else(|| refuse(ErrorKind::InvalidInput, why))?;
        let ending = &text[base.len()..];
        let query = ending.split(';').next().unwrap_or_default();
        let container = ResourceUri::parse(&format!("{}{query}", parts.listed_at))?;
        let prefix = percent_decode_str(parts.path).decode_utf8();
        let prefix = prefix.map_err(|_| refuse(ErrorKind::InvalidInput, "its path is not UTF-8"))?;
        let slash = if prefix.is_empty() || prefix.ends_with('/') {
            ""
        } else {
            "/"
        };
        Ok(Self {
            prefix: format!("{prefix}{slash}"),
            base: parts.base.to_owned(),
            ending: ending.to_owned(),
            of_blobs: None,
            container,
        })
    }

    /// The container by its account's blob endpoint, SAS included.
    #[must_use]
    pub fn container(&self) -> &ResourceUri {
        &self.container
    }

    /// What the names of all blobs begin with: the path of the folder.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Who can open it by what is written here.
    #[must_use]
    pub fn access(&self) -> ContainerAccess<'_> {
        match self.ending.split_once(';') {
            Some((_, key)) if is_account_key(key) => ContainerAccess::AccountKey(key),
            Some((_, suffix)) => match named(suffix, "sharedkey=") {
                Some(key) => ContainerAccess::AccountKey(key),
                None => ContainerAccess::ServiceOnly,
            },
            None if self.container.is_signed() => ContainerAccess::Sas,
            None => ContainerAccess::Unstated,
        }
    }

    /// The same, read by Kusto in this way: `managed_identity=system`, `impersonate`. A SAS or key of the address is for
    /// listing alone then, and is not in the addresses of blobs.
    #[must_use]
    pub fn with_service_access(self, suffix: &str) -> Self {
        Self {
            of_blobs: Some(format!(";{suffix}")),
            ..self
        }
    }

    /// The address of a blob of this name, as Kusto is told it, with what opens it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a name that no address can have.
    pub fn blob(&self, name: &str) -> Result<BlobUri> {
        let is_relative = |segment| segment == "." || segment == "..";
        if name.split('/').any(is_relative) {
            return Err(Error::new(ErrorKind::InvalidInput, "make a blob's address")
                .because("a segment of its name is a dot or two, which addresses leave out")
                .with("blob", name));
        }
        let mut listed = self.container.expose().clone();
        listed.set_query(None);
        if let Ok(mut path) = listed.path_segments_mut() {
            let name = BlobName::parse(name)?;
            path.pop_if_empty().extend(name.as_str().split('/'));
        }
        // Both end a name where Kusto reads an address, and stay as they are in a URL.
        let path = listed.as_str()[self.container.redacted().len()..].replace('*', "%2A");
        let path = path.replace(';', "%3B");
        let ending = self.of_blobs.as_ref().unwrap_or(&self.ending);
        BlobUri::parse(format!("{}{path}{ending}", self.base))
    }
}

/// Whether the host of an address is one of Amazon S3.
fn is_amazons(base: &str) -> bool {
    let host = base
        .split_once("://")
        .and_then(|(_, rest)| rest.split('/').next());
    let host = host.unwrap_or_default().to_ascii_lowercase();
    host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn")
}

/// What an address is made of, before its secrets.
struct Parts<'a> {
    /// What the addresses of blobs begin with, without a slash in the end.
    base: &'a str,
    /// The container at its account's blob endpoint.
    listed_at: String,
    /// The rest of the path, without a slash at its beginning.
    path: &'a str,
}

impl<'a> Parts<'a> {
    fn of(address: &'a str) -> Option<Self> {
        let (scheme, rest) = address.split_once("://")?;
        match scheme {
            "abfss" => {
                let (file_system, rest) = rest.split_once('@')?;
                let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
                let base = &address[..address.len() - rest.len() + host.len()];
                Self::at(base, format!("https://{}/{file_system}", blob_host(host)), path)
            }
            "https" | "http" => {
                let (host, path) = rest.split_once('/')?;
                let segments = if has_account_in_path(host) { 2 } else { 1 };
                let (container, path) = split_segments(path, segments)?;
                let base = &address[..scheme.len() + 3 + host.len() + 1 + container.len()];
                let listed_at = format!("{scheme}://{}/{container}", blob_host(host));
                Self::at(base, listed_at, path)
            }
            _ => None,
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "its callers return it")]
    fn at(base: &'a str, listed_at: String, path: &'a str) -> Option<Self> {
        Some(Self {
            base,
            listed_at,
            path: path.trim_start_matches('/'),
        })
    }
}

/// The blob endpoint of the account of a Data Lake's endpoint.
fn blob_host(host: &str) -> String {
    host.replacen(".dfs.", ".blob.", 1)
}

fn has_account_in_path(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_number = |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit());
    host.starts_with('[') || name.eq_ignore_ascii_case("localhost") || name.split('.').all(is_number)
}

/// The first segments of a path, and what is behind them.
fn split_segments(path: &str, count: usize) -> Option<(&str, &str)> {
    let mut end = 0;
    for place in 0..count {
        let begin = end + usize::from(place > 0);
        let segment = path.get(begin..)?.split('/').next()?;
        if segment.is_empty() {
            return None;
        }
        end = begin + segment.len();
    }
    Some((&path[..end], &path[end..]))
}

fn named<'a>(suffix: &'a str, name: &str) -> Option<&'a str> {
    let begins = suffix.get(..name.len())?.eq_ignore_ascii_case(name);
    begins.then(|| &suffix[name.len()..])
}

/// A key stands alone; all else has a name, as `managed_identity=…`, or is the word `impersonate`.
pub(crate) fn is_account_key(suffix: &str) -> bool {
    let is_named = suffix
        .split_once('=')
        .is_some_and(|(_, value)| !value.trim_matches('=').is_empty());
    !suffix.is_empty() && !is_named && !suffix.eq_ignore_ascii_case("impersonate")
}

impl fmt::Debug for ContainerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ContainerAddress")
            .field(&self.to_string())
            .finish()
    }
}

impl fmt::Display for ContainerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

/// The key is not shown.
impl fmt::Debug for ContainerAccess<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sas => "Sas",
            Self::AccountKey(_) => "AccountKey(****)",
            Self::Unstated => "Unstated",
            Self::ServiceOnly => "ServiceOnly",
        })
    }
}

#[cfg(test)]
mod tests;
