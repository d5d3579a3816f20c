//! The headers of requests and answers: their names, and how text becomes a value that never breaks a request.

/// The client's name for a request; the answer repeats it.
pub const CLIENT_REQUEST_ID: &str = "x-ms-client-request-id";
/// The service's name for what it did.
pub const ACTIVITY_ID: &str = "x-ms-activity-id";

pub(crate) const ACCEPT: &str = "accept";
pub(crate) const CONTENT_TYPE: &str = "content-type";
pub(crate) const CONTENT_ENCODING: &str = "content-encoding";
pub(crate) const VERSION: &str = "x-ms-version";
pub(crate) const CLIENT_VERSION: &str = "x-ms-client-version";
pub(crate) const APPLICATION: &str = "x-ms-app";
pub(crate) const USER: &str = "x-ms-user";
pub(crate) const RETRY_AFTER: &str = "retry-after";
pub(crate) const RETRY_AFTER_MS: [&str; 2] = ["x-ms-retry-after-ms", "retry-after-ms"];
pub(crate) const DATE: &str = "date";
pub(crate) const LOCATION: &str = "location";

/// The longest value, in bytes.
const LONGEST: usize = 512;

/// Text as a header may carry it: what is not ASCII becomes `?`, what controls a terminal `_`. `None` when
/// nothing is left.
pub(crate) fn value(text: &str) -> Option<String> {
    let ascii: String = text
        .trim()
        .chars()
        .map(|letter| match letter {
            _ if !letter.is_ascii() => '?',
            _ if letter.is_ascii_control() => '_',
            _ => letter,
        })
        .take(LONGEST)
        .collect();
    Some(ascii.trim().to_owned()).filter(|value| !value.is_empty())
}
