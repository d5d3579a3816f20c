//! The storage service's own codes, and the errors that carry them.

use kusto_ingest_core::{Error, ErrorKind};
use kusto_storage::{Operation, ResourceKind};

use super::ResourcePath;

/// A code of the storage service, as its documentation of common, blob, queue and table errors lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    AuthenticationFailed,
    BlobAlreadyExists,
    BlobNotFound,
    BlockListTooLong,
    CannotVerifyCopySource,
    ConditionNotMet,
    ContainerAlreadyExists,
    ContainerNotFound,
    EntityAlreadyExists,
    InsufficientStorage,
    InternalError,
    InvalidBlobOrBlock,
    InvalidBlockList,
    InvalidFlushPosition,
    MessageNotFound,
    OutOfRangeQueryParameterValue,
    PathNotFound,
    PopReceiptMismatch,
    QueueAlreadyExists,
    QueueNotFound,
    RequestBodyTooLarge,
    ResourceNotFound,
    ServerBusy,
    TableAlreadyExists,
    TableNotFound,
    UpdateConditionNotSatisfied,
}

impl Code {
    pub(super) fn not_found(kind: ResourceKind) -> Self {
        match kind {
            ResourceKind::Container => Self::ContainerNotFound,
            ResourceKind::Queue => Self::QueueNotFound,
            ResourceKind::Table => Self::TableNotFound,
        }
    }

    pub(super) fn already_exists(kind: ResourceKind) -> Self {
        match kind {
            ResourceKind::Container => Self::ContainerAlreadyExists,
            ResourceKind::Queue => Self::QueueAlreadyExists,
            ResourceKind::Table => Self::TableAlreadyExists,
        }
    }

    /// The code that the service would give for a failure of a kind; connections fail without any.
    pub(super) fn of(kind: ErrorKind) -> Option<Self> {
        match kind {
            ErrorKind::Forbidden | ErrorKind::Unauthenticated => Some(Self::AuthenticationFailed),
            ErrorKind::NotFound => Some(Self::ResourceNotFound),
            ErrorKind::Throttled => Some(Self::ServerBusy),
            ErrorKind::Unavailable => Some(Self::InternalError),
            ErrorKind::MessageTooLarge => Some(Self::RequestBodyTooLarge),
            _ => None,
        }
    }

    pub(super) fn http_status(self) -> u16 {
        match self {
            Self::BlockListTooLong
            | Self::InvalidBlobOrBlock
            | Self::InvalidBlockList
            | Self::InvalidFlushPosition
            | Self::OutOfRangeQueryParameterValue
            | Self::PopReceiptMismatch => 400,
            Self::AuthenticationFailed => 403,
            Self::BlobNotFound
            | Self::CannotVerifyCopySource
            | Self::ContainerNotFound
            | Self::MessageNotFound
            | Self::PathNotFound
            | Self::QueueNotFound
            | Self::ResourceNotFound
            | Self::TableNotFound => 404,
            Self::BlobAlreadyExists
            | Self::ContainerAlreadyExists
            | Self::EntityAlreadyExists
            | Self::QueueAlreadyExists
            | Self::TableAlreadyExists => 409,
            Self::ConditionNotMet | Self::UpdateConditionNotSatisfied => 412,
            // The service has no end. Whoever meets this one should not try again.
            Self::InsufficientStorage | Self::RequestBodyTooLarge => 413,
            Self::InternalError => 500,
            Self::ServerBusy => 503,
        }
    }

    fn kind(self) -> ErrorKind {
        match self.http_status() {
            _ if self == Self::InsufficientStorage => ErrorKind::SizeLimitExceeded,
            403 => ErrorKind::Forbidden,
            404 => ErrorKind::NotFound,
            409 => ErrorKind::AlreadyExists,
            413 => ErrorKind::MessageTooLarge,
            500 => ErrorKind::Unavailable,
            503 => ErrorKind::Throttled,
            _ => ErrorKind::Rejected,
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Self::AuthenticationFailed => "the SAS is missing, another one, or over",
            Self::BlobAlreadyExists => "there is a blob of this name already",
            Self::BlobNotFound => "there is no such blob",
            Self::BlockListTooLong => "a blob has 50,000 blocks at most",
            Self::CannotVerifyCopySource => "there is no such blob to copy",
            Self::ConditionNotMet => "a condition of the request does not hold",
            Self::ContainerAlreadyExists => "there is a container of this name already",
            Self::ContainerNotFound => "there is no such container",
            Self::EntityAlreadyExists => "there is an entity of this key already",
            Self::InsufficientStorage => "the storage in memory is full",
            Self::InternalError => "the service failed",
            Self::InvalidBlobOrBlock => "the ids of a blob's blocks have one length",
            Self::InvalidBlockList => "a block of the list was not staged",
            Self::InvalidFlushPosition => "the position is not the end of what was appended",
            Self::MessageNotFound => "there is no such message",
            Self::OutOfRangeQueryParameterValue => "the number of messages is not one of 1 to 32",
            Self::PathNotFound => "there is no such path",
            Self::PopReceiptMismatch => "the receipt is not the last one",
            Self::QueueAlreadyExists => "there is a queue of this name already",
            Self::QueueNotFound => "there is no such queue",
            Self::RequestBodyTooLarge => "a message has 64 KiB at most",
            Self::ResourceNotFound => "there is no such entity",
            Self::ServerBusy => "the account is busy",
            Self::TableAlreadyExists => "there is a table of this name already",
            Self::TableNotFound => "there is no such table",
            Self::UpdateConditionNotSatisfied => "the etag is not the entity's",
        }
    }
}

/// The error that the service would answer.
pub(super) fn refusal(operation: Operation, code: Code, path: &ResourcePath) -> Error {
    Error::new(code.kind(), operation.attempt())
        .because(code.reason())
        .with("resource", path)
        .with_code(format!("{code:?}"))
        .with_http_status(code.http_status())
}
