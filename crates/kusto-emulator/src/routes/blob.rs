//! Blobs: put, staged, committed, read in ranges, deleted and listed.

use std::collections::BTreeMap;
use std::ops::Range;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::Method;
use http::response::Builder;
use kusto_fake::{BlobWrite, OnConflict, StoredBlob};
use kusto_ingest_core::Result;
use kusto_storage::Operation;

use crate::Route;
use crate::answer::{Answer, bare, http_date, not_offered, refusal, status, with};
use crate::asked::Asked;
use crate::content::Content;
use crate::state::ServerState;
use crate::target::Resource;
use crate::xml;

/// The longest id of a block, in bytes before base64.
const LONGEST_BLOCK_ID: usize = 64;

/// The most blobs on a page.
const PAGE: usize = 5000;

pub(super) fn answer(state: &ServerState, asked: &Asked, resource: &Resource, body: Bytes) -> Result<Answer> {
    match resource.route {
        Route::Properties => container(state),
        Route::Storage(Operation::PutBlob) => put(state, asked, resource, body),
        Route::Storage(Operation::StageBlock) => stage(state, asked, resource, body),
        Route::Storage(Operation::CommitBlocks) => commit(state, asked, resource, &body),
        Route::Storage(Operation::HeadBlob) => read(state, asked, resource, Operation::HeadBlob),
        Route::Storage(Operation::GetBlob) => read(state, asked, resource, Operation::GetBlob),
        Route::Storage(Operation::DeleteBlob) => delete(state, resource),
        Route::Storage(Operation::ListBlobs) => list(state, asked, resource),
        _ => Err(not_offered()),
    }
}

fn container(state: &ServerState) -> Result<Answer> {
    let modified = http_date(state.started);
    let answer = status(200)
        .header("etag", "\"0x8DC000000000000\"")
        .header("last-modified", modified);
    Ok(bare(
        answer
            .header("x-ms-lease-status", "unlocked")
            .header("x-ms-lease-state", "available"),
    ))
}

fn put(state: &ServerState, asked: &Asked, resource: &Resource, body: Bytes) -> Result<Answer> {
    if asked.header("x-ms-copy-source").is_some() {
        return Err(not_offered());
    }
    match asked.header("x-ms-blob-type") {
        Some("BlockBlob") => {}
        Some(_) => return Err(not_offered()),
        None => {
            return Err(refusal(
                400,
                "MissingRequiredHeader",
                "the request does not say x-ms-blob-type",
            ));
        }
    }
    let content_type = asked
        .header("x-ms-blob-content-type")
        .or_else(|| asked.header("content-type"));
    let write = write(asked, content_type);
    let blob = state
        .storage()
        .put_blob(&resource.place, &resource.rest, body, &write)?;
    Ok(bare(written(&blob)))
}

fn stage(state: &ServerState, asked: &Asked, resource: &Resource, body: Bytes) -> Result<Answer> {
    let id = asked.parameter("blockid").unwrap_or_default();
    let decoded = BASE64_STANDARD.decode(id).unwrap_or_default();
    if decoded.is_empty() || decoded.len() > LONGEST_BLOCK_ID {
        let why = "the block's id is not base64 of 1 to 64 bytes";
        return Err(refusal(400, "InvalidQueryParameterValue", why));
    }
    if body.is_empty() {
        return Err(refusal(400, "InvalidHeaderValue", "a block is not empty"));
    }
    state
        .storage()
        .stage_block(&resource.place, &resource.rest, id, body)?;
    Ok(bare(status(201).header("x-ms-request-server-encrypted", "true")))
}

fn commit(state: &ServerState, asked: &Asked, resource: &Resource, body: &Bytes) -> Result<Answer> {
    let blocks = xml::leaves(body)?.into_iter();
    let blocks = blocks.filter(|(name, _)| matches!(name.as_str(), "Latest" | "Uncommitted" | "Committed"));
    let ids: Vec<String> = blocks.map(|(_, id)| id).collect();
    // The type of this request's own body is XML; only the header says that of the blob.
    let write = write(asked, asked.header("x-ms-blob-content-type"));
    let blob = state
        .storage()
        .commit_blocks(&resource.place, &resource.rest, &ids, &write)?;
    Ok(bare(written(&blob)))
}

/// What the headers say of a new blob.
fn write(asked: &Asked, content_type: Option<&str>) -> BlobWrite {
    let on_conflict = match asked.header("if-none-match") {
        Some("*") => OnConflict::Refuse,
        _ => OnConflict::Replace,
    };
    let mut write = BlobWrite::new(on_conflict);
    write.content_type = content_type.map(str::to_owned);
    let metadata = asked.headers_under("x-ms-meta-");
    write.metadata = metadata
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    write
}

fn written(blob: &StoredBlob) -> Builder {
    let answer = status(201)
        .header("etag", &blob.etag)
        .header("last-modified", http_date(blob.last_modified));
    answer.header("x-ms-request-server-encrypted", "true")
}

fn read(state: &ServerState, asked: &Asked, resource: &Resource, operation: Operation) -> Result<Answer> {
    let blob = state.storage().blob(&resource.place, &resource.rest)?;
    if asked
        .header("if-match")
        .is_some_and(|etag| etag != "*" && etag != blob.etag)
    {
        return Err(refusal(412, "ConditionNotMet", "the blob has another etag"));
    }
    if asked
        .header("if-none-match")
        .is_some_and(|etag| etag == "*" || etag == blob.etag)
    {
        return Ok(bare(status(304).header("etag", &blob.etag)));
    }
    let range = asked.header("x-ms-range").or_else(|| asked.header("range"));
    let wanted = match range.and_then(|range| wanted(range, blob.length)) {
        Some(range) if range.start >= blob.length => {
            return Err(refusal(416, "InvalidRange", "the range begins behind the end"));
        }
        Some(range) if operation == Operation::GetBlob => range,
        _ => 0..blob.length,
    };
    let is_part = range.is_some() && operation == Operation::GetBlob;
    let mut answer = described(status(if is_part { 206 } else { 200 }), &blob.metadata, &blob);
    answer = answer.header("content-length", wanted.end - wanted.start);
    if is_part && blob.length > 0 {
        let last = wanted.end - 1;
        answer = answer.header(
            "content-range",
            format!("bytes {}-{last}/{}", wanted.start, blob.length),
        );
    }
    let is_head = asked.method == Method::HEAD || operation == Operation::HeadBlob;
    let content = if is_head {
        Content::default()
    } else {
        part(&blob, wanted)
    };
    Ok(with(answer, content))
}

fn described(answer: Builder, metadata: &BTreeMap<String, String>, blob: &StoredBlob) -> Builder {
    let modified = http_date(blob.last_modified);
    let content_type = blob.content_type.as_deref().unwrap_or("application/octet-stream");
    let answer = answer
        .header("content-type", content_type)
        .header("etag", &blob.etag)
        .header("last-modified", &modified)
        .header("accept-ranges", "bytes")
        .header("x-ms-blob-type", "BlockBlob")
        .header("x-ms-creation-time", &modified)
        .header("x-ms-lease-status", "unlocked")
        .header("x-ms-lease-state", "available")
        .header("x-ms-server-encrypted", "true");
    metadata.iter().fold(answer, |answer, (name, value)| {
        answer.header(format!("x-ms-meta-{name}"), value)
    })
}

/// `bytes=a-b` or `bytes=a-`, as far as there is something.
fn wanted(range: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let first: u64 = first.parse().ok()?;
    let end = last
        .parse::<u64>()
        .map_or(length, |last| last.saturating_add(1).min(length));
    // Nothing of an empty blob was asked for by whoever asks for its beginning.
    if length == 0 && first == 0 {
        return None;
    }
    (first >= length || first < end).then_some(first..end)
}

/// Some of a blob, not copied.
fn part(blob: &StoredBlob, wanted: Range<u64>) -> Content {
    let mut at = 0;
    let pieces = blob.chunks.iter().filter_map(|chunk| {
        let (begin, end) = (at, at + chunk.len() as u64);
        at = end;
        let (from, to) = (wanted.start.max(begin), wanted.end.min(end));
        let inside = |place: u64| usize::try_from(place - begin).ok();
        (from < to).then(|| Some(chunk.slice(inside(from)?..inside(to)?)))?
    });
    pieces.collect()
}

fn delete(state: &ServerState, resource: &Resource) -> Result<Answer> {
    state.storage().delete_blob(&resource.place, &resource.rest)?;
    Ok(bare(status(202).header("x-ms-delete-type-permanent", "true")))
}

fn list(state: &ServerState, asked: &Asked, resource: &Resource) -> Result<Answer> {
    if asked.parameter("delimiter").is_some() {
        return Err(not_offered());
    }
    let prefix = asked.parameter("prefix").unwrap_or_default();
    let from = asked.parameter("marker").filter(|marker| !marker.is_empty());
    let max = asked
        .parameter("maxresults")
        .and_then(|max| max.parse().ok())
        .unwrap_or(PAGE);
    let page = state
        .storage()
        .list_blobs(&resource.place, prefix, from, max.clamp(1, PAGE))?;
    let with_metadata = asked
        .parameter("include")
        .is_some_and(|wanted| wanted.contains("metadata"));
    let text = xml::blobs(&resource.place, prefix, &page, with_metadata);
    Ok(with(
        status(200).header("content-type", "application/xml"),
        Bytes::from(text),
    ))
}
