//! A transport without sockets: it remembers requests and gives the answers it was told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use azure_core::Bytes;
use azure_core::http::headers::{HeaderName, Headers};
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{AsyncRawResponse, Body, Context, Request, StatusCode, Transport};
use futures::{StreamExt as _, stream};
use kusto_ingest_core::CallLimits;

const CHUNK: usize = 64 * 1024;

/// A transport without sockets. Clones share what was seen.
#[derive(Clone, Debug)]
pub(crate) struct Wire(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    answers: VecDeque<Answer>,
    seen: Vec<Seen>,
    read: usize,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) body: Bytes,
    pub(crate) limits: Option<CallLimits>,
    headers: Headers,
}

impl Seen {
    pub(crate) fn header(&self, name: &'static str) -> Option<&str> {
        self.headers.get_optional_str(&HeaderName::from_static(name))
    }
}

/// An answer, or its absence.
#[derive(Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: Headers,
    body: Bytes,
    no_answer: Option<azure_core::Error>,
    broken_off: Option<azure_core::Error>,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: Headers::new(),
            body: body.into(),
            no_answer: None,
            broken_off: None,
        }
    }

    pub(crate) fn failing(error: azure_core::Error) -> Self {
        Self {
            no_answer: Some(error),
            ..Self::new(0, String::new())
        }
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The body ends in an error instead of an end.
    pub(crate) fn breaking_off(self, error: azure_core::Error) -> Self {
        Self {
            broken_off: Some(error),
            ..self
        }
    }
}

impl Wire {
    pub(crate) fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self(Arc::new(Mutex::new(State {
            answers: answers.into_iter().collect(),
            seen: Vec::new(),
            read: 0,
        })))
    }

    pub(crate) fn transport(&self) -> Transport {
        Transport::with_policy(Arc::new(self.clone()))
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.with(|state| state.seen.clone())
    }

    /// How many bytes of answers were read.
    pub(crate) fn read(&self) -> usize {
        self.with(|state| state.read)
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn body(&self, answer: Answer) -> impl futures::Stream<Item = azure_core::Result<Bytes>> + use<> {
        let wire = self.clone();
        let body = answer.body;
        let chunks: Vec<Bytes> = (0..body.len())
            .step_by(CHUNK)
            .map(|start| body.slice(start..body.len().min(start + CHUNK)))
            .collect();
        let whole = stream::iter(chunks).map(move |chunk| {
            wire.with(|state| state.read += chunk.len());
            Ok(chunk)
        });
        whole.chain(stream::iter(answer.broken_off.map(Err)))
    }
}

#[async_trait::async_trait]
#[expect(
    elided_lifetimes_in_paths,
    reason = "with the lifetime written out, async_trait no longer matches the trait"
)]
impl Policy for Wire {
    async fn send(&self, context: &Context, request: &mut Request, _: &[Arc<dyn Policy>]) -> PolicyResult {
        let Body::Bytes(body) = request.body().clone() else {
            panic!("commands and queries are sent whole");
        };
        let seen = Seen {
            line: format!("{} {}", request.method(), request.url()),
            body,
            limits: context.value().copied(),
            headers: request.headers().clone(),
        };
        let answer = self.with(|state| {
            state.seen.push(seen);
            state.answers.pop_front().expect("one more answer was scripted")
        });
        if let Some(error) = answer.no_answer {
            return Err(error);
        }
        let (status, headers) = (StatusCode::from(answer.status), answer.headers.clone());
        Ok(AsyncRawResponse::new(
            status,
            headers,
            Box::pin(self.body(answer)),
        ))
    }
}
