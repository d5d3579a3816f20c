//! The page for a person in front of a browser: one file each of HTML, CSS and JavaScript, and nothing from elsewhere.

use bytes::Bytes;

use crate::answer::{Answer, bare, status, with};

const PAGE: &str = include_str!("../page/index.html");
const STYLE: &str = include_str!("../page/page.css");
const SCRIPT: &str = include_str!("../page/page.js");

/// What the page may do: nothing but ask this emulator.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The file of the page that is at a path.
pub(super) fn answer(path: &str) -> Answer {
    let (content_type, text) = match path.trim_start_matches('/') {
        "" => ("text/html; charset=utf-8", PAGE),
        "__emulator/page.css" => ("text/css; charset=utf-8", STYLE),
        "__emulator/page.js" => ("text/javascript; charset=utf-8", SCRIPT),
        _ => return bare(status(404)),
    };
    let answer = status(200)
        .header("content-type", content_type)
        .header("content-security-policy", POLICY)
        .header("x-content-type-options", "nosniff")
        .header("cache-control", "no-store");
    with(answer, Bytes::from_static(text.as_bytes()))
}
