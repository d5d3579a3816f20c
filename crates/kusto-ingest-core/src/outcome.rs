//! Whether it is known what a request did, once it ended without the answer that was hoped for.

use std::fmt;

use crate::{Error, ErrorKind};

/// What a request does if it is made twice. It decides what an end without a whole answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a request is one of these")]
pub enum Effect {
    /// Nothing more than once: it reads, or sets the same again.
    Repeatable,
    /// The same, but one may look afterwards whether it was done, which is cheaper: a blob that is put or committed.
    Visible,
    /// It is done twice: a message is put, data is streamed, a command is run.
    Once,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a request ends in one of these ways")]
pub enum Ending {
    /// Not all of it was sent.
    Unsent,
    /// All of it was sent, and its answer was lost, whole or in part, whether by a limit or not.
    Lost,
    /// It was answered with this status.
    Answered(u16),
}

impl Ending {
    /// The end of a request of which this much is known: whether all of it was sent, and the status of its answer, if
    /// the head of one came. Of half a success it is not known what the other half would have said.
    #[must_use]
    pub const fn of(sent_all: bool, status: Option<u16>) -> Self {
        match status {
            _ if !sent_all => Self::Unsent,
            None | Some(100..=299) => Self::Lost,
            Some(status) => Self::Answered(status),
        }
    }
}

/// How it ended, in words.
impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsent => f.pad("not sent in full"),
            Self::Lost => f.pad("the answer was lost"),
            Self::Answered(status) => write!(f, "answered with status {status}"),
        }
    }
}

impl Effect {
    /// Whether nobody knows what became of a request that ended like this, so that its error is of kind
    /// [`OutcomeUnknown`](ErrorKind::OutcomeUnknown). It is the one place that decides what a status means.
    ///
    /// After 408 and every status from 500 on it is unknown what a request of [`Once`](Self::Once) did; but 501 and 503
    /// mean that nothing was done. A service that says more than its status, such as that it failed for good, is believed.
    #[must_use]
    pub const fn is_unknown_after(self, ending: Ending) -> bool {
        match (self, ending) {
            (_, Ending::Unsent) | (Self::Repeatable, _) => false,
            (_, Ending::Lost) => true,
            (Self::Once, Ending::Answered(status)) => matches!(status, 408 | 500 | 502 | 504..),
            (Self::Visible, Ending::Answered(_)) => false,
        }
    }

    /// The kind of an error with which a transport ended a request, and whether it is permanent. Transports do not know
    /// what may be repeated, and call every lost answer unknown: of a repeatable request, what broke counts.
    #[must_use]
    pub fn verdict(self, lost: &Error) -> (ErrorKind, bool) {
        if self != Self::Repeatable || lost.kind() != ErrorKind::OutcomeUnknown {
            return (lost.kind(), lost.is_permanent());
        }
        let kind = match lost.context().find(|(name, _)| *name == Error::LIMIT) {
            Some((_, Error::ANSWER_LIMIT)) => ErrorKind::Protocol,
            Some(_) => ErrorKind::Timeout,
            None => ErrorKind::Io,
        };
        (kind, kind.is_permanent())
    }
}

/// The effect of a second request, in words.
impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Repeatable => "repeatable",
            Self::Visible => "visible afterwards",
            Self::Once => "not repeatable",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_a_request_is_unknown_only_where_it_may_be_done_twice() {
        use Effect::{Once, Repeatable, Visible};
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
            let ending = Ending::of(sent_all, status);
            let is_unknown = [Repeatable, Visible, Once].map(|effect| effect.is_unknown_after(ending));
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
            (limited(Error::ANSWER_LIMIT), ErrorKind::Protocol),
            (late, ErrorKind::Timeout),
        ] {
            let verdict = Effect::Repeatable.verdict(&error);
            assert_eq!(verdict, (repeatable, repeatable.is_permanent()), "{error}");
            for effect in [Effect::Visible, Effect::Once] {
                assert_eq!(effect.verdict(&error), (error.kind(), false), "{error}");
            }
        }
    }
}
