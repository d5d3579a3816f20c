//! Listens, and takes every request from its head to its answer, or to the fault that a test planned for it.

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

use http::Request;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kusto_ingest_core::{Error, Result};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::answer::{self, Answer, refusal};
use crate::asked::{Asked, Side};
use crate::content::{self, Received};
use crate::log::RequestRecord;
use crate::state::ServerState;
use crate::target::Target;
use crate::{HttpFault, Route, failure, routes};

/// Accepts connections until the sender of `stop` is gone, and then ends those that there are.
pub(crate) async fn listen(
    listener: TcpListener,
    state: Arc<ServerState>,
    side: Side,
    mut stop: watch::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // What fails here is one connection, or there are too many of them for a moment.
                let Ok((stream, _)) = accepted else { continue };
                state.log.accept();
                connections.spawn(serve(stream, Arc::clone(&state), side));
            }
            Some(_) = connections.join_next() => {}
            _ = stop.changed() => break,
        }
    }
    connections.shutdown().await;
}

/// How a connection ends without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    Close,
    Reset,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is cut")
    }
}

impl StdError for Cut {}

/// Serves one connection to its end.
async fn serve(stream: TcpStream, state: Arc<ServerState>, side: Side) {
    // Small answers must not wait for a timer of the network's.
    drop(stream.set_nodelay(true));
    let service = service_fn(move |request| Box::pin(one(Arc::clone(&state), side, request)));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let outcome = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let stream = connection.into_parts().io.into_inner();
    let cut = outcome
        .err()
        .and_then(|error| error.source()?.downcast_ref().copied());
    match cut {
        Some(Cut::Reset) => drop(stream.set_zero_linger()),
        Some(Cut::Close) => {}
        None => linger(stream).await,
    }
}

/// Lets the client read the last answer while it still writes: closing now would reset the connection.
async fn linger(mut stream: TcpStream) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    drop(stream.shutdown().await);
    let mut unread = vec![0; 64 * 1024];
    while stream.read(&mut unread).await.is_ok_and(|length| length > 0) {}
}

/// One request, from its head to its answer.
async fn one(state: Arc<ServerState>, side: Side, request: Request<Incoming>) -> Result<Answer, Cut> {
    let (head, body) = request.into_parts();
    let asked = Asked::read(&head, side);
    let target = Target::of(&asked, state.storage());
    state.log.ask(target.route());
    let mut body_bytes = 0;
    let mut outcome = conduct(&state, &asked, &target, body, &mut body_bytes).await;
    if let Ok(answer) = &mut outcome {
        answer::finish(&asked, &target, state.clock.now(), answer);
    }
    state.log.end(RequestRecord {
        route: target.route(),
        method: asked.method.to_string(),
        path: asked.path.clone(),
        client_request_id: asked.client_request_id().map(str::to_owned),
        application: asked.header("x-ms-app").map(str::to_owned),
        user: asked.header("x-ms-user").map(str::to_owned),
        client_version: asked.header("x-ms-client-version").map(str::to_owned),
        body_bytes,
        status: outcome.as_ref().ok().map(|answer| answer.status().as_u16()),
    });
    outcome
}

/// Reads the body and answers, unless a fault stands against it.
async fn conduct(
    state: &ServerState,
    asked: &Asked,
    target: &Target,
    body: Incoming,
    body_bytes: &mut u64,
) -> Result<Answer, Cut> {
    let fault = state.faults.next(target.route(), target.place());
    match &fault {
        Some(HttpFault::ResetBeforeBody) => return Err(Cut::Reset),
        Some(HttpFault::ResetAfterBytes(bytes)) => {
            *body_bytes = content::skim(body, *bytes).await;
            return Err(Cut::Reset);
        }
        Some(HttpFault::Delay(delay)) => state.clock.sleep(*delay).await,
        Some(
            HttpFault::Status(..)
            | HttpFault::Throttled(_)
            | HttpFault::StatusAfterwards(..)
            | HttpFault::ResponseLost
            | HttpFault::ResponseTruncated(_),
        )
        | None => {}
    }
    let packed = |answer: Answer| match target {
        Target::Kusto(_) if asked.takes_gzip() => answer::compressed(answer),
        _ => answer,
    };
    let failure = |error: &Error| {
        failure::answer(asked, target, error)
            .map(packed)
            .ok_or(Cut::Close)
    };
    if target.route().needs_length() && body.size_hint().exact().is_none() {
        return failure(&refusal(
            411,
            "MissingContentLengthHeader",
            "the request does not say its length",
        ));
    }
    let body = match content::receive(body, target.route().largest_body()).await {
        Received::Whole(body) => body,
        Received::TooLarge => {
            let code = match target.route() {
                Route::Streaming => "Stream_InputStreamTooLarge",
                _ => "RequestBodyTooLarge",
            };
            let mut answer = failure(&refusal(413, code, "the body is too large"))?;
            answer
                .headers_mut()
                .insert("connection", http::HeaderValue::from_static("close"));
            return Ok(answer);
        }
        Received::Broken => return Err(Cut::Close),
    };
    *body_bytes = body.len() as u64;
    match fault {
        Some(HttpFault::Status(status, code)) => return failure(&planned(status, code)),
        Some(HttpFault::Throttled(wait)) => {
            return failure(&planned(429, "TooManyRequests".to_owned()).with_retry_after(wait));
        }
        _ => {}
    }
    let answered = routes::answer(state, asked, target, body).await;
    let answer = answered.map(packed).or_else(|error| failure(&error))?;
    match fault {
        Some(HttpFault::StatusAfterwards(status, code)) => failure(&planned(status, code)),
        Some(HttpFault::ResponseLost) => Err(Cut::Close),
        Some(HttpFault::ResponseTruncated(bytes)) => Ok(answer.map(|content| content.cut(bytes))),
        _ => Ok(answer),
    }
}

fn planned(status: u16, code: String) -> Error {
    refusal(status, "", "a test planned it").with_code(code)
}
