//! `emulator`: a local emulator, until somebody ends it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Child;

use serde_json::{Value, json};

use crate::setup::command::{kusto_ingest, run, start};
use crate::setup::folder::Folder;

/// An emulator in a process of its own.
pub(super) struct Served {
    pub(super) child: Child,
    pub(super) ready: Value,
    out: BufReader<std::process::ChildStdout>,
}

impl Served {
    pub(super) fn start(arguments: &[&str]) -> Self {
        let mut child = start(&mut kusto_ingest(&[&["emulator"], arguments].concat()));
        let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("it says when it is ready");
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        Self { child, ready, out }
    }

    /// The first lines that one prints.
    pub(super) fn printed(arguments: &[&str], count: usize) -> Vec<String> {
        let mut child = start(&mut kusto_ingest(&[&["emulator"], arguments].concat()));
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        let lines = out
            .lines()
            .take(count)
            .map(|line| line.expect("it is text"))
            .collect();
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        lines
    }

    pub(super) fn cluster(&self) -> &str {
        self.ready["cluster"].as_str().expect("it is an address")
    }

    /// How many rows the table `T` of a database has.
    pub(super) fn count(&self, database: &str) -> u64 {
        let of = ["--cluster", self.cluster(), "-d", database, "--output", "json"];
        let ran = run(&[&["query", "T | count"], &of[..]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.json()["rows"][0][0].as_u64().expect("it is a number")
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
        assert_eq!(served.count("D"), 2);
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
