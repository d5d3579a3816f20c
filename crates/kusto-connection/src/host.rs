//! What a host's name says: whether it is this machine, and which of a cluster's two services answers there.

use url::{Host, Url};

use crate::{Error, ErrorKind, Result};

const INGESTION_PREFIX: &str = "ingest-";

/// How the name of an ingestion service begins that is reached through a private endpoint. Azure publishes a cluster
/// there as `private-NAME`, and its ingestion service both as `ingest-private-NAME` and as `private-ingest-NAME`.
const PRIVATE_INGESTION_PREFIX: &str = "private-ingest-";

/// How the name of an engine begins that is reached through a private endpoint.
const PRIVATE_PREFIX: &str = "private-";

/// A host that serves engine and ingestion under one name.
const ONEBOX: &str = "onebox.dev.kusto.windows.net";

/// The longest label that DNS knows, in bytes.
const LONGEST_LABEL: usize = 63;

/// The longest name that DNS knows, in bytes.
const LONGEST_NAME: usize = 253;

/// Whether `url` leads to this machine: `localhost`, 127.0.0.0/8 or `::1`.
///
/// Names below `localhost` and IPv4 addresses mapped into IPv6 are not taken for it, because a resolver may answer otherwise.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Whether a token may be sent to `url`: over https, or without leaving this machine.
#[must_use]
pub fn allows_credentials(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}

/// Whether the host of `url` carries the name of an ingestion (data management) service: `ingest-…`, or
/// `private-ingest-…` behind a private endpoint.
///
/// This is what the name says, and no proof: behind an IP address, a proxy or an emulator either service may answer.
#[must_use]
pub fn is_ingestion_host(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Domain(name)) if names_ingestion(name))
}

fn names_ingestion(name: &str) -> bool {
    name.starts_with(INGESTION_PREFIX) || name.starts_with(PRIVATE_INGESTION_PREFIX)
}

/// The address of the ingestion service of the cluster at `url`.
pub(crate) fn to_ingestion(url: &Url) -> Result<Url> {
    match derivable(url) {
        Some(name) if !names_ingestion(name) => with_host(url, &format!("{INGESTION_PREFIX}{name}")),
        _ => Ok(url.clone()),
    }
}

/// The address of the engine of the cluster at `url`. One prefix is taken off, so this is asked once.
pub(crate) fn to_engine(url: &Url) -> Result<Url> {
    let Some(name) = derivable(url) else {
        return Ok(url.clone());
    };
    if let Some(name) = name.strip_prefix(PRIVATE_INGESTION_PREFIX) {
        return with_host(url, &format!("{PRIVATE_PREFIX}{name}"));
    }
    match name.strip_prefix(INGESTION_PREFIX) {
        Some(name) => with_host(url, name),
        None => Ok(url.clone()),
    }
}

/// Refuses what no cluster can be called, although a URL may hold it.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let label = |label: &str| (1..=LONGEST_LABEL).contains(&label.len()) && label.chars().all(known);
    if name.len() <= LONGEST_NAME && name.split('.').all(label) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidDataSource,
        "a host's name consists of labels of 1 to 63 letters, digits and hyphens",
    ))
}

/// The host's name where the other service has a name of its own: not for addresses, this machine and the onebox.
fn derivable(url: &Url) -> Option<&str> {
    match url.host()? {
        Host::Domain(name) if name != "localhost" && name != ONEBOX => Some(name),
        _ => None,
    }
}

fn with_host(url: &Url, name: &str) -> Result<Url> {
    check_name(name)?;
    let mut derived = url.clone();
    let unusable = || {
        Error::new(
            ErrorKind::InvalidDataSource,
            "the host has no counterpart under another name",
        )
    };
    derived.set_host(Some(name)).map_err(|_| unusable())?;
    // `ingest-10` must not become an IP address, nor `ingest-localhost` this machine.
    if derivable(&derived).is_none() {
        return Err(unusable());
    }
    Ok(derived)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn a_prefix_is_never_taken_off_where_an_address_or_this_machine_would_remain() {
        for host in ["ingest-10", "ingest-localhost", "ingest-.x", "ingest-0x7f"] {
            let refused = to_engine(&url(&format!("https://{host}/"))).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidDataSource, "{host}");
        }
    }

    #[test]
    fn a_label_that_would_grow_too_long_is_refused() {
        let longest = format!(
            "https://{}.x.net/",
            "a".repeat(LONGEST_LABEL - INGESTION_PREFIX.len())
        );
        let too_long = format!(
            "https://{}.x.net/",
            "a".repeat(LONGEST_LABEL - INGESTION_PREFIX.len() + 1)
        );
        assert!(to_ingestion(&url(&longest)).is_ok());
        assert_eq!(
            to_ingestion(&url(&too_long)).unwrap_err().kind(),
            ErrorKind::InvalidDataSource
        );
    }

    #[test]
    fn deriving_the_ingestion_address_twice_changes_nothing_more() {
        let once = to_ingestion(&url("https://h.kusto.windows.net/")).unwrap();
        assert_eq!(to_ingestion(&once).unwrap(), once);
    }

    #[test]
    fn names_below_localhost_are_not_this_machine() {
        assert!(!is_loopback(&url("https://app.localhost/")));
        assert!(!is_loopback(&url("https://localhost./")));
    }
}
