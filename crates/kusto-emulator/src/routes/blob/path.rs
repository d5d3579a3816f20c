//! Blobs as paths of a Data Lake: made, appended to, flushed, and listed as JSON.

use bytes::Bytes;
use kusto_fake::{BlobWrite, OnConflict, StoredBlob};
use kusto_ingest_core::Result;
use serde::Serialize;

use super::checksum::verify;
use super::conditions::conditions;
use super::write::check_name;
use crate::answer::{Answer, bare, http_date, json, not_offered, refusal, status};
use crate::request_head::RequestHead;
use crate::state::ServerState;
use crate::target::Resource;

/// What a blob that stands for a folder has among its metadata.
const FOLDER: &str = "hdi_isfolder";

/// The most paths on a page.
const PAGE: usize = 5000;

pub(super) fn answer(
    state: &ServerState,
    asked: &RequestHead,
    resource: &Resource,
    body: Bytes,
) -> Result<Answer> {
    match (
        asked.method.as_str(),
        asked.parameter("action"),
        asked.parameter("resource"),
    ) {
        ("GET", _, Some("filesystem")) => list(state, asked, resource),
        ("PUT", None, Some(kind @ ("file" | "directory"))) => create(state, asked, resource, kind),
        ("PATCH", Some("append"), _) => append(state, asked, resource, body),
        ("PATCH", Some("flush"), _) => flush(state, asked, resource),
        _ => Err(not_offered()),
    }
}

fn create(state: &ServerState, asked: &RequestHead, resource: &Resource, kind: &str) -> Result<Answer> {
    check_name(&resource.rest)?;
    let mut write = BlobWrite::new(OnConflict::Replace);
    write.conditions = conditions(asked)?;
    if kind == "directory" {
        write = write.with_metadata(FOLDER, "true");
    }
    let storage = state.storage();
    let created = storage.put_blob(&resource.place, &resource.rest, Bytes::new(), &write);
    // The Data Lake has its own word for the same refusal.
    let created = created.map_err(|error| match error.code() {
        Some("BlobAlreadyExists") => {
            refusal(409, "PathAlreadyExists", "there is a path of this name already")
        }
        _ => error,
    })?;
    Ok(bare(
        status(201)
            .header("etag", &created.etag)
            .header("last-modified", http_date(created.last_modified)),
    ))
}

fn append(state: &ServerState, asked: &RequestHead, resource: &Resource, body: Bytes) -> Result<Answer> {
    let position = position(asked)?;
    if body.is_empty() {
        return Err(refusal(
            400,
            "InvalidHeaderValue",
            "what is appended is not empty",
        ));
    }
    verify(asked, &body, None)?;
    let length = body.len() as u64;
    let storage = state.storage();
    storage.append_path(&resource.place, &resource.rest, position, body)?;
    if asked.parameter("flush") == Some("true") {
        let flushed = storage.flush_path(
            &resource.place,
            &resource.rest,
            position + length,
            &conditions(asked)?,
        )?;
        return Ok(bare(status(202).header("etag", &flushed.etag)));
    }
    Ok(bare(status(202).header("x-ms-request-server-encrypted", "true")))
}

fn flush(state: &ServerState, asked: &RequestHead, resource: &Resource) -> Result<Answer> {
    let flushed = state.storage().flush_path(
        &resource.place,
        &resource.rest,
        position(asked)?,
        &conditions(asked)?,
    )?;
    Ok(bare(
        status(200)
            .header("etag", &flushed.etag)
            .header("last-modified", http_date(flushed.last_modified)),
    ))
}

fn position(asked: &RequestHead) -> Result<u64> {
    let position = asked.parameter("position").and_then(|text| text.parse().ok());
    position.ok_or_else(|| {
        refusal(
            400,
            "InvalidQueryParameterValue",
            "position is not a number of bytes",
        )
    })
}

#[derive(Serialize)]
struct Paths<'a> {
    paths: Vec<Path<'a>>,
}

/// A path, with texts for values, as the Data Lake writes them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Path<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    content_length: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_directory: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified: Option<String>,
    name: &'a str,
}

fn list(state: &ServerState, asked: &RequestHead, resource: &Resource) -> Result<Answer> {
    let folder = asked.parameter("directory").unwrap_or_default().trim_matches('/');
    let prefix = match folder {
        "" => String::new(),
        folder => format!("{folder}/"),
    };
    let delimiter = match asked.parameter("recursive") {
        Some("true") => "",
        _ => "/",
    };
    let from = asked.parameter("continuation").filter(|from| !from.is_empty());
    let max = asked.parameter("maxResults").and_then(|max| max.parse().ok());
    let max = max.unwrap_or(PAGE).clamp(1, PAGE);
    let page = state
        .storage()
        .list_folder(&resource.place, &prefix, delimiter, from, max)?;
    let folders = page.prefixes.iter().map(|name| Path {
        content_length: None,
        etag: None,
        is_directory: Some("true"),
        last_modified: None,
        name: name.trim_end_matches('/'),
    });
    let mut paths: Vec<Path<'_>> = page.blobs.iter().map(path).chain(folders).collect();
    paths.sort_by_key(|path| path.name);
    // A folder that was made is there once, and not as what its blobs begin with as well.
    paths.dedup_by_key(|path| path.name);
    let mut answer = status(200);
    if let Some(next) = &page.next {
        answer = answer.header("x-ms-continuation", next);
    }
    // Texts and numbers can always be written.
    Ok(json(
        answer,
        serde_json::to_string(&Paths { paths }).unwrap_or_default(),
    ))
}

fn path(blob: &StoredBlob) -> Path<'_> {
    Path {
        content_length: Some(blob.length.to_string()),
        etag: Some(blob.etag.trim_matches('"')),
        is_directory: blob.metadata.contains_key(FOLDER).then_some("true"),
        last_modified: Some(http_date(blob.last_modified)),
        name: &blob.name,
    }
}
