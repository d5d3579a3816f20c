//! Answers that are longer than they may be.

use azure_core::http::{Method, Request};
use kusto_ingest_core::{CallLimits, Error, ErrorKind};
use kusto_transport_hyper::{Limit, timeout_of};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc::unbounded_channel;

use crate::host::{Host, call, get, noted, open_within, ours, patient, post, read_request, transport};

const LIMIT: u64 = 1_000;

/// A host that answers each request with a head of this status, and with bytes without end.
fn endless(status: u16) -> Host {
    Host::start(move |mut stream, _| async move {
        read_request(&mut stream).await.expect("a request");
        let head = format!("HTTP/1.1 {status} Long\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("it is written");
        while stream.write_all(&[b'0'; 4096]).await.is_ok() {}
    })
}

/// A host that answers each request with this status and so many bytes, announced or in chunks.
fn of_length(status: u16, length: usize, is_announced: bool) -> Host {
    Host::start(move |mut stream, _| async move {
        while read_request(&mut stream).await.is_some() {
            let body = "0".repeat(length);
            let answer = match is_announced {
                true => format!("HTTP/1.1 {status} Long\r\ncontent-length: {length}\r\n\r\n{body}"),
                false => {
                    format!(
                        "HTTP/1.1 {status} Long\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"
                    )
                }
            };
            stream.write_all(answer.as_bytes()).await.expect("it is written");
        }
    })
}

#[tokio::test]
async fn an_answer_may_be_as_long_as_the_limit_and_not_a_byte_longer() {
    let transport = transport(patient().with_response_limit(LIMIT));
    for is_announced in [true, false] {
        let host = of_length(200, 1_000, is_announced);
        let answer = call(&transport, get(&host.url())).await.expect("it fits");
        assert_eq!(answer.body().len(), 1_000);

        let host = of_length(200, 1_001, is_announced);
        let error = call(&transport, get(&host.url())).await.unwrap_err();
        assert_eq!(timeout_of(&error), Some(Limit::Response), "{error:?}");
        assert_eq!(
            (ours(&error).kind(), ours(&error).is_permanent()),
            (ErrorKind::Protocol, true)
        );
        assert_eq!(noted(&error, Error::LIMIT), Some(Error::RESPONSE_LIMIT));
        assert_eq!(ours(&error).http_status(), Some(200));
        let reason = ours(&error).reason().unwrap_or_default();
        assert_eq!(reason, "the answer is longer than the limit of 1000 bytes");
    }
}

#[tokio::test]
async fn the_limit_of_a_call_counts_before_that_of_the_transport() {
    let host = of_length(200, 1_000, false);
    let limits = CallLimits::new().with_response(999);
    let answer = open_within(&transport(patient()), get(&host.url()), limits)
        .await
        .expect("the head fits");
    let error = answer.try_into_raw_response().await.unwrap_err();
    assert_eq!(timeout_of(&error), Some(Limit::Response), "{error:?}");

    let limits = CallLimits::new().with_response(1_000);
    let transport = transport(patient().with_response_limit(1));
    let answer = open_within(&transport, get(&host.url()), limits)
        .await
        .expect("the head fits");
    assert_eq!(answer.into_body().collect().await.expect("it fits").len(), 1_000);
}

#[tokio::test]
async fn a_post_that_is_answered_at_too_great_length_may_have_been_done() {
    let host = endless(200);
    let error = call(
        &transport(patient().with_response_limit(LIMIT)),
        post(&host.url(), "body"),
    )
    .await
    .unwrap_err();
    assert_eq!(ours(&error).kind(), ErrorKind::OutcomeUnknown, "{error:?}");
    assert_eq!(timeout_of(&error), Some(Limit::Response));
}

#[tokio::test]
async fn of_an_answer_without_end_no_more_is_read_than_the_limit() {
    let (ended, mut end) = unbounded_channel();
    let host = Host::start(move |mut stream, _| {
        let ended = ended.clone();
        async move {
            read_request(&mut stream).await.expect("a request");
            stream
                .write_all(b"HTTP/1.1 200 Long\r\n\r\n")
                .await
                .expect("it is written");
            while stream.write_all(&[b'0'; 4096]).await.is_ok() {}
            ended.send(()).expect("the test waits");
        }
    });
    let transport = transport(patient().with_response_limit(LIMIT));
    let error = call(&transport, get(&host.url())).await.unwrap_err();
    assert_eq!(timeout_of(&error), Some(Limit::Response), "{error:?}");
    end.recv().await.expect("the connection ends");
}

#[tokio::test]
async fn of_an_error_the_beginning_is_read_and_the_rest_is_left() {
    for status in [302, 404, 500] {
        let host = endless(status);
        let answer = call(&transport(patient()), get(&host.url()))
            .await
            .expect("an answer");
        assert_eq!(u16::from(answer.status()), status);
        assert_eq!(answer.body().len(), 64 * 1024);
    }
    let host = endless(500);
    let answer = call(&transport(patient().with_response_limit(LIMIT)), get(&host.url()))
        .await
        .expect("an answer");
    assert_eq!(answer.body().len(), 1_000, "the limit is for all");
}

#[tokio::test]
async fn a_short_error_leaves_its_connection_to_the_next_call() {
    let host = of_length(404, 64 * 1024 - 1, true);
    let transport = transport(patient());
    for _ in 0..3 {
        let answer = call(&transport, get(&host.url())).await.expect("an answer");
        assert_eq!(answer.body().len(), 64 * 1024 - 1);
    }
    assert_eq!(host.connections(), 1);
}

#[tokio::test]
async fn the_length_that_the_answer_to_a_head_announces_is_none_of_its_own() {
    let host = Host::start(|mut stream, _| async move {
        read_request(&mut stream).await.expect("a request");
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 5368709120\r\n\r\n";
        stream.write_all(head).await.expect("it is written");
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap_or(0), 0);
    });
    let request = Request::new(host.url().parse().expect("a URL"), Method::Head);
    let answer = call(&transport(patient()), request).await.expect("an answer");
    assert_eq!(answer.body().len(), 0);
}
