//! Takes a request from its head to its answer, or to the fault that a test planned for it.

use std::sync::Arc;

use http::Request;
use hyper::body::{Body, Incoming};
use kusto_ingest_core::{Error, Result};

use crate::answer::{self, Answer, refusal};
use crate::asked::{Asked, Side};
use crate::content::{self, Received};
use crate::cut::Cut;
use crate::log::RequestRecord;
use crate::state::ServerState;
use crate::target::Target;
use crate::{HttpFault, Route, failure, origin, routes};

/// One request, from its head to its answer.
pub(crate) async fn answer(
    state: Arc<ServerState>,
    side: Side,
    request: Request<Incoming>,
) -> Result<Answer, Cut> {
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
    if let Err(error) = origin::check(asked, &state.host_names) {
        // Whoever may not ask is not read either.
        return failure(&error).map(closing);
    }
    if target.route().needs_length() && body.size_hint().exact().is_none() {
        return failure(&refusal(
            411,
            "MissingContentLengthHeader",
            "the request does not say its length",
        ));
    }
    let most = target.route().largest_body().min(state.limits.max_body_bytes);
    let body = match content::receive(body, most, &*state.network, state.limits.body_timeout).await {
        Received::Whole(body) => body,
        Received::TooLarge => {
            let code = match target.route() {
                Route::Streaming => "Stream_InputStreamTooLarge",
                _ => "RequestBodyTooLarge",
            };
            return failure(&refusal(413, code, "the body is too large")).map(closing);
        }
        Received::TooSlow => {
            let why = "the body came to a standstill";
            return failure(&refusal(408, "RequestTimeout", why)).map(closing);
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

/// An answer after which nothing more is read.
fn closing(mut answer: Answer) -> Answer {
    let close = http::HeaderValue::from_static("close");
    answer.headers_mut().insert("connection", close);
    answer
}

fn planned(status: u16, code: String) -> Error {
    refusal(status, "", "a test planned it").with_code(code)
}
