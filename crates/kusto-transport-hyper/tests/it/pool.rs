//! Connections: reused, bounded, and what goes over them byte by byte.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use azure_core::http::{Body, HttpClient, Method, Request};
use azure_core::stream::{BytesStream, SeekableStream};
use futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::host::{
    Host, OK, call, get, header, open, patient, post, read_head, read_request, serve, transport,
};

#[tokio::test]
async fn calls_one_after_the_other_share_a_connection() {
    let host = Host::start(|stream, _| serve(stream, OK));
    let transport = transport(patient());
    for number in 0..10 {
        call(&transport.clone(), post(&host.url(), vec![7; number * 1000]))
            .await
            .expect("an answer");
    }
    assert_eq!(host.connections(), 1);
}

#[tokio::test]
async fn a_pooled_connection_that_the_host_closed_is_replaced_in_silence() {
    let host = Host::start(|mut stream, _| async move {
        read_request(&mut stream).await.expect("one request");
        stream.write_all(OK.as_bytes()).await.expect("it is written");
        stream.shutdown().await.expect("it is closed");
        assert_eq!(
            stream.read(&mut [0; 1]).await.unwrap_or(0),
            0,
            "no second request comes"
        );
    });
    let transport = transport(patient());
    for _ in 0..5 {
        call(&transport, post(&host.url(), "body"))
            .await
            .expect("an answer");
    }
    assert_eq!(host.connections(), 5);
}

#[tokio::test]
async fn a_connection_that_nobody_uses_is_ended_in_time_though_no_other_call_comes() {
    let (ended, mut end) = unbounded_channel();
    let host = Host::start(move |mut stream, _| {
        let ended = ended.clone();
        async move {
            read_request(&mut stream).await.expect("one request");
            stream.write_all(OK.as_bytes()).await.expect("it is written");
            assert_eq!(stream.read(&mut [0; 1]).await.unwrap_or(0), 0);
            ended.send(()).expect("the test waits");
        }
    });
    let transport = transport(patient().with_pool_idle_timeout(Duration::from_millis(50)));
    call(&transport, post(&host.url(), "body"))
        .await
        .expect("an answer");
    assert_eq!(end.recv().await, Some(()));
}

#[tokio::test]
async fn no_more_calls_than_allowed_use_a_host_at_a_time() {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (running_there, most_there) = (Arc::clone(&running), Arc::clone(&most));
    let host = Host::start(move |mut stream, _| {
        let (running, most) = (Arc::clone(&running_there), Arc::clone(&most_there));
        async move {
            while read_request(&mut stream).await.is_some() {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                running.fetch_sub(1, Ordering::SeqCst);
                stream.write_all(OK.as_bytes()).await.expect("it is written");
            }
        }
    });
    let transport = transport(patient().with_max_calls_per_host(4).with_max_idle_per_host(4));

    let answers = join_all((0..200).map(|_| call(&transport, post(&host.url(), "body")))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert!(most.load(Ordering::SeqCst) <= 4, "{most:?} calls at a time");
    assert!(host.connections() <= 4, "{} connections", host.connections());
}

#[tokio::test]
async fn a_dropped_call_ends_its_connection_and_the_next_call_works() {
    let (ended, mut end) = unbounded_channel();
    let host = Host::bad_once(move |mut stream| {
        let ended = ended.clone();
        async move {
            read_head(&mut stream).await;
            ended.send("begun").expect("the test waits");
            assert_eq!(stream.read(&mut [0; 1]).await.unwrap_or(0), 0);
            ended.send("ended").expect("the test waits");
        }
    });
    let transport = transport(patient());

    tokio::select! {
        _ = open(&transport, get(&host.url())) => unreachable!("the host never answers"),
        begun = end.recv() => assert_eq!(begun, Some("begun")),
    }
    assert_eq!(end.recv().await, Some("ended"));
    call(&transport, get(&host.url()))
        .await
        .expect("the next call works");
}

#[tokio::test]
async fn a_call_that_is_dropped_while_its_answer_arrives_spoils_no_connection() {
    let (answered, mut answers) = unbounded_channel();
    let host = Host::start(move |mut stream, _| {
        let answered = answered.clone();
        async move {
            while read_request(&mut stream).await.is_some() {
                stream.write_all(OK.as_bytes()).await.expect("it is written");
                answered.send(()).expect("the test waits");
            }
        }
    });
    let transport = transport(patient());
    {
        let mut dropped = pin!(open(&transport, post(&host.url(), "body")));
        tokio::select! {
            biased;
            answered = answers.recv() => assert_eq!(answered, Some(())),
            _ = &mut dropped => {}
        }
        // The connection reads the answer meanwhile; the call is not asked for it.
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
    }
    call(&transport, post(&host.url(), "body"))
        .await
        .expect("the next call works");
}

/// A host that reports the head of every request.
fn reporting() -> (Host, UnboundedReceiver<(String, Vec<u8>)>) {
    let (report, heads) = unbounded_channel();
    let host = Host::start(move |mut stream, _| {
        let report = report.clone();
        async move {
            while let Some(request) = read_request(&mut stream).await {
                report.send(request).expect("the test waits");
                stream.write_all(OK.as_bytes()).await.expect("it is written");
            }
        }
    });
    (host, heads)
}

#[tokio::test]
async fn a_body_of_known_length_is_announced_exactly_whatever_the_caller_says() {
    let (host, mut requests) = reporting();
    let stream = || Body::from(Box::new(BytesStream::new(vec![7; 100_000])) as Box<dyn SeekableStream>);
    for body in [Body::from(vec![7; 100_000]), stream()] {
        let mut request = post(&host.url(), body);
        request.insert_header("content-length", "3");
        request.insert_header("transfer-encoding", "chunked");
        call(&transport(patient()), request).await.expect("an answer");
        let (head, body) = requests.recv().await.expect("a request");
        assert_eq!(header(&head, "content-length"), Some("100000"), "{head}");
        assert_eq!(header(&head, "transfer-encoding"), None);
        assert_eq!(body, vec![7; 100_000]);
    }
}

#[tokio::test]
async fn a_request_is_sent_as_it_is_without_user_password_and_fragment() {
    let (host, mut requests) = reporting();
    let url = format!(
        "http://user:SECRET@{}/a%2Fb/ü?sig=a%2Bb%3D&x=|#fragment",
        host.address
    );
    let mut request = Request::new(url.parse().expect("a URL"), Method::Put);
    request.insert_header("x-ms-version", "2025-11-05");
    request.insert_header("content-length", "0");
    call(&transport(patient()), request).await.expect("an answer");

    let (head, _) = requests.recv().await.expect("a request");
    assert!(
        head.starts_with("PUT /a%2Fb/%C3%BC?sig=a%2Bb%3D&x=| HTTP/1.1\r\n"),
        "{head}"
    );
    assert_eq!(header(&head, "host"), Some(host.address.to_string().as_str()));
    assert_eq!(header(&head, "x-ms-version"), Some("2025-11-05"));
    assert_eq!(header(&head, "content-length"), Some("0"));
    assert!(
        !head.contains("SECRET") && !head.contains("accept-encoding"),
        "{head}"
    );
}

#[tokio::test]
async fn an_answer_comes_as_it_is_and_repeated_headers_are_joined() {
    let answer =
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nx-a: 1\r\nX-A: 2\r\ncontent-length: 3\r\n\r\n\x1f\x08!";
    let host = Host::start(move |stream, _| serve(stream, answer));
    let transport = transport(patient());
    let answer = transport
        .execute_request(&get(&host.url()))
        .await
        .expect("an answer");
    let answer = answer.try_into_raw_response().await.expect("its body");
    assert_eq!(
        answer.headers().get_optional_str(&"content-encoding".into()),
        Some("gzip")
    );
    assert_eq!(answer.headers().get_optional_str(&"x-a".into()), Some("1, 2"));
    assert_eq!(answer.body().as_ref(), b"\x1f\x08!", "nothing was decompressed");
}
