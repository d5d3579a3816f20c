//! How a command ends: its exit codes, and which of them sources that were sent add up to.

use std::error::Error as StdError;
use std::fmt;
use std::iter::successors;
use std::process::ExitCode;

use kusto_ingest::{Error, ErrorKind};

use super::{ExitCategory, Outcome, State, error, help};

/// How a command ends. Scripts rely on the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All done.
    Done = 0,
    /// A bug, or the machine fails: never what a service answered.
    Bug = 1,
    /// Usage or configuration, found before any request was answered.
    Usage = 2,
    /// Sign-in or permission.
    SignIn = 3,
    /// Some sources failed.
    SomeFailed = 4,
    /// All sources failed; of a command that asks one thing, the service refused it.
    AllFailed = 5,
    /// The wait timed out.
    TimedOut = 6,
    /// Nothing matched.
    NothingMatched = 7,
    /// The service is not available, after retries.
    Unavailable = 8,
    /// Interrupted by SIGINT, SIGTERM or SIGHUP.
    Interrupted = 130,
    /// Whoever read standard output did not want all of it, as 128 and the number of SIGPIPE say.
    ClosedPipe = 141,
}

impl Exit {
    /// As LightIngest ends: 0 for whatever was run to its end, 1 for what was broken off, 2 for all else.
    pub(crate) fn into_lightingest(self) -> Self {
        match self {
            Self::Done | Self::SomeFailed | Self::AllFailed | Self::TimedOut | Self::NothingMatched => {
                Self::Done
            }
            Self::Interrupted | Self::ClosedPipe => Self::Bug,
            Self::Bug | Self::Usage | Self::SignIn | Self::Unavailable => Self::Usage,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The end of a command before it has anything to report: nothing goes to standard output.
#[derive(Debug)]
pub(crate) struct CommandError {
    pub(crate) exit: Exit,
    /// What standard error says, without `error: `; blank where it says nothing.
    pub(crate) message: String,
    /// The page of the guide that explains it, where there is one.
    page: Option<String>,
}

impl CommandError {
    pub(crate) fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self {
            exit,
            message: message.to_string(),
            page: None,
        }
    }

    /// The same with an exit code of LightIngest's; whatever ended before its end is an exception there.
    pub(crate) fn into_lightingest(self) -> Self {
        let exit = match self.exit {
            Exit::Interrupted | Exit::NothingMatched => self.exit.into_lightingest(),
            _ => Exit::Usage,
        };
        Self { exit, ..self }
    }

    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The same, with what explains it.
    pub(crate) fn because(self, why: &str) -> Self {
        let message = format!("{}: {why}", self.message);
        Self { message, ..self }
    }

    /// Names the page of the guide that explains it.
    pub(crate) fn with_page(self, page: impl Into<String>) -> Self {
        Self {
            page: Some(page.into()),
            ..self
        }
    }

    /// Says on standard error why.
    pub(crate) fn tell(&self) {
        if !self.message.is_empty() {
            error(&self.message);
        }
        self.page.iter().for_each(|page| help(page));
    }

    /// What the arguments say cannot be used.
    pub(crate) fn unusable(error: &Error) -> Self {
        Self::usage(error.chain()).with_page(error.kind().page())
    }

    /// A call failed that was the whole purpose of the command.
    pub(crate) fn failed(error: &Error) -> Self {
        Self::new(exit_of_call(error), error.chain()).with_page(error.kind().page())
    }
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        Self::failed(&error)
    }
}

/// How a command ends whose one call failed: 2 is for what no service was asked about, 1 for what none can be blamed for.
fn exit_of_call(error: &Error) -> Exit {
    match ExitCategory::of(error.kind()) {
        ExitCategory::SignIn => Exit::SignIn,
        ExitCategory::Unavailable => Exit::Unavailable,
        ExitCategory::Other if was_answered(error) => Exit::AllFailed,
        ExitCategory::Other => match error.kind() {
            ErrorKind::InvalidInput | ErrorKind::Unsupported => Exit::Usage,
            _ => Exit::Bug,
        },
    }
}

/// Whether the error is what a service answered, or what was made of its answer.
fn was_answered(error: &Error) -> bool {
    let is_of_answers = matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::AlreadyExists
            | ErrorKind::Rejected
            | ErrorKind::WrongEndpoint
            | ErrorKind::Protocol
            | ErrorKind::SizeLimitExceeded
            | ErrorKind::Data
    );
    let first: &(dyn StdError + 'static) = error;
    let mut links = successors(Some(first), |link| (*link).source());
    let is_answer = |link: &Error| link.http_status().is_some() || link.code().is_some();
    is_of_answers || links.any(|link| link.downcast_ref().is_some_and(is_answer))
}

/// What the sources add up to, once something was sent: the first that applies. A command that ends early has nothing
/// to wait for.
pub(super) fn exit_of(outcomes: &[Outcome], interrupted: bool, ends_early: bool) -> Exit {
    let mut verdict = Verdict::default();
    outcomes.iter().for_each(|outcome| verdict.note(outcome));
    verdict.exit(interrupted, ends_early)
}

/// What is known of all sources so far, as far as it matters for how the command ends.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Verdict {
    wants_sign_in: bool,
    lacks_service: bool,
    is_pending: bool,
    has_arrived: bool,
    has_any: bool,
    is_imperfect: bool,
}

impl Verdict {
    pub(super) fn note(&mut self, outcome: &Outcome) {
        match outcome.failure.as_ref().map(|failure| failure.exit_category) {
            Some(ExitCategory::SignIn) => self.wants_sign_in = true,
            Some(ExitCategory::Unavailable) => self.lacks_service = true,
            Some(ExitCategory::Other) | None => {}
        }
        self.has_any = true;
        self.is_pending |= outcome.state == State::Pending;
        self.has_arrived |= outcome.state != State::Failed;
        let imperfect = [State::Failed, State::PartiallySucceeded, State::Unknown];
        self.is_imperfect |= imperfect.contains(&outcome.state) || is_out_of_sight(outcome);
    }

    /// The first that applies.
    pub(super) fn exit(self, interrupted: bool, ends_early: bool) -> Exit {
        if interrupted {
            Exit::Interrupted
        } else if self.wants_sign_in {
            Exit::SignIn
        } else if self.lacks_service {
            Exit::Unavailable
        } else if self.is_pending && !ends_early {
            Exit::TimedOut
        } else if !self.has_any {
            // Nothing was to be done.
            Exit::Done
        } else if !self.has_arrived {
            Exit::AllFailed
        } else if self.is_imperfect {
            Exit::SomeFailed
        } else {
            Exit::Done
        }
    }
}

/// Whether it is in a queue and nobody can ask for it, though somebody wanted to.
fn is_out_of_sight(outcome: &Outcome) -> bool {
    outcome.state == State::Queued && outcome.failure.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::SourceFailure;

    fn outcome(state: State, kind: Option<ErrorKind>) -> Outcome {
        Outcome {
            failure: kind.map(|kind| SourceFailure::of(&Error::new(kind, "test"))),
            ..Outcome::new("a.csv", kusto_ingest::sources::SourceId::random(), state)
        }
    }

    #[test]
    fn the_first_that_applies_of_130_3_8_6_5_4_0() {
        let done = || outcome(State::Succeeded, None);
        let failed = || outcome(State::Failed, Some(ErrorKind::EmptySource));
        let pending = || outcome(State::Pending, None);
        let down = || outcome(State::Failed, Some(ErrorKind::Connection));
        let forbidden = || outcome(State::Failed, Some(ErrorKind::Forbidden));
        for (outcomes, interrupted, code) in [
            (vec![done()], false, 0),
            (vec![outcome(State::Queued, None)], false, 0),
            (
                vec![outcome(State::Queued, Some(ErrorKind::NotFound)), done()],
                false,
                4,
            ),
            (vec![outcome(State::Skipped, None), done()], false, 0),
            (vec![failed(), done()], false, 4),
            (vec![outcome(State::PartiallySucceeded, None)], false, 4),
            (vec![outcome(State::Unknown, None)], false, 4),
            (vec![outcome(State::Unknown, None), failed()], false, 4),
            (vec![failed()], false, 5),
            (vec![failed(), failed()], false, 5),
            (vec![failed(), pending()], false, 6),
            (vec![pending(), down()], false, 8),
            (vec![down(), done()], false, 8),
            (vec![down(), forbidden(), pending()], false, 3),
            (vec![forbidden(), done()], true, 130),
        ] {
            let states: Vec<State> = outcomes.iter().map(|outcome| outcome.state).collect();
            assert_eq!(exit_of(&outcomes, interrupted, false) as u8, code, "{states:?}");
        }
    }

    #[test]
    fn what_is_not_waited_for_may_be_pending() {
        let pending = outcome(State::Pending, None);
        let failed = outcome(State::Failed, Some(ErrorKind::EmptySource));
        assert_eq!(exit_of(std::slice::from_ref(&pending), false, true), Exit::Done);
        assert_eq!(exit_of(&[pending, failed], false, true), Exit::SomeFailed);
    }

    #[test]
    fn a_command_of_one_call_tells_whose_fault_it_is() {
        for (kind, before, after) in [
            (ErrorKind::InvalidInput, 2, 5),
            (ErrorKind::Unsupported, 2, 5),
            (ErrorKind::Rejected, 5, 5),
            (ErrorKind::NotFound, 5, 5),
            (ErrorKind::WrongEndpoint, 5, 5),
            (ErrorKind::Unauthenticated, 3, 3),
            (ErrorKind::Forbidden, 3, 3),
            (ErrorKind::Connection, 8, 8),
            (ErrorKind::Throttled, 8, 8),
            (ErrorKind::Timeout, 8, 8),
            (ErrorKind::Protocol, 5, 5),
            (ErrorKind::Other, 1, 5),
        ] {
            let error = Error::new(kind, "ask");
            assert_eq!(exit_of_call(&error) as u8, before, "{kind:?}, nothing answered");
            let cause = Error::new(ErrorKind::Other, "answer").with_http_status(400);
            let error = error.caused_by(cause);
            assert_eq!(exit_of_call(&error) as u8, after, "{kind:?}, answered");
        }
    }
}
