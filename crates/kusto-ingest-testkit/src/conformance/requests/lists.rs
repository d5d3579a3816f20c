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
    let list = async |query: &str| {
        let query = format!("restype=container&comp=list&prefix={folder}/{query}");
        let answer = send(StorageRequest::new("GET", container, "", &query)).await;
        RULES.same("a list is answered", &answer.status, &200);
        let names = answer.elements("Name").into_iter();
        let names: Vec<String> = names
            .map(|name| name.trim_start_matches(&format!("{folder}/")).to_owned())
            .collect();
        (
            names.join(" "),
            answer.elements("NextMarker").pop().unwrap_or_default(),
            answer,
        )
    };
    let (names, next, _) = list("").await;
    RULES.same(
        "all names are told in their order",
        &names,
        &"a b/1 b/2 b/c/3 d e/4".to_owned(),
    );
    RULES.same("a list that is whole has no next page", &next, &String::new());
    let (names, _, answer) = list("&delimiter=/").await;
    RULES.same(
        "a delimiter makes folders, told once",
        &sorted(&names),
        &"a b/ d e/".to_owned(),
    );
    RULES.same(
        "a folder is told as one",
        &answer.text().matches("<BlobPrefix>").count(),
        &2,
    );
    let (names, _, _) = list("b/&delimiter=/").await;
    RULES.same(
        "a folder has its blobs and folders",
        &sorted(&names),
        &"b/1 b/2 b/c/".to_owned(),
    );
    let mut all = Vec::new();
    let mut marker = String::new();
    for _ in 0..6 {
        let (names, next, _) = list(&format!(
            "&delimiter=/&maxresults=1&marker={}",
            marker.replace('/', "%2F")
        ))
        .await;
        all.push(names);
        marker = next;
        if marker.is_empty() {
            break;
        }
    }
    let seen = sorted(&all.join(" "));
    RULES.same(
        "pages of one have each blob and folder once",
        &seen,
        &"a b/ d e/".to_owned(),
    );
}

/// Names in their order: whether folders stand among the blobs or behind them, services differ.
fn sorted(names: &str) -> String {
    let mut names: Vec<&str> = names.split_whitespace().collect();
    names.sort_unstable();
    names.join(" ")
}
