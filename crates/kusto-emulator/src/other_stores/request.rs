//! One request to another store, on a thread and a runtime of its own: whoever waits for it may be in any runtime, or in none.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, select};
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use kusto_ingest_core::Clock;
use kusto_ingest_tokio::TokioClock;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use url::{Position, Url};

/// What came of a request.
pub(super) enum Fetched {
    /// The blob, in pieces.
    Whole(Vec<Bytes>),
    /// Another status than 200. No redirect is followed: the SAS goes to nobody else.
    Refused(u16),
    /// It is larger than allowed; the rest is unread.
    TooLarge,
}

/// Gets a blob of at most `most` bytes from the store at a socket, within a limit for all of it.
///
/// # Errors
/// [`TimedOut`](io::ErrorKind::TimedOut) at the limit; for what is not reached, speaks no HTTP, or ends too early.
pub(super) fn fetch(url: &Url, socket: SocketAddr, most: u64, limit: Duration) -> io::Result<Fetched> {
    let work = || {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let clock = TokioClock::new();
            match select(pin!(get(url, socket, most)), clock.sleep(limit)).await {
                Either::Left((fetched, _)) => fetched,
                Either::Right(_) => Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    format!("all of it took longer than {limit:?}"),
                )),
            }
        })
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().spawn_scoped(scope, work)?;
        thread
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the request was cut short")))
    })
}

async fn get(url: &Url, socket: SocketAddr, most: u64) -> io::Result<Fetched> {
    let stream = TcpStream::connect(socket).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let request = Request::get(&url[Position::BeforePath..Position::AfterQuery])
        .header(header::HOST, &url[Position::BeforeHost..Position::AfterPort])
        .body(Empty::<Bytes>::new())
        .map_err(io::Error::other)?;
    let answered = pin!(async {
        let answer = sender.send_request(request).await.map_err(io::Error::other)?;
        match answer.status() {
            StatusCode::OK if has_end(&answer) => read(answer.into_body(), most).await,
            StatusCode::OK => Err(io::Error::other("it does not tell where the blob ends")),
            status => Ok(Fetched::Refused(status.as_u16())),
        }
    });
    // The answer tells how the connection ended, if that matters.
    match select(answered, connection).await {
        Either::Left((fetched, _)) => fetched,
        Either::Right((_, answered)) => answered.await,
    }
}

/// Whether a blob that is cut short can be told from a whole one.
fn has_end(answer: &Response<Incoming>) -> bool {
    answer.body().size_hint().exact().is_some() || answer.headers().contains_key(header::TRANSFER_ENCODING)
}

async fn read(mut body: Incoming, most: u64) -> io::Result<Fetched> {
    if body.size_hint().lower() > most {
        return Ok(Fetched::TooLarge);
    }
    let (mut pieces, mut size) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(io::Error::other)?.into_data() else {
            continue;
        };
        size += piece.len() as u64;
        if size > most {
            return Ok(Fetched::TooLarge);
        }
        pieces.push(piece);
    }
    Ok(Fetched::Whole(pieces))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::{Ipv4Addr, TcpListener};
    use std::thread::{self, JoinHandle};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// A store that reads one request, gives this answer, and goes away; what it gives back is the request.
    fn store(answer: String) -> (SocketAddr, JoinHandle<String>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let socket = listener.local_addr().expect("an address");
        let served = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let lines = BufReader::new(&stream).lines().map(|line| line.expect("a line"));
            let request: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            // Who is told enough goes away before the end.
            drop(stream.write_all(answer.as_bytes()));
            request.join("\n")
        });
        (socket, served)
    }

    fn fetched(answer: &str) -> io::Result<Fetched> {
        let (socket, served) = store(answer.to_owned());
        let url = Url::parse("http://localhost:1/a/c/b%20c?sig=x").expect("an address");
        let fetched = fetch(&url, socket, 5, LONG);
        let request = served.join().expect("it is served");
        assert_eq!(request, "GET /a/c/b%20c?sig=x HTTP/1.1\nhost: localhost:1");
        fetched
    }

    #[test]
    fn a_whole_blob_is_taken_with_its_length_or_in_chunks() {
        for answer in [
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n1\n23\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n1\n\r\n3\r\n23\n\r\n0\r\n\r\n",
        ] {
            let Ok(Fetched::Whole(pieces)) = fetched(answer) else {
                panic!("{answer} is whole");
            };
            assert_eq!(pieces.concat(), b"1\n23\n");
        }
    }

    #[test]
    fn what_is_larger_or_refused_is_told_and_no_redirect_is_followed() {
        for answer in [
            "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n123456",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\n123456\r\n0\r\n\r\n",
        ] {
            assert!(matches!(fetched(answer), Ok(Fetched::TooLarge)), "{answer}");
        }
        let elsewhere = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/b\r\ncontent-length: 0\r\n\r\n";
        assert!(matches!(fetched(elsewhere), Ok(Fetched::Refused(302))));
    }

    #[test]
    fn what_is_cut_short_or_has_too_many_headers_is_no_blob() {
        let many = format!(
            "HTTP/1.1 200 OK\r\n{}content-length: 1\r\n\r\n1",
            "a: b\r\n".repeat(100)
        );
        let long = format!(
            "HTTP/1.1 200 OK\r\na: {}\r\ncontent-length: 1\r\n\r\n1",
            "b".repeat(1 << 20)
        );
        for answer in [
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n1\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n12",
            "no HTTP",
            &many,
            &long,
        ] {
            assert!(fetched(answer).is_err(), "{answer:.60}");
        }
    }

    #[test]
    fn a_store_that_begins_and_goes_on_for_ever_meets_the_limit_of_all() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let socket = listener.local_addr().expect("an address");
        let drips = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            // What comes before the request is no answer to it.
            let asked = BufReader::new(&stream).lines().map_while(io::Result::ok);
            asked.take_while(|line| !line.is_empty()).for_each(drop);
            let begun = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n");
            // It is never silent for long, until the client has gone.
            while begun.is_ok() && stream.write_all(b"1").is_ok() {
                thread::sleep(Duration::from_millis(1));
            }
        });
        let url = Url::parse("http://localhost:1/a/c/b").expect("an address");
        let fetched = fetch(&url, socket, u64::MAX, Duration::from_millis(100));
        assert_eq!(
            fetched.err().map(|error| error.kind()),
            Some(io::ErrorKind::TimedOut)
        );
        drips.join().expect("it ends");
    }
}
