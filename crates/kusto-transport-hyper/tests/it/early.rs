//! Answers that come before the request is sent: refusals count, and successes do not.

use kusto_ingest_core::ErrorKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::host::{Host, NEAR, OK, call, noted, ours, patient, post, read_head, stay_silent, transport};

#[tokio::test(flavor = "multi_thread")]
async fn an_early_refusal_is_kept_even_if_the_host_closes_without_reading() {
    for _ in 0..50 {
        let host = Host::start(|mut stream, _| async move {
            read_head(&mut stream).await;
            let answer = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 6\r\nconnection: close\r\n\r\nno way";
            stream.write_all(answer).await.expect("it is written");
        });
        let answer = call(&transport(patient()), post(&host.url(), vec![7; 4 << 20]))
            .await
            .expect("the refusal");
        assert_eq!(u16::from(answer.status()), 403);
        assert_eq!(answer.body().as_ref(), b"no way");
    }
}

#[tokio::test]
async fn an_early_refusal_stops_the_upload_and_is_read_to_its_end() {
    let (ended, mut end) = tokio::sync::mpsc::unbounded_channel();
    let host = Host::start(move |mut stream, _| {
        let ended = ended.clone();
        async move {
            read_head(&mut stream).await;
            let half = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 6\r\n\r\nno ";
            stream.write_all(half).await.expect("it is written");
            let mut piece = vec![0; 64 * 1024];
            let mut received = 0;
            // The rest of the answer comes when no more of the upload does.
            while let Ok(read) = timeout(NEAR, stream.read(&mut piece)).await {
                received += read.expect("the connection lives on");
            }
            stream.write_all(b"way").await.expect("it is written");
            received += stream.read(&mut piece).await.unwrap_or(0);
            ended.send(received).expect("the test waits");
        }
    });

    let answer = call(&transport(patient()), post(&host.url(), vec![7; 256 << 20]))
        .await
        .expect("the refusal");
    assert_eq!(answer.body().as_ref(), b"no way");
    let received = end.recv().await.expect("the connection ends");
    assert!(received < 128 << 20, "{received} bytes came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_before_the_end_of_the_request_is_none_and_its_connection_ends() {
    for status in [200, 201] {
        let (ended, mut end) = tokio::sync::mpsc::unbounded_channel();
        let host = Host::bad_once(move |mut stream| {
            let ended = ended.clone();
            async move {
                read_head(&mut stream).await;
                let answer = format!("HTTP/1.1 {status} Done\r\ncontent-length: 2\r\n\r\n{{}}");
                stream.write_all(answer.as_bytes()).await.expect("it is written");
                // As a gateway does that reads no more than the head: the connection stays open.
                ended.send(stream).expect("the test waits");
            }
        });
        let transport = transport(patient());
        let error = call(&transport, post(&host.url(), vec![7; 64 << 20]))
            .await
            .unwrap_err();
        assert_eq!(ours(&error).kind(), ErrorKind::Io, "{error:?}");
        assert!(!ours(&error).is_permanent());
        assert_eq!(
            (noted(&error, "sent"), ours(&error).http_status()),
            (Some("part"), None)
        );
        assert!(ours(&error).chain().contains("before all of it was sent"));

        let mut stream = end.recv().await.expect("the host handled it");
        let mut piece = vec![0; 64 * 1024];
        let mut received = 0;
        // An end, or a reset: what counts is that one comes.
        while let Ok(read @ 1..) = stream.read(&mut piece).await {
            received += read;
        }
        assert!(received < 64 << 20, "{received} bytes came");
        call(&transport, post(&host.url(), "body"))
            .await
            .expect("the next call works");
    }
}

#[tokio::test]
async fn an_early_success_after_a_body_that_was_sent_in_full_stays_one() {
    let host = Host::start(|mut stream, _| async move {
        // All has left, and the host answers without a look at the body.
        read_head(&mut stream).await;
        stream.write_all(OK.as_bytes()).await.expect("it is written");
        stream.read_exact(&mut [0; 4]).await.expect("the body");
        stay_silent(stream).await;
    });
    let answer = call(&transport(patient()), post(&host.url(), "body"))
        .await
        .expect("an answer");
    assert_eq!(answer.body().as_ref(), b"ok");
}
