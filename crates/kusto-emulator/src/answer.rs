//! Answers, from their status to what all of them carry.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::response::Builder;
use http::{HeaderValue, Response, StatusCode};
use kusto_endpoint::header;
use kusto_ingest_core::{Error, ErrorKind, Timestamp};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use uuid::Uuid;

use crate::content::Content;
use crate::request_head::RequestHead;
use crate::target::Target;

/// An answer that is on its way.
pub(crate) type Answer = Response<Content>;

/// The version of the storage services that is answered with when the request names none.
const STORAGE_VERSION: &str = "2025-07-05";

/// A moment as headers write it: RFC 1123.
const HTTP_DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// A moment as headers and lists write it.
pub(crate) fn http_date(at: Timestamp) -> String {
    at.as_datetime().format(HTTP_DATE).unwrap_or_default()
}

/// Reads a moment that a header writes.
pub(crate) fn read_http_date(text: &str) -> Option<Timestamp> {
    let at = time::PrimitiveDateTime::parse(text.trim(), HTTP_DATE).ok()?;
    Some(Timestamp::from(at.assume_utc()))
}

/// The beginning of an answer.
pub(crate) fn status(status: u16) -> Builder {
    Response::builder().status(status)
}

/// The end of an answer. What was put into its headers is plain text, or came in as a header.
pub(crate) fn with(builder: Builder, content: impl Into<Content>) -> Answer {
    builder.body(content.into()).unwrap_or_else(|_| {
        let mut answer = Answer::default();
        *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        answer
    })
}

/// An answer without a body.
pub(crate) fn bare(builder: Builder) -> Answer {
    with(builder, Bytes::new())
}

/// An answer of JSON, which is written already.
pub(crate) fn json(builder: Builder, text: String) -> Answer {
    with(
        builder.header("content-type", "application/json"),
        Bytes::from(text),
    )
}

/// An error response of storage: status, code and reason.
pub(crate) fn refusal(status: u16, code: &'static str, why: &'static str) -> Error {
    let kind = match status {
        408 | 425 | 500.. => ErrorKind::Unavailable,
        _ => ErrorKind::Rejected,
    };
    Error::new(kind, "answer the request")
        .because(why)
        .with_code(code)
        .with_http_status(status)
}

/// The error response for an unknown request.
pub(crate) fn not_offered() -> Error {
    refusal(501, "NotImplemented", "the emulator does not know this request")
}

/// Adds what every answer of such a target carries.
pub(crate) fn finish(asked: &RequestHead, target: &Target, now: Timestamp, answer: &mut Answer) {
    let is_storage = matches!(target, Target::Storage(_));
    let named = asked.client_request_id().map(str::to_owned);
    let named = named.or_else(|| (!is_storage).then(|| format!("emulator;{}", Uuid::new_v4())));
    let id = if is_storage {
        "x-ms-request-id"
    } else {
        header::ACTIVITY_ID
    };
    let version = asked.header("x-ms-version").unwrap_or(STORAGE_VERSION);
    let mut add = |name: &'static str, value: Option<&str>| {
        if let Some(value) = value.and_then(|value| value.parse().ok()) {
            answer.headers_mut().insert(name, value);
        }
    };
    add("date", Some(&http_date(now)));
    add(
        "server",
        Some(concat!("kusto-emulator/", env!("CARGO_PKG_VERSION"))),
    );
    add(id, Some(&asked.id.to_string()));
    add("x-ms-version", Some(version).filter(|_| is_storage));
    add(header::CLIENT_REQUEST_ID, named.as_deref());
}

/// Says where to sign in, as the service says it.
pub(crate) fn name_authority(cluster: &str, answer: &mut Answer) {
    let told = format!(
        "Bearer authorization_uri=\"{cluster}/common\", resource=\"https://kusto.kusto.windows.net\""
    );
    if let Ok(told) = HeaderValue::from_str(&told) {
        answer.headers_mut().insert("www-authenticate", told);
    }
}

/// The same answer in gzip, however small it is: there are clients that count on it once they have asked.
pub(crate) fn compressed(mut answer: Answer) -> Answer {
    if answer.body().length() == 0 || answer.headers().contains_key("content-encoding") {
        return answer;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let pieces = std::mem::take(answer.body_mut()).into_pieces();
    let written = pieces.iter().try_for_each(|piece| encoder.write_all(piece));
    match written.and_then(|()| encoder.finish()) {
        Ok(gzip) => {
            *answer.body_mut() = Bytes::from(gzip).into();
            let encoding = HeaderValue::from_static("gzip");
            answer.headers_mut().insert("content-encoding", encoding);
        }
        // A vector takes everything.
        Err(_) => *answer.body_mut() = pieces.into_iter().collect(),
    }
    answer
}
