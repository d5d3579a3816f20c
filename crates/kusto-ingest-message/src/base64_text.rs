//! The base64 in which queues carry JSON.

use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::engine::{DecodePaddingMode, Engine};

/// How many characters some bytes have as base64.
pub(crate) const fn encoded_length(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

/// Writes text as base64: standard alphabet, padded.
pub(crate) fn encode(text: &str) -> String {
    STANDARD.encode(text)
}

/// Reads base64 text, padded or not; text that is none is taken as it is, as some senders leave it out.
pub(crate) fn decode(text: &str) -> String {
    let tolerant = GeneralPurpose::new(
        &ALPHABET,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    tolerant
        .decode(text.trim())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_else(|| text.to_owned())
}
