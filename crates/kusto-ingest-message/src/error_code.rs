//! Error codes of the service: the category of each, and whether it is permanent.

mod table;

pub use table::IngestionErrorCode;

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// The categories into which Kusto's documentation sorts its codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCategory {
    /// The data or the mapping does not have the form it should have.
    BadFormat,
    /// The request cannot be fulfilled as it is.
    BadRequest,
    /// The service may not read the blob, or may not write to the table.
    DataAccessNotAuthorized,
    /// The blob could not be downloaded.
    DownloadFailed,
    /// A database, table or mapping does not exist.
    EntityNotFound,
    /// The blob, a record or a field is too large.
    FileTooLarge,
    /// The service failed.
    InternalServiceError,
    /// The table's update policy failed.
    UpdatePolicyFailure,
    /// The principal that queued the message may not ingest.
    UserAccessNotAuthorized,
    /// The engine asks to slow down.
    ThrottledOnEngine,
    /// The service tried until it gave up.
    RetryAttemptsExceeded,
    /// The blob was queued before.
    BlobAlreadyReceived,
    /// No failure.
    Other,
    /// Unknown to the service, or to this version.
    Unknown,
}

/// The category, in words.
impl fmt::Display for ErrorCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::BadFormat => "bad format",
            Self::BadRequest => "bad request",
            Self::DataAccessNotAuthorized => "access to the data is not authorized",
            Self::DownloadFailed => "the download failed",
            Self::EntityNotFound => "entity not found",
            Self::FileTooLarge => "file too large",
            Self::InternalServiceError => "internal service error",
            Self::UpdatePolicyFailure => "update policy failure",
            Self::UserAccessNotAuthorized => "access of the user is not authorized",
            Self::ThrottledOnEngine => "throttled on the engine",
            Self::RetryAttemptsExceeded => "retry attempts exceeded",
            Self::BlobAlreadyReceived => "blob already received",
            Self::Other => "other",
            Self::Unknown => "unknown",
        })
    }
}

impl IngestionErrorCode {
    /// Reads a code as a column or a report holds it: a name, or a number, also as text; blank is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let Ok(code) = text.parse();
        Some(code).filter(|_| !text.trim().is_empty())
    }

    /// Every code that this version knows, in the order of Kusto's documentation.
    pub fn known() -> impl Iterator<Item = Self> {
        Self::TABLE.iter().map(|row| row.code.clone())
    }

    /// Its category.
    #[must_use]
    pub fn category(&self) -> ErrorCategory {
        self.row().map_or(ErrorCategory::Unknown, |row| row.category)
    }

    /// Whether the same data would fail again; `None` where the documentation does not say.
    #[must_use]
    pub fn is_permanent(&self) -> Option<bool> {
        self.row().and_then(|row| row.permanent)
    }

    /// What it means, in a sentence without full stop; `None` where this version does not know it.
    #[must_use]
    pub fn meaning(&self) -> Option<&'static str> {
        self.row().map(|row| row.meaning)
    }

    fn row(&self) -> Option<&'static table::Row> {
        Self::TABLE.iter().find(|row| row.code == *self)
    }
}

impl fmt::Display for IngestionErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(name) => f.write_str(name),
            Self::Numeric(number) => number.fmt(f),
            known => f.write_str(known.row().map_or("", |row| row.name)),
        }
    }
}

impl FromStr for IngestionErrorCode {
    type Err = Infallible;

    /// Reads a name in any case. It never fails: a name or number that this version does not know is kept.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let text = text.trim();
        if let Ok(number) = text.parse() {
            return Ok(Self::Numeric(number));
        }
        let known = Self::TABLE.iter().find(|row| {
            row.name.eq_ignore_ascii_case(text)
                || row.older_name.is_some_and(|name| name.eq_ignore_ascii_case(text))
        });
        Ok(known.map_or_else(|| Self::Other(text.to_owned()), |row| row.code.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s02_c88_codes_are_read_as_name_number_or_nothing() {
        for (text, expect) in [
            (
                "BadRequest_Brand_New",
                Some(IngestionErrorCode::Other("BadRequest_Brand_New".into())),
            ),
            ("17", Some(IngestionErrorCode::Numeric(17))),
            ("", None),
            ("download_forbidden", Some(IngestionErrorCode::DownloadForbidden)),
            (
                "BadRequest_MissingMappingFailure",
                Some(IngestionErrorCode::BadRequestMissingMapping),
            ),
        ] {
            assert_eq!(IngestionErrorCode::read(text), expect, "{text:?}");
        }
    }

    #[test]
    fn every_known_code_is_written_as_it_is_read() {
        assert_eq!(IngestionErrorCode::known().count(), 80);
        for code in IngestionErrorCode::known() {
            assert_eq!(IngestionErrorCode::read(&code.to_string()), Some(code));
        }
    }

    #[test]
    fn a_code_knows_its_category_and_whether_it_passes() {
        for (name, category, permanent) in [
            ("Download_SourceNotFound", ErrorCategory::BadRequest, Some(true)),
            (
                "General_ThrottledIngestion",
                ErrorCategory::ThrottledOnEngine,
                Some(false),
            ),
            (
                "BadRequest_NoValidResponseFromEngine",
                ErrorCategory::BadRequest,
                None,
            ),
            ("NoError", ErrorCategory::Other, None),
            ("17", ErrorCategory::Unknown, None),
            ("Misc", ErrorCategory::Unknown, None),
        ] {
            let code = IngestionErrorCode::read(name).unwrap();
            assert_eq!(
                (code.category(), code.is_permanent()),
                (category, permanent),
                "{name}"
            );
        }
    }
}
