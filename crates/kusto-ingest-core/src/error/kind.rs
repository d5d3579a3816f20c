//! The kinds of failure, each with whether a retry can help.

use std::fmt;

/// What kind of failure an [`Error`](crate::Error) is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller's input cannot be used: a name, property, mapping, address or option. Retry: no.
    InvalidInput,
    /// The file or other source does not exist. Retry: no.
    SourceNotFound,
    /// The source exists but cannot be read, or changed while it was read. Retry: no.
    SourceNotReadable,
    /// The source is empty. Retry: no.
    EmptySource,
    /// The source is larger than the limit. Retry: no.
    SizeLimitExceeded,
    /// A stream needs its format named, and it was not. Retry: no.
    #[doc(alias = "DataFormatNotSpecified")]
    FormatNotSpecified,
    /// Another attempt was needed, but the source can be read only once. Retry: with a new source.
    SourceNotReplayable,
    /// The ingestion message is larger than a queue takes. Retry: no.
    MessageTooLarge,
    /// Signing in failed, or the service wants a sign-in. Retry: no.
    #[doc(alias = "Unauthorized")]
    Unauthenticated,
    /// The principal lacks a permission. Retry: no.
    Forbidden,
    /// The address is an engine's where the ingestion (Data Management) address is needed, or the reverse. Retry: no.
    WrongEndpoint,
    /// A database, table, mapping, blob, container or queue does not exist. Retry: no.
    NotFound,
    /// It exists already. Retry: no.
    AlreadyExists,
    /// The service refused the request as it is. Retry: no.
    Rejected,
    /// Kusto issued no queue, container or status table. Retry: yes.
    NoResources,
    /// The service asks to slow down. Retry: yes, after [`retry_after`](crate::Error::retry_after).
    Throttled,
    /// The service failed, or is not available. Retry: yes.
    Unavailable,
    /// No connection could be made; nothing was sent. Retry: yes.
    Connection,
    /// The connection broke before an answer came. Retry: yes, where the request may be repeated.
    Io,
    /// A limit of time was reached. Retry: yes, where the request may be repeated.
    Timeout,
    /// The request was sent and its outcome is unknown; doing it again may do it twice. Retry: the caller decides.
    OutcomeUnknown,
    /// An answer could not be understood. Retry: no.
    Protocol,
    /// Compressing or decoding data failed. Retry: no.
    Data,
    /// What was asked is not offered by this build or service. Retry: no.
    Unsupported,
    /// Something else. Retry: no.
    Other,
}

impl ErrorKind {
    /// Whether the same call would fail again.
    #[must_use]
    pub fn is_permanent(self) -> bool {
        !matches!(
            self,
            Self::NoResources
                | Self::Throttled
                | Self::Unavailable
                | Self::Connection
                | Self::Io
                | Self::Timeout
                | Self::OutcomeUnknown
                | Self::SourceNotReplayable
        )
    }
}

/// Two or three words, for a log or a table.
impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::InvalidInput => "invalid input",
            Self::SourceNotFound => "source not found",
            Self::SourceNotReadable => "source not readable",
            Self::EmptySource => "empty source",
            Self::SizeLimitExceeded => "size limit exceeded",
            Self::FormatNotSpecified => "format not specified",
            Self::SourceNotReplayable => "source not replayable",
            Self::MessageTooLarge => "message too large",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::WrongEndpoint => "wrong endpoint",
            Self::NotFound => "not found",
            Self::AlreadyExists => "already exists",
            Self::Rejected => "rejected",
            Self::NoResources => "no resources",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::Connection => "no connection",
            Self::Io => "connection lost",
            Self::Timeout => "timeout",
            Self::OutcomeUnknown => "outcome unknown",
            Self::Protocol => "protocol error",
            Self::Data => "bad data",
            Self::Unsupported => "unsupported",
            Self::Other => "other",
        })
    }
}
