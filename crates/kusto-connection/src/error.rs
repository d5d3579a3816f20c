//! What can be wrong with a connection string, an address or a host; never with a value in its text.

use std::borrow::Cow;
use std::fmt;

use crate::Keyword;

/// The result of this crate's operations.
pub type Result<T> = std::result::Result<T, Error>;

/// What is wrong with a connection string, an address or a host.
///
/// `Display` completes "failed to …". It names segments and keywords and never echoes a value, because any value may
/// be a part of a secret that was quoted badly. Nothing here becomes right by trying again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    reason: Cow<'static, str>,
    segment: Option<usize>,
    keyword: Option<Keyword>,
}

/// The ways in which a connection string, an address or a host can be refused. Retry: no, for every one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is empty or blank.
    Empty,
    /// The text, or what it would be rendered as, is longer than [`MAX_LENGTH`](crate::MAX_LENGTH).
    TooLong,
    /// No cluster is named.
    MissingDataSource,
    /// The address of the cluster cannot be used.
    InvalidDataSource,
    /// A quoted value has no closing quote.
    UnterminatedQuote,
    /// Something follows the closing quote of a value.
    TrailingAfterQuote,
    /// A segment is not of the form `keyword=value`.
    MissingEquals,
    /// A keyword is none of Kusto's.
    UnknownKeyword,
    /// A keyword is Kusto's, and this library cannot honour it; ignoring it could change the target or weaken sign-in.
    UnsupportedKeyword,
    /// The value of a flag is none of `true`, `false`, `yes`, `no`, `on`, `off`, `1`, `0`.
    InvalidBool,
    /// A part of a credential is missing; [`Error::keyword`] tells which.
    IncompleteCredentials,
    /// Credentials of more than one kind are given.
    ConflictingCredentials,
    /// Credentials are given next to `AAD Federated Security=False`.
    CredentialsWithoutFederation,
    /// A user's password is given without federation, which would mean HTTP basic authentication.
    BasicAuthBlocked,
    /// Sign-in with a user's name and password is not offered.
    UserPasswordUnsupported,
    /// The sign-in method needs a tenant and none is given.
    MissingAuthority,
    /// The tenant is not a tenant's id or domain, or not one that this sign-in method can use.
    InvalidAuthority,
    /// The token is not a bearer token.
    InvalidToken,
    /// The token would travel over plain http to another machine.
    InsecureTransport,
    /// The thumbprint is neither of 40 nor of 64 hexadecimal digits.
    InvalidThumbprint,
    /// A thumbprint alone means a look-up in a certificate store, which is not offered.
    CertificateStoreUnsupported,
    /// The keyword would make the library read a secret of this machine, which was forbidden.
    LocalSecretAccessDisabled,
    /// The host is no known Kusto endpoint, and nobody said that it may be trusted.
    UntrustedEndpoint,
    /// The login endpoint is none that is known.
    UntrustedLoginEndpoint,
    /// A rule for trusted hosts would trust nothing, or far too much.
    InvalidMatchRule,
}

impl ErrorKind {
    fn operation(self) -> &'static str {
        match self {
            Self::Empty
            | Self::TooLong
            | Self::MissingDataSource
            | Self::UnterminatedQuote
            | Self::TrailingAfterQuote
            | Self::MissingEquals
            | Self::UnknownKeyword
            | Self::UnsupportedKeyword
            | Self::InvalidBool => "read connection string",
            Self::InvalidDataSource => "read cluster address",
            Self::UntrustedEndpoint => "trust endpoint",
            Self::UntrustedLoginEndpoint => "trust login endpoint",
            Self::InvalidMatchRule => "read rule for trusted hosts",
            _ => "choose sign-in method",
        }
    }
}

/// The kind, in words.
impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Empty => "empty",
            Self::TooLong => "too long",
            Self::MissingDataSource => "no data source",
            Self::InvalidDataSource => "invalid data source",
            Self::UnterminatedQuote => "unterminated quote",
            Self::TrailingAfterQuote => "text after a quote",
            Self::MissingEquals => "no equals sign",
            Self::UnknownKeyword => "unknown keyword",
            Self::UnsupportedKeyword => "unsupported keyword",
            Self::InvalidBool => "neither true nor false",
            Self::IncompleteCredentials => "incomplete credentials",
            Self::ConflictingCredentials => "conflicting credentials",
            Self::CredentialsWithoutFederation => "credentials without federation",
            Self::BasicAuthBlocked => "basic authentication is blocked",
            Self::UserPasswordUnsupported => "user passwords are not supported",
            Self::MissingAuthority => "no authority",
            Self::InvalidAuthority => "invalid authority",
            Self::InvalidToken => "invalid token",
            Self::InsecureTransport => "insecure transport",
            Self::InvalidThumbprint => "invalid thumbprint",
            Self::CertificateStoreUnsupported => "certificate stores are not supported",
            Self::LocalSecretAccessDisabled => "access to local secrets is disabled",
            Self::UntrustedEndpoint => "untrusted endpoint",
            Self::UntrustedLoginEndpoint => "untrusted login endpoint",
            Self::InvalidMatchRule => "invalid rule for trusted hosts",
        })
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            reason: reason.into(),
            segment: None,
            keyword: None,
        }
    }

    pub(crate) fn at_segment(self, index: usize) -> Self {
        Self {
            segment: Some(index),
            ..self
        }
    }

    pub(crate) fn about(self, keyword: Keyword) -> Self {
        Self {
            keyword: Some(keyword),
            ..self
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The segment of the connection string that is wrong. The first segment is 1, and blank ones count.
    #[must_use]
    pub fn segment(&self) -> Option<usize> {
        self.segment
    }

    /// The keyword that is wrong, or missing.
    #[must_use]
    pub fn keyword(&self) -> Option<Keyword> {
        self.keyword
    }

    /// Whether trying again is useless, which it always is.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        true
    }
}

/// An address of a cluster that cannot be used.
pub(crate) fn invalid_data_source(reason: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidDataSource, reason)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.operation(), self.reason)?;
        match self.segment {
            Some(index) => write!(f, " (segment {index})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
