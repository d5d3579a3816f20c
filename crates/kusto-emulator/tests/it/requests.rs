//! Single requests to the storage that Azure answers in its own words: codes that Azurite has otherwise, and the cases.

use crate::client::{Answered, World, below};

const BLOCK_BLOB: (&str, &str) = ("x-ms-blob-type", "BlockBlob");

/// The checksums of `hello`.
const MD5: &str = "XUFAKrxLKna5cZ2REBfFkg==";
const CRC64: &str = "V0JSBnCFdzM=";

impl World {
    async fn put_at(
        &self,
        path: &str,
        query: &str,
        headers: &[(&str, &str)],
        body: &'static str,
    ) -> Answered {
        self.send("PUT", &below(&self.container(0), path, query), headers, body)
            .await
    }
}

fn seen(answer: &Answered) -> (u16, &str) {
    (
        answer.status,
        answer.header("x-ms-error-code").unwrap_or_default(),
    )
}

#[tokio::test]
async fn case_27_a_body_that_is_not_what_its_checksum_says_is_refused() {
    let world = World::start().await;
    for (name, value, body, expected) in [
        ("content-md5", MD5, "hello", (201, "")),
        ("content-md5", MD5, "hallo", (400, "Md5Mismatch")),
        ("content-md5", "c2hvcnQ=", "hello", (400, "InvalidMd5")),
        ("x-ms-blob-content-md5", MD5, "hallo", (400, "Md5Mismatch")),
        ("x-ms-content-crc64", CRC64, "hello", (201, "")),
        ("x-ms-content-crc64", CRC64, "hallo", (400, "Crc64Mismatch")),
        (
            "x-ms-content-crc64",
            "nonsense",
            "hello",
            (400, "InvalidHeaderValue"),
        ),
    ] {
        let put = world.put_at("/b", "", &[BLOCK_BLOB, (name, value)], body).await;
        assert_eq!(seen(&put), expected, "{name}: {value}");
        let staged = world
            .put_at("/b", "comp=block&blockid=QUE%3D", &[(name, value)], body)
            .await;
        // A block has no checksum of the blob.
        let is_of_blob = name.starts_with("x-ms-blob");
        assert_eq!(
            seen(&staged),
            if is_of_blob { (201, "") } else { expected },
            "{name}: {value}"
        );
    }
    let list = "<BlockList><Latest>QUE=</Latest></BlockList>";
    let commit = world
        .put_at("/b", "comp=blocklist", &[("content-md5", MD5)], list)
        .await;
    assert_eq!(seen(&commit), (400, "Md5Mismatch"));
}

#[tokio::test]
async fn case_41_ids_of_blocks_names_with_slashes_and_blobs_that_are_there() {
    let world = World::start().await;
    let staged = async |id: &str| {
        let answer = world
            .put_at("/b", &format!("comp=block&blockid={id}"), &[], "x")
            .await;
        (answer.status, seen(&answer).1.to_owned())
    };
    assert_eq!(staged("YWFh").await, (201, String::new()));
    assert_eq!(
        staged("YWFhYWFhYQ%3D%3D").await,
        (400, "InvalidBlobOrBlock".to_owned())
    );
    assert_eq!(
        staged(&"YWFh".repeat(27)).await,
        (400, "InvalidQueryParameterValue".to_owned())
    );
    let unknown = world
        .put_at(
            "/b",
            "comp=blocklist",
            &[],
            "<BlockList><Latest>enp6</Latest></BlockList>",
        )
        .await;
    assert_eq!(seen(&unknown), (400, "InvalidBlockList"));
    let put = world
        .put_at("/a%20b%2Fc%3Fd%23e%25f", "", &[BLOCK_BLOB], "x")
        .await;
    assert_eq!(put.status, 201);
    let url = below(&world.container(0), "/a%20b/c%3Fd%23e%25f", "");
    assert_eq!(world.send("GET", &url, &[], "").await.status, 200);
    for expected in [(201, ""), (409, "BlobAlreadyExists")] {
        let once = world
            .put_at("/once", "", &[BLOCK_BLOB, ("if-none-match", "*")], "x")
            .await;
        assert_eq!(seen(&once), expected);
    }
}

#[tokio::test]
async fn a_range_of_an_empty_blob_and_one_behind_the_end_are_refused() {
    let world = World::start().await;
    world.put_at("/empty", "", &[BLOCK_BLOB], "").await;
    world.put_at("/full", "", &[BLOCK_BLOB], "0123456789").await;
    for (name, range) in [
        ("/empty", "bytes=0-"),
        ("/empty", "bytes=0-9"),
        ("/full", "bytes=10-"),
        ("/full", "bytes=10-20"),
    ] {
        let answer = world
            .send(
                "GET",
                &below(&world.container(0), name, ""),
                &[("range", range)],
                "",
            )
            .await;
        assert_eq!(seen(&answer), (416, "InvalidRange"), "{name} {range}");
    }
    let whole = world
        .send("GET", &below(&world.container(0), "/empty", ""), &[], "")
        .await;
    assert_eq!((whole.status, whole.body.len()), (200, 0));
}

#[tokio::test]
async fn what_xml_cannot_hold_is_refused_in_names_and_texts() {
    let world = World::start().await;
    for name in ["/a%01b", "/a%EF%BF%BEb", "/a%00"] {
        let put = world.put_at(name, "", &[BLOCK_BLOB], "x").await;
        assert_eq!(seen(&put), (400, "InvalidUri"), "{name}");
    }
    let long = format!("/{}", "a".repeat(1025));
    assert_eq!(
        seen(&world.put_at(&long, "", &[BLOCK_BLOB], "x").await),
        (400, "InvalidUri")
    );
    let metadata = world
        .put_at("/m", "", &[BLOCK_BLOB, ("x-ms-meta-1a", "v")], "x")
        .await;
    assert_eq!(seen(&metadata), (400, "InvalidMetadata"));
    let url = below(&world.queue(), "/messages", "");
    for text in ["a&#1;b", "a\u{1}b", "a\u{FFFF}b"] {
        let body = format!("<QueueMessage><MessageText>{text}</MessageText></QueueMessage>");
        let answer = world.send("POST", &url, &[], body).await;
        assert_eq!(seen(&answer), (400, "InvalidXmlDocument"), "{text:?}");
    }
}

#[tokio::test]
async fn a_blob_of_elsewhere_or_without_its_sas_is_not_copied() {
    let world = World::start().await;
    world.put_at("/from", "", &[BLOCK_BLOB], "x").await;
    let source = below(&world.container(0), "/from", "");
    let unsigned = source.split_once('?').expect("a SAS").0;
    for source in [
        "https://elsewhere.blob.core.windows.net/c/b?sig=x",
        unsigned,
        "nonsense",
    ] {
        let copied = world.put_at("/to", "", &[("x-ms-copy-source", source)], "").await;
        assert_eq!(seen(&copied), (404, "CannotVerifyCopySource"), "{source}");
    }
    let from_url = [BLOCK_BLOB, ("x-ms-copy-source", source.as_str())];
    assert_eq!(world.put_at("/to", "", &from_url, "").await.status, 201);
}

#[tokio::test]
async fn a_table_is_found_behind_an_escaped_slash_and_a_key_that_it_cannot_hold_is_refused() {
    let world = World::start().await;
    let entity = r#"{"PartitionKey":"p","RowKey":"r"}"#;
    let url = below(&world.status_table(), "", "").replace("/devstoreaccount1/", "/devstoreaccount1%2F");
    assert_eq!(
        world
            .send("POST", &url, &[("prefer", "return-no-content")], entity)
            .await
            .status,
        204
    );
    let url = below(&world.status_table(), "(PartitionKey='p',RowKey='r')", "")
        .replace("/devstoreaccount1/", "/devstoreaccount1%2F");
    assert_eq!(world.send("GET", &url, &[], "").await.status, 200);
    for (row, code) in [
        ("a/b", "OutOfRangeInput"),
        ("a\\u0001", "OutOfRangeInput"),
        (&"x".repeat(513), "KeyValueTooLarge"),
    ] {
        let entity = format!(r#"{{"PartitionKey":"p","RowKey":"{row}"}}"#);
        let answer = world
            .send("POST", &below(&world.status_table(), "", ""), &[], entity)
            .await;
        assert_eq!(
            (answer.status, answer.json()["odata.error"]["code"].as_str()),
            (400, Some(code))
        );
    }
}

#[tokio::test]
async fn case_37_tables_of_any_name_are_made_streamed_into_and_asked() {
    let world = World::start().await;
    let base = world.emulator.cluster();
    for name in [
        "my-table", "tab le", "it's", "a.b", "Ünï表", "br]'k", "123", "where", "q\"q", "a/b", "a%20b",
        "x#y?z",
    ] {
        let quoted = format!("['{}']", name.replace('\'', "\\'"));
        let made = world
            .ask("/v1/rest/mgmt", &format!(".create table {quoted} (a:string)"))
            .await;
        assert_eq!(made.status, 200, "{name}: {}", made.text());
        let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let url = format!("{base}/v1/rest/ingest/Samples/{encoded}?streamFormat=csv");
        let streamed = world.send("POST", &url, &[], "x\n").await;
        assert_eq!(streamed.status, 200, "{name}: {}", streamed.text());
        let inline = format!(".ingest inline into table {quoted} <|\ny\n");
        let ingested = world.ask("/v1/rest/mgmt", &inline).await;
        assert_eq!(ingested.status, 200, "{name}: {}", ingested.text());
        let counted = world.ask("/v1/rest/query", &format!("{quoted} | count")).await;
        assert_eq!(counted.json()["Tables"][0]["Rows"][0][0], 2, "{name}");
    }
}
