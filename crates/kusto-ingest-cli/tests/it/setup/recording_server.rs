//! A server that only listens: it remembers what it was asked, and refuses.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A server on this machine that knows no cloud (404), lets nobody through (403 to a proxy's client) and wants to know
/// who asks (401 to all else).
pub(crate) struct RecordingServer {
    pub(crate) address: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl RecordingServer {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = heard.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away has said all that it wanted.
                let _ = answer(stream, &hears);
            }
        });
        Self { address, heard }
    }

    /// The requests so far: their first lines and headers, in lower case but for the values.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no panic while it was held").clone()
    }

    /// How many requests carried this token.
    pub(crate) fn bearers(&self, token: &str) -> usize {
        let header = format!("authorization: Bearer {token}\n");
        self.heard()
            .iter()
            .filter(|request| request.contains(&header))
            .count()
    }
}

fn answer(stream: TcpStream, heard: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    let mut body = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end();
        match line.split_once(": ") {
            Some((name, value)) => {
                let name = name.to_ascii_lowercase();
                if name == "content-length" {
                    body = value.parse().unwrap_or(0);
                }
                head.push_str(&format!("{name}: {value}\n"));
            }
            None if line.is_empty() => break,
            None => head.push_str(&format!("{line}\n")),
        }
    }
    std::io::copy(&mut (&mut reader).take(body), &mut std::io::sink())?;
    let status = match &head {
        asked if asked.starts_with("CONNECT ") => "403 Forbidden",
        asked if asked.contains("/v1/rest/auth/metadata") => "404 Not Found",
        _ => "401 Unauthorized",
    };
    // Kept before it is answered: whoever has the answer can look.
    heard.lock().expect("no panic while it was held").push(head);
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    reader.get_mut().write_all(answer.as_bytes())
}
