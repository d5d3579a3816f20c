//! A service in another process that takes all and keeps nothing, so that only the client's own work is measured.

use std::io::{BufRead, BufReader, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The word on the command line that makes this program the sink.
pub(crate) const ROLE: &str = "sink";

/// Another process of this program, which ends when this one does.
pub(crate) struct Sink {
    /// A line that it is told asks for the number of its connections so far, which is the next line that it says.
    pub(crate) process: Child,
    /// `http://127.0.0.1:PORT`.
    pub(crate) address: String,
}

impl Sink {
    pub(crate) fn start() -> Result<Self> {
        let process = Command::new(std::env::current_exe()?)
            .arg(ROLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let address = String::new();
        let mut sink = Self { process, address };
        sink.address = sink.heard()?;
        Ok(sink)
    }

    /// The next line that it says. It says nothing unasked, so nothing is lost with the buffer.
    pub(crate) fn heard(&mut self) -> Result<String> {
        let mut line = String::new();
        if let Some(stdout) = &mut self.process.stdout {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // Both fail only if the process has ended by itself.
        let _already_gone = self.process.kill();
        let _already_gone = self.process.wait();
    }
}

/// What the other process does: gives the same answer to all until nobody holds its input any more, and counts its
/// connections for who asks.
pub(crate) fn serve(answer: &'static [u8]) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    let accepted = Arc::new(AtomicUsize::new(0));
    let counted = accepted.clone();
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::Relaxed);
            thread::spawn(move || take_all(connection, answer));
        }
    });
    for question in std::io::stdin().lines() {
        question?;
        println!("{}", accepted.load(Ordering::Relaxed));
    }
    Ok(())
}

fn take_all(connection: TcpStream, answer: &[u8]) -> Result<()> {
    connection.set_nodelay(true)?;
    let mut answers = connection.try_clone()?;
    let mut requests = BufReader::with_capacity(256 * 1024, connection);
    while let Some(mut body) = body_length(&mut requests)? {
        while body > 0 {
            let read = requests.fill_buf()?.len();
            if read == 0 {
                return Ok(());
            }
            let part = read.min(body);
            requests.consume(part);
            body -= part;
        }
        answers.write_all(answer)?;
    }
    Ok(())
}

/// Reads the head of a request; nothing at the end of the connection.
fn body_length(requests: &mut impl BufRead) -> Result<Option<usize>> {
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        if requests.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let header = line.trim_end();
        if header.is_empty() {
            return Ok(Some(length));
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
}
