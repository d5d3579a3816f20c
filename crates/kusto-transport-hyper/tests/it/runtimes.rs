//! One transport for several runtimes, which are not driven all the time.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;

use crate::host::{FAR, Host, OK, call, patient, post, read_request, serve, transport};

/// The runtime of a host, which goes on by itself.
fn driven() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A runtime that stands still but for `block_on`.
fn still() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

#[test]
fn a_connection_serves_calls_of_its_own_runtime_only() {
    let driven = driven();
    let host = driven.block_on(async { Host::start(|stream, _| serve(stream, OK)) });
    let transport = transport(patient());
    let (first, second) = (still(), still());
    for runtime in [&first, &second, &first, &second, &first] {
        runtime
            .block_on(call(&transport, post(&host.url(), "body")))
            .expect("a healthy host answers");
    }
    assert_eq!(host.connections(), 2, "each runtime has its own");
}

#[test]
fn an_idle_connection_of_another_runtime_makes_room_for_one_of_this() {
    let driven = driven();
    let (ended, mut end) = unbounded_channel();
    let host = driven.block_on(async {
        Host::start(move |mut stream, number| {
            let ended = ended.clone();
            async move {
                read_request(&mut stream).await.expect("one request");
                stream.write_all(OK.as_bytes()).await.expect("it is written");
                assert_eq!(stream.read(&mut [0; 1]).await.unwrap_or(0), 0);
                ended.send(number).expect("the test waits");
            }
        })
    });
    let transport = transport(
        patient()
            .with_max_calls_per_host(1)
            .with_pool_idle_timeout(100 * FAR),
    );
    let (first, second) = (still(), still());
    for runtime in [&first, &second] {
        runtime
            .block_on(call(&transport, post(&host.url(), "body")))
            .expect("an answer");
    }
    let gone = first.block_on(async { timeout(FAR, end.recv()).await });
    assert_eq!(gone, Ok(Some(0)), "one call at a time needs one connection");
}

#[test]
fn the_runtime_that_asks_keeps_its_connection_where_not_all_can_be_kept() {
    let driven = driven();
    let host = driven.block_on(async { Host::start(|stream, _| serve(stream, OK)) });
    let transport = transport(patient().with_max_idle_per_host(1));
    let (first, second) = (still(), still());
    for runtime in [&first, &second, &second, &second] {
        runtime
            .block_on(call(&transport, post(&host.url(), "body")))
            .expect("an answer");
    }
    assert_eq!(host.connections(), 2);
}

#[test]
fn a_runtime_that_has_ended_leaves_nothing_behind() {
    let driven = driven();
    let host = driven.block_on(async { Host::start(|stream, _| serve(stream, OK)) });
    let transport = transport(patient());
    for _ in 0..3 {
        still()
            .block_on(call(&transport, post(&host.url(), "body")))
            .expect("an answer");
    }
    assert_eq!(host.connections(), 3);
}
