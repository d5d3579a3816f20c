//! A store that speaks as much of S3 as listing and reading takes.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

use kusto_ingest::external::url::form_urlencoded;

/// The key that opens it.
pub(crate) const KEY: (&str, &str) = ("KEY-ID", "S3CRET/KEY");

/// A store on this machine with a bucket `b`.
pub(crate) struct ObjectServer {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl ObjectServer {
    /// With these objects, in order. The first `failures` requests are answered by 503.
    pub(crate) fn open(objects: &'static [(&'static str, &'static str)], failures: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = heard.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let hears = hears.clone();
                std::thread::spawn(move || serve(stream, objects, &hears, failures));
            }
        });
        Self { address, heard }
    }

    /// Makes a command find it, and its key.
    pub(crate) fn known_to(&self, command: &mut Command) {
        command
            .env("AWS_ENDPOINT", &self.address)
            .env("AWS_REGION", "eu-west-1");
        command
            .env("AWS_ACCESS_KEY_ID", KEY.0)
            .env("AWS_SECRET_ACCESS_KEY", KEY.1);
    }

    /// The first lines of all requests.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no panic while it was held").clone()
    }
}

/// Answers the requests of a connection, as long as it lasts.
fn serve(
    stream: TcpStream,
    objects: &[(&str, &str)],
    heard: &Mutex<Vec<String>>,
    failures: usize,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut asked, mut head) = (String::new(), String::new());
        if reader.read_line(&mut asked)? == 0 {
            return Ok(());
        }
        let mut line = String::new();
        while reader.read_line(&mut line)? > 2 {
            head.push_str(&line.to_ascii_lowercase());
            line.clear();
        }
        let count = {
            let mut heard = heard.lock().expect("no panic while it was held");
            heard.push(asked.trim_end().to_owned());
            heard.len()
        };
        let is_known = head.contains("authorization: aws4-hmac-sha256 credential=key-id/");
        let (status, body) = match (count <= failures, is_known) {
            (true, _) => (503, "<Error><Code>SlowDown</Code></Error>".to_owned()),
            (_, false) => (403, "<Error><Code>AccessDenied</Code></Error>".to_owned()),
            _ => answer(asked.split(' ').nth(1).unwrap_or_default(), objects),
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\netag: \"1\"\r\nlast-modified: Fri, 02 Jan 2026 03:04:05 GMT\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        reader.get_mut().write_all(head.as_bytes())?;
        reader.get_mut().write_all(body.as_bytes())?;
    }
}

fn answer(target: &str, objects: &[(&str, &str)]) -> (u16, String) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path.trim_end_matches('/') == "/b" {
        return (200, page(query, objects));
    }
    let key = path.strip_prefix("/b/").unwrap_or_default();
    match objects.iter().find(|(name, _)| *name == key) {
        Some((_, text)) => (200, (*text).to_owned()),
        None => (404, "<Error><Code>NoSuchKey</Code></Error>".to_owned()),
    }
}

/// A page of two objects at most.
fn page(query: &str, objects: &[(&str, &str)]) -> String {
    let said = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let prefix = said("prefix").unwrap_or_default();
    let from: usize = said("continuation-token").map_or(0, |token| token.parse().expect("it is ours"));
    let all: Vec<_> = objects
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix))
        .collect();
    let to = all.len().min(from + 2);
    let mut page = String::from("<ListBucketResult>");
    for (key, text) in &all[from..to] {
        let _ = write!(
            page,
            "<Contents><Key>{key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>\"1\"</ETag>\
             <Size>{}</Size></Contents>",
            text.len()
        );
    }
    if to < all.len() {
        let _ = write!(page, "<NextContinuationToken>{to}</NextContinuationToken>");
    }
    page.push_str("</ListBucketResult>");
    page
}
