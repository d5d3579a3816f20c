//! A transport that answers as it is told, and remembers what it was asked.

use std::collections::BTreeMap;
use std::fmt;
use std::future::{pending, poll_fn};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::ErrorKind as AzureKind;
use azure_core::http::headers::Headers;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{AsyncRawResponse, Body, Context, Request, Transport};
use futures::executor::block_on;
use kusto_auth::{BearerToken, CloudSettings, Credentials, FixedCloud, KustoCredential, SignIn};
use kusto_connection::ConnectionString;
use kusto_ingest_core::{CallLimits, Error, ErrorKind, ManualClock, Result, Timestamp};
use url::Url;

/// A secret that must not be seen anywhere.
pub(crate) const CANARY: &str = "CANARY-5c0ff";

/// A cluster of Microsoft's, in the public cloud.
pub(crate) const HELP: &str = "https://help.kusto.windows.net";

pub(crate) const SCOPE: &str = "https://kusto.kusto.windows.net/.default";
pub(crate) const LOGIN: &str = "https://login.microsoftonline.com";

/// What the transport was asked to send.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// Method and URL, as one line.
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) form: BTreeMap<String, String>,
    pub(crate) limits: Option<CallLimits>,
}

impl Sent {
    pub(crate) fn is_metadata(&self) -> bool {
        self.line.ends_with("/v1/rest/auth/metadata")
    }
}

/// What the transport makes of a request.
pub(crate) enum Reply {
    /// An answer.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Never any.
    Silence,
    /// None, for this reason.
    Fails(ErrorKind),
}

impl Reply {
    pub(crate) fn json(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, Vec::new(), body.into())
    }

    /// A token for an hour.
    pub(crate) fn token(text: &str) -> Self {
        Self::json(
            200,
            format!(r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"{text}"}}"#),
        )
    }

    /// How Entra refuses.
    pub(crate) fn refusal(code: u32, description: &str) -> Self {
        Self::json(
            401,
            format!(
                r#"{{"error":"invalid_client","error_description":"AADSTS{code}: {description}\r\nTrace ID: 1","error_codes":[{code}]}}"#
            ),
        )
    }
}

type Answering = dyn Fn(&Sent, usize) -> Reply + Send + Sync;

/// Clones share what was sent.
#[derive(Clone)]
pub(crate) struct Script {
    answer: Arc<Answering>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Script {
    /// Answers each request, which also has its number, from 0.
    pub(crate) fn new(answer: impl Fn(&Sent, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self {
            answer: Arc::new(answer),
            sent: Arc::default(),
        }
    }

    /// Answers in this order, with the last answer again and again.
    pub(crate) fn in_order(replies: Vec<fn() -> Reply>) -> Self {
        Self::new(move |_, number| replies[number.min(replies.len() - 1)]())
    }

    /// Nothing is expected.
    pub(crate) fn nobody() -> Self {
        Self::new(|sent, _| panic!("nobody expected {}", sent.line))
    }

    pub(crate) fn transport(&self) -> Transport {
        Transport::with_policy(Arc::new(self.clone()))
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().expect("no test panicked in here").clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.sent().into_iter().map(|sent| sent.line).collect()
    }

    fn record(&self, sent: Sent) -> usize {
        let mut all = self.sent.lock().expect("no test panicked in here");
        all.push(sent);
        all.len() - 1
    }
}

#[async_trait]
#[expect(
    elided_lifetimes_in_paths,
    reason = "with the lifetime written out, async_trait no longer matches the trait"
)]
impl Policy for Script {
    async fn send(&self, ctx: &Context, request: &mut Request, _: &[Arc<dyn Policy>]) -> PolicyResult {
        let Body::Bytes(body) = request.body() else {
            panic!("a streamed body");
        };
        let headers = request.headers().iter();
        let sent = Sent {
            line: format!("{} {}", request.method().as_str(), request.url()),
            headers: headers
                .map(|(name, value)| (name.as_str().to_owned(), value.as_str().to_owned()))
                .collect(),
            form: url::form_urlencoded::parse(body).into_owned().collect(),
            limits: ctx.value::<CallLimits>().copied(),
        };
        let number = self.record(sent.clone());
        // So that others, who ask at the same time, come to ask.
        yield_once().await;
        match (self.answer)(&sent, number) {
            Reply::Silence => pending().await,
            Reply::Fails(kind) => {
                let cause = Error::new(kind, "get an answer");
                Err(azure_core::Error::new(AzureKind::Io, cause))
            }
            Reply::Answer(status, given, body) => {
                let mut headers = Headers::new();
                for (name, value) in given {
                    headers.insert(name, value);
                }
                Ok(AsyncRawResponse::from_bytes(status.into(), headers, body))
            }
        }
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Script")
    }
}

async fn yield_once() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A moment of which nobody is proud: 2023-11-14T22:13:20Z, in the past of every machine that runs this.
pub(crate) fn start() -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

/// A clock that advances when everything waits for it.
pub(crate) fn clock() -> ManualClock {
    ManualClock::advancing(start())
}

pub(crate) fn url(text: &str) -> Url {
    text.parse().expect("a URL")
}

/// A sign-in in the public cloud, which is known without asking.
pub(crate) fn sign_in(connection: &ConnectionString, script: &Script) -> SignIn {
    sign_in_at(connection, script, &clock())
}

/// The same, by a clock of the test's. It must stand still where files are read, which takes time of its own.
pub(crate) fn sign_in_at(connection: &ConnectionString, script: &Script, clock: &ManualClock) -> SignIn {
    SignIn::new(connection, script.transport(), Arc::new(clock.clone()))
        .expect("a sign-in")
        .with_cloud(Arc::new(FixedCloud::new(CloudSettings::public())))
        .with_variables(|_| None)
}

pub(crate) fn credential(credentials: &Credentials, endpoint: &str) -> Arc<KustoCredential> {
    let credential = credentials.for_endpoint(&url(endpoint));
    credential
        .expect("a trusted endpoint")
        .expect("a sign-in by token")
}

/// The first token of a sign-in, or its error.
pub(crate) fn first_token(sign_in: SignIn, endpoint: &str) -> Result<BearerToken> {
    let credentials = sign_in.finish()?;
    match credentials.for_endpoint(&url(endpoint))? {
        Some(credential) => block_on(credential.token()),
        None => panic!("a sign-in by token"),
    }
}

/// The chain and the `Debug` of an error; what it must not contain is looked for in both.
pub(crate) fn all_of(error: &Error) -> String {
    format!("{} {error:?} {error:#?}", error.chain())
}

/// The kind of the connection error inside.
pub(crate) fn connection_kind(error: &Error) -> Option<kusto_connection::ErrorKind> {
    let source = std::error::Error::source(error)?;
    Some(source.downcast_ref::<kusto_connection::Error>()?.kind())
}
