//! Blobs of other stores on this machine, such as Azurite: only of those that somebody allowed.

mod request;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use kusto_fake::BlobDownloader;
use kusto_ingest_core::{BlobUri, Error, ErrorKind, Result};
use url::{Host, Url};

use request::Fetched;

/// How long a store may take for a blob, from the connection to the last byte.
const LIMIT: Duration = Duration::from_secs(60);

/// The stores that somebody allowed, each by the address of its socket.
#[derive(Debug)]
pub(crate) struct OtherStores {
    stores: Vec<SocketAddr>,
    max_bytes: u64,
    limit: Duration,
}

impl OtherStores {
    /// The stores at these addresses.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for what is no `http` address of this machine.
    pub(crate) fn at(addresses: &[String], max_bytes: u64) -> Result<Self> {
        let store = |address: &String| {
            let url = Url::parse(address)
                .ok()
                .filter(|url| url.path() == "/" && url.query().is_none());
            url.as_ref().and_then(socket_of).ok_or_else(|| {
                Error::new(ErrorKind::InvalidInput, "allow the store")
                    .because("it must be an address of this machine, such as http://127.0.0.1:10000")
                    .with("store", address)
            })
        };
        Ok(Self {
            stores: addresses.iter().map(store).collect::<Result<_>>()?,
            max_bytes,
            limit: LIMIT,
        })
    }

    /// Where to ask for a blob; `None` where nobody allowed its store.
    fn socket_of(&self, url: &Url) -> Option<SocketAddr> {
        socket_of(url).filter(|socket| self.stores.contains(socket))
    }
}

/// The socket of an address on this machine. Each loopback address is another host: only `localhost` stands for one.
fn socket_of(url: &Url) -> Option<SocketAddr> {
    let address = match url.host()? {
        Host::Ipv4(address) => IpAddr::V4(address),
        Host::Ipv6(address) => IpAddr::V6(address),
        Host::Domain("localhost") => Ipv4Addr::LOCALHOST.into(),
        Host::Domain(_) => return None,
    };
    let is_here = url.scheme() == "http" && address.is_loopback();
    is_here.then_some(SocketAddr::new(address, url.port_or_known_default()?))
}

impl BlobDownloader for OtherStores {
    fn covers(&self, blob: &BlobUri) -> bool {
        Url::parse(blob.expose()).is_ok_and(|url| self.socket_of(&url).is_some())
    }

    fn download(&self, blob: &BlobUri) -> Result<Vec<Bytes>> {
        let refuse = |code: &'static str, why: &'static str| {
            let error = Error::new(ErrorKind::Rejected, "download the blob").because(why);
            error.with_code(code).with("blob", blob.redacted())
        };
        let url = Url::parse(blob.expose()).ok();
        let found = url.as_ref().and_then(|url| Some((url, self.socket_of(url)?)));
        let (url, socket) =
            found.ok_or_else(|| refuse("Download_SourceNotFound", "it is in no store that is allowed"))?;
        let fetched = request::fetch(url, socket, self.max_bytes, self.limit);
        let failed =
            |error: io::Error| refuse("Download_UnknownError", "the store does not give it").caused_by(error);
        match fetched.map_err(failed)? {
            Fetched::Whole(pieces) => Ok(pieces),
            Fetched::Refused(404) => Err(refuse("Download_SourceNotFound", "the store has no such blob")),
            Fetched::Refused(401 | 403) => {
                Err(refuse("Download_Forbidden", "the store refuses the blob's SAS"))
            }
            Fetched::Refused(_) => Err(refuse("Download_UnknownError", "the store refuses the request")),
            Fetched::TooLarge => Err(refuse(
                "BadRequest_FileTooLarge",
                "the blob is larger than the emulator holds",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_stores_of_this_machine_can_be_allowed_and_only_those_are_asked() {
        for wrong in [
            "https://127.0.0.1:10000",
            "http://10.0.0.1:10000",
            "http://example.com",
            "http://127.0.0.1:10000/devstoreaccount1",
            "127.0.0.1:10000",
        ] {
            let error = OtherStores::at(&[wrong.to_owned()], 1).expect_err(wrong);
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
        let stores = OtherStores::at(
            &[
                "http://localhost:10000".to_owned(),
                "http://[::1]:9000/".to_owned(),
            ],
            1,
        )
        .unwrap();
        let covers = |blob: &str| stores.covers(&BlobUri::parse(blob).unwrap());
        assert!(
            covers("http://127.0.0.1:10000/devstoreaccount1/c/b?sig=x") && covers("http://[::1]:9000/a/c/b")
        );
        assert!(!covers("http://127.0.0.1:10001/a/c/b") && !covers("https://10.0.0.1:10000/a/c/b"));
        assert!(!covers("http://127.0.0.1:9000/a/c/b") && !covers("http://127.0.0.2:10000/a/c/b"));
    }
}
