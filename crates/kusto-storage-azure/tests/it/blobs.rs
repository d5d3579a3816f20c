//! Requests about blobs.

use std::time::Duration;

use bytes::Bytes;
use futures::executor::block_on;
use kusto_ingest_core::{CallLimits, ErrorKind};
use kusto_storage::{BlobStore, BlockId};

use crate::script::{Reply, SAS, Script, blob, container, resource};

const BLOB: &str = "acct1.blob.core.windows.net/data/d__t__x%20y.csv.gz";

#[test]
fn a_small_blob_is_one_request_with_its_sas_letter_by_letter() {
    let script = Script::new([Reply::status(201)]);
    block_on(script.storage().put(&container(), &blob(), "1,2\n".into())).expect("created");
    let sent = script.only();
    assert_eq!(sent.line, format!("PUT {BLOB}?{SAS}"));
    assert_eq!(sent.text(), "1,2\n");
    for (name, value) in [
        ("x-ms-blob-type", "BlockBlob"),
        ("x-ms-version", "2021-12-02"),
        ("content-type", "application/octet-stream"),
        ("content-length", "4"),
    ] {
        assert_eq!(sent.header(name), Some(value), "{name}");
    }
    assert!(sent.header("x-ms-client-request-id").is_some());
    assert_eq!(
        sent.header("if-none-match"),
        None,
        "a blob of the name is replaced"
    );
}

#[test]
fn an_empty_blob_tells_its_length() {
    let script = Script::new([Reply::status(201)]);
    block_on(script.storage().put(&container(), &blob(), Bytes::new())).expect("created");
    assert_eq!(script.only().header("content-length"), Some("0"));
}

#[test]
fn s02_c55_blocks_have_ids_of_one_length_and_are_committed_in_order() {
    let script = Script::new([Reply::status(201), Reply::status(201), Reply::status(201)]);
    let storage = script.storage();
    let blocks = [BlockId::new(0), BlockId::new(1)];
    for (block, body) in blocks.into_iter().zip(["first", "second"]) {
        block_on(storage.stage(&container(), &blob(), block, body.into())).expect("staged");
    }
    block_on(storage.commit(&container(), &blob(), &blocks)).expect("committed");

    // "0000000000" and "0000000001" in base64.
    let [first, second, commit] = script.sent().try_into().expect("three requests");
    assert_eq!(first.line, stage("MDAwMDAwMDAwMA%3D%3D"));
    assert_eq!(second.line, stage("MDAwMDAwMDAwMQ%3D%3D"));
    assert_eq!((first.text(), second.text()), ("first", "second"));
    assert_eq!(second.header("content-length"), Some("6"));
    assert_eq!(commit.line, format!("PUT {BLOB}?comp=blocklist&{SAS}"));
    let list = "<BlockList><Latest>MDAwMDAwMDAwMA==</Latest><Latest>MDAwMDAwMDAwMQ==</Latest></BlockList>";
    assert!(commit.text().ends_with(list), "{}", commit.text());
    for sent in [first, second, commit] {
        assert_eq!(sent.header("x-ms-version"), Some("2021-12-02"));
    }
}

fn stage(id: &str) -> String {
    format!("PUT {BLOB}?blockid={id}&comp=block&{SAS}")
}

#[test]
fn the_order_of_the_list_is_that_of_the_call_and_not_of_the_places() {
    let script = Script::new([Reply::status(201)]);
    let blocks = [BlockId::new(2), BlockId::new(0)];
    block_on(script.storage().commit(&container(), &blob(), &blocks)).expect("committed");
    let sent = script.only();
    let place = |id| sent.text().find(id).expect("in the list");
    assert!(place("MDAwMDAwMDAwMg==") < place("MDAwMDAwMDAwMA=="));
}

#[test]
fn an_account_in_the_path_is_as_good_as_one_in_the_host() {
    let script = Script::new([Reply::status(201), Reply::status(201)]);
    let container = resource("http://127.0.0.1:10000/devstoreaccount1/data");
    let storage = script.storage();
    block_on(storage.put(&container, &blob(), "a".into())).expect("created");
    block_on(storage.stage(&container, &blob(), BlockId::new(0), "a".into())).expect("staged");
    for sent in script.sent() {
        let path = "PUT 127.0.0.1/devstoreaccount1/data/d__t__x%20y.csv.gz?";
        assert!(sent.line.starts_with(path), "{}", sent.line);
    }
}

#[test]
fn the_length_is_what_the_head_tells() {
    let script = Script::new([Reply::status(200).header("content-length", "5368709120")]);
    let length = block_on(script.storage().length(&container(), &blob())).expect("there");
    assert_eq!(length, Some(5_368_709_120));
    assert_eq!(script.only().line, format!("HEAD {BLOB}?{SAS}"));
}

#[test]
fn a_missing_blob_has_no_length_and_a_missing_container_is_an_error() {
    let length = |reply| block_on(Script::new([reply]).storage().length(&container(), &blob()));
    assert_eq!(length(Reply::code(404, "BlobNotFound")).expect("an answer"), None);
    for reply in [Reply::code(404, "ContainerNotFound"), Reply::status(404)] {
        assert_eq!(length(reply).unwrap_err().kind(), ErrorKind::NotFound);
    }
    assert_eq!(
        length(Reply::status(200)).unwrap_err().kind(),
        ErrorKind::Protocol
    );
}

#[test]
fn each_request_brings_its_limits_and_the_version_that_is_set() {
    let script = Script::new([
        Reply::status(201),
        Reply::status(201),
        Reply::status(201),
        Reply::status(200).header("content-length", "1"),
    ]);
    let block = CallLimits::new().with_overall(Duration::from_secs(7));
    let call = CallLimits::new().with_idle(Duration::from_secs(3));
    let storage = script
        .storage()
        .with_service_version("2025-11-05")
        .with_block_limits(block)
        .with_call_limits(call);
    let (container, blob, id) = (container(), blob(), BlockId::new(0));
    block_on(storage.put(&container, &blob, "a".into())).expect("created");
    block_on(storage.stage(&container, &blob, id, "a".into())).expect("staged");
    block_on(storage.commit(&container, &blob, &[id])).expect("committed");
    block_on(storage.length(&container, &blob)).expect("there");
    let limits: Vec<_> = script.sent().iter().filter_map(|sent| sent.limits).collect();
    assert_eq!(limits, [block, block, block, call]);
    for sent in script.sent() {
        assert_eq!(sent.header("x-ms-version"), Some("2025-11-05"), "{}", sent.line);
    }
}

#[test]
fn a_transport_that_sees_no_limits_serves_as_well() {
    let script = Script::new([Reply::status(201)]);
    block_on(script.plain_storage().put(&container(), &blob(), "a".into())).expect("created");
    assert_eq!(script.only().limits, None);
}

#[test]
fn by_default_a_block_may_take_half_an_hour_if_it_moves_and_anything_else_a_minute() {
    let script = Script::new([Reply::status(201), Reply::code(404, "BlobNotFound")]);
    let storage = script.storage();
    block_on(storage.put(&container(), &blob(), "a".into())).expect("created");
    block_on(storage.length(&container(), &blob())).expect("an answer");
    let limits: Vec<_> = script.sent().iter().filter_map(|sent| sent.limits).collect();
    let overall = |seconds| CallLimits::new().with_overall(Duration::from_secs(seconds));
    let block = overall(30 * 60).with_idle(Duration::from_secs(15));
    assert_eq!(limits, [block, overall(60)]);
}
