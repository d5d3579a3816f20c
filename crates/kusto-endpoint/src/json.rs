//! JSON as services send it, also where the usual parser gives up on it.

mod lenient;

use serde_json::Value;

pub(crate) use lenient::MAX_DEPTH;

/// Reads a text of JSON: whatever serde reads as serde reads it, and what it refuses for its depth, its numbers or
/// halves of letters by a parser that does not.
///
/// # Errors
/// Those of serde when the text is no JSON at all.
pub(crate) fn read(text: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(text).or_else(|error| lenient::read(text).ok_or(error))
}
