//! Buckets of other stores: listed by their own protocol, over our HTTP client.

use std::process::Command;

use serde_json::{Value, json};

use crate::setup::command::{CommandOutput, end, kusto_ingest, start};
use crate::setup::kusto::Kusto;
use crate::setup::object_server::{KEY, ObjectServer};

const OBJECTS: &[(&str, &str)] = &[
    ("2026/01/a.csv", "1,x\n"),
    ("2026/01/b.csv", "2,y\n"),
    ("2026/02/c.csv", "3,z\n"),
    ("2026/notes.bz2", "?"),
    ("other/d.csv", "4,w\n"),
];

fn ran(server: &ObjectServer, command: &mut Command) -> CommandOutput {
    server.known_to(command);
    let ran = end(start(command));
    assert!(!format!("{ran:?}").contains(KEY.1), "{ran:?}");
    ran
}

fn listed(server: &ObjectServer, arguments: &[&str]) -> Vec<String> {
    let arguments = [&["list", "--output", "ndjson"], arguments].concat();
    let ran = ran(server, &mut kusto_ingest(&arguments));
    let lines = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("it is JSON"));
    lines
        .filter_map(|line| line["source"].as_str().map(str::to_owned))
        .collect()
}

#[test]
fn a_bucket_is_listed_page_by_page_and_a_page_that_fails_in_passing_is_asked_for_again() {
    let server = ObjectServer::open(OBJECTS, 1);
    let all = OBJECTS
        .iter()
        .map(|(key, _)| format!("s3://b/{key}"))
        .collect::<Vec<_>>();
    assert_eq!(listed(&server, &["s3://b"]), all);
    // Three pages, of which the first was asked for twice.
    assert_eq!(server.heard().len(), 4, "{:?}", server.heard());
    assert_eq!(
        listed(&server, &["s3://b/2026/", "--pattern", "01/*.csv"]),
        all[..2]
    );
    assert_eq!(listed(&server, &["s3://b/2026/", "--prefix", "02/"]), all[2..3]);
}

#[test]
fn objects_that_kusto_cannot_reach_are_streamed_through() {
    let server = ObjectServer::open(OBJECTS, 0);
    let kusto = Kusto::with(&["D.T(a:long,b:string)"]);
    let mut command = kusto.command(&[
        "ingest",
        "s3://b/2026/",
        "--pattern",
        "*.csv",
        "--wait",
        "--output",
        "json",
    ]);
    let ran = ran(&server, &mut command);
    assert_eq!(
        (ran.code, &ran.json()["summary"]["succeeded"]),
        (0, &json!(3)),
        "{ran:?}"
    );
    let mut rows = kusto.rows().as_array().expect("they are rows").clone();
    rows.sort_by_key(Value::to_string);
    assert_eq!(json!(rows), json!([[1, "x"], [2, "y"], [3, "z"]]));
}

#[test]
fn an_object_may_be_checked_and_is_never_deleted() {
    let server = ObjectServer::open(OBJECTS, 0);
    let check = [
        "check",
        "s3://b/2026/01/",
        "--schema",
        "a:long,b:long",
        "--output",
        "json",
    ];
    let checked = ran(&server, &mut kusto_ingest(&check));
    assert_eq!(checked.code, 4, "{checked:?}");
    let kusto = Kusto::with(&["D.T(a:long,b:string)"]);
    let refused = ran(
        &server,
        &mut kusto.command(&["ingest", "s3://b/2026/01/", "--delete-source"]),
    );
    refused.refused(2, "--delete-source");
}

#[test]
fn a_key_that_is_not_known_ends_as_a_sign_in_does() {
    let server = ObjectServer::open(OBJECTS, 0);
    let refused = ran(
        &server,
        &mut kusto_ingest(&["list", "s3://b/;AwsCredentials=OTHER,S3CRET/KEY"]),
    );
    refused.refused(3, "list the bucket");
    ran(&server, &mut kusto_ingest(&["list", "s3://b/none/"])).refused(7, "nothing");
}
