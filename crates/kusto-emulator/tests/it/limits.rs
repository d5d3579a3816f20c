//! What is beyond a limit is refused with a status and a code, and leaves others alone.

use std::time::Duration;

use kusto_emulator::ServerLimits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{World, below};

/// Long enough to send a request, short enough for a test.
const SHORT: Duration = Duration::from_millis(100);

async fn world(limits: ServerLimits) -> World {
    World::start_with(|builder| builder.with_server_limits(limits)).await
}

/// A connection on which these bytes were sent.
async fn connected(world: &World, bytes: &str) -> TcpStream {
    let address = world.emulator.cluster().replace("http://localhost", "127.0.0.1");
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.write_all(bytes.as_bytes()).await.expect("sent");
    stream
}

/// All that is answered before the connection is closed.
async fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("an answer");
    text
}

#[tokio::test]
async fn one_connection_too_many_is_told_so_and_the_next_is_served() {
    let world = world(ServerLimits::default().with_max_connections(1)).await;
    let first = connected(&world, "GET /v1/rest/ping HTTP/1.1\r\n").await;
    // The first is accepted before the second: its place is taken when the second comes.
    let answer = rest(connected(&world, "").await).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("x-ms-error-code: TooManyConnections"), "{answer}");
    drop(first);
    // Its place is free as soon as the server has seen it go.
    loop {
        let ping = "GET /v1/rest/ping HTTP/1.1\r\nconnection: close\r\n\r\n";
        let answer = rest(connected(&world, ping).await).await;
        if answer.starts_with("HTTP/1.1 200 ") {
            break;
        }
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    }
}

#[tokio::test]
async fn a_head_that_takes_too_long_is_answered_408_and_closed() {
    let world = world(ServerLimits::default().with_header_timeout(SHORT)).await;
    let answer = rest(connected(&world, "GET /v1/rest/ping HTTP/1.1\r\nslow: ").await).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(
        answer.contains("the head of the request took too long"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_body_that_stands_still_is_answered_408_in_the_dialect_of_who_was_asked() {
    let world = world(ServerLimits::default().with_body_timeout(SHORT)).await;
    let head = "POST /v1/rest/mgmt HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{\"csl\":";
    let answer = rest(connected(&world, head).await).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(
        answer.contains("\"code\":\"RequestTimeout\"") && answer.contains("the body came to a standstill"),
        "{answer}"
    );
    let blob = below(&world.container(0), "/slow", "");
    let path = blob
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'))
        .expect("an address")
        .1;
    let head = format!(
        "PUT /{path} HTTP/1.1\r\nhost: localhost\r\nx-ms-blob-type: BlockBlob\r\ncontent-length: 9\r\n\r\nslow"
    );
    let answer = rest(connected(&world, &head).await).await;
    assert!(answer.contains("x-ms-error-code: RequestTimeout"), "{answer}");
}

#[tokio::test]
async fn too_many_headers_and_too_long_ones_are_answered_431() {
    let world = world(ServerLimits::default().with_max_headers(10, 0)).await;
    let many = "a: b\r\n".repeat(11);
    let long = format!("a: {}\r\n", "b".repeat(16 << 10));
    for headers in [many, long] {
        let answer =
            rest(connected(&world, &format!("GET /v1/rest/ping HTTP/1.1\r\n{headers}\r\n")).await).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
}

#[tokio::test]
async fn a_body_and_a_store_that_are_too_large_are_answered_413() {
    let limits = ServerLimits::default()
        .with_max_body_bytes(10)
        .with_max_blob_bytes(15);
    let world = world(limits).await;
    let put = async |name: &str, body: &'static str| {
        let url = below(&world.container(0), name, "");
        let answer = world
            .send("PUT", &url, &[("x-ms-blob-type", "BlockBlob")], body)
            .await;
        (answer.status, answer.header("x-ms-error-code").map(str::to_owned))
    };
    assert_eq!(
        put("/a", "0123456789a").await,
        (413, Some("RequestBodyTooLarge".to_owned()))
    );
    assert_eq!(put("/a", "0123456789").await, (201, None));
    assert_eq!(
        put("/b", "0123456789").await,
        (413, Some("InsufficientStorage".to_owned()))
    );
    let url = below(&world.container(0), "/b", "comp=block&blockid=QUE%3D");
    let staged = world.send("PUT", &url, &[], "0123456789").await;
    assert_eq!(staged.header("x-ms-error-code"), Some("InsufficientStorage"));
    // What takes the place of something else counts for the difference; what is deleted, no more.
    assert_eq!(put("/a", "01234").await, (201, None));
    assert_eq!(put("/b", "0123456789").await, (201, None));
    world
        .send("DELETE", &below(&world.container(0), "/b", ""), &[], "")
        .await;
    assert_eq!(world.emulator.fake().storage().stored_blob_bytes(), 5);
}
