//! The REST routes of queued ingestion as the service sees them: requests are read, answers written in either shape.

mod answers;
mod properties;

pub use answers::{ingestion_configuration, queued_operation, submission};

use kusto_endpoint::{OperationDetail, OperationId, QueuedRequest, Tracking};
use kusto_ingest_core::{BlobSource, DatabaseName, Error, ErrorKind, Result, SourceId, TableName, Timestamp};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Map, Value};

use self::properties::WireProperties;

/// Where blobs are named; database and table follow, and the operation where one is asked for.
const PATH: &str = "/v1/rest/ingestion/queued/";

#[derive(Deserialize)]
struct WireSubmission {
    #[serde(default)]
    timestamp: Option<String>,
    #[serde(default)]
    blobs: Vec<WireBlob>,
    properties: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireBlob {
    url: String,
    #[serde(default)]
    source_id: Option<SourceId>,
    #[serde(default)]
    raw_size: Option<u64>,
}

/// Reads a request of any client that names blobs. `path` is the path of the address as it came.
///
/// # Errors
/// [`ErrorKind::Rejected`] with a code when it is no such request; that of a name or an address that is none.
pub fn parse_submission(path: &str, body: &[u8]) -> Result<(DatabaseName, TableName, QueuedRequest)> {
    let (database, table, rest) = names(path)?;
    if rest.is_some() {
        return Err(refused(
            "BadRequest_InvalidPath",
            "the path names more than a table",
        ));
    }
    // The parser's own words may quote the body.
    let written: WireSubmission = serde_json::from_slice(body).map_err(|_| {
        refused(
            "BadRequest_InvalidJson",
            "the body is not JSON with blobs and properties",
        )
    })?;
    let WireProperties {
        properties,
        format,
        tracking,
        deletes,
    } = WireProperties::read(&database, &table, written.properties)?;
    let blob = |blob: WireBlob| {
        let source = BlobSource::parse(blob.url)?.with_raw_size(blob.raw_size.unwrap_or(0));
        let source = match blob.source_id {
            Some(id) => source.with_id(id),
            None => source,
        };
        Ok(match deletes {
            true => source.with_delete_after_ingestion(),
            false => source,
        })
    };
    let blobs = written.blobs.into_iter().map(blob).collect::<Result<_>>()?;
    let created = written.timestamp.and_then(|at| Timestamp::parse(&at).ok());
    let created = created.unwrap_or(Timestamp::UNIX_EPOCH);
    let tracking = match tracking {
        true => Tracking::On,
        false => Tracking::Off,
    };
    let request = QueuedRequest::new(blobs, &properties, format, created).with_tracking(tracking);
    Ok((database, table, request))
}

/// Reads a request that asks for an operation. `path` and `query` are those of the address as they came.
///
/// # Errors
/// [`ErrorKind::Rejected`] when it names no operation.
pub fn parse_operation(
    path: &str,
    query: &str,
) -> Result<(DatabaseName, TableName, OperationId, OperationDetail)> {
    let (database, table, id) = names(path)?;
    let id = id.as_deref().and_then(OperationId::parse);
    let id = id.ok_or_else(|| refused("BadRequest_InvalidPath", "the path names no operation"))?;
    let wants_details = query
        .split('&')
        .any(|pair| pair.eq_ignore_ascii_case("details=true"));
    let detail = match wants_details {
        true => OperationDetail::Blobs,
        false => OperationDetail::Summary,
    };
    Ok((database, table, id, detail))
}

fn names(path: &str) -> Result<(DatabaseName, TableName, Option<String>)> {
    let mut parts = path.strip_prefix(PATH).unwrap_or_default().split('/');
    let mut next = || {
        parts
            .next()
            .filter(|part| !part.is_empty())
            .map(decoded)
            .transpose()
    };
    let nothing = || refused("BadRequest_InvalidPath", "the path names no table");
    let database = next()?.ok_or_else(nothing)?;
    let table = next()?.ok_or_else(nothing)?;
    Ok((DatabaseName::parse(database)?, TableName::parse(table)?, next()?))
}

fn decoded(part: &str) -> Result<String> {
    let text = percent_decode_str(part).decode_utf8();
    text.map(Into::into)
        .map_err(|_| refused("BadRequest_InvalidPath", "a name is not UTF-8"))
}

fn refused(code: &'static str, why: &'static str) -> Error {
    Error::new(ErrorKind::Rejected, "queue the blobs")
        .because(why)
        .with_code(code)
        .with_http_status(400)
        .with_permanence(true)
}
