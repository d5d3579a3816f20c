//! Black holes: every call ends by the right limit, and the next call works.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kusto_ingest_core::{CallLimits, ErrorKind};
use kusto_transport_hyper::{HyperTransport, Limit, request_was_sent, timeout_of};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::host::{
    FAR, Host, NEAR, OK, call, get, noted, open, open_within, ours, patient, post, read_head, read_request,
    stay_silent, time_passes_in_turns, transport,
};

async fn next_call_works(transport: &HyperTransport, host: &Host) {
    let answer = call(transport, get(&host.url()))
        .await
        .expect("the next call works");
    assert_eq!(answer.body().as_ref(), b"ok");
}

/// Writes one byte, again and again.
async fn drip(mut stream: TcpStream) {
    while stream.write_all(b"x").await.is_ok() {
        pace(10).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "a slow host is slow in real time")]
async fn pace(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

#[tokio::test]
async fn a_host_that_accepts_and_stays_silent_ends_by_the_idle_limit() {
    time_passes_in_turns();
    let host = Host::bad_once(stay_silent);
    let transport = transport(patient().with_idle_timeout(NEAR));

    let error = call(&transport, get(&host.url())).await.unwrap_err();
    assert_eq!(timeout_of(&error), Some(Limit::Idle), "{error:?}");
    assert_eq!(ours(&error).kind(), ErrorKind::Timeout);
    assert_eq!(noted(&error, "limit"), Some("idle"));
    next_call_works(&transport, &host).await;
}

#[tokio::test]
async fn a_host_that_sends_half_a_head_ends_by_the_idle_limit() {
    time_passes_in_turns();
    let host = Host::bad_once(|mut stream| async move {
        read_head(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-le")
            .await
            .expect("it is written");
        stay_silent(stream).await;
    });
    let transport = transport(patient().with_idle_timeout(NEAR));

    let error = call(&transport, get(&host.url())).await.unwrap_err();
    assert_eq!(timeout_of(&error), Some(Limit::Idle), "{error:?}");
    next_call_works(&transport, &host).await;
}

#[tokio::test]
async fn a_head_that_comes_one_byte_at_a_time_ends_by_the_overall_limit() {
    time_passes_in_turns();
    let host = Host::bad_once(|mut stream| async move {
        read_head(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nslow: ")
            .await
            .expect("it is written");
        drip(stream).await;
    });
    let transport = transport(patient().with_idle_timeout(FAR / 2).with_overall_timeout(NEAR));

    let error = call(&transport, get(&host.url())).await.unwrap_err();
    assert_eq!(timeout_of(&error), Some(Limit::Overall), "{error:?}");
    assert_eq!(ours(&error).kind(), ErrorKind::Timeout);
    next_call_works(&transport, &host).await;
}

#[tokio::test]
async fn a_body_that_breaks_off_in_silence_ends_by_the_idle_limit() {
    time_passes_in_turns();
    let host = Host::bad_once(|mut stream| async move {
        read_head(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok")
            .await
            .expect("it is written");
        stay_silent(stream).await;
    });
    let transport = transport(patient().with_idle_timeout(NEAR));

    let mut body = open(&transport, get(&host.url()))
        .await
        .expect("the head came")
        .into_body();
    assert_eq!(
        body.next().await.expect("a piece").expect("the first").as_ref(),
        b"ok"
    );
    let error = body.next().await.expect("an end").unwrap_err();
    assert_eq!(timeout_of(&error), Some(Limit::Idle), "{error:?}");
    assert_eq!(ours(&error).http_status(), Some(200));
    assert!(body.next().await.is_none(), "nothing follows an error");
    next_call_works(&transport, &host).await;
}

#[tokio::test]
async fn a_body_that_comes_one_byte_at_a_time_ends_by_the_overall_limit() {
    time_passes_in_turns();
    let host = Host::bad_once(|mut stream| async move {
        read_head(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n")
            .await
            .expect("it is written");
        drip(stream).await;
    });
    let transport = transport(patient().with_idle_timeout(FAR / 2).with_overall_timeout(NEAR));

    let error = call(&transport, get(&host.url())).await.unwrap_err();
    assert_eq!(timeout_of(&error), Some(Limit::Overall), "{error:?}");
    next_call_works(&transport, &host).await;
}

#[tokio::test]
async fn a_host_that_never_finishes_its_handshake_ends_by_the_connect_limit() {
    time_passes_in_turns();
    let host = Host::bad_once(stay_silent);
    let transport = transport(patient().with_connect_timeout(NEAR));

    let url = format!("https://{}/", host.address);
    let error = call(&transport, post(&url, "body")).await.unwrap_err();
    assert_eq!(timeout_of(&error), Some(Limit::Connect), "{error:?}");
    assert_eq!(ours(&error).kind(), ErrorKind::Connection);
    assert_eq!(noted(&error, "sent"), Some("nothing"));
    next_call_works(&transport, &host).await;
}

#[tokio::test]
async fn a_slow_upload_that_moves_survives_a_shorter_idle_limit() {
    const SIZE: usize = 64 << 20;
    time_passes_in_turns();
    let host = Host::start(|mut stream, _| async move {
        read_head(&mut stream).await;
        let mut piece = vec![0; 1 << 20];
        for number in 0..SIZE >> 20 {
            stream.read_exact(&mut piece).await.expect("it is read");
            // Slow, until the rest certainly fits the buffers of the kernel.
            if number < 32 {
                pace(12).await;
            }
        }
        stream.write_all(OK.as_bytes()).await.expect("it is written");
    });
    let transport = transport(patient().with_idle_timeout(NEAR));

    // 32 pieces, each 12 ms late, are more than twice the limit.
    let answer = call(&transport, post(&host.url(), vec![7; SIZE]))
        .await
        .expect("it moves");
    assert_eq!(answer.body().as_ref(), b"ok");
}

#[tokio::test]
async fn a_host_that_stops_reading_ends_by_the_idle_limit_and_not_all_was_sent() {
    time_passes_in_turns();
    let host = Host::bad_once(|mut stream| async move {
        read_head(&mut stream).await;
        stay_silent(stream).await;
    });
    let transport = transport(patient().with_idle_timeout(NEAR));

    let error = call(&transport, post(&host.url(), vec![7; 64 << 20]))
        .await
        .unwrap_err();
    assert_eq!(timeout_of(&error), Some(Limit::Idle), "{error:?}");
    assert_eq!(ours(&error).kind(), ErrorKind::Timeout);
    assert_eq!(noted(&error, "sent"), Some("part"));
    assert!(!request_was_sent(&error));
    next_call_works(&transport, &host).await;
}

#[tokio::test]
async fn a_post_without_answer_ends_by_a_limit_and_its_outcome_is_unknown() {
    time_passes_in_turns();
    let host = Host::bad_once(|mut stream| async move {
        read_request(&mut stream).await;
        stay_silent(stream).await;
    });
    let transport = transport(patient().with_idle_timeout(NEAR));

    let error = call(&transport, post(&host.url(), "body")).await.unwrap_err();
    assert_eq!(ours(&error).kind(), ErrorKind::OutcomeUnknown, "{error:?}");
    assert_eq!(timeout_of(&error), Some(Limit::Idle));
    assert!(request_was_sent(&error));
    next_call_works(&transport, &host).await;
}

#[tokio::test]
async fn the_limits_of_a_call_are_stronger_than_those_of_the_transport() {
    time_passes_in_turns();
    let host = Host::start(|stream, _| stay_silent(stream));
    let transport = transport(patient());

    let idle = CallLimits::new().with_idle(NEAR);
    let error = open_within(&transport, get(&host.url()), idle).await.unwrap_err();
    assert_eq!(timeout_of(&error), Some(Limit::Idle), "{error:?}");
    let overall = CallLimits::new().with_overall(NEAR);
    let error = open_within(&transport, get(&host.url()), overall)
        .await
        .unwrap_err();
    assert_eq!(timeout_of(&error), Some(Limit::Overall), "{error:?}");
}

#[tokio::test]
async fn waiting_for_a_place_at_a_host_ends_by_the_overall_limit_and_nothing_is_sent() {
    time_passes_in_turns();
    let host = Host::start(|mut stream, _| async move {
        read_head(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok")
            .await
            .expect("it is written");
        stay_silent(stream).await;
    });
    let transport = transport(patient().with_max_calls_per_host(1));

    let unread = open(&transport, get(&host.url())).await.expect("a head");
    let limits = CallLimits::new().with_overall(NEAR);
    let error = open_within(&transport, post(&host.url(), "body"), limits)
        .await
        .unwrap_err();
    assert_eq!(timeout_of(&error), Some(Limit::Overall), "{error:?}");
    assert_eq!(ours(&error).kind(), ErrorKind::Timeout);
    assert_eq!(noted(&error, "sent"), Some("nothing"));
    assert_eq!(host.connections(), 1);
    drop(unread);
    open(&transport, get(&host.url()))
        .await
        .expect("its place is free again");
}

#[tokio::test]
async fn a_caller_who_takes_its_time_is_not_idle() {
    time_passes_in_turns();
    let wanted = Arc::new(Notify::new());
    let signal = Arc::clone(&wanted);
    let host = Host::start(move |mut stream, _| {
        let wanted = Arc::clone(&wanted);
        async move {
            read_head(&mut stream).await;
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n")
                .await
                .expect("it is written");
            wanted.notified().await;
            stream.write_all(b"ok").await.expect("it is written");
        }
    });
    let transport = transport(patient().with_idle_timeout(NEAR));

    let mut body = open(&transport, get(&host.url()))
        .await
        .expect("a head")
        .into_body();
    pace(2 * 150).await;
    let (piece, ()) = futures::join!(body.next(), async { signal.notify_one() });
    assert_eq!(piece.expect("a piece").expect("it came in time").as_ref(), b"ok");
}
