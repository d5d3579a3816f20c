//! Blobs: put, staged, committed, copied, read in ranges, deleted and listed.

mod checksum;
mod conditions;
mod path;
mod read;
mod write;

use bytes::Bytes;
use kusto_ingest_core::Result;
use kusto_storage::Operation;

use crate::Route;
use crate::answer::{Answer, bare, http_date, not_offered, refusal, status, with};
use crate::request_head::RequestHead;
use crate::state::ServerState;
use crate::target::Resource;
use crate::xml;

/// The most blobs on a page.
const PAGE: usize = 5000;

pub(super) fn answer(
    state: &ServerState,
    asked: &RequestHead,
    resource: &Resource,
    body: Bytes,
) -> Result<Answer> {
    match resource.route {
        Route::Properties => container(state),
        Route::Path => path::answer(state, asked, resource, body),
        Route::Storage(Operation::PutBlob) => write::put(state, asked, resource, body),
        Route::Storage(Operation::StageBlock) => write::stage(state, asked, resource, body),
        Route::Storage(Operation::CommitBlocks) => write::commit(state, asked, resource, &body),
        Route::Storage(Operation::CopyBlob) => write::copy(state, asked, resource),
        Route::Storage(operation @ (Operation::HeadBlob | Operation::GetBlob)) => {
            read::read(state, asked, resource, operation)
        }
        Route::Storage(Operation::ListBlocks) => read::blocks(state, asked, resource),
        Route::Storage(Operation::DeleteBlob) => delete(state, asked, resource),
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

fn delete(state: &ServerState, asked: &RequestHead, resource: &Resource) -> Result<Answer> {
    let conditions = conditions::conditions(asked)?;
    state
        .storage()
        .delete_blob_if(&resource.place, &resource.rest, &conditions)?;
    Ok(bare(status(202).header("x-ms-delete-type-permanent", "true")))
}

fn list(state: &ServerState, asked: &RequestHead, resource: &Resource) -> Result<Answer> {
    let prefix = asked.parameter("prefix").unwrap_or_default();
    let delimiter = asked.parameter("delimiter").unwrap_or_default();
    let from = asked.parameter("marker").filter(|marker| !marker.is_empty());
    let max = asked.parameter("maxresults").map_or(Ok(PAGE), str::parse);
    let max = max.ok().filter(|max| *max > 0).ok_or_else(|| {
        let why = "maxresults is not a number of 1 or more";
        refusal(400, "OutOfRangeQueryParameterValue", why)
    })?;
    let page = state
        .storage()
        .list_folder(&resource.place, prefix, delimiter, from, max.min(PAGE))?;
    let with_metadata = asked
        .parameter("include")
        .is_some_and(|wanted| wanted.contains("metadata"));
    let asked_for = xml::Listing {
        container: &resource.place,
        prefix,
        delimiter,
        with_metadata,
    };
    let text = xml::blobs(&asked_for, &page);
    Ok(with(
        status(200).header("content-type", "application/xml"),
        Bytes::from(text),
    ))
}
