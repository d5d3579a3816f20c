//! A service in another process that takes all and keeps nothing, so that only the client's own work is measured.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;

/// The word on the command line that makes this program the sink.
pub(crate) const ROLE: &str = "sink";

/// Another process of this program, which ends when this one does.
pub(crate) struct Sink {
    process: Child,
    /// `http://127.0.0.1:PORT`.
    pub(crate) address: String,
}

impl Sink {
    pub(crate) fn start() -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(ROLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut address)?;
        }
        let address = address.trim_end().to_owned();
        Ok(Self { process, address })
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // Both fail only if the process has ended by itself.
        let _already_gone = self.process.kill();
        let _already_gone = self.process.wait();
    }
}

/// What the other process does: gives the same answer to all until nobody holds its input any more.
pub(crate) fn serve(answer: &'static [u8]) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            thread::spawn(move || take_all(connection, answer));
        }
    });
    std::io::stdin().read_to_end(&mut Vec::new()).map(|_| ())
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
