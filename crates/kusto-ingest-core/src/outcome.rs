//! Whether the outcome of a request is known, where no response or no success came back.

use std::fmt;

use crate::{Error, ErrorKind};

/// What a request does if it is sent twice. It decides what a lost response means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a request is one of these")]
pub enum Idempotency {
    /// The same as once: it reads, or sets the same value again.
    Idempotent,
    /// The same as once, and a cheap look afterwards tells whether it was done: a blob is put or committed.
    Verifiable,
    /// Its work is done twice: a message is put, data is streamed, a command is run.
    NonIdempotent,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a request ends in one of these ways")]
pub enum RequestOutcome {
    /// Not all of it was sent.
    NotSent,
    /// All of it was sent, and its response was lost, whole or in part, by a limit or otherwise.
    ResponseLost,
    /// The response had this status.
    Status(u16),
}

impl RequestOutcome {
    /// The outcome of a request by two facts: whether all of it was sent, and the status of its response, if its head
    /// came. A success of which only a part came counts as lost: nobody knows what the rest would have said.
    #[must_use]
    pub const fn of(sent_all: bool, status: Option<u16>) -> Self {
        match status {
            _ if !sent_all => Self::NotSent,
            None | Some(100..=299) => Self::ResponseLost,
            Some(status) => Self::Status(status),
        }
    }
}

/// In words.
impl fmt::Display for RequestOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent => f.pad("not sent in full"),
            Self::ResponseLost => f.pad("the response was lost"),
            Self::Status(status) => write!(f, "status {status}"),
        }
    }
}

impl Idempotency {
    /// Whether nobody knows what became of a request that ended like this, so that its error is of kind
    /// [`OutcomeUnknown`](ErrorKind::OutcomeUnknown). It is the one place that decides what a status means.
    ///
    /// After 408 and every status from 500 on, the outcome of a [`NonIdempotent`](Self::NonIdempotent) request is
    /// unknown; but 501 and 503 mean that nothing was done. A service that says more than its status, such as that it
    /// failed for good, is believed.
    #[must_use]
    pub const fn is_unknown_after(self, outcome: RequestOutcome) -> bool {
        match (self, outcome) {
            (_, RequestOutcome::NotSent) | (Self::Idempotent, _) => false,
            (_, RequestOutcome::ResponseLost) => true,
            (Self::NonIdempotent, RequestOutcome::Status(status)) => {
                matches!(status, 408 | 500 | 502 | 504..)
            }
            (Self::Verifiable, RequestOutcome::Status(_)) => false,
        }
    }

    /// The kind of the error of a request that a transport ended, and whether it is permanent. A transport does not know
    /// which requests are idempotent, and calls the outcome of every lost response unknown. Of an idempotent request,
    /// the cause counts: a timeout, a response that is too long, or a broken connection.
    #[must_use]
    pub fn verdict(self, lost: &Error) -> (ErrorKind, bool) {
        if self != Self::Idempotent || lost.kind() != ErrorKind::OutcomeUnknown {
            return (lost.kind(), lost.is_permanent());
        }
        let kind = match lost.context().find(|(name, _)| *name == Error::LIMIT) {
            Some((_, Error::RESPONSE_LIMIT)) => ErrorKind::Protocol,
            Some(_) => ErrorKind::Timeout,
            None => ErrorKind::Io,
        };
        (kind, kind.is_permanent())
    }
}

/// In words.
impl fmt::Display for Idempotency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Idempotent => "idempotent",
            Self::Verifiable => "verifiable",
            Self::NonIdempotent => "not idempotent",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_a_request_is_unknown_only_where_it_may_be_done_twice() {
        use Idempotency::{Idempotent, NonIdempotent, Verifiable};
        for (sent_all, status, unknown) in [
            (false, None, [false, false, false]),
            (false, Some(200), [false, false, false]),
            (false, Some(500), [false, false, false]),
            (true, None, [false, true, true]),
            (true, Some(200), [false, true, true]),
            (true, Some(201), [false, true, true]),
            (true, Some(302), [false, false, false]),
            (true, Some(400), [false, false, false]),
            (true, Some(403), [false, false, false]),
            (true, Some(404), [false, false, false]),
            (true, Some(408), [false, false, true]),
            (true, Some(409), [false, false, false]),
            (true, Some(413), [false, false, false]),
            (true, Some(429), [false, false, false]),
            (true, Some(500), [false, false, true]),
            (true, Some(501), [false, false, false]),
            (true, Some(502), [false, false, true]),
            (true, Some(503), [false, false, false]),
            (true, Some(504), [false, false, true]),
            (true, Some(505), [false, false, true]),
            (true, Some(507), [false, false, true]),
            (true, Some(520), [false, false, true]),
            (true, Some(599), [false, false, true]),
            (true, Some(999), [false, false, true]),
        ] {
            let outcome = RequestOutcome::of(sent_all, status);
            let is_unknown = [Idempotent, Verifiable, NonIdempotent]
                .map(|idempotency| idempotency.is_unknown_after(outcome));
            assert_eq!(is_unknown, unknown, "{sent_all} {status:?}");
        }
    }

    #[test]
    fn what_broke_counts_where_the_request_may_be_repeated() {
        let lost = Error::new(ErrorKind::OutcomeUnknown, "get an answer");
        let limited = |limit| lost.clone().with(Error::LIMIT, limit);
        let late = Error::new(ErrorKind::Timeout, "send the request");
        for (error, repeatable) in [
            (lost.clone(), ErrorKind::Io),
            (limited("idle"), ErrorKind::Timeout),
            (limited("overall"), ErrorKind::Timeout),
            (limited(Error::RESPONSE_LIMIT), ErrorKind::Protocol),
            (late, ErrorKind::Timeout),
        ] {
            let verdict = Idempotency::Idempotent.verdict(&error);
            assert_eq!(verdict, (repeatable, repeatable.is_permanent()), "{error}");
            for idempotency in [Idempotency::Verifiable, Idempotency::NonIdempotent] {
                assert_eq!(idempotency.verdict(&error), (error.kind(), false), "{error}");
            }
        }
    }
}
