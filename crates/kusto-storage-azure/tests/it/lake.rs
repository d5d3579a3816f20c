//! Blobs that are put into folders of OneLake, which no SAS opens.

use std::sync::Arc;

use bytes::Bytes;
use futures::executor::block_on;
use kusto_ingest_core::ErrorKind;
use kusto_storage::{BlobStore as _, BlockId, ResourceUri};

use crate::listing::Signed;
use crate::script::{Reply, Script, blob, container};

fn folder() -> ResourceUri {
    ResourceUri::parse("https://onelake.dfs.fabric.microsoft.com/WS/ITEM/Files/staging").expect("an address")
}

#[test]
fn a_blob_goes_to_the_endpoint_for_blobs_with_a_token_and_in_blocks_as_well() {
    let script = Script::new([Reply::status(201), Reply::status(201), Reply::status(201)]);
    let storage = script.storage().with_lake_credential(Arc::new(Signed));
    let (folder, name) = (folder(), blob());
    block_on(storage.put(&folder, &name, Bytes::from_static(b"1"))).expect("it is taken");
    block_on(storage.stage(&folder, &name, BlockId::new(0), Bytes::from_static(b"1"))).expect("it is taken");
    block_on(storage.commit(&folder, &name, &[BlockId::new(0)])).expect("it is taken");
    let path = "onelake.blob.fabric.microsoft.com/WS/ITEM/Files/staging/d__t__x%20y.csv.gz";
    for sent in script.sent() {
        assert!(sent.line.starts_with(&format!("PUT {path}")), "{}", sent.line);
        assert_eq!(sent.header("authorization"), Some("Bearer SECRET"));
    }
    assert_eq!(script.sent().len(), 3);
    let named = folder.blob(&name).expect("an address");
    assert!(
        named.expose().starts_with("https://onelake.dfs."),
        "Kusto is told the address as it was issued"
    );
}

#[test]
fn a_token_goes_nowhere_else_and_without_one_nothing_is_sent() {
    let script = Script::new([Reply::status(201)]);
    let storage = script.storage().with_lake_credential(Arc::new(Signed));
    block_on(storage.put(&container(), &blob(), Bytes::from_static(b"1"))).expect("it is taken");
    assert_eq!(script.only().header("authorization"), None);
    let script = Script::new([]);
    let error = block_on(script.storage().put(&folder(), &blob(), Bytes::from_static(b"1"))).unwrap_err();
    assert_eq!(
        (error.kind(), script.sent().len()),
        (ErrorKind::Unauthenticated, 0)
    );
    assert!(error.to_string().contains("OneLake"), "{error}");
}
