//! A streaming request as an engine receives it, and its answer.

use bytes::Bytes;
use kusto_endpoint::{StreamingOutcome, StreamingRequest, UpdatePolicyOutcome};
use kusto_ingest_core::{BlobUri, DataFormat, DatabaseName, Error, ErrorKind, Result, TableName};
use kusto_ingest_decode::{ScalarType, Value};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use super::to_v1;
use crate::{Answer, AnswerTable};

/// Where data is streamed to; database and table follow.
const PATH: &str = "/v1/rest/ingest/";
const FORMAT: &str = "streamFormat";
const MAPPING: &str = "mappingName";
const SOURCE_KIND: &str = "sourceKind";
const BY_ADDRESS: &str = "uri";

/// The body of a request that names a blob.
#[derive(Deserialize)]
struct ByAddress {
    #[serde(rename = "SourceUri", alias = "sourceUri")]
    source: String,
}

/// Reads a streaming request of any client.
///
/// `path` is the path of the address and `query` what follows the question mark, both as they came. Parameters that
/// no client of ours sends are passed over, and whether the data is gzip is told by the body.
///
/// # Errors
/// [`ErrorKind::Protocol`] when it is no streaming request; that of a name, format or address that is none.
pub fn parse_streaming(
    path: &str,
    query: &str,
    body: Bytes,
) -> Result<(DatabaseName, TableName, StreamingRequest)> {
    let names = path.strip_prefix(PATH).and_then(|names| names.split_once('/'));
    let (database, table) = names.ok_or_else(|| not_understood("the path names no table"))?;
    let value = |name: &str| -> Result<Option<String>> {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut found = pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| decoded(value)).transpose()
    };
    let format = value(FORMAT)?.ok_or_else(|| not_understood("the format is missing"))?;
    let format: DataFormat = format.parse()?;
    let by_address = value(SOURCE_KIND)?.is_some_and(|kind| kind.eq_ignore_ascii_case(BY_ADDRESS));
    let mut request = match by_address {
        false => StreamingRequest::of_bytes(body, format),
        true => {
            // The parser's own words may quote the body.
            let named: ByAddress = serde_json::from_slice(&body)
                .map_err(|_| not_understood("the body is not JSON with a SourceUri"))?;
            StreamingRequest::of_blob(BlobUri::parse(named.source)?, format)
        }
    };
    request.mapping = value(MAPPING)?.filter(|name| !name.is_empty());
    Ok((
        DatabaseName::parse(decoded(database)?)?,
        TableName::parse(decoded(table)?)?,
        request,
    ))
}

/// Writes the body of a success as an engine does.
#[must_use]
pub fn streaming_outcome(outcome: &StreamingOutcome) -> String {
    let policy = outcome.update_policy.clone().unwrap_or_else(|| {
        let mut inactive = UpdatePolicyOutcome::default();
        inactive.status = "Inactive".to_owned();
        inactive.code = Some("Unknown".to_owned());
        inactive
    });
    let columns = [
        ("ConsumedRecordsCount", ScalarType::Long),
        ("UpdatePolicyStatus", ScalarType::String),
        ("UpdatePolicyFailureCode", ScalarType::String),
        ("UpdatePolicyFailureReason", ScalarType::String),
    ];
    let row: [Value; 4] = [
        outcome.consumed_records.into(),
        policy.status.into(),
        policy.code.into(),
        policy.reason.into(),
    ];
    to_v1(&Answer::single(
        AnswerTable::of("Table_0", &columns).with_row(row),
    ))
}

fn decoded(text: &str) -> Result<String> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(Into::into)
        .map_err(|_| not_understood("a name is not UTF-8"))
}

fn not_understood(why: &'static str) -> Error {
    Error::new(ErrorKind::Protocol, "read the streaming request").because(why)
}
