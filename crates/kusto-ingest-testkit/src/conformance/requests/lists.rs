//! What a storage answers to requests for lists of blobs.

use kusto_ingest_core::SourceId;
use kusto_storage::ResourceUri;

use super::{StorageAnswer, StorageRequest};
use crate::conformance::rules::Rules;

const RULES: Rules = Rules("a list of blobs");

/// Checks what is answered to requests for lists of blobs: prefixes, folders and pages.
///
/// It leaves blobs behind whose names begin with `conformance/`. The address must allow to read, write and list.
///
/// # Panics
/// When a rule does not hold.
pub async fn list_requests(send: impl AsyncFn(StorageRequest) -> StorageAnswer, container: &ResourceUri) {
    let folder = format!("conformance/{}", SourceId::random());
    for name in ["a", "b/1", "b/2", "b/c/3", "d", "e/4"] {
        let put = StorageRequest::new("PUT", container, &format!("/{folder}/{name}"), "");
        let put = put.header("x-ms-blob-type", "BlockBlob").body("x");
        RULES.same("a blob is put", &send(put).await.status, &201);
    }
    let list = async |query: &str| list(&send, container, &folder, query).await;
    let whole = list("").await;
    RULES.same(
        "all names are told in their order",
        &whole.names,
        &"a b/1 b/2 b/c/3 d e/4".to_owned(),
    );
    RULES.same(
        "a list that is whole has no next page",
        &whole.next,
        &String::new(),
    );
    let folders = list("&delimiter=/").await;
    RULES.same(
        "a delimiter makes folders, told once",
        &sorted(&folders.names),
        &"a b/ d e/".to_owned(),
    );
    RULES.same("a folder is told as one", &folders.folders, &2);
    let below = list("b/&delimiter=/").await;
    RULES.same(
        "a folder has its blobs and folders",
        &sorted(&below.names),
        &"b/1 b/2 b/c/".to_owned(),
    );
    let (mut names, mut marker) = (Vec::new(), String::new());
    for _ in 0..6 {
        let marked = format!("marker={}", marker.replace('/', "%2F"));
        let page = list(&format!("&delimiter=/&maxresults=1&{marked}")).await;
        names.push(page.names);
        marker = page.next;
        if marker.is_empty() {
            break;
        }
    }
    RULES.same(
        "pages of one have each blob and folder once",
        &sorted(&names.join(" ")),
        &"a b/ d e/".to_owned(),
    );
}

/// A page of a list.
struct Page {
    /// The names of blobs and folders, without that of the folder that is listed, divided by spaces.
    names: String,
    folders: usize,
    /// The marker of the next page; empty on the last one.
    next: String,
}

async fn list(
    send: &impl AsyncFn(StorageRequest) -> StorageAnswer,
    container: &ResourceUri,
    folder: &str,
    query: &str,
) -> Page {
    let query = format!("restype=container&comp=list&prefix={folder}/{query}");
    let answer = send(StorageRequest::new("GET", container, "", &query)).await;
    RULES.same("a list is answered", &answer.status, &200);
    let prefix = format!("{folder}/");
    let names = answer.elements("Name").into_iter();
    let names: Vec<String> = names
        .map(|name| name.trim_start_matches(&prefix).to_owned())
        .collect();
    Page {
        names: names.join(" "),
        folders: answer.text().matches("<BlobPrefix>").count(),
        next: answer.elements("NextMarker").pop().unwrap_or_default(),
    }
}

/// Names in their order: whether folders stand among the blobs or behind them, services differ.
fn sorted(names: &str) -> String {
    let mut names: Vec<&str> = names.split_whitespace().collect();
    names.sort_unstable();
    names.join(" ")
}
