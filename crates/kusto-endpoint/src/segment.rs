//! Names as parts of a path.

use kusto_ingest_core::{Error, ErrorKind, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// Everything but the letters that need no escape anywhere in an address.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A name as one segment of a path. Everything on the way resolves dots, escaped ones too, to other addresses.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] for `.` and `..`.
pub(crate) fn segment<'a>(name: &'a str, operation: &'static str) -> Result<PercentEncode<'a>> {
    if name == "." || name == ".." {
        return Err(Error::new(ErrorKind::InvalidInput, operation).because(
            "an address cannot name what is called . or ..; use queued ingestion through storage queues",
        ));
    }
    Ok(escaped(name))
}

/// Text as a part of an address.
pub(crate) fn escaped(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, ESCAPED)
}
