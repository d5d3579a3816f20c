//! Blobs of other stores on this machine, such as Azurite: only of those that somebody allowed.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use bytes::Bytes;
use kusto_fake::BlobDownloader;
use kusto_ingest_core::{BlobUri, Error, ErrorKind, Result};
use url::{Host, Url};

/// How long a store may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// The most headers of an answer, and the longest line of one.
const MOST_HEADERS: usize = 100;
const LONGEST_LINE: u64 = 16 << 10;

/// How large a piece of a blob is.
const PIECE: usize = 1 << 20;

/// The stores that somebody allowed.
#[derive(Debug)]
pub(crate) struct OtherStores {
    stores: Vec<Store>,
    max_bytes: u64,
}

#[derive(Debug, PartialEq, Eq)]
struct Store {
    address: IpAddr,
    port: u16,
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
            url.as_ref().and_then(Store::of).ok_or_else(|| {
                Error::new(ErrorKind::InvalidInput, "allow the store")
                    .because("it must be an address of this machine, such as http://127.0.0.1:10000")
                    .with("store", address)
            })
        };
        Ok(Self {
            stores: addresses.iter().map(store).collect::<Result<_>>()?,
            max_bytes,
        })
    }
}

impl Store {
    /// The store of an address, where it is on this machine.
    fn of(url: &Url) -> Option<Self> {
        let address = match url.host()? {
            Host::Ipv4(address) => IpAddr::V4(address),
            Host::Ipv6(address) => IpAddr::V6(address),
            Host::Domain("localhost") => IpAddr::V4(Ipv4Addr::LOCALHOST),
            Host::Domain(_) => return None,
        };
        let is_here = url.scheme() == "http" && address.is_loopback();
        // One machine has two addresses of its own, and a store listens at either.
        let address = if address == Ipv6Addr::LOCALHOST {
            address
        } else {
            Ipv4Addr::LOCALHOST.into()
        };
        is_here.then_some(Self {
            address,
            port: url.port_or_known_default()?,
        })
    }
}

impl BlobDownloader for OtherStores {
    fn covers(&self, blob: &BlobUri) -> bool {
        let store = Url::parse(blob.expose()).ok().as_ref().and_then(Store::of);
        store.is_some_and(|store| self.stores.contains(&store))
    }

    fn download(&self, blob: &BlobUri) -> Result<Vec<Bytes>> {
        let refuse = |code: &'static str, why: &'static str| {
            let error = Error::new(ErrorKind::Rejected, "download the blob").because(why);
            error.with_code(code).with("blob", blob.redacted())
        };
        let url = Url::parse(blob.expose()).ok();
        let found = url.as_ref().and_then(|url| Some((url, Store::of(url)?)));
        let (url, store) =
            found.ok_or_else(|| refuse("Download_SourceNotFound", "it is in no store that is allowed"))?;
        let answer = fetch(url, &store, self.max_bytes);
        match answer
            .map_err(|error| refuse("Download_UnknownError", "the store does not answer").caused_by(error))?
        {
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

enum Fetched {
    Whole(Vec<Bytes>),
    Refused(u16),
    TooLarge,
}

/// Gets a blob in the oldest way, which every store knows: one request, and the answer to the end of the connection.
fn fetch(url: &Url, store: &Store, max_bytes: u64) -> io::Result<Fetched> {
    let address = SocketAddr::new(store.address, store.port);
    let mut stream = TcpStream::connect_timeout(&address, SILENCE)?;
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    write!(stream, "GET {target} HTTP/1.0\r\nhost: {host}\r\n\r\n")?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.by_ref().take(LONGEST_LINE).read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status: u16 = status.ok_or_else(|| io::Error::other("it does not speak HTTP"))?;
    let mut length = None;
    for _ in 0..MOST_HEADERS {
        line.clear();
        reader.by_ref().take(LONGEST_LINE).read_line(&mut line)?;
        let header = line.trim_end();
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').unwrap_or((header, ""));
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse::<u64>().ok();
        }
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(io::Error::other(
                "its answer is in chunks, for which it was not asked",
            ));
        }
    }
    if status != 200 {
        return Ok(Fetched::Refused(status));
    }
    let Some(mut left) = length else {
        return Err(io::Error::other("it does not tell the length of the blob"));
    };
    if left > max_bytes {
        return Ok(Fetched::TooLarge);
    }
    let mut pieces = Vec::new();
    while left > 0 {
        let mut piece = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
        reader.read_exact(&mut piece)?;
        left -= piece.len() as u64;
        pieces.push(Bytes::from(piece));
    }
    Ok(Fetched::Whole(pieces))
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
        assert!(!covers("http://127.0.0.1:9000/a/c/b"));
    }
}
