//! Blobs of other stores on this machine, which somebody allowed.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

use kusto_emulator::Emulator;
use kusto_fake::{BlobWrite, OnConflict, ResourcePath};
use kusto_storage::BlobName;

/// A blob in the storage of an emulator, which is another store to all others.
fn put(emulator: &Emulator, name: &str, body: &'static str) -> String {
    let container = emulator.fake().issued_resources().expect("issued").containers[0].clone();
    let (path, write) = (
        ResourcePath::from(&container),
        BlobWrite::new(OnConflict::Replace),
    );
    emulator
        .fake()
        .storage()
        .put_blob(&path, name, body.into(), &write)
        .expect("it is put");
    let name = BlobName::parse(name).expect("a name");
    container.blob(&name).expect("an address").expose().to_owned()
}

async fn ingested(emulator: &Emulator, blob: &str) -> Result<usize, String> {
    let command = format!(".ingest into table T (h'{blob}')");
    // As a request does it, which may wait for a store on this very thread's runtime.
    tokio::task::block_in_place(|| emulator.query("NetDefaultDB", &command))
        .map_err(|error| error.code().unwrap_or_default().to_owned())?;
    Ok(emulator.rows("NetDefaultDB", "T").expect("names").len())
}

#[tokio::test(flavor = "multi_thread")]
async fn blobs_of_a_store_that_is_allowed_are_ingested_and_of_others_are_not() {
    let store = Emulator::start().await.expect("a port");
    let address = store.cluster().replace("localhost", "127.0.0.1");
    let allowing = Emulator::builder()
        .with_store(address)
        .start()
        .await
        .expect("a port");
    let others = Emulator::start().await.expect("a port");
    for emulator in [&allowing, &others] {
        emulator
            .query("NetDefaultDB", ".create table T (a:long)")
            .expect("created");
    }
    let blob = put(&store, "folder/a.csv", "1\n2\n");
    assert_eq!(ingested(&allowing, &blob).await, Ok(2));
    // It looks into a container of the same name, its own, which knows no such SAS.
    assert_eq!(
        ingested(&others, &blob).await,
        Err("Download_Forbidden".to_owned())
    );
    let large: &'static str = Box::leak("1234567\n".repeat(400_000).into_boxed_str());
    assert_eq!(
        ingested(&allowing, &put(&store, "large.csv", large)).await,
        Ok(400_002)
    );
    for (blob, code) in [
        (blob.replace("a.csv", "b.csv"), "Download_SourceNotFound"),
        (blob.replace("sig=", "sig=x"), "Download_Forbidden"),
    ] {
        assert_eq!(ingested(&allowing, &blob).await, Err(code.to_owned()));
    }
    store.shutdown().await;
    assert_eq!(
        ingested(&allowing, &blob).await,
        Err("Download_UnknownError".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sas_goes_to_the_very_address_that_was_allowed_and_to_no_other_one_of_this_machine() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.set_nonblocking(true).expect("it is set");
    let port = listener.local_addr().expect("an address").port();
    for (allowed, named) in [("127.0.0.2", "127.0.0.1"), ("127.0.0.1", "127.0.0.2")] {
        let emulator = Emulator::builder()
            .with_store(format!("http://{allowed}:{port}"))
            .start()
            .await
            .expect("a port");
        emulator
            .query("NetDefaultDB", ".create table T (a:long)")
            .expect("created");
        let blob = format!("http://{named}:{port}/devstoreaccount1/container/a.csv?sig=secret");
        assert_eq!(
            ingested(&emulator, &blob).await,
            Err("Download_SourceNotFound".to_owned())
        );
        let asked = listener.accept().map(|(_, client)| client);
        assert_eq!(
            asked.map_err(|error| error.kind()),
            Err(io::ErrorKind::WouldBlock)
        );
    }
}
