//! A host on loopback, written as what it does with each connection, and the calls that are made to it.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use azure_core::http::{AsyncRawResponse, Context, Method, RawResponse, Request};
use kusto_ingest_core::CallLimits;
use kusto_transport_hyper::{HyperTransport, Proxy, TransportOptions};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Far away: a limit that must not be the one that fires.
pub(crate) const FAR: Duration = Duration::from_secs(60);
/// Near: the limit under test.
pub(crate) const NEAR: Duration = Duration::from_millis(150);

/// From here on time passes for who gets a turn: a millisecond of tokio's takes one of ours or more, and while the machine is
/// busy with something else it stands. So only a host that was silent is late.
pub(crate) fn time_passes_in_turns() {
    const MOMENT: Duration = Duration::from_millis(1);
    tokio::time::pause();
    let (tick, mut ticks) = mpsc::channel(1);
    // As long as it runs, time does not jump to the next limit when all wait for a socket.
    tokio::task::spawn_blocking(move || {
        while tick.blocking_send(()).is_ok() {
            std::thread::sleep(MOMENT);
        }
    });
    tokio::spawn(async move {
        while ticks.recv().await.is_some() {
            tokio::time::advance(MOMENT).await;
        }
    });
}

/// A host, until it is dropped.
pub(crate) struct Host {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Host {
    /// Handles each connection with `handle`, which also gets the number of the connection, from 0.
    pub(crate) fn start<F, H>(handle: F) -> Self
    where
        F: Fn(TcpStream, usize) -> H + Send + Sync + 'static,
        H: Future<Output = ()> + Send + 'static,
    {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket of tokio's kind");
        let listener = TcpListener::from_std(listener).expect("a listener");
        let address = listener.local_addr().expect("its address");
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(handle(stream, count.fetch_add(1, Ordering::SeqCst)));
            }
        });
        Self {
            address,
            connections,
            task,
        }
    }

    /// The first connection is handled by `handle`; the later ones get good answers.
    pub(crate) fn bad_once<F, H>(handle: F) -> Self
    where
        F: Fn(TcpStream) -> H + Send + Sync + 'static,
        H: Future<Output = ()> + Send + 'static,
    {
        let handle = Arc::new(handle);
        Self::start(move |stream, number| {
            let handle = Arc::clone(&handle);
            async move {
                if number == 0 {
                    handle(stream).await
                } else {
                    serve(stream, OK).await
                }
            }
        })
    }

    /// How many connections were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// An address on this host, with what must never be shown.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/container/blob?sig=SECRET", self.address)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers every request on a connection.
pub(crate) async fn serve(mut stream: TcpStream, answer: &str) {
    while read_request(&mut stream).await.is_some() {
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Reads a head, up to and with its empty line.
pub(crate) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

/// Reads a request whose body has a known length.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<(String, Vec<u8>)> {
    let head = read_head(stream).await?;
    let length = header(&head, "content-length").map_or(0, |length| length.parse().expect("a length"));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((head, body))
}

/// The value of a header in a head.
pub(crate) fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// Holds a connection open and says nothing.
pub(crate) async fn stay_silent(stream: TcpStream) {
    std::future::pending::<()>().await;
    drop(stream);
}

/// Options under which no limit fires, and which no environment changes.
pub(crate) fn patient() -> TransportOptions {
    TransportOptions::new()
        .with_connect_timeout(FAR)
        .with_idle_timeout(FAR)
        .with_overall_timeout(FAR)
        .with_min_upload_rate(u64::MAX)
        .with_proxy(Proxy::None)
}

pub(crate) fn transport(options: TransportOptions) -> HyperTransport {
    HyperTransport::new(options).expect("good options")
}

pub(crate) fn get(url: &str) -> Request {
    Request::new(url.parse().expect("a URL"), Method::Get)
}

pub(crate) fn post(url: &str, body: impl Into<azure_core::http::Body>) -> Request {
    let mut request = Request::new(url.parse().expect("a URL"), Method::Post);
    request.insert_header("authorization", "Bearer SECRET");
    request.set_body(body);
    request
}

/// Makes a call up to the head of its answer.
pub(crate) async fn open(
    transport: &HyperTransport,
    request: Request,
) -> azure_core::Result<AsyncRawResponse> {
    open_within(transport, request, CallLimits::new()).await
}

/// The same, under limits of its own.
pub(crate) async fn open_within(
    transport: &HyperTransport,
    mut request: Request,
    limits: CallLimits,
) -> azure_core::Result<AsyncRawResponse> {
    let context = Context::new().with_value(limits);
    transport.as_transport().send(&context, &mut request).await
}

/// Makes a whole call.
pub(crate) async fn call(transport: &HyperTransport, request: Request) -> azure_core::Result<RawResponse> {
    open(transport, request).await?.try_into_raw_response().await
}

/// The error of ours inside, as a crate finds it that does not know this transport.
pub(crate) fn ours(error: &azure_core::Error) -> &kusto_ingest_core::Error {
    error
        .downcast_ref()
        .expect("the source is an error of kusto-ingest-core")
}

/// The value of a pair of its context.
pub(crate) fn noted<'e>(error: &'e azure_core::Error, name: &str) -> Option<&'e str> {
    ours(error)
        .context()
        .find_map(|(key, value)| (key == name).then_some(value))
}
