//! Writes errors in the three formats: Kusto's, that of blobs and queues, and that of tables.

use bytes::Bytes;
use http::Method;
use kusto_fake::wire;
use kusto_ingest_core::{Error, ErrorKind};
use kusto_storage::ResourceKind;

use crate::answer::{Answer, json, status, with};
use crate::request_head::RequestHead;
use crate::routes::table;
use crate::target::Target;
use crate::xml;

/// An error as the one who asked understands it; `None` when the connection is what fails.
pub(crate) fn answer(asked: &RequestHead, target: &Target, error: &Error) -> Option<Answer> {
    if matches!(
        error.kind(),
        ErrorKind::Connection | ErrorKind::Io | ErrorKind::OutcomeUnknown
    ) {
        return None;
    }
    let mut builder = status(wire::error_status(error));
    if let Some(wait) = error.retry_after() {
        builder = builder.header("retry-after", wait.as_secs().max(1));
    }
    let Target::Storage(resource) = target else {
        let client_request_id = asked.client_request_id().unwrap_or_default();
        let told = wire::error_body(error, &asked.id.to_string(), client_request_id);
        return Some(json(builder, told));
    };
    let code = error.code().unwrap_or("InternalError");
    let why = error.reason().unwrap_or(error.operation());
    if resource.kind == ResourceKind::Table {
        let builder = builder.header(
            "content-type",
            "application/json;odata=minimalmetadata;charset=utf-8",
        );
        return Some(with(builder, Bytes::from(table::refused(error))));
    }
    let builder = builder
        .header("x-ms-error-code", code)
        .header("content-type", "application/xml");
    let is_head = asked.method == Method::HEAD;
    let told = if is_head {
        String::new()
    } else {
        xml::error(code, why)
    };
    Some(with(builder, Bytes::from(told)))
}
