//! Blobs read: their properties, all of their content, or a range of it.

use std::collections::BTreeMap;
use std::ops::Range;

use bytes::Bytes;
use http::Method;
use http::response::Builder;
use kusto_fake::{Freshness, StoredBlob};
use kusto_ingest_core::Result;
use kusto_storage::Operation;

use super::conditions::conditions;
use crate::answer::{Answer, bare, http_date, refusal, status, with};
use crate::content::Content;
use crate::request_head::RequestHead;
use crate::state::ServerState;
use crate::target::Resource;
use crate::xml;

pub(super) fn read(
    state: &ServerState,
    asked: &RequestHead,
    resource: &Resource,
    operation: Operation,
) -> Result<Answer> {
    let storage = state.storage();
    let (blob, freshness) = storage.blob_if(&resource.place, &resource.rest, &conditions(asked)?)?;
    if freshness == Freshness::NotModified {
        return Ok(bare(status(304).header("etag", &blob.etag)));
    }
    let is_head = asked.method == Method::HEAD || operation == Operation::HeadBlob;
    let range = asked.header("x-ms-range").or_else(|| asked.header("range"));
    let wanted = range
        .filter(|_| !is_head)
        .and_then(|range| wanted(range, blob.length));
    let answer = match &wanted {
        Some(range) if range.start >= blob.length => {
            return Err(refusal(416, "InvalidRange", "the range begins behind the end"));
        }
        Some(range) => {
            let (first, last) = (range.start, range.end - 1);
            status(206).header("content-range", format!("bytes {first}-{last}/{}", blob.length))
        }
        None => status(200),
    };
    let range = wanted.unwrap_or(0..blob.length);
    let answer = described(answer, &blob.metadata, &blob).header("content-length", range.end - range.start);
    let content = if is_head {
        Content::default()
    } else {
        part(&blob, range)
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

/// `bytes=a-b` or `bytes=a-`, as far as there is something. Another form is as if nothing was said.
fn wanted(range: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let first: u64 = first.parse().ok()?;
    let end = match last {
        "" => length,
        last => last.parse::<u64>().ok()?.saturating_add(1).min(length),
    };
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

/// The blocks of a blob: those it has, those that are staged, or both.
pub(super) fn blocks(state: &ServerState, asked: &RequestHead, resource: &Resource) -> Result<Answer> {
    let blocks = state.storage().blocks(&resource.place, &resource.rest)?;
    let (with_committed, with_staged) = match asked.parameter("blocklisttype").unwrap_or("committed") {
        "all" => (true, true),
        "uncommitted" => (false, true),
        "committed" => (true, false),
        _ => {
            let why = "blocklisttype is not committed, uncommitted or all";
            return Err(refusal(400, "InvalidQueryParameterValue", why));
        }
    };
    let text = xml::block_list(
        with_committed.then_some(&*blocks.committed),
        with_staged.then_some(&*blocks.staged),
    );
    let answer = status(200).header("content-type", "application/xml");
    Ok(with(answer, Bytes::from(text)))
}
