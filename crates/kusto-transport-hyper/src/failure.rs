//! What a failed call says: which limit fired, how much had been sent, and so whether it may be repeated.

use std::error::Error as StdError;
use std::time::Duration;
use std::{fmt, io};

use azure_core::error::ErrorKind as AzureKind;
use kusto_ingest_core::{Error, ErrorKind, Idempotency, RequestOutcome};

/// Any error, as hyper and its connectors box it.
pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// The name under which an error carries how much of the request was sent.
const SENT: &str = "sent";

/// A limit of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// No connection was made in time: TCP, proxy and TLS together.
    Connect,
    /// Nothing moved for too long, in either direction.
    Idle,
    /// The call as a whole took too long.
    Overall,
    /// The answer is longer than it may be.
    Response,
}

impl Limit {
    const ALL: [Self; 4] = [Self::Connect, Self::Idle, Self::Overall, Self::Response];

    fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Idle => "idle",
            Self::Overall => "overall",
            Self::Response => Error::RESPONSE_LIMIT,
        }
    }
}

/// A limit that fired, and how far it reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FiredLimit {
    Connect(Duration),
    Idle(Duration),
    Overall(Duration),
    Answer(u64),
}

impl FiredLimit {
    fn limit(self) -> Limit {
        match self {
            Self::Connect(_) => Limit::Connect,
            Self::Idle(_) => Limit::Idle,
            Self::Overall(_) => Limit::Overall,
            Self::Answer(_) => Limit::Response,
        }
    }

    /// Says so in an error.
    pub(crate) fn tell(self, error: Error) -> Error {
        let reason = match self {
            Self::Connect(limit) => format!("there was no connection within {limit:?}"),
            Self::Idle(limit) => format!("nothing moved for {limit:?}"),
            Self::Overall(limit) => format!("it was not done within {limit:?}"),
            Self::Answer(bytes) => format!("the answer is longer than the limit of {bytes} bytes"),
        };
        error.because(reason).with(Error::LIMIT, self.limit())
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which limit ended the call, if one did.
#[must_use]
pub fn timeout_of(error: &azure_core::Error) -> Option<Limit> {
    let fired = noted(error, Error::LIMIT)?;
    Limit::ALL.into_iter().find(|limit| limit.name() == fired)
}

/// Whether the request went out in full, head and body, before the call failed. The host may then have acted on it.
#[must_use]
pub fn request_was_sent(error: &azure_core::Error) -> bool {
    noted(error, SENT) == Some(Sent::All.name())
}

fn noted<'e>(error: &'e azure_core::Error, name: &str) -> Option<&'e str> {
    find::<Error>(error)?
        .context()
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// How much of a request left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Nothing,
    Part,
    All,
}

impl Sent {
    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Part => "part",
            Self::All => "all",
        }
    }
}

/// Why a call ended early.
pub(crate) enum Cause {
    /// A limit was reached.
    Limit(FiredLimit),
    /// There was no connection.
    Connect(BoxError),
    /// There was no answer.
    Request(hyper::Error),
    /// A success came before all of the request was sent.
    Early,
    /// The answer broke off.
    Answer(hyper::Error),
    /// The bytes to send could not be had.
    Source(azure_core::Error),
}

/// All that a failure depends on.
pub(crate) struct Failure<'c> {
    pub(crate) host: &'c str,
    /// As far as the method tells: nothing happens by GET and HEAD.
    pub(crate) idempotency: Idempotency,
    pub(crate) sent: Sent,
    pub(crate) status: Option<u16>,
    pub(crate) cause: Cause,
}

impl Failure<'_> {
    /// The error for `azure_core`, whose source is a [`kusto_ingest_core::Error`].
    pub(crate) fn into_error(self) -> azure_core::Error {
        let is_connect = matches!(self.cause, Cause::Connect(_));
        let sent = if is_connect { Sent::Nothing } else { self.sent };
        let kind = self.kind(is_connect);
        let mut error = Error::new(kind, self.operation(is_connect)).with("host", self.host);
        match &self.cause {
            Cause::Limit(fired) => error = fired.tell(error),
            Cause::Connect(cause) if ended_connecting(&**cause) => {
                error = error.with(Error::LIMIT, Limit::Connect);
            }
            Cause::Early => {
                error = error.because("it was answered with success before all of it was sent");
            }
            _ => {}
        }
        error = error.with(SENT, sent.name());
        if let Some(status) = self.status_that_counts() {
            error = error.with_http_status(status);
        }
        let mut azure_kind = if is_connect {
            AzureKind::Connection
        } else {
            AzureKind::Io
        };
        if self.is_hopeless() {
            error = error.with_permanence(true);
            azure_kind = AzureKind::Other;
        }
        azure_core::Error::new(
            azure_kind,
            match self.cause {
                Cause::Limit(_) | Cause::Early => error,
                Cause::Connect(cause) => error.caused_by(cause),
                Cause::Request(cause) | Cause::Answer(cause) => error.caused_by(cause),
                Cause::Source(cause) => error.caused_by(cause),
            },
        )
    }

    fn kind(&self, is_connect: bool) -> ErrorKind {
        if is_connect {
            return ErrorKind::Connection;
        }
        if let Cause::Source(cause) = &self.cause {
            return find::<Error>(cause).map_or(ErrorKind::SourceNotReadable, Error::kind);
        }
        let ending = RequestOutcome::of(self.sent == Sent::All, self.status);
        match &self.cause {
            _ if self.idempotency.is_unknown_after(ending) => ErrorKind::OutcomeUnknown,
            Cause::Limit(FiredLimit::Answer(_)) => ErrorKind::Protocol,
            Cause::Limit(_) => ErrorKind::Timeout,
            _ if self.sent == Sent::Nothing => ErrorKind::Connection,
            Cause::Request(error) if error.is_parse() => ErrorKind::Protocol,
            _ => ErrorKind::Io,
        }
    }

    fn operation(&self, is_connect: bool) -> &'static str {
        match &self.cause {
            _ if is_connect => "connect",
            Cause::Source(_) => "read what is to be sent",
            _ if self.status_that_counts().is_some() => "read the answer",
            _ if self.sent == Sent::All => "get an answer",
            _ => "send the request",
        }
    }

    /// Whether the same call would fail again: a certificate, a proxy or a source does not get better by waiting.
    fn is_hopeless(&self) -> bool {
        match &self.cause {
            Cause::Connect(error) => {
                let untrusted = matches!(
                    find::<rustls::Error>(&**error),
                    Some(rustls::Error::InvalidCertificate(_))
                );
                untrusted || find::<Error>(&**error).is_some_and(Error::is_permanent)
            }
            Cause::Source(error) => find::<Error>(error).is_none_or(Error::is_permanent),
            Cause::Limit(_) | Cause::Request(_) | Cause::Early | Cause::Answer(_) => false,
        }
    }

    /// The status of the answer, unless it is that of a success which came too early: who reads it would take it for one.
    fn status_that_counts(&self) -> Option<u16> {
        match self.cause {
            Cause::Early => None,
            _ => self.status,
        }
    }
}

/// Whether it was the limit on connecting that ended the connection.
fn ended_connecting(error: &(dyn StdError + 'static)) -> bool {
    find::<Error>(error).is_some_and(|error| {
        error
            .context()
            .any(|pair| pair == (Error::LIMIT, Limit::Connect.name()))
    })
}

/// The first error of a type in a chain. The `source` of an [`io::Error`] skips what it wraps, so look inside.
fn find<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    let mut error = error;
    loop {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        error = match wrapped {
            Some(wrapped) => wrapped,
            None => error.source()?,
        };
    }
}
