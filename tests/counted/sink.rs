//! A storage account on threads of its own, which takes all and keeps nothing. What it allocates is not counted: the
//! counter looks at one thread.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::client::TAKEN;

/// It listens until the test program ends.
pub(crate) struct Sink {
    address: SocketAddr,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    requests: AtomicUsize,
}

impl Sink {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let counts = Arc::new(Counts::default());
        let counted = counts.clone();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                counted.connections.fetch_add(1, Ordering::Relaxed);
                let counted = counted.clone();
                thread::spawn(move || take_all(connection, &counted));
            }
        });
        Self { address, counts }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn requests(&self) -> usize {
        self.counts.requests.load(Ordering::Relaxed)
    }
}

fn take_all(connection: TcpStream, counts: &Counts) -> Result<()> {
    connection.set_nodelay(true)?;
    let mut answers = connection.try_clone()?;
    let mut requests = BufReader::new(connection);
    while let Some(length) = body_length(&mut requests)? {
        std::io::copy(&mut requests.by_ref().take(length), &mut std::io::sink())?;
        counts.requests.fetch_add(1, Ordering::Relaxed);
        answers.write_all(TAKEN)?;
    }
    Ok(())
}

/// Reads the head of a request; nothing at the end of the connection.
fn body_length(requests: &mut impl BufRead) -> Result<Option<u64>> {
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        if requests.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().unwrap_or(0);
            }
            None if line.trim_end().is_empty() => return Ok(Some(length)),
            _ => {}
        }
    }
}
