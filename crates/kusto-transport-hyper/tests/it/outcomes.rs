//! What became of a request, told exactly.

use std::io;
use std::pin::Pin;
use std::task::Poll;

use azure_core::error::ErrorKind as AzureKind;
use azure_core::http::{Body, Context};
use azure_core::stream::SeekableStream;
use futures::AsyncRead;
use kusto_ingest_core::{ErrorKind, RequestStage};
use kusto_transport_hyper::{request_was_sent, timeout_of};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::host::{
    Host, call, get, noted, open, ours, patient, post, read_head, read_request, stay_silent, transport,
};

#[test]
fn outside_of_a_runtime_a_call_is_an_error_and_no_panic() {
    let request = post("http://127.0.0.1:1/", "body");
    let error = futures::executor::block_on(call(&transport(patient()), request)).unwrap_err();
    assert_eq!(ours(&error).kind(), ErrorKind::Unsupported);
    assert!(ours(&error).is_permanent());
    assert!(
        ours(&error)
            .to_string()
            .contains("there is no tokio runtime here"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_refused_connection_means_that_nothing_was_sent() {
    let address = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port")
        .local_addr()
        .expect("its address");
    let error = call(&transport(patient()), post(&format!("http://{address}/"), "body"))
        .await
        .unwrap_err();

    assert_eq!(*error.kind(), AzureKind::Connection, "{error:?}");
    assert_eq!(ours(&error).kind(), ErrorKind::Connection);
    assert!(!ours(&error).is_permanent());
    assert_eq!(noted(&error, "sent"), Some("nothing"));
    assert_eq!(noted(&error, "host"), Some(address.to_string().as_str()));
    assert_eq!((request_was_sent(&error), timeout_of(&error)), (false, None));
}

#[tokio::test]
async fn a_post_whose_answer_is_lost_after_its_last_byte_has_an_unknown_outcome() {
    let host = Host::bad_once(|mut stream| async move {
        read_request(&mut stream).await.expect("the whole request");
    });
    let transport = transport(patient());

    let error = call(&transport, post(&host.url(), vec![7; 1 << 20]))
        .await
        .unwrap_err();
    assert_eq!(ours(&error).kind(), ErrorKind::OutcomeUnknown, "{error:?}");
    assert_eq!(*error.kind(), AzureKind::Io);
    assert!(request_was_sent(&error));
    call(&transport, get(&host.url()))
        .await
        .expect("the next call works");
}

#[tokio::test]
async fn an_empty_post_whose_answer_is_lost_has_an_unknown_outcome() {
    let host = Host::start(|mut stream, _| async move {
        read_request(&mut stream).await.expect("the whole request");
    });
    let error = call(&transport(patient()), post(&host.url(), ""))
        .await
        .unwrap_err();
    assert_eq!(ours(&error).kind(), ErrorKind::OutcomeUnknown, "{error:?}");
}

#[tokio::test]
async fn a_get_whose_answer_is_lost_may_be_repeated() {
    let host = Host::start(|mut stream, _| async move {
        read_request(&mut stream).await.expect("the whole request");
    });
    let error = call(&transport(patient()), get(&host.url())).await.unwrap_err();
    assert_eq!(ours(&error).kind(), ErrorKind::Io, "{error:?}");
    assert!(request_was_sent(&error));
}

#[tokio::test]
async fn a_post_that_breaks_inside_its_body_was_not_done() {
    let host = Host::start(|mut stream, _| async move {
        read_head(&mut stream).await;
        stream
            .read_exact(&mut [0; 1000])
            .await
            .expect("a part of the body");
    });
    let error = call(&transport(patient()), post(&host.url(), vec![7; 64 << 20]))
        .await
        .unwrap_err();
    assert_eq!(ours(&error).kind(), ErrorKind::Io, "{error:?}");
    assert_eq!(noted(&error, "sent"), Some("part"));
    assert!(!request_was_sent(&error));
}

#[tokio::test]
async fn half_an_answer_of_success_leaves_the_outcome_of_a_post_unknown_and_names_its_status() {
    for (status, kind) in [
        (201, ErrorKind::OutcomeUnknown),
        (500, ErrorKind::OutcomeUnknown),
        (403, ErrorKind::Io),
    ] {
        let host = Host::start(move |mut stream, _| async move {
            read_request(&mut stream).await.expect("the whole request");
            let half = format!("HTTP/1.1 {status} Half\r\ncontent-length: 99\r\n\r\nhalf");
            stream.write_all(half.as_bytes()).await.expect("it is written");
        });
        let error = call(&transport(patient()), post(&host.url(), "body"))
            .await
            .unwrap_err();
        assert_eq!(ours(&error).kind(), kind, "{status}: {error:?}");
        assert_eq!(ours(&error).http_status(), Some(status));
    }
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_named_so() {
    let host = Host::start(|mut stream, _| async move {
        read_request(&mut stream).await.expect("the whole request");
        stream
            .write_all(b"SSH-2.0-OpenSSH\r\n\r\n")
            .await
            .expect("it is written");
    });
    let error = call(&transport(patient()), get(&host.url())).await.unwrap_err();
    assert_eq!(ours(&error).kind(), ErrorKind::Protocol, "{error:?}");
}

#[tokio::test]
async fn it_is_told_whether_anything_of_a_request_was_sent_yet() {
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let host = Host::start(move |mut stream, _| {
        let heard = heard.clone();
        async move {
            read_head(&mut stream).await;
            heard.send(()).expect("the test waits");
            stay_silent(stream).await;
        }
    });
    let transport = transport(patient().with_max_calls_per_host(1)).as_transport();
    let stages = [RequestStage::new(), RequestStage::new()];
    let [sent, waits] = stages.clone().map(|stage| {
        let (transport, mut request) = (transport.clone(), post(&host.url(), "body"));
        async move {
            let context = Context::new().with_value(stage);
            transport.send(&context, &mut request).await
        }
    });
    tokio::select! {
        biased;
        _ = sent => unreachable!("the host is silent"),
        _ = waits => unreachable!("the other one has the place"),
        heard = hears.recv() => assert_eq!(heard, Some(())),
    }
    assert_eq!(stages.map(|stage| stage.is_unsent()), [false, true]);
}

#[tokio::test]
async fn a_redirect_is_returned_as_it_is() {
    let host = Host::start(|mut stream, number| async move {
        assert_eq!(number, 0, "nobody follows");
        read_request(&mut stream).await.expect("the whole request");
        let answer = b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.expect("it is written");
        assert!(read_head(&mut stream).await.is_none(), "nobody follows");
    });
    let answer = call(&transport(patient()), post(&host.url(), "body"))
        .await
        .expect("an answer");
    assert_eq!(u16::from(answer.status()), 302);
    assert_eq!(
        answer.headers().get_optional_str(&"location".into()),
        Some("/elsewhere")
    );
    assert_eq!(host.connections(), 1);
}

#[tokio::test]
async fn a_source_that_fails_or_is_short_or_long_is_named_as_the_cause() {
    let host = Host::start(|mut stream, _| async move {
        assert!(
            read_request(&mut stream).await.is_none(),
            "the body never becomes whole"
        );
    });
    for (announced, holds, cause) in [
        (90, Err("the disk is gone"), "the disk is gone"),
        (90, Ok(40), "ended before its announced length"),
        (90, Ok(100), "holds more than it announced"),
    ] {
        let body = Body::from(Box::new(Broken {
            announced,
            holds,
            at: 0,
        }) as Box<dyn SeekableStream>);
        let error = call(&transport(patient()), post(&host.url(), body))
            .await
            .unwrap_err();
        assert_eq!(ours(&error).kind(), ErrorKind::SourceNotReadable, "{error:?}");
        assert_eq!(
            *error.kind(),
            AzureKind::Other,
            "a pipeline that retries would not help"
        );
        assert!(ours(&error).chain().contains(cause), "{}", ours(&error).chain());
        assert!(!request_was_sent(&error));
    }
}

/// A source that is not what it says.
#[derive(Clone, Debug)]
struct Broken {
    announced: u64,
    holds: Result<usize, &'static str>,
    at: usize,
}

impl AsyncRead for Broken {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let size = self
            .holds
            .map_err(io::Error::other)?
            .saturating_sub(self.at)
            .min(buffer.len());
        self.at += size;
        Poll::Ready(Ok(size))
    }
}

#[async_trait::async_trait]
impl SeekableStream for Broken {
    async fn reset(&mut self) -> azure_core::Result<()> {
        self.at = 0;
        Ok(())
    }

    fn len(&self) -> Option<u64> {
        Some(self.announced)
    }
}

#[tokio::test]
async fn what_http_does_not_allow_is_refused_before_anything_is_sent() {
    let host = Host::start(|_, _| async {});
    let mut split = get(&host.url());
    split.insert_header("x-ms-app", "SECRET\r\nx-evil: 1");
    let error = call(&transport(patient()), split).await.unwrap_err();
    assert_eq!(ours(&error).kind(), ErrorKind::InvalidInput, "{error:?}");
    assert!(
        ours(&error)
            .reason()
            .is_some_and(|reason| reason.contains("x-ms-app"))
    );

    let error = call(&transport(patient()), get("ftp://SECRET@127.0.0.1/SECRET"))
        .await
        .unwrap_err();
    assert_eq!(ours(&error).kind(), ErrorKind::InvalidInput, "{error:?}");
    assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
    assert_eq!(host.connections(), 0);
}

#[tokio::test]
async fn no_error_shows_an_address_beyond_its_host_or_a_header() {
    let host = Host::start(|mut stream, number| async move {
        read_head(&mut stream).await;
        if number == 1 {
            let half = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\nset-cookie: SECRET\r\n\r\nSECRET";
            stream.write_all(half).await.expect("it is written");
        }
    });
    let transport = transport(patient());
    let refused = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port")
        .local_addr()
        .expect("its address");
    let urls = [
        host.url(),
        host.url(),
        format!("http://SECRET:SECRET@{refused}/SECRET?sig=SECRET#SECRET"),
    ];
    for url in urls {
        let error = call(&transport, post(&url, "SECRET")).await.unwrap_err();
        let shown = format!("{error} {error:?} {}", ours(&error).chain());
        assert!(!shown.contains("SECRET") && !shown.contains("blob"), "{shown}");
        assert!(shown.contains("127.0.0.1"), "{shown}");
    }
    drop(open(&transport, get(&host.url())).await);
}
