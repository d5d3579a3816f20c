//! Listens, and serves every connection to its end.

use std::error::Error as StdError;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::{Either, select};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::disconnect::Disconnect;
use crate::request_head::Address;
use crate::state::ServerState;
use crate::{handshake, request};

/// How long a client may take to read the last answer.
const LINGER: Duration = Duration::from_secs(5);

/// How long to pause where a connection cannot be accepted.
const PAUSE: Duration = Duration::from_millis(100);

/// The smallest buffer that the server can read heads into.
const SMALLEST_HEAD: usize = 8 << 10;

/// Accepts connections until the sender of `stop` is gone, and then ends those that there are.
pub(crate) async fn listen(
    listener: TcpListener,
    state: Arc<ServerState>,
    address: Address,
    mut stop: watch::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // What fails here is one connection, or there are too many of them for a moment: then none comes at once, either.
                let Ok((stream, _)) = accepted else {
                    state.network.sleep(PAUSE).await;
                    continue;
                };
                state.log.accept();
                accept(&mut connections, &state, address, stream);
            }
            Some(_) = connections.join_next() => {}
            _ = stop.changed() => break,
        }
    }
    connections.shutdown().await;
}

/// Serves a connection, or refuses it where there are too many.
fn accept(connections: &mut JoinSet<()>, state: &Arc<ServerState>, address: Address, stream: TcpStream) {
    let state = Arc::clone(state);
    match Arc::clone(&state.connections).try_acquire_owned() {
        Ok(place) => {
            // Small answers must not wait for a timer of the network's.
            drop(stream.set_nodelay(true));
            connections.spawn(async move {
                converse(stream, &state, address).await;
                drop(place);
            });
        }
        // Even a refusal takes a place: whoever comes then is closed without a word.
        Err(_) => {
            if let Ok(place) = Arc::clone(&state.refusals).try_acquire_owned() {
                connections.spawn(async move {
                    let why = "there are as many connections as the emulator takes";
                    refuse(
                        stream,
                        &state,
                        "503 Service Unavailable",
                        "TooManyConnections",
                        why,
                    )
                    .await;
                    drop(place);
                });
            }
        }
    }
}

/// Serves a socket to its end, over TLS where the emulator speaks it.
async fn converse(stream: TcpStream, state: &Arc<ServerState>, address: Address) {
    let Some(acceptor) = &state.tls else {
        let (stream, cut) = serve(stream, state, address).await;
        return end(&stream, cut);
    };
    let why = format!("this port speaks TLS: the address is {}", state.cluster);
    let answer = plain("400 Bad Request", "TlsRequired", &why);
    let accepted = pin!(handshake::accept(acceptor, stream, &answer));
    let limit = state.network.sleep(state.limits.header_timeout);
    if let Either::Left((Some(stream), _)) = select(accepted, limit).await {
        let (stream, cut) = serve(stream, state, address).await;
        end(stream.get_ref().0, cut);
    }
}

/// Has the system reset a connection that is to end so.
fn end(stream: &TcpStream, cut: Option<Disconnect>) {
    if cut == Some(Disconnect::Reset) {
        drop(stream.set_zero_linger());
    }
}

/// Serves one connection to its end, and gives it back with the way in which it was to end.
pub(crate) async fn serve<S>(stream: S, state: &Arc<ServerState>, address: Address) -> (S, Option<Disconnect>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let has_asked = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&has_asked);
    let shared = Arc::clone(state);
    let service = service_fn(move |request| {
        asked.store(true, Ordering::Relaxed);
        Box::pin(request::answer(Arc::clone(&shared), address, request))
    });
    let limits = state.limits;
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(limits.max_headers)
        .max_buf_size(limits.max_header_bytes.max(SMALLEST_HEAD))
        .serve_connection(TokioIo::new(stream), service);
    let outcome = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let mut stream = connection.into_parts().io.into_inner();
    let error = outcome.err();
    let cut = error
        .as_ref()
        .and_then(|error| error.source()?.downcast_ref().copied());
    if cut.is_some() {
        return (stream, cut);
    }
    if error.is_some_and(|error| error.is_timeout()) && !has_asked.load(Ordering::Relaxed) {
        let why = "the head of the request took too long";
        drop(
            stream
                .write_all(plain("408 Request Timeout", "RequestTimeout", why).as_bytes())
                .await,
        );
    }
    linger(&mut stream, state).await;
    (stream, None)
}

/// Answers a connection that is not served.
async fn refuse(mut stream: TcpStream, state: &ServerState, status: &str, code: &str, why: &str) {
    drop(stream.write_all(plain(status, code, why).as_bytes()).await);
    linger(&mut stream, state).await;
}

/// An answer to whoever could not say what he wants.
fn plain(status: &str, code: &str, why: &str) -> String {
    let body = format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"{why}\",\"@permanent\":false}}}}");
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: application/json\r\nx-ms-error-code: {code}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Lets the client read the last answer while it still writes: closing now would reset the connection.
async fn linger<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, state: &ServerState) {
    let reading = pin!(async {
        drop(stream.shutdown().await);
        let mut unread = vec![0; 64 * 1024];
        while stream.read(&mut unread).await.is_ok_and(|length| length > 0) {}
    });
    match select(reading, state.network.sleep(LINGER)).await {
        Either::Left(_) | Either::Right(_) => {}
    }
}
