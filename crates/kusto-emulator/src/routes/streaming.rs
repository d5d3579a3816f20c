//! Data that is streamed into a table.

use bytes::Bytes;
use futures::executor::block_on;
use kusto_endpoint::{StreamingData, StreamingEndpoint, StreamingRequest};
use kusto_fake::wire;
use kusto_ingest_core::{Error, ErrorKind, Result};
use tokio::task::spawn_blocking;

use crate::answer::{Answer, json, status};
use crate::request_head::RequestHead;
use crate::state::ServerState;

pub(super) async fn answer(state: &ServerState, asked: &RequestHead, body: Bytes) -> Result<Answer> {
    // The names are parts of the path, in which an escaped slash is no slash.
    let (database, table, request) = wire::parse_streaming(&asked.raw_path, &asked.raw_query, body)?;
    check_encoding(asked, &request)?;
    let fake = state.fake.clone();
    // Ten megabytes may come at once: others are answered meanwhile.
    let taken = spawn_blocking(move || block_on(fake.ingest(&database, &table, &request))).await;
    let outcome = taken.unwrap_or_else(|_| Err(Error::new(ErrorKind::Unavailable, "stream the data")))?;
    Ok(json(status(200), wire::streaming_outcome(&outcome)))
}

/// Checks that a body is what it says: gzip where the header says so, and no archive.
///
/// Some clients say gzip of every body and compress no binary formats: those tell themselves what they are.
///
/// # Errors
/// `BadRequest_InvalidBlob`, `BadRequest_InvalidArchive`.
fn check_encoding(asked: &RequestHead, request: &StreamingRequest) -> Result<()> {
    let StreamingData::Bytes(bytes) = &request.data else {
        return Ok(());
    };
    let refuse = |code: &'static str, why: &'static str| {
        let error = Error::new(ErrorKind::Rejected, "stream the data").because(why);
        Err(error.with_code(code).with_http_status(400).with_permanence(true))
    };
    if !request.format.is_compressible() {
        return Ok(());
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return refuse("BadRequest_InvalidArchive", "an archive cannot be streamed");
    }
    let encoding = asked.header("content-encoding").unwrap_or_default();
    if encoding.eq_ignore_ascii_case("gzip") && !bytes.is_empty() && !request.data.is_gzip() {
        return refuse(
            "BadRequest_InvalidBlob",
            "content-encoding is gzip, and the body is not",
        );
    }
    Ok(())
}
