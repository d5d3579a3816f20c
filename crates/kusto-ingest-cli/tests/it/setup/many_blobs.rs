//! A storage whose container holds as many blobs as are wanted, of which it keeps none.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

/// A storage on this machine that lists `000000000.csv`, `000000001.csv` and so on.
pub(crate) struct ManyBlobs {
    /// The address of the container.
    pub(crate) container: String,
}

impl ManyBlobs {
    pub(crate) fn open(count: usize) -> Self {
        let mut storage = Self::serving(count, None);
        storage.container.push_str("?sv=1&sig=S");
        storage
    }

    /// The same for whoever has a token.
    pub(crate) fn guarded(count: usize, token: &'static str) -> Self {
        Self::serving(count, Some(token))
    }

    fn serving(count: usize, token: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let address = listener.local_addr().expect("it is bound");
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || {
                    // A client that goes away has read all that it wanted.
                    let _ = serve(stream, count, token);
                });
            }
        });
        Self {
            container: format!("http://{address}/devstoreaccount1/many"),
        }
    }
}

/// Answers the requests of a connection, as long as it lasts.
fn serve(stream: TcpStream, count: usize, token: Option<&str>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut asked = String::new();
        if reader.read_line(&mut asked)? == 0 {
            return Ok(());
        }
        let (mut line, mut is_let_in) = (String::new(), token.is_none());
        while reader.read_line(&mut line)? > 2 {
            let bearer = line.trim_end().split_once(": Bearer ");
            is_let_in |= bearer.is_some_and(|(_, given)| Some(given) == token);
            line.clear();
        }
        if !is_let_in {
            reader
                .get_mut()
                .write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n")?;
            continue;
        }
        let number = |name: &str| {
            let (_, rest) = asked.split_once(&format!("{name}="))?;
            rest.split(['&', ' ']).next()?.parse::<usize>().ok()
        };
        let (from, max) = (
            number("marker").unwrap_or(0),
            number("maxresults").unwrap_or(5_000),
        );
        let page = page(from, count.min(from + max), count);
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\ncontent-length: {}\r\n\r\n",
            page.len()
        );
        reader.get_mut().write_all(head.as_bytes())?;
        reader.get_mut().write_all(page.as_bytes())?;
    }
}

fn page(from: usize, to: usize, count: usize) -> String {
    let mut page = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults><Blobs>");
    for blob in from..to {
        let _ = write!(
            page,
            "<Blob><Name>{blob:09}.csv</Name><Properties><Last-Modified>Fri, 02 Jan 2026 03:04:05 GMT</Last-Modified>\
             <Content-Length>100</Content-Length></Properties><Metadata><rawSizeBytes>700</rawSizeBytes></Metadata></Blob>"
        );
    }
    let next = if to < count { to.to_string() } else { String::new() };
    let _ = write!(
        page,
        "</Blobs><NextMarker>{next}</NextMarker></EnumerationResults>"
    );
    page
}
