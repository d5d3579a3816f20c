//! Blobs as the storage clients of Python, Node and others write and read them.

use bytes::Bytes;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use kusto_fake::ResourcePath;

use crate::client::{World, below};

const BLOCK_BLOB: (&str, &str) = ("x-ms-blob-type", "BlockBlob");

#[tokio::test]
async fn a_blob_is_put_once_where_the_client_says_so() {
    let world = World::start().await;
    let url = below(&world.container(0), "/Samples__T__1__day.csv.gz", "timeout=600");
    let headers = [
        BLOCK_BLOB,
        ("if-none-match", "*"),
        ("content-type", "application/octet-stream"),
        ("x-ms-client-request-id", "py-1"),
        ("x-ms-version", "2025-07-05"),
        ("x-ms-meta-rawSizeBytes", "7"),
    ];
    let answer = world.send("PUT", &url, &headers, "a,1\nb,2").await;
    assert_eq!((answer.status, answer.body.len()), (201, 0));
    assert_eq!(answer.header("x-ms-client-request-id"), Some("py-1"));
    assert_eq!(answer.header("x-ms-version"), Some("2025-07-05"));
    assert_eq!(answer.header("x-ms-request-server-encrypted"), Some("true"));
    assert_eq!(
        answer.header("last-modified"),
        Some("Fri, 02 Jan 2026 03:04:05 GMT")
    );
    assert!(
        answer
            .header("etag")
            .is_some_and(|etag| etag.starts_with('"') && etag.ends_with('"'))
    );
    assert!(answer.header("x-ms-request-id").is_some_and(|id| id.len() == 36));

    let taken = world.send("PUT", &url, &headers, "other").await;
    assert_eq!(
        (taken.status, taken.header("x-ms-error-code")),
        (409, Some("BlobAlreadyExists"))
    );
    assert_eq!(taken.header("content-type"), Some("application/xml"));
    assert_eq!(taken.element("Code").as_deref(), Some("BlobAlreadyExists"));
    let replaced = world.send("PUT", &url, &[BLOCK_BLOB], "other").await;
    assert_eq!(replaced.status, 201);
    let place = ResourcePath::from(&world.container(0));
    let blob = world
        .emulator
        .fake()
        .storage()
        .blob(&place, "Samples__T__1__day.csv.gz")
        .unwrap();
    assert_eq!(blob.bytes(), "other");
}

#[tokio::test]
async fn blocks_become_a_blob_in_the_order_of_their_list() {
    let world = World::start().await;
    let blob = |query: &str| below(&world.container(0), "/folder/big.csv", query);
    for (id, body) in [("QUE%3D", "world"), ("QkI%3D", "hello ")] {
        let answer = world
            .send("PUT", &blob(&format!("comp=block&blockid={id}")), &[], body)
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    let head = world.send("HEAD", &blob(""), &[], "").await;
    assert_eq!(
        (head.status, head.header("x-ms-error-code")),
        (404, Some("BlobNotFound"))
    );
    assert!(head.body.is_empty());

    let unknown = "<?xml version=\"1.0\"?><BlockList><Latest>Q0M=</Latest></BlockList>";
    let answer = world.send("PUT", &blob("comp=blocklist"), &[], unknown).await;
    assert_eq!(
        (answer.status, answer.header("x-ms-error-code")),
        (400, Some("InvalidBlockList"))
    );
    let list = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\
        <BlockList><Latest>QkI=</Latest><Latest>QUE=</Latest></BlockList>";
    let headers = [
        ("content-type", "application/xml"),
        ("x-ms-blob-content-type", "text/csv"),
    ];
    let answer = world.send("PUT", &blob("comp=blocklist"), &headers, list).await;
    assert_eq!(answer.status, 201, "{}", answer.text());

    let whole = world.send("GET", &blob(""), &[], "").await;
    assert_eq!((whole.status, whole.text()), (200, "hello world"));
    assert_eq!(whole.header("content-type"), Some("text/csv"));
}

#[tokio::test]
async fn ranges_are_read_across_blocks_without_copies_of_the_rest() {
    let world = World::start().await;
    let blob = |query: &str| below(&world.container(1), "/b", query);
    for (id, body) in [("MDA%3D", "0123"), ("MDE%3D", "4567"), ("MDI%3D", "89")] {
        world
            .send("PUT", &blob(&format!("comp=block&blockid={id}")), &[], body)
            .await;
    }
    let list = "<BlockList><Latest>MDA=</Latest><Latest>MDE=</Latest><Latest>MDI=</Latest></BlockList>";
    world
        .send("PUT", &blob("comp=blocklist"), &[("x-ms-meta-a", "1")], list)
        .await;
    for (header, range, status, text, content_range) in [
        ("range", "bytes=2-8", 206, "2345678", Some("bytes 2-8/10")),
        ("x-ms-range", "bytes=4-7", 206, "4567", Some("bytes 4-7/10")),
        ("range", "bytes=9-", 206, "9", Some("bytes 9-9/10")),
        ("range", "bytes=0-99", 206, "0123456789", Some("bytes 0-9/10")),
    ] {
        let answer = world.send("GET", &blob(""), &[(header, range)], "").await;
        assert_eq!((answer.status, answer.text()), (status, text), "{range}");
        assert_eq!(answer.header("content-range"), content_range, "{range}");
        assert_eq!(
            answer.header("content-length"),
            Some(text.len().to_string().as_str()),
            "{range}"
        );
    }
    let beyond = world.send("GET", &blob(""), &[("range", "bytes=10-")], "").await;
    assert_eq!(
        (beyond.status, beyond.header("x-ms-error-code")),
        (416, Some("InvalidRange"))
    );

    let head = world.send("HEAD", &blob(""), &[], "").await;
    assert_eq!(
        (head.status, head.header("content-length"), head.body.len()),
        (200, Some("10"), 0)
    );
    assert_eq!(head.header("x-ms-blob-type"), Some("BlockBlob"));
    assert_eq!(head.header("accept-ranges"), Some("bytes"));
    assert_eq!(head.header("x-ms-meta-a"), Some("1"));
    let etag = head.header("etag").unwrap();
    let other = world
        .send("GET", &blob(""), &[("if-match", "\"other\"")], "")
        .await;
    assert_eq!(
        (other.status, other.header("x-ms-error-code")),
        (412, Some("ConditionNotMet"))
    );
    let known = world.send("GET", &blob(""), &[("if-none-match", etag)], "").await;
    assert_eq!((known.status, known.body.len()), (304, 0));
}

#[tokio::test]
async fn blobs_are_listed_in_pages_and_deleted() {
    let world = World::start().await;
    let container = world.container(0);
    for name in ["/x-1", "/x-2", "/y&z"] {
        world
            .send(
                "PUT",
                &below(&container, name, ""),
                &[BLOCK_BLOB, ("x-ms-meta-k", "v")],
                "12345",
            )
            .await;
    }
    let list = |more: &str| below(&container, "", &format!("restype=container&comp=list{more}"));
    let all = world.send("GET", &list("&include=metadata"), &[], "").await;
    assert_eq!(
        (all.status, all.header("content-type")),
        (200, Some("application/xml"))
    );
    assert!(
        all.text().contains("<Name>y&amp;z</Name>") && all.text().contains("<Metadata><k>v</k></Metadata>")
    );
    assert_eq!(all.element("Content-Length").as_deref(), Some("5"));
    assert_eq!(all.element("NextMarker").as_deref(), Some(""));

    let first = world.send("GET", &list("&prefix=x&maxresults=1"), &[], "").await;
    assert_eq!(
        (first.element("Name"), first.text().matches("<Blob>").count()),
        (Some("x-1".into()), 1)
    );
    let marker = first.element("NextMarker").unwrap();
    let second = world
        .send("GET", &list(&format!("&prefix=x&marker={marker}")), &[], "")
        .await;
    assert_eq!(second.element("Name").as_deref(), Some("x-2"));

    let url = below(&container, "/x-1", "");
    assert_eq!(world.send("DELETE", &url, &[], "").await.status, 202);
    let gone = world.send("DELETE", &url, &[], "").await;
    assert_eq!(
        (gone.status, gone.header("x-ms-error-code")),
        (404, Some("BlobNotFound"))
    );
    let there = world
        .send("GET", &below(&container, "", "restype=container"), &[], "")
        .await;
    assert_eq!((there.status, there.body.len()), (200, 0));
}

#[tokio::test]
async fn s03_g74_another_sas_is_refused_and_so_is_one_that_is_over() {
    let world = World::start().await;
    let url = below(&world.container(0), "/b", "");
    let headers = [BLOCK_BLOB];
    let wrong = url.replace("%3D", "%3E");
    assert_ne!(wrong, url);
    for refused in [wrong.as_str(), url.split_once('?').unwrap().0] {
        let answer = world.send("PUT", refused, &headers, "data").await;
        assert_eq!(
            (answer.status, answer.header("x-ms-error-code")),
            (403, Some("AuthenticationFailed"))
        );
    }
    assert_eq!(world.send("PUT", &url, &headers, "data").await.status, 201);
    world.clock.advance(std::time::Duration::from_secs(25 * 60 * 60));
    assert_eq!(world.send("PUT", &url, &headers, "data").await.status, 403);
    // What is issued now has new SAS tokens.
    let renewed = below(&world.container(0), "/b", "");
    assert_eq!(world.send("PUT", &renewed, &headers, "data").await.status, 201);
    let missing = url.replace("ingestdata-0", "no-such-container");
    let answer = world.send("PUT", &missing, &headers, "data").await;
    assert_eq!(
        (answer.status, answer.header("x-ms-error-code")),
        (404, Some("ContainerNotFound"))
    );
}

#[tokio::test]
async fn requests_that_the_service_refuses_are_refused_with_its_codes() {
    let world = World::start().await;
    let url = |query: &str| below(&world.container(0), "/b", query);
    for (url, headers, body, status, code) in [
        (url(""), vec![], "x", 400, "MissingRequiredHeader"),
        (url("comp=block"), vec![], "x", 400, "InvalidQueryParameterValue"),
        (
            url("comp=block&blockid=no+base64"),
            vec![],
            "x",
            400,
            "InvalidQueryParameterValue",
        ),
        (
            url("comp=block&blockid=QUE%3D"),
            vec![],
            "",
            400,
            "InvalidHeaderValue",
        ),
        (
            url("comp=blocklist"),
            vec![],
            "<BlockList>",
            400,
            "InvalidXmlDocument",
        ),
        (url("comp=lease"), vec![], "", 501, "NotImplemented"),
        (
            url(""),
            vec![("x-ms-blob-type", "PageBlob")],
            "",
            501,
            "NotImplemented",
        ),
    ] {
        let answer = world.send("PUT", &url, &headers, body).await;
        assert_eq!(
            (answer.status, answer.header("x-ms-error-code")),
            (status, Some(code)),
            "{code}"
        );
    }
}

#[tokio::test]
async fn a_body_of_unknown_length_is_refused_where_the_service_wants_the_length() {
    let world = World::start().await;
    let piece = Frame::data(Bytes::from_static(b"data"));
    let body = StreamBody::new(futures::stream::iter([Ok::<_, std::io::Error>(piece)]));
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = http::Request::put(below(&world.container(0), "/b", "")).header(BLOCK_BLOB.0, BLOCK_BLOB.1);
    let answer = client
        .request(request.body(body.boxed_unsync()).unwrap())
        .await
        .unwrap();
    assert_eq!(answer.status(), 411);
    assert_eq!(answer.headers()["x-ms-error-code"], "MissingContentLengthHeader");
}

#[tokio::test]
async fn a_block_beyond_the_limit_is_refused_before_it_is_read() {
    let world = World::start().await;
    let url = below(&world.container(0), "/b", "comp=block&blockid=QUE%3D");
    // 100 MiB and a byte; the pages of zeros are never touched by the server.
    let answer = world.send("PUT", &url, &[], vec![0; 100 * 1024 * 1024 + 1]).await;
    assert_eq!(
        (answer.status, answer.header("x-ms-error-code")),
        (413, Some("RequestBodyTooLarge"))
    );
    let place = ResourcePath::from(&world.container(0));
    assert_eq!(world.emulator.fake().storage().staged_blocks(&place, "b"), 0);
    assert_eq!(world.emulator.requests().last().unwrap().body_bytes, 0);
}
