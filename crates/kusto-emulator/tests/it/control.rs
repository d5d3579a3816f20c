//! The emulator's own addresses: state, rows, reset, clock, presets of faults, and what a page is told as it happens.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use kusto_emulator::{Emulator, FaultPreset, HttpFault, Route};
use kusto_ingest_core::Clock;
use serde_json::{Value, json};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::client::World;

const STREAM: &str = "Samples/T?streamFormat=csv";

async fn look(world: &World, what: &str) -> Value {
    let answer = ask(world, "GET", what, "").await;
    assert_eq!(answer.status, 200, "{what}: {}", answer.text());
    answer.json()
}

async fn ask(world: &World, method: &str, what: &str, body: &str) -> crate::client::Answered {
    let url = format!("{}/__emulator/{what}", world.emulator.cluster());
    world.send(method, &url, &[], body.to_owned()).await
}

#[tokio::test]
async fn tables_and_rows_are_told_to_programs_of_any_language() {
    let world = World::start().await;
    assert_eq!(world.stream(STREAM, &[], "x,1\ny,2\n").await.status, 200);
    let table = json!({
        "database": "Samples", "table": "T", "rows": 2,
        "columns": [{"name": "a", "type": "string"}, {"name": "b", "type": "long"}],
    });
    assert_eq!(look(&world, "tables").await["tables"], json!([table]));
    let rows = look(&world, "rows?database=Samples&table=T&limit=1").await;
    assert_eq!(rows, json!({"columns": ["a", "b"], "rows": [["x", 1]]}));
    for (query, status) in [
        ("rows?table=T", 400),
        ("rows?database=Samples&table=T&limit=x", 400),
        ("rows?database=Samples&table=No", 400),
    ] {
        assert_eq!(ask(&world, "GET", query, "").await.status, status, "{query}");
    }
}

#[tokio::test]
async fn a_reset_brings_back_what_was_there_at_the_start_and_nothing_else() {
    let world = World::start().await;
    world.stream(STREAM, &[], "seed,0\n").await;
    world.emulator.set_start();
    world.stream(STREAM, &[], "x,1\n").await;
    world.ask("/v1/rest/mgmt", ".create table Other (c:int)").await;
    world
        .emulator
        .inject(FaultPreset::StreamingDown)
        .expect("it is a plan");
    assert_eq!(world.emulator.faults(), ["streaming-down"]);
    assert_eq!(ask(&world, "POST", "reset", "").await.status, 204);
    assert!(world.emulator.faults().is_empty());

    let state = look(&world, "state").await;
    assert_eq!(
        (
            &state["tables"].as_array().map(Vec::len),
            &state["tables"][0]["rows"]
        ),
        (&Some(1), &json!(1))
    );
    assert_eq!(
        (&state["faults"], &state["requests"], &state["queued"]),
        (&json!([]), &json!([]), &json!(0))
    );
    assert_eq!(world.emulator.rows("Samples", "T").expect("names").len(), 1);
    assert_eq!(world.stream(STREAM, &[], "x,1\n").await.status, 200);
}

#[tokio::test]
async fn the_clock_is_moved_ahead_and_what_slept_until_then_wakes() {
    let world = World::start().await;
    let before = world.emulator.clock().now();
    let clock = world.emulator.clock();
    let sleeping = tokio::spawn(async move { clock.sleep(Duration::from_secs(3600)).await });
    tokio::task::yield_now().await;
    let answer = ask(&world, "POST", "clock", r#"{"advanceSeconds": 3600}"#).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    sleeping.await.expect("it wakes");
    assert_eq!(world.emulator.clock().now(), before + Duration::from_secs(3600));
    for body in [
        "",
        "{}",
        r#"{"advanceSeconds": -1}"#,
        r#"{"advanceSeconds": 99999999999}"#,
    ] {
        assert_eq!(ask(&world, "POST", "clock", body).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn every_preset_is_known_by_its_word_and_is_cleared_again() {
    let world = World::start().await;
    for preset in FaultPreset::ALL {
        let body = json!({"preset": preset.name()}).to_string();
        assert_eq!(ask(&world, "POST", "faults", &body).await.status, 201, "{preset}");
        // The emulator's own addresses fail by none of them.
        assert_eq!(
            look(&world, "faults").await["faults"],
            json!([preset.name()]),
            "{preset}"
        );
        let streamed = match preset {
            FaultPreset::StreamingDown => 503,
            _ => 200,
        };
        if matches!(
            preset,
            FaultPreset::StreamingDown | FaultPreset::DmDown | FaultPreset::AccountDown
        ) {
            assert_eq!(
                world.stream(STREAM, &[], "x,1\n").await.status,
                streamed,
                "{preset}"
            );
        }
        assert_eq!(ask(&world, "DELETE", "faults", "").await.status, 204);
    }
}

#[tokio::test]
async fn a_fault_that_cannot_be_planned_says_what_can_be() {
    let world = World::start().await;
    let presets = FaultPreset::ALL.map(FaultPreset::name).join(", ");
    let routes = Route::ALL.map(|route| route.to_string()).join(", ");
    let faults = HttpFault::WORDS.join(", ");
    for (body, why) in [
        (r#"{"preset": "rain"}"#, format!("known are {presets}")),
        (r#"{"fault": "rain"}"#, format!("known are {faults}")),
        ("{}", format!("known are {faults}")),
        (
            r#"{"fault": "delay", "seconds": 1, "route": "rain"}"#,
            format!("known are {routes}"),
        ),
        (
            r#"{"fault": "delay", "seconds": 1, "routes": "Query"}"#,
            "it may say fault, status, code, bytes, seconds, route, account, name, after, times".to_owned(),
        ),
        (
            r#"{"preset": "slow", "route": "Query"}"#,
            "it may say preset and".to_owned(),
        ),
        (
            r#"{"fault": "delay", "seconds": "1"}"#,
            r#""seconds" must be a whole number"#.to_owned(),
        ),
        (
            r#"{"fault": "delay", "seconds": 1, "times": 1e9}"#,
            r#""times" must be a whole number"#.to_owned(),
        ),
        (r#"{"fault": "status"}"#, "from 200 to 599".to_owned()),
        (
            r#"{"fault": "reset-after-bytes"}"#,
            r#"how many "bytes""#.to_owned(),
        ),
    ] {
        let refused = ask(&world, "POST", "faults", body).await;
        assert_eq!(refused.status, 400, "{body}");
        let answer = refused.json();
        let told = answer["error"]["@message"].as_str().unwrap_or_default();
        assert!(told.contains(&why), "{body}: {told}");
    }
    assert!(world.emulator.faults().is_empty());
}

#[tokio::test]
async fn every_fault_and_every_route_is_planned_by_its_word_in_any_case() {
    let world = World::start().await;
    for fault in HttpFault::WORDS {
        let body = json!({"fault": fault, "status": 503, "bytes": 1, "seconds": 1});
        let answer = ask(&world, "POST", "faults", &body.to_string()).await;
        assert_eq!(answer.status, 201, "{fault}: {}", answer.text());
    }
    assert_eq!(ask(&world, "DELETE", "faults", "").await.status, 204);
    for route in Route::ALL {
        let word = route.to_string().to_lowercase();
        let body = json!({"fault": "status", "status": 503, "route": word, "times": 0});
        let answer = ask(&world, "POST", "faults", &body.to_string()).await;
        assert_eq!(answer.status, 201, "{route}: {}", answer.text());
    }
    assert_eq!(world.stream(STREAM, &[], "x,1\n").await.status, 503);
}

#[tokio::test]
async fn requests_are_told_with_their_headers_and_without_their_secrets() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&seen);
    let world = World::start_with(|builder| {
        builder.with_request_observer(move |record| {
            list.lock().expect("no panic").push(record.route.to_string())
        })
    })
    .await;
    let secrets = [
        ("authorization", "Bearer eyJ0b2tlbg"),
        (
            "x-ms-copy-source",
            "https://a.blob.core.windows.net/c/b?sv=1&sig=c2VjcmV0",
        ),
        ("x-ms-app", "mine"),
    ];
    world.stream(STREAM, &secrets, "x,1\n").await;
    let url = format!(
        "{}/devstoreaccount1/c/b%3Fsv=1&sig=c2VjcmV0",
        world.emulator.cluster()
    );
    world.send("GET", &url, &[], "").await;
    let told = look(&world, "state").await;
    let path = told["requests"][0]["path"].as_str().expect("a text");
    assert!(
        path.starts_with("/devstoreaccount1/c/b") && !path.contains("c2VjcmV0"),
        "{path}"
    );
    let headers = told["requests"][1]["headers"].to_string();
    assert!(
        headers.contains("mine") && headers.contains("authorization"),
        "{headers}"
    );
    assert!(
        !headers.contains("eyJ0b2tlbg") && !headers.contains("c2VjcmV0"),
        "{headers}"
    );
    assert_eq!(*seen.lock().expect("no panic"), ["Streaming", "GetBlob", "Admin"]);
}

#[tokio::test]
async fn requests_of_programs_are_told_however_often_a_page_has_asked_since() {
    let world = World::start().await;
    world.stream(STREAM, &[], "x,1\n").await;
    for _ in 0..100 {
        look(&world, "faults").await;
    }
    let told = look(&world, "state").await;
    assert_eq!(told["requests"].as_array().map(Vec::len), Some(1));
    assert_eq!(told["requests"][0]["route"], "Streaming");
}

#[tokio::test]
async fn a_page_is_told_at_once_when_something_happens_on_one_connection() {
    let world = World::start().await;
    let mut events = Events::listen(&world, None).await;
    assert!(
        events.head.contains("content-type: text/event-stream"),
        "{}",
        events.head
    );
    assert!(
        events.head.contains("transfer-encoding: chunked"),
        "{}",
        events.head
    );
    let (first, state) = events.next().await;
    assert_eq!(state["tables"][0]["rows"], 0);
    for rows in 1..=2 {
        assert_eq!(world.stream(STREAM, &[], "x,1\n").await.status, 200);
        let (_, state) = events.next().await;
        assert_eq!(state["tables"][0]["rows"], rows);
    }
    // Whoever comes again with an old one is told at once, and so is who comes from another emulator.
    for known in [first.as_str(), "0123456789abcdef0123456789abcdef-3"] {
        let (_, state) = Events::listen(&world, Some(known)).await.next().await;
        assert_eq!(state["tables"][0]["rows"], 2);
    }
}

/// Events as they come.
struct Events {
    head: String,
    reader: BufReader<TcpStream>,
}

impl Events {
    async fn listen(world: &World, known: Option<&str>) -> Self {
        let address = world.emulator.cluster().replace("http://localhost", "127.0.0.1");
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        let known = known.map_or_else(String::new, |id| format!("last-event-id: {id}\r\n"));
        let request = format!("GET /__emulator/events HTTP/1.1\r\nhost: localhost\r\n{known}\r\n");
        stream.write_all(request.as_bytes()).await.expect("it reads");
        let mut events = Self {
            head: String::new(),
            reader: BufReader::new(stream),
        };
        while !events.head.ends_with("\r\n\r\n") {
            events
                .reader
                .read_line(&mut events.head)
                .await
                .expect("it answers");
        }
        events.head.make_ascii_lowercase();
        events
    }

    /// The next event that is one: its id, and its state.
    async fn next(&mut self) -> (String, Value) {
        let mut id = String::new();
        loop {
            let mut line = String::new();
            assert!(
                self.reader.read_line(&mut line).await.expect("it goes on") > 0,
                "it ended"
            );
            if let Some(told) = line.strip_prefix("id: ") {
                told.trim().clone_into(&mut id);
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return (id, serde_json::from_str(data).expect("JSON"));
            }
        }
    }
}

#[tokio::test]
async fn two_hundred_emulators_run_side_by_side_and_know_nothing_of_each_other() {
    let starting = (0..200).map(|_| Emulator::start());
    let emulators: Vec<Emulator> = futures::future::try_join_all(starting).await.expect("ports");
    for (number, emulator) in emulators.iter().enumerate() {
        let command = format!(".create table T{number} (n:long)");
        emulator.query("NetDefaultDB", &command).expect("it is created");
    }
    for (number, emulator) in emulators.iter().enumerate() {
        let tables = emulator.fake().table_summaries();
        let names: Vec<&str> = tables.iter().map(|table| table.table.as_str()).collect();
        assert_eq!(names, [format!("T{number}")]);
    }
    let mut addresses: Vec<String> = emulators.iter().map(Emulator::cluster).collect();
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), 200);
}

#[tokio::test]
async fn the_page_is_three_files_and_nothing_from_elsewhere() {
    let world = World::start().await;
    for (path, content_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/__emulator/page.css", "text/css; charset=utf-8"),
        ("/__emulator/page.js", "text/javascript; charset=utf-8"),
    ] {
        let url = format!("{}{path}", world.emulator.cluster());
        let answer = world.send("GET", &url, &[], "").await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some(content_type)),
            "{path}"
        );
        assert!(
            answer
                .header("content-security-policy")
                .is_some_and(|policy| policy.starts_with("default-src 'none'"))
        );
        assert!(!answer.text().contains("https://"), "{path}");
    }
}
