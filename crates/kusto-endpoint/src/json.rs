//! JSON as services send it, also where `serde_json` refuses it.

mod lenient;

use serde_json::Value;

pub(crate) use lenient::MAX_DEPTH;

/// Reads JSON as `serde_json` does. What `serde_json` refuses for its depth, its numbers or half a surrogate pair is
/// read by a lenient parser.
///
/// # Errors
/// Those of serde when the text is no JSON at all.
pub(crate) fn read(text: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(text).or_else(|error| lenient::read(text).ok_or(error))
}
