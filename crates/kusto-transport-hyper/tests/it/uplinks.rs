//! Slow uplinks: what is still on its way to a host is not the host's silence.

use std::time::Duration;

use kusto_ingest_core::ErrorKind;
use kusto_transport_hyper::{Limit, timeout_of};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use crate::host::{
    Host, NEAR, OK, call, get, open, ours, patient, post, read_head, read_request, stay_silent,
    time_passes_in_turns, transport,
};

const IDLE: Duration = Duration::from_millis(20);

#[expect(clippy::disallowed_methods, reason = "a slow line is slow in real time")]
async fn pace(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

#[tokio::test]
async fn a_body_that_lies_in_buffers_is_waited_for_longer_than_the_idle_limit() {
    time_passes_in_turns();
    // All of the body goes into buffers at once; five times the idle limit later it comes out of them.
    let host = Host::start(|mut stream, _| async move {
        pace(100).await;
        read_request(&mut stream).await.expect("the whole request");
        stream.write_all(OK.as_bytes()).await.expect("it is written");
    });
    let options = patient().with_idle_timeout(IDLE).with_min_upload_rate(32 * 1024);
    let answer = call(&transport(options), post(&host.url(), vec![7; 128 * 1024]))
        .await
        .expect("it was on its way");
    assert_eq!(answer.body().as_ref(), b"ok");
}

#[tokio::test]
async fn the_wait_for_a_body_follows_from_its_length_and_has_an_end() {
    time_passes_in_turns();
    // 1 KiB at 8 KiB a second are 125 ms.
    for (body, rate, waited) in [
        (1_024, 8 * 1_024, "nothing moved for 145ms"),
        (0, 1, "nothing moved for 20ms"),
        (64, u64::MAX, "nothing moved for 20ms"),
        (64 << 20, 32 << 20, "nothing moved for 145ms"),
    ] {
        let host = Host::start(|stream, _| stay_silent(stream));
        let options = patient().with_idle_timeout(IDLE).with_min_upload_rate(rate);
        let error = call(&transport(options), post(&host.url(), vec![7; body]))
            .await
            .unwrap_err();
        assert_eq!(timeout_of(&error), Some(Limit::Idle), "{error:?}");
        assert_eq!(ours(&error).reason(), Some(waited), "{body} bytes");
    }
}

#[tokio::test]
async fn once_the_host_answers_its_silence_counts_as_always() {
    time_passes_in_turns();
    let host = Host::start(|mut stream, _| async move {
        read_request(&mut stream).await.expect("the whole request");
        // By now the idle limit has been looked at, and its timer set to when the body would have arrived.
        pace(60).await;
        let half = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf";
        stream.write_all(half).await.expect("it is written");
        stay_silent(stream).await;
    });
    // A wait of half an hour, if the body still counted.
    let options = patient().with_idle_timeout(IDLE).with_min_upload_rate(1);
    let answer = open(&transport(options), post(&host.url(), vec![7; 2_000]))
        .await
        .expect("a head");
    let error = answer.try_into_raw_response().await.unwrap_err();
    assert_eq!(timeout_of(&error), Some(Limit::Idle), "{error:?}");
    assert_eq!(ours(&error).reason(), Some("nothing moved for 20ms"));
}

#[tokio::test]
async fn a_silent_host_is_left_after_the_idle_limit_where_nothing_was_to_send() {
    time_passes_in_turns();
    let host = Host::bad_once(stay_silent);
    let options = patient().with_idle_timeout(IDLE).with_min_upload_rate(1);
    let error = call(&transport(options), get(&host.url())).await.unwrap_err();
    assert_eq!(ours(&error).kind(), ErrorKind::Timeout);
    assert_eq!(ours(&error).reason(), Some("nothing moved for 20ms"));
}

/// The kernel of this side would take two megabytes and more at once, and then nothing would move for 200 ms.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_is_written_moves_as_the_host_reads() {
    const SIZE: usize = 8 << 20;
    time_passes_in_turns();
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(64 * 1024).expect("a small buffer");
    socket
        .bind("127.0.0.1:0".parse().expect("an address"))
        .expect("a free port");
    let listener = socket.listen(1).expect("a listener");
    let url = format!("http://{}/", listener.local_addr().expect("its address"));
    let reading = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        read_head(&mut stream).await.expect("a head");
        let mut piece = vec![0; 128 * 1024];
        for _ in 0..SIZE / piece.len() {
            pace(10).await;
            stream.read_exact(&mut piece).await.expect("it is read");
        }
        stream.write_all(OK.as_bytes()).await.expect("it is written");
    });
    let answer = call(
        &transport(patient().with_idle_timeout(NEAR)),
        post(&url, vec![7; SIZE]),
    )
    .await
    .expect("it moves");
    assert_eq!(answer.body().as_ref(), b"ok");
    reading.await.expect("the host is content");
}
