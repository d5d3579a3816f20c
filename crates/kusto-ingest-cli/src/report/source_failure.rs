//! Why a source did not arrive, and what that means for the command as a whole.

use kusto_ingest::secrets::redact;
use kusto_ingest::status::IngestionErrorCode;
use kusto_ingest::{Error, ErrorKind};
use serde::{Deserialize, Serialize};

/// Why a source did not arrive, as it is reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SourceFailure {
    /// The library's word for the kind of failure, such as `EmptySource`.
    kind: String,
    /// The service's word, such as `BadRequest_TableNotExist`.
    pub(crate) code: Option<String>,
    /// Whether the same source would fail again.
    pub(crate) permanent: bool,
    pub(crate) message: String,
    /// What it means for the exit code.
    #[serde(skip)]
    pub(crate) exit_category: ExitCategory,
}

impl SourceFailure {
    /// What this client met.
    pub(crate) fn of(error: &Error) -> Self {
        Self {
            kind: name_of(error.kind()),
            code: error.code().map(str::to_owned),
            permanent: error.is_permanent(),
            message: error.chain(),
            exit_category: ExitCategory::of(error.kind()),
        }
    }

    /// The page of the guide that explains it: a code of the service says more than the kind that it has here.
    pub(super) fn page(&self) -> Option<String> {
        let known = self.code.as_deref().and_then(IngestionErrorCode::read);
        if known.is_some_and(|code| code.meaning().is_some()) {
            return Some("docs/guide/service-codes.md".to_owned());
        }
        ErrorKind::all().find(|kind| self.is(*kind)).map(ErrorKind::page)
    }

    /// The command was interrupted before this source's turn came, or while it was sent.
    pub(crate) fn interrupted(message: &str) -> Self {
        Self::here("Interrupted", message)
    }

    /// Something on this machine kept it from being sent.
    pub(crate) fn not_sent(why: &str) -> Self {
        Self::here("NotSent", &format!("it was not sent: {why}"))
    }

    /// Why it failed, as a journal has it.
    pub(crate) fn noted(why: &str) -> Self {
        Self::here("Noted", why)
    }

    fn here(kind: &str, message: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            code: None,
            permanent: false,
            message: message.to_owned(),
            exit_category: ExitCategory::Other,
        }
    }

    /// It goes through a queue, and the status table will not tell of it.
    pub(crate) fn of_untracked() -> Self {
        Self {
            kind: "NotTracked".to_owned(),
            code: None,
            permanent: true,
            message: "a queue took it, and it does not report to the status table: nobody can tell what became of \
                      it. Failures of all clients are in `kusto-ingest failures`; next time, ingest with --track"
                .to_owned(),
            exit_category: ExitCategory::Other,
        }
    }

    /// Whether it is of this kind.
    pub(crate) fn is(&self, kind: ErrorKind) -> bool {
        self.kind == name_of(kind)
    }

    pub(crate) fn of_unknown(reason: &str) -> Self {
        Self {
            kind: name_of(ErrorKind::OutcomeUnknown),
            code: None,
            permanent: false,
            message: reason.to_owned(),
            exit_category: ExitCategory::Other,
        }
    }

    /// What the service met. It could be reached and did its part: the source failed.
    pub(crate) fn of_service(error: &Error) -> Self {
        let told = Self::of(error);
        Self {
            message: redact(&told.message),
            exit_category: ExitCategory::Other,
            ..told
        }
    }
}

fn name_of(kind: ErrorKind) -> String {
    format!("{kind:?}")
}

/// What a failure means for the command as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ExitCategory {
    /// Whoever asks may not, or must sign in.
    SignIn,
    /// The service could not be reached, or did not do what it should, after retries.
    Unavailable,
    /// It is about the source.
    #[default]
    Other,
}

impl ExitCategory {
    pub(crate) fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Unauthenticated | ErrorKind::Forbidden => Self::SignIn,
            ErrorKind::NoResources
            | ErrorKind::Throttled
            | ErrorKind::Unavailable
            | ErrorKind::Connection
            | ErrorKind::Io
            | ErrorKind::Timeout => Self::Unavailable,
            _ => Self::Other,
        }
    }
}
