//! The service's error codes of ingestions that decoding can fail.

use kusto_ingest_core::{Error, ErrorKind};

pub(crate) const NO_RECORDS: &str = "BadRequest_NoRecordsOrWrongFormat";
pub(crate) const INVALID_BLOB: &str = "BadRequest_InvalidBlob";
pub(crate) const INVALID_MAPPING: &str = "BadRequest_InvalidMapping";
pub(crate) const INCONSISTENT_MAPPING: &str = "BadRequest_InconsistentMapping";
pub(crate) const MAPPING_NOT_FOUND: &str = "BadRequest_MappingReferenceWasNotFound";
pub(crate) const FORMAT_NOT_SUPPORTED: &str = "BadRequest_FormatNotSupported";
pub(crate) const WRONG_NUMBER_OF_FIELDS: &str = "Stream_WrongNumberOfFields";
pub(crate) const CLOSING_QUOTE_MISSING: &str = "Stream_ClosingQuoteMissing";
pub(crate) const TOO_LARGE: &str = "Stream_InputStreamTooLarge";

/// The error of a code: what kind it is follows from the code.
pub(crate) fn failure(code: &'static str, why: impl Into<String>) -> Error {
    let kind = match code {
        INVALID_MAPPING | INCONSISTENT_MAPPING => ErrorKind::InvalidInput,
        MAPPING_NOT_FOUND => ErrorKind::NotFound,
        FORMAT_NOT_SUPPORTED => ErrorKind::Unsupported,
        TOO_LARGE => ErrorKind::SizeLimitExceeded,
        _ => ErrorKind::Data,
    };
    Error::new(kind, "decode the data")
        .because(why.into())
        .with_code(code)
}

/// The error of a reader that failed.
pub(crate) fn unreadable(error: std::io::Error) -> Error {
    Error::new(ErrorKind::SourceNotReadable, "read the data")
        .with_code(INVALID_BLOB)
        .caused_by(error)
}
