//! Numbers as text, the same in CSV and in JSON.

use serde::Serialize;

use crate::refusal::Refusal;

/// Writes an integer, or a real that is finite: the shortest text that reads back as the same number.
pub(crate) fn write(number: impl Serialize, out: &mut Vec<u8>) -> Result<(), Refusal> {
    serde_json::to_writer(out, &number).map_err(|error| Refusal::new(error.to_string()))
}

/// How Kusto spells a real that is no number; `None` for one that is.
pub(crate) fn name_of(real: f64) -> Option<&'static str> {
    if real.is_nan() {
        Some("NaN")
    } else if real == f64::INFINITY {
        Some("Infinity")
    } else if real == f64::NEG_INFINITY {
        Some("-Infinity")
    } else {
        None
    }
}
