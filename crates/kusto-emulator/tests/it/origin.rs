//! Programs of this machine are answered, and web pages of other origins are not.

use kusto_emulator::Route;

use crate::client::World;

#[tokio::test]
async fn a_host_that_is_not_this_machines_is_refused_and_one_can_be_added() {
    let world = World::start_with(|builder| builder.with_host_name("emu.kusto.windows.net")).await;
    let url = format!("{}/v1/rest/ping", world.emulator.cluster());
    for (host, status) in [
        ("localhost", 200),
        ("LOCALHOST:80", 200),
        ("127.0.0.1:9", 200),
        ("[::1]:9", 200),
        ("ingest-localhost:9", 200),
        ("acct0.table.localhost:9", 200),
        ("emu.kusto.windows.net", 200),
        ("evil.example", 403),
        ("localhost.evil.example:80", 403),
        ("10.1.2.3", 403),
        ("127.0.0.1.evil.example", 403),
    ] {
        let answer = world.send("GET", &url, &[("host", host)], "").await;
        assert_eq!(answer.status, status, "{host}");
        if status == 403 {
            assert_eq!(answer.json()["error"]["code"], "HostNotAllowed", "{host}");
        }
    }
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused_before_its_body_is_read() {
    let world = World::start().await;
    let own = world.emulator.cluster();
    let url = format!("{own}/v1/rest/mgmt");
    let body = r#"{"db":"Samples","csl":".drop table T"}"#;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://localhost:3"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let answer = world.send("POST", &url, &[(name, value)], body).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
        assert_eq!(answer.json()["error"]["code"], "OriginNotAllowed");
        assert_eq!(answer.header("connection"), Some("close"));
    }
    assert!(
        world
            .emulator
            .requests()
            .iter()
            .all(|request| request.body_bytes == 0)
    );
    let admin = format!("{own}/__emulator/requests");
    let answer = world
        .send("GET", &admin, &[("origin", "https://evil.example")], "")
        .await;
    assert_eq!(answer.status, 403);
    for headers in [
        &[("origin", own.as_str())][..],
        &[("sec-fetch-site", "none")],
        &[],
    ] {
        let answer = world
            .send(
                "POST",
                &url,
                headers,
                r#"{"db":"Samples","csl":".show table T schema as json"}"#,
            )
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(world.emulator.request_count(Route::Management), 8);
}
