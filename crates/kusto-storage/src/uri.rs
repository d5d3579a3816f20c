//! The address of a resource that Kusto issues. Its SAS is shown nowhere.

mod folder;

use std::fmt;
use std::sync::Arc;

use kusto_ingest_core::{BlobUri, Error, ErrorKind, Result, Timestamp};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::BlobName;

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "Azure Storage issues these three")]
pub enum ResourceKind {
    /// A blob container.
    Container,
    /// A queue.
    Queue,
    /// A table.
    Table,
}

/// The address of a container, queue or table that Kusto issues, together with the SAS that opens it.
///
/// Host-style (`https://account.queue.core.windows.net/name?…`) and path-style
/// (`http://127.0.0.1:PORT/account/name?…`) addresses are equals. A self-hosted service may also issue a folder in place
/// of a container: `file:///…`, an absolute path, or a path to another machine; one of Fabric a folder of OneLake
/// (`https://onelake.dfs.fabric.microsoft.com/WORKSPACE/ITEM/Files`). `Debug` and `Display` leave the SAS out;
/// [`expose`](Self::expose) gives the whole.
///
/// Clones share the text, so that ranking and handing out resources costs nothing.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ResourceUri(Arc<Parts>);

#[derive(PartialEq, Eq, Hash)]
struct Parts {
    url: Url,
    account: String,
    name: String,
    /// The path of a folder, where it was issued as one and not as a URL.
    path: Option<String>,
    /// When the signature expires: read once, since it is asked for at every use.
    expires: Option<Timestamp>,
    is_signed: bool,
}

impl ResourceUri {
    /// Reads an address.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when it is not a URL of exactly one resource over `https`, or over `http` to a
    /// host that is an IP address or `localhost`, and not a folder either; the message never holds the SAS.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some(folder) = folder::parse(text) {
            return folder.map(|parts| Self(Arc::new(parts)));
        }
        let url = Url::parse(text).map_err(|_| refuse("it is not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("it holds a user name"));
        }
        let Some(host) = url.host_str() else {
            return Err(refuse("it has no host"));
        };
        let path_style = is_path_style(&url);
        match url.scheme() {
            "https" => {}
            "http" if path_style => {}
            _ => return Err(refuse("it is not https")),
        }
        let segments: Vec<&str> = url
            .path()
            .trim_matches('/')
            .split('/')
            .filter(|part| !part.is_empty())
            .collect();
        let (account, name) = match (path_style, segments.as_slice()) {
            (true, [account, name]) => ((*account).to_owned(), (*name).to_owned()),
            (false, [name]) => (
                host.split('.').next().unwrap_or_default().to_owned(),
                (*name).to_owned(),
            ),
            (false, [_, _, ..]) if is_lake(&url) => (
                host.split('.').next().unwrap_or_default().to_owned(),
                segments.join("/"),
            ),
            _ => return Err(refuse("its path does not name exactly one resource")),
        };
        let (expires, is_signed) = (expiry_of(&url), is_signed(&url));
        Ok(Self(Arc::new(Parts {
            url,
            account,
            name,
            path: None,
            expires,
            is_signed,
        })))
    }

    /// The storage account: the first label of the host, or the first path segment where the host is an address. All
    /// folders of a machine are one account.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.0.account
    }

    /// The name of the container, queue or table.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The address without its SAS.
    #[must_use]
    pub fn redacted(&self) -> &str {
        let text = self.0.url.as_str();
        &text[..text.find(['?', '#']).unwrap_or(text.len())]
    }

    /// The address with its SAS.
    #[must_use]
    pub fn expose(&self) -> &Url {
        &self.0.url
    }

    /// Whether it is a folder of a file system.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.0.url.scheme() == "file"
    }

    /// Whether it is a folder of OneLake, which is opened by a token and never by a SAS.
    #[must_use]
    pub fn is_lake(&self) -> bool {
        is_lake(&self.0.url)
    }

    /// Whether the address carries a SAS at all.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.0.is_signed
    }

    /// When the SAS expires (`se=`), when it says so.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        self.0.expires
    }

    /// The address of a blob in this container, SAS included, as a message carries it.
    ///
    /// # Errors
    /// As [`BlobUri::parse`].
    pub fn blob(&self, name: &BlobName) -> Result<BlobUri> {
        match &self.0.path {
            Some(path) => BlobUri::parse(folder::file(path, name)),
            None => BlobUri::from_url(self.blob_url(name)?),
        }
    }

    /// The address of a blob in this container, SAS included, for a request: letter by letter as [`blob`](Self::blob)
    /// has it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where nothing can be below the address.
    pub fn blob_url(&self, name: &BlobName) -> Result<Url> {
        let mut url = self.0.url.clone();
        url.path_segments_mut()
            .map_err(|()| Error::new(ErrorKind::InvalidInput, "make a blob's address"))?
            .pop_if_empty()
            .extend(name.as_str().split('/'));
        Ok(url)
    }

    /// The container of a blob, SAS included, and the blob's name there: the reverse of
    /// [`blob`](Self::blob). What follows a `;` is left out. The container of a file is the folder it is in.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the address is not one of a blob in a container.
    pub fn of_blob(blob: &BlobUri) -> Result<(Self, BlobName)> {
        let refuse = || {
            Error::new(ErrorKind::InvalidInput, "find the blob's container")
                .because("its path does not name a blob in a container")
                .with("blob", blob)
        };
        if let Some(in_folder) = folder::split(blob.redacted()) {
            let (folder, name) = in_folder.ok_or_else(refuse)?;
            return Ok((Self::parse(folder)?, BlobName::parse(name)?));
        }
        let (address, rest) = blob.expose().split_at(blob.redacted().len());
        let query = rest.starts_with('?').then(|| rest.split(';').next()).flatten();
        let mut url = Url::parse(address).map_err(|_| refuse())?;
        let path = url.path().trim_start_matches('/').to_owned();
        let (account, in_account) = match path.split_once('/') {
            Some((account, rest)) if is_path_style(&url) => (format!("{account}/"), rest),
            _ => (String::new(), path.as_str()),
        };
        let split = match is_lake(&url) {
            true => in_account.rsplit_once('/'),
            false => in_account.split_once('/'),
        };
        let (container, name) = split.ok_or_else(refuse)?;
        url.set_path(&format!("{account}{container}"));
        let name = percent_decode_str(name).decode_utf8().map_err(|_| refuse())?;
        let container = Self::parse(&format!("{url}{}", query.unwrap_or_default()))?;
        Ok((container, BlobName::parse(name)?))
    }
}

/// Whether a host is one of OneLake's, such as `onelake.dfs.fabric.microsoft.com`. What is there is named by a workspace, an
/// item and a path.
fn is_lake(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let label = host.split('.').next().unwrap_or_default();
    url.scheme() == "https" && host.ends_with(".fabric.microsoft.com") && label.ends_with("onelake")
}

fn is_signed(url: &Url) -> bool {
    url.query_pairs().any(|(name, _)| name == "sig")
}

/// When a signature expires, where it says so.
fn expiry_of(url: &Url) -> Option<Timestamp> {
    let (_, text) = url.query_pairs().find(|(name, _)| name == "se")?;
    Timestamp::parse(&text).ok()
}

/// The storage account of a blob, as [`ResourceUri::account`] has it, read without taking the address apart. `None` where the
/// address has no host, as that of a file.
#[must_use]
pub fn account_of(blob: &BlobUri) -> Option<&str> {
    let (_, rest) = blob.redacted().split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let label = host.split(['.', ':']).next()?;
    let is_address = host.starts_with('[') || label.bytes().all(|byte| byte.is_ascii_digit());
    let account = match is_address || label.eq_ignore_ascii_case("localhost") {
        true => path.split('/').next()?,
        false => label,
    };
    Some(account).filter(|account| !account.is_empty())
}

fn refuse(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidInput, "read a resource's address").because(why)
}

/// Whether the account is the first segment of the path rather than the first label of the host.
fn is_path_style(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

impl fmt::Debug for ResourceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResourceUri").field(&self.redacted()).finish()
    }
}

impl fmt::Display for ResourceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.redacted())
    }
}

/// Its name: `container`, `queue` or `table`.
impl fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Container => "container",
            Self::Queue => "queue",
            Self::Table => "table",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_style_and_path_style_addresses_are_equals() {
        for (text, account, name) in [
            ("https://acct.queue.core.windows.net/q-1?sig=S", "acct", "q-1"),
            ("https://acct.z01.blob.storage.azure.net/c?sig=S", "acct", "c"),
            (
                "http://127.0.0.1:10000/devstoreaccount1/c?sig=S",
                "devstoreaccount1",
                "c",
            ),
            (
                "http://localhost:10000/devstoreaccount1/c",
                "devstoreaccount1",
                "c",
            ),
            ("http://[::1]:10000/devstoreaccount1/c", "devstoreaccount1", "c"),
        ] {
            let uri = ResourceUri::parse(text).unwrap();
            assert_eq!((uri.account(), uri.name()), (account, name), "{text}");
            assert!(!format!("{uri} {uri:?}").contains("sig"), "{uri:?}");
        }
    }

    #[test]
    fn a_folder_of_onelake_is_named_by_all_of_its_path() {
        let folder =
            ResourceUri::parse("https://onelake.dfs.fabric.microsoft.com/WS/ITEM/Files/staging").unwrap();
        assert_eq!(
            (folder.account(), folder.name()),
            ("onelake", "WS/ITEM/Files/staging")
        );
        assert!(folder.is_lake() && !folder.is_folder() && !folder.is_signed());
        let name = BlobName::parse("d__t__x y.csv.gz").unwrap();
        let blob = folder.blob(&name).unwrap();
        assert_eq!(
            blob.expose(),
            "https://onelake.dfs.fabric.microsoft.com/WS/ITEM/Files/staging/d__t__x%20y.csv.gz"
        );
        assert_eq!(ResourceUri::of_blob(&blob).unwrap(), (folder, name));
        assert!(
            !ResourceUri::parse("https://acct.blob.core.windows.net/c")
                .unwrap()
                .is_lake()
        );
    }

    #[test]
    fn other_addresses_are_refused_without_their_sas() {
        for text in [
            "acct.queue.core.windows.net/q",
            "http://acct.queue.core.windows.net/q?sig=SECRET",
            "https://acct.queue.core.windows.net/?sig=SECRET",
            "https://acct.queue.core.windows.net/a/b?sig=SECRET",
            "https://me:SECRET@acct.queue.core.windows.net/a",
            "http://127.0.0.1/q?sig=SECRET",
        ] {
            let error = ResourceUri::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
        }
    }

    #[test]
    fn a_blobs_address_keeps_the_sas_letter_by_letter() {
        let container =
            ResourceUri::parse("https://acct1.blob.core.windows.net/tmp-0?sv=2022-11-02&sig=a%2Bb%3D")
                .unwrap();
        let blob = container
            .blob(&BlobName::parse("d__t__x y.csv.gz").unwrap())
            .unwrap();
        assert_eq!(
            blob.expose(),
            "https://acct1.blob.core.windows.net/tmp-0/d__t__x%20y.csv.gz?sv=2022-11-02&sig=a%2Bb%3D"
        );
    }

    #[test]
    fn a_blobs_address_leads_back_to_its_container_and_name() {
        for text in [
            "https://acct1.blob.core.windows.net/tmp-0?sv=2022-11-02&sig=a%2Bb%3D",
            "http://127.0.0.1:10000/devstoreaccount1/tmp-0?sig=a%2Bb%3D",
            "https://acct1.blob.core.windows.net/tmp-0",
        ] {
            let container = ResourceUri::parse(text).unwrap();
            let name = BlobName::parse("folder/100% +x y.csv").unwrap();
            let blob = container.blob(&name).unwrap();
            assert_eq!(account_of(&blob), Some(container.account()), "{text}");
            assert_eq!(ResourceUri::of_blob(&blob).unwrap(), (container, name), "{text}");
        }
        let keyed = BlobUri::parse("https://a.blob.core.windows.net/c/b.csv;SECRET").unwrap();
        assert_eq!(account_of(&keyed), Some("a"));
        let sixth = BlobUri::parse("http://[::1]:10000/acct/c/b.csv?sig=S").unwrap();
        assert_eq!(account_of(&sixth), Some("acct"));
        let (container, name) = ResourceUri::of_blob(&keyed).unwrap();
        assert_eq!(container.expose().as_str(), "https://a.blob.core.windows.net/c");
        assert_eq!(name.as_str(), "b.csv");
        let none = BlobUri::parse("http://127.0.0.1:10000/account/tmp-0?sig=SECRET").unwrap();
        let error = ResourceUri::of_blob(&none).unwrap_err();
        assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
    }

    #[test]
    fn the_expiry_is_read_from_the_sas() {
        let uri = ResourceUri::parse("https://a.blob.core.windows.net/c?se=2026-01-02T03%3A04%3A05Z&sig=S")
            .unwrap();
        assert_eq!(uri.expires().unwrap().to_string(), "2026-01-02T03:04:05.0000000Z");
        assert!(uri.is_signed());
    }
}
