//! Requests without a client, to an emulator in another process.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// One request on a connection of its own; `None` where no whole answer came.
pub(crate) fn ask(
    cluster: &str,
    request: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<(u16, String)> {
    let address = cluster
        .strip_prefix("http://localhost:")
        .expect("it is on this machine");
    let mut stream = TcpStream::connect(format!("127.0.0.1:{address}")).ok()?;
    let mut head = format!(
        "{request} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.get(9..12)?.parse().ok()?;
    let body = answer.split_once("\r\n\r\n")?.1;
    let length = answer
        .to_lowercase()
        .split("content-length: ")
        .nth(1)
        .and_then(|rest| rest.lines().next()?.parse().ok());
    (status == 204 || length == Some(body.len())).then(|| (status, body.to_owned()))
}
