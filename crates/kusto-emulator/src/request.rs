//! Takes a request from its head to its answer, or to the fault that a test planned for it.

use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use hyper::body::{Body, Incoming};
use kusto_ingest_core::{Clock, Error, Result, redact};

use crate::answer::{self, Answer, refusal};
use crate::authority::AuthorityRequest;
use crate::content::{self, ReceivedBody};
use crate::disconnect::Disconnect;
use crate::log::RequestRecord;
use crate::request_head::{Address, RequestHead};
use crate::state::ServerState;
use crate::target::Target;
use crate::{HttpFault, Route, failure, origin, routes};

/// One request, from its head to its answer.
pub(crate) async fn answer(
    state: Arc<ServerState>,
    address: Address,
    request: Request<Incoming>,
) -> Result<Answer, Disconnect> {
    let (head, body) = request.into_parts();
    let asked = RequestHead::read(&head, address);
    let target = match (&state.authority, AuthorityRequest::of(&asked)) {
        (Some(_), Some(_)) => Target::Kusto(Route::Authority),
        _ => Target::of(&asked, state.storage(), &state.host_names),
    };
    state.log.ask(target.route());
    let mut body_bytes = 0;
    let mut outcome = conduct(&state, &asked, &target, body, &mut body_bytes).await;
    if let Ok(answer) = &mut outcome {
        answer::finish(&asked, &target, state.clock.now(), answer);
        if answer.status() == 401 && target.route().needs_token() {
            answer::name_authority(&state.cluster, answer);
        }
    }
    let record = RequestRecord {
        route: target.route(),
        method: asked.method.to_string(),
        path: redact(&asked.path),
        client_request_id: asked.client_request_id().map(str::to_owned),
        application: asked.header("x-ms-app").map(str::to_owned),
        user: asked.header("x-ms-user").map(str::to_owned),
        client_version: asked.header("x-ms-client-version").map(str::to_owned),
        headers: asked.masked_headers(),
        body_bytes,
        status: outcome.as_ref().ok().map(|answer| answer.status().as_u16()),
    };
    tracing::info!(
        status = record.status,
        method = record.method,
        path = record.path,
        route = %record.route,
        "request"
    );
    if let Some(observer) = &state.observer {
        observer(&record);
    }
    state.log.end(record);
    if target.route() != Route::Admin {
        state.changes.happened();
    }
    outcome
}

/// Reads the body and answers, unless a fault stands against it.
async fn conduct(
    state: &Arc<ServerState>,
    asked: &RequestHead,
    target: &Target,
    body: Incoming,
    body_bytes: &mut u64,
) -> Result<Answer, Disconnect> {
    let fault = state.faults.next(target.route(), target.place());
    match &fault {
        Some(HttpFault::ResetBeforeBody) => return Err(Disconnect::Reset),
        Some(HttpFault::ResetAfterBytes(bytes)) => {
            *body_bytes = content::skim(body, *bytes).await;
            return Err(Disconnect::Reset);
        }
        Some(HttpFault::Delay(delay)) => state.clock.sleep(*delay).await,
        Some(
            HttpFault::Status(..)
            | HttpFault::Throttled(_)
            | HttpFault::StatusAfterwards(..)
            | HttpFault::ResponseLost
            | HttpFault::ResponseTruncated(_)
            | HttpFault::ResponseDelayed(_),
        )
        | None => {}
    }
    let body = match receive(state, asked, target, body).await {
        ControlFlow::Continue(body) => body,
        ControlFlow::Break(outcome) => return outcome,
    };
    *body_bytes = body.len() as u64;
    let failure = |error: &Error| failure(asked, target, error);
    match fault {
        Some(HttpFault::Status(status, code)) => return failure(&planned(status, code)),
        Some(HttpFault::Throttled(wait)) => {
            return failure(&planned(429, "TooManyRequests".to_owned()).with_retry_after(wait));
        }
        _ => {}
    }
    let answered = routes::answer(state, asked, target, body).await;
    // Whatever an answer tells, also that somebody else's rows are there, must be true after the emulator was killed.
    let answered = match state.save().await {
        Ok(()) => answered,
        Err(error) => Err(error),
    };
    let answer = answered
        .map(|answer| packed(asked, target, answer))
        .or_else(|error| failure(&error))?;
    match fault {
        Some(HttpFault::StatusAfterwards(status, code)) => failure(&planned(status, code)),
        Some(HttpFault::ResponseLost) => Err(Disconnect::Close),
        Some(HttpFault::ResponseDelayed(delay)) => {
            state.clock.sleep(delay).await;
            Ok(answer)
        }
        Some(HttpFault::ResponseTruncated(bytes)) => Ok(answer.map(|content| content.cut(bytes))),
        _ => Ok(answer),
    }
}

/// The body of a request; or how the request ends whose body is not to be read, or cannot be.
async fn receive(
    state: &ServerState,
    asked: &RequestHead,
    target: &Target,
    body: Incoming,
) -> ControlFlow<Result<Answer, Disconnect>, Bytes> {
    let failure = |error: &Error| failure(asked, target, error);
    if let Err(error) = origin::check(asked, &state.host_names) {
        // Whoever may not ask is not read either.
        return ControlFlow::Break(failure(&error).map(closing));
    }
    if target.route().needs_length() && body.size_hint().exact().is_none() {
        let why = "the request has no content-length";
        return ControlFlow::Break(failure(&refusal(411, "MissingContentLengthHeader", why)));
    }
    let most = target.route().largest_body().min(state.limits.max_body_bytes);
    let refusal = match content::receive(body, most, &*state.network, state.limits.body_timeout).await {
        ReceivedBody::Whole(body) => return ControlFlow::Continue(body),
        ReceivedBody::Broken => return ControlFlow::Break(Err(Disconnect::Close)),
        ReceivedBody::TooLarge => {
            let code = match target.route() {
                Route::Streaming => "Stream_InputStreamTooLarge",
                _ => "RequestBodyTooLarge",
            };
            refusal(413, code, "the body is too large")
        }
        ReceivedBody::TooSlow => refusal(408, "RequestTimeout", "the body came to a standstill"),
    };
    ControlFlow::Break(failure(&refusal).map(closing))
}

/// The answer that tells of an error; nothing but the end of the connection where there is none.
fn failure(asked: &RequestHead, target: &Target, error: &Error) -> Result<Answer, Disconnect> {
    let answer = failure::answer(asked, target, error);
    answer
        .map(|answer| packed(asked, target, answer))
        .ok_or(Disconnect::Close)
}

/// Compressed, where Kusto would.
fn packed(asked: &RequestHead, target: &Target, answer: Answer) -> Answer {
    match target {
        Target::Kusto(_) if asked.takes_gzip() => answer::compressed(answer),
        _ => answer,
    }
}

/// An answer after which nothing more is read.
fn closing(mut answer: Answer) -> Answer {
    let close = http::HeaderValue::from_static("close");
    answer.headers_mut().insert("connection", close);
    answer
}

fn planned(status: u16, code: String) -> Error {
    refusal(status, "", "a test planned it").with_code(code)
}
