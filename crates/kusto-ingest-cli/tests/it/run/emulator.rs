//! `emulator`: a local emulator, until somebody ends it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::Child;

use serde_json::{Value, json};

use crate::setup::command::{kusto_ingest, run, start};
use crate::setup::folder::Folder;

/// An emulator in a process of its own.
struct Served {
    child: Child,
    ready: Value,
    out: BufReader<std::process::ChildStdout>,
}

impl Served {
    fn start(arguments: &[&str]) -> Self {
        let mut child = start(&mut kusto_ingest(&[&["emulator"], arguments].concat()));
        let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("it says when it is ready");
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        Self { child, ready, out }
    }

    fn cluster(&self) -> &str {
        self.ready["cluster"].as_str().expect("it is an address")
    }

    /// Ends it, and tells its exit code and what else it printed.
    #[cfg(unix)]
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        crate::setup::command::signal(&self.child, signal);
        let status = self.child.wait().expect("it ends");
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("it is text");
        (status.code(), rest)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // A test that failed leaves nothing running.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn case_15_a_table_may_be_named_in_quotes_and_a_database_in_any_case() {
    let table = "['my-db'].['my table'](a:string)";
    let served = Served::start(&["--database", "other", "--table", table]);
    assert_eq!(served.ready["databases"], json!(["other", "my-db"]));
    assert_eq!(served.ready["tables"], json!(["my-db.my table(a:string)"]));
    let ran = run(&[
        "query",
        "--cluster",
        served.cluster(),
        "-d",
        "MY-DB",
        "['my table'] | count",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
#[cfg(unix)]
fn it_serves_until_it_is_told_to_end() {
    for signal in ["-TERM", "-INT", "-HUP"] {
        if signal == "-HUP" && crate::setup::command::ignores_hang_up() {
            continue;
        }
        let served = Served::start(&["--database", "D", "--table", "T(a:string,b:long)"]);
        assert!(
            served.cluster().starts_with("http://localhost:"),
            "{}",
            served.ready
        );
        assert_eq!(served.ready["databases"], json!(["D"]));
        assert_eq!(served.ready["tables"], json!(["D.T(a:string,b:long)"]));
        let folder = Folder::new(&format!("served{signal}"));
        let file = folder.write("a.csv", "x,1\ny,2\n");
        let ran = run(&[
            "ingest",
            &file,
            "--cluster",
            served.cluster(),
            "-d",
            "D",
            "-t",
            "T",
            "--wait",
        ]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let query = [
            "query",
            "T | count",
            "--cluster",
            served.cluster(),
            "-d",
            "D",
            "--output",
            "json",
        ];
        assert_eq!(run(&query).json()["rows"], json!([[2]]));
        assert_eq!(served.end(signal), (Some(0), String::new()));
    }
}

#[test]
fn tables_stand_in_the_databases_that_they_name() {
    let arguments = [
        "--database",
        "A",
        "--database",
        "B",
        "--table",
        "A.T(x:int)",
        "--table",
        "B.T(y:real)",
    ];
    let served = Served::start(&arguments);
    for (database, expect) in [
        ("A", json!([{"name": "x", "type": "int"}])),
        ("B", json!([{"name": "y", "type": "real"}])),
    ] {
        let ran = run(&[
            "query",
            "T",
            "--cluster",
            served.cluster(),
            "-d",
            database,
            "--output",
            "json",
        ]);
        assert_eq!(ran.json()["columns"], expect);
    }
}

#[test]
fn a_held_queue_keeps_what_is_queued() {
    let served = Served::start(&["--table", "T(a:long)", "--hold"]);
    let folder = Folder::new("held");
    let file = folder.write("a.csv", "1\n");
    let into = [
        "--cluster",
        served.cluster(),
        "-d",
        "NetDefaultDB",
        "-t",
        "T",
        "--output",
        "json",
    ];
    let ran = run(&[&["ingest", &file, "--no-wait"], &into[..]].concat());
    assert_eq!(
        (ran.code, &ran.result()["state"]),
        (0, &json!("Queued")),
        "{ran:?}"
    );
    let ran = run(&[&["ingest", &file, "--wait", "--wait-timeout", "0s"], &into[..]].concat());
    assert_eq!(
        (ran.code, &ran.result()["state"]),
        (6, &json!("Pending")),
        "{ran:?}"
    );
}

/// What is answered to these bytes, until the connection is closed.
fn answered(served: &Served, bytes: &str) -> String {
    let address = served.cluster().replace("http://localhost", "127.0.0.1");
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    stream.write_all(bytes.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

#[test]
fn limits_of_sources_and_of_memory_are_set_with_units() {
    let folder = Folder::new("limits");
    let wide = folder.write("wide.csv", "x".repeat(3000));
    let many = folder.write("many.csv", "1\n2\n3\n");
    let fine = folder.write("fine.csv", "1\n");
    for (limit, file, code) in [
        (["--max-source-size", "2KiB"], &wide, "BadRequest_FileTooLarge"),
        (["--max-source-rows", "2"], &many, "BadRequest_FileTooLarge"),
        (
            ["--max-stored-size", "1KB"],
            &wide,
            "BadRequest_DataCapacityLimitReached",
        ),
    ] {
        let served = Served::start(&["--table", "T(a:string)", limit[0], limit[1]]);
        let into = ["-d", "NetDefaultDB", "-t", "T", "--wait", "--output", "json"];
        let ingest =
            |file: &str| run(&[&["ingest", file, "--cluster", served.cluster()], &into[..]].concat());
        assert_eq!(
            ingest(file).ended(5, "Failed")["error"]["code"],
            code,
            "{limit:?}"
        );
        ingest(&fine).ended(0, "Succeeded");
    }
}

#[test]
fn limits_of_the_networks_side_are_set_with_units() {
    let served = Served::start(&[
        "--max-headers",
        "3",
        "--max-header-size",
        "8KiB",
        "--max-header-time",
        "200ms",
        "--max-body-pause",
        "200ms",
        "--max-body-size",
        "1KiB",
    ]);
    let post = "POST /v1/rest/mgmt HTTP/1.1\r\nhost: localhost\r\n";
    for (bytes, status) in [
        (format!("{post}a: b\r\nc: d\r\ne: f\r\n\r\n"), "431"),
        (format!("{post}a: {}\r\n\r\n", "x".repeat(9000)), "431"),
        (post.to_owned(), "408"),
        (format!("{post}content-length: 9\r\n\r\nhalf"), "408"),
        (format!("{post}content-length: 2000\r\n\r\n"), "413"),
    ] {
        let answer = answered(&served, &bytes);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{status}: {answer}"
        );
    }
    let served = Served::start(&["--max-connections", "1"]);
    let address = served.cluster().replace("http://localhost", "127.0.0.1");
    let _first = std::net::TcpStream::connect(address).expect("it listens");
    let second = answered(&served, "");
    assert!(second.starts_with("HTTP/1.1 503 "), "{second}");
}

#[test]
fn what_cannot_be_served_ends_with_2() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for arguments in [
        &["--port", &*port][..],
        &["--port", "70000"],
        &["--table", "T"],
        &["--table", "T(a:word)"],
        &["--database", "A", "--database", "B", "--table", "T(a:int)"],
        &["--database", ""],
        &["--max-source-size", "512"],
        &["--max-connections", "0"],
        &["--max-header-time", "60"],
    ] {
        let ran = run(&[&["emulator"], arguments].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {ran:?}");
        assert!(ran.err.starts_with("error: "), "{ran:?}");
    }
}
