//! The kinds of failure, each with whether a retry can help, and where the guide explains it.

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

/// One row a kind, in the order of their definition, with words for people.
const KINDS: [(ErrorKind, &str); 25] = [
    (ErrorKind::InvalidInput, "invalid input"),
    (ErrorKind::SourceNotFound, "source not found"),
    (ErrorKind::SourceNotReadable, "source not readable"),
    (ErrorKind::EmptySource, "empty source"),
    (ErrorKind::SizeLimitExceeded, "size limit exceeded"),
    (ErrorKind::FormatNotSpecified, "format not specified"),
    (ErrorKind::SourceNotReplayable, "source not replayable"),
    (ErrorKind::MessageTooLarge, "message too large"),
    (ErrorKind::Unauthenticated, "unauthenticated"),
    (ErrorKind::Forbidden, "forbidden"),
    (ErrorKind::WrongEndpoint, "wrong endpoint"),
    (ErrorKind::NotFound, "not found"),
    (ErrorKind::AlreadyExists, "already exists"),
    (ErrorKind::Rejected, "rejected"),
    (ErrorKind::NoResources, "no resources"),
    (ErrorKind::Throttled, "throttled"),
    (ErrorKind::Unavailable, "unavailable"),
    (ErrorKind::Connection, "no connection"),
    (ErrorKind::Io, "connection lost"),
    (ErrorKind::Timeout, "timeout"),
    (ErrorKind::OutcomeUnknown, "outcome unknown"),
    (ErrorKind::Protocol, "protocol error"),
    (ErrorKind::Data, "bad data"),
    (ErrorKind::Unsupported, "unsupported"),
    (ErrorKind::Other, "other"),
];

impl ErrorKind {
    /// Every kind, in the order of their definition.
    #[must_use]
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        KINDS.iter().map(|(kind, _)| *kind)
    }

    /// Where the guide explains it, from the root of the repository: `docs/guide/errors.md#throttled`.
    #[must_use]
    pub fn page(self) -> String {
        format!(
            "docs/guide/errors.md#{}",
            KINDS[self as usize].1.replace(' ', "-")
        )
    }

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
        f.pad(KINDS[*self as usize].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_row() {
        // `Other` stays the last.
        assert_eq!(KINDS.len(), ErrorKind::Other as usize + 1);
        for (place, kind) in ErrorKind::all().enumerate() {
            assert_eq!(kind as usize, place, "{kind:?}");
        }
    }

    #[test]
    fn a_page_is_named_by_the_words_of_the_kind() {
        assert_eq!(ErrorKind::Io.to_string(), "connection lost");
        assert_eq!(ErrorKind::Io.page(), "docs/guide/errors.md#connection-lost");
    }
}
