//! Proxies: asked in the right form, with their own credentials, and left out where they must be.

use std::process::Command;

use kusto_ingest_core::ErrorKind;
use kusto_transport_hyper::{Limit, Proxy, ProxyUrl, TransportOptions, timeout_of};
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::host::{
    FAR, Host, NEAR, OK, call, get, header, ours, patient, post, read_head, read_request, serve, stay_silent,
    transport,
};
use crate::tls::Authority;

/// `alice:SECRET`, as a proxy gets it.
const ALICE: &str = "Basic YWxpY2U6U0VDUkVU";

/// A proxy that tunnels everything to one host, answers plain requests itself, and reports the heads it reads.
fn proxy(to: Option<&Host>) -> (Host, UnboundedReceiver<String>) {
    let (report, heads) = unbounded_channel();
    let to = to.map(|host| host.address);
    let proxy = Host::start(move |mut stream, _| {
        let report = report.clone();
        async move {
            while let Some((head, _)) = read_request(&mut stream).await {
                let is_tunnel = head.starts_with("CONNECT ");
                report.send(head).expect("the test waits");
                if is_tunnel {
                    let mut host = TcpStream::connect(to.expect("a host"))
                        .await
                        .expect("the host accepts");
                    stream
                        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
                        .await
                        .expect("it is written");
                    let _ = copy_bidirectional(&mut stream, &mut host).await;
                    return;
                }
                stream.write_all(OK.as_bytes()).await.expect("it is written");
            }
        }
    });
    (proxy, heads)
}

fn through(proxy: &Host) -> ProxyUrl {
    ProxyUrl::parse(format!("http://alice:SECRET@{}", proxy.address)).expect("an address")
}

#[tokio::test]
async fn a_plain_request_names_its_host_to_the_proxy_and_carries_its_credentials() {
    let (proxy, mut heads) = proxy(None);
    let transport = transport(patient().with_proxy(Proxy::Url(through(&proxy))));
    for _ in 0..2 {
        call(&transport, get("http://kusto.test/v1/rest/mgmt?a=b"))
            .await
            .expect("the proxy answers");
        let head = heads.recv().await.expect("a request");
        assert!(
            head.starts_with("GET http://kusto.test/v1/rest/mgmt?a=b HTTP/1.1\r\n"),
            "{head}"
        );
        assert_eq!(header(&head, "host"), Some("kusto.test"));
        assert_eq!(header(&head, "proxy-authorization"), Some(ALICE));
    }
    assert_eq!(proxy.connections(), 1);
}

#[tokio::test]
async fn tls_goes_through_a_tunnel_and_only_the_tunnel_sees_the_credentials() {
    let authority = Authority::new();
    let host = Host::start(authority.serve("kusto.test", &[]));
    let (proxy, mut heads) = proxy(Some(&host));
    let options = patient()
        .with_proxy(Proxy::Url(through(&proxy)))
        .with_client_config(authority.client());
    let transport = transport(options);
    for size in [10, 1 << 20] {
        call(
            &transport,
            post("https://kusto.test/blob?sig=SECRET", vec![7; size]),
        )
        .await
        .expect("the host answers");
    }
    let head = heads.recv().await.expect("a tunnel");
    assert!(head.starts_with("CONNECT kusto.test:443 HTTP/1.1\r\n"), "{head}");
    assert_eq!(header(&head, "proxy-authorization"), Some(ALICE));
    assert!(heads.try_recv().is_err(), "one tunnel serves both");
}

#[tokio::test]
async fn a_host_that_is_excepted_is_reached_directly() {
    let (proxy, mut heads) = proxy(None);
    let host = Host::start(|stream, _| serve(stream, OK));
    let url = through(&proxy).with_no_proxy("kusto.test, 127.0.0.0/8");
    let transport = transport(patient().with_proxy(Proxy::Url(url)));
    call(&transport, get(&host.url()))
        .await
        .expect("the host answers");
    call(&transport, get("http://other.test/"))
        .await
        .expect("the proxy answers");
    assert_eq!(host.connections(), 1);
    assert!(heads.recv().await.expect("a request").contains("other.test"));
    assert_eq!(proxy.connections(), 1);
}

#[tokio::test]
async fn a_proxy_that_refuses_a_tunnel_means_that_nothing_was_sent() {
    let proxy = Host::start(|mut stream, _| async move {
        read_head(&mut stream).await;
        let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(refusal).await.expect("it is written");
        stay_silent(stream).await;
    });
    let transport = transport(patient().with_proxy(Proxy::Url(through(&proxy))));
    let error = call(&transport, post("https://kusto.test/", "body"))
        .await
        .unwrap_err();
    assert_eq!(ours(&error).kind(), ErrorKind::Connection, "{error:?}");
    assert!(ours(&error).is_permanent(), "waiting does not help");
    let shown = format!("{error:?} {} {transport:?}", ours(&error).chain());
    assert!(
        shown.contains("proxy auth") && !shown.contains("SECRET"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_proxy_that_stays_silent_ends_by_the_connect_limit() {
    let proxy = Host::start(|stream, _| stay_silent(stream));
    let options = patient()
        .with_connect_timeout(NEAR)
        .with_proxy(Proxy::Url(through(&proxy)));
    let error = call(&transport(options), post("https://kusto.test/", "body"))
        .await
        .unwrap_err();
    assert_eq!(timeout_of(&error), Some(Limit::Connect), "{error:?}");
}

/// The environment of this process must not change while other tests run, so another one is asked.
#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_of_the_environment_is_used_but_not_for_loopback_or_what_it_excepts() {
    let (proxy, mut heads) = proxy(None);
    let host = Host::start(|stream, _| serve(stream, OK));
    let mut child = Command::new(std::env::current_exe().expect("this program"));
    child
        .args(["--exact", "--ignored", "proxies::asks_as_the_environment_says"])
        .env("HTTP_PROXY", format!("http://alice:SECRET@{}", proxy.address))
        .env("NO_PROXY", "excepted.invalid")
        .env("ASK", host.url());
    let output = tokio::task::spawn_blocking(move || child.output())
        .await
        .expect("it runs")
        .expect("it runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert!(
        heads
            .recv()
            .await
            .expect("a request")
            .starts_with("GET http://kusto.test/ ")
    );
    assert_eq!((proxy.connections(), host.connections()), (1, 1));
}

#[tokio::test]
#[ignore = "a part of the test above, which runs it in an environment of its own"]
async fn asks_as_the_environment_says() {
    let transport = transport(TransportOptions::new().with_overall_timeout(FAR));
    call(&transport, get("http://kusto.test/"))
        .await
        .expect("the proxy answers");
    call(&transport, get(&std::env::var("ASK").expect("a host")))
        .await
        .expect("the host answers");
    let error = call(&transport, get("http://excepted.invalid/"))
        .await
        .unwrap_err();
    assert_eq!(ours(&error).kind(), ErrorKind::Connection, "{error:?}");
}
