//! The headers of requests and answers: their names, and how text becomes a value that never breaks a request.

use std::borrow::Cow;

/// A header of a request: its name in small letters, and its value, which is the same for every request more often
/// than not.
pub type Header = (&'static str, Cow<'static, str>);

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
pub(crate) const S2S_ACTOR: &str = "x-ms-s2s-actor-authorization";
pub(crate) const S2S_CONTEXT: &str = "x-ms-fabric-s2s-access-context";
pub(crate) const LOCATION: &str = "location";

/// The longest value, in bytes.
const LONGEST: usize = 512;

/// Text as a header may carry it: what is not ASCII becomes `?`, what controls a terminal `_`. `None` when
/// nothing is left.
pub(crate) fn value(text: &str) -> Option<String> {
    let text = text.trim();
    let may_travel = |byte: &u8| byte.is_ascii() && !byte.is_ascii_control();
    if text.len() <= LONGEST && text.as_bytes().iter().all(may_travel) {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    let ascii: String = text
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
