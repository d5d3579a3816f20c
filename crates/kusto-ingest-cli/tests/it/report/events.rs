//! Events, line by line: each is there as soon as it is known.

use std::io::{BufRead as _, BufReader, Read as _};
use std::time::Duration;

use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_ingest::testing::Operation;
use serde_json::{Value, json};

use crate::setup::command::{signal, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

fn value(line: &str) -> Value {
    serde_json::from_str(line).expect("every line is JSON")
}

/// What is told of each, without what differs from run to run.
fn golden(line: &Value) -> Value {
    let source = line["source"].as_str().map(|source| source.rsplit('/').next());
    json!([line["event"], source, line["state"], line["error"]["kind"]])
}

#[test]
fn a_result_is_told_while_others_are_under_way_and_none_is_told_twice() {
    let folder = Folder::new("events");
    for name in ["a.csv", "b.csv"] {
        folder.write(name, "1\n");
    }
    let kusto = Kusto::held();
    let upload = Route::Storage(Operation::PutBlob);
    let never = HttpFault::Delay(Duration::from_secs(3600));
    let plan = HttpFaultPlan::new(never).on(upload).after(1).forever();
    kusto.emulator.plan(plan);
    let one_by_one = ["ingest", folder.path(), "--parallel", "1", "--output", "ndjson"];
    let mut child = start(&mut kusto.command(&one_by_one));
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut first = String::new();
    out.read_line(&mut first).expect("it can be read");
    assert_eq!(golden(&value(&first)), json!(["result", "a.csv", "Queued", null]));
    assert!(value(&first)["receipt"].is_object(), "{first}");
    crate::setup::poll::until(|| kusto.emulator.request_count(upload) == 2);

    signal(&child, "-INT");
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("it can be read");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let rest: Vec<Value> = rest.lines().map(value).collect();
    let told: Vec<Value> = rest.iter().map(golden).collect();
    let expect = [
        json!(["result", "b.csv", "Unknown", "Interrupted"]),
        json!(["summary", null, null, null]),
    ];
    assert_eq!(told, expect, "{rest:?}");
    assert_eq!((&rest[1]["queued"], &rest[1]["unknown"]), (&json!(1), &json!(1)));
}

#[test]
fn what_is_waited_for_is_told_when_it_is_queued_and_when_it_ends() {
    let folder = Folder::new("events_wait");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let given = ["ingest", &file, "--wait", "--output", "ndjson"];
    let ran = kusto.tell(&given);
    let told: Vec<Value> = ran.out.lines().map(|line| golden(&value(line))).collect();
    let expect = [
        json!(["queued", "a.csv", "Queued", null]),
        json!(["result", "a.csv", "Succeeded", null]),
        json!(["summary", null, null, null]),
    ];
    assert_eq!((ran.code, told), (0, expect.to_vec()), "{ran:?}");
}

#[test]
fn nobody_who_stops_reading_events_stops_what_is_under_way() {
    let folder = Folder::new("events_closed");
    for at in 0..9 {
        folder.write(&format!("{at}.csv"), "1\n");
    }
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let (reader, writer) = std::io::pipe().expect("there are pipes");
    drop(reader);
    let mut command = kusto.command(&["ingest", folder.path(), "--wait", "--output", "ndjson"]);
    let ended = command.stdout(writer).output().expect("the binary was built");
    assert_eq!(ended.status.code(), Some(141), "{ended:?}");
    assert_eq!(kusto.rows().as_array().map(Vec::len), Some(9));
}

#[test]
fn a_rate_spreads_what_is_sent() {
    let folder = Folder::new("events_rate");
    for at in 0..3 {
        folder.write(&format!("{at}.csv"), "1\n");
    }
    let kusto = Kusto::held();
    let ran = kusto.run(&["ingest", folder.path(), "--rate", "20"]);
    let seconds = ran.json()["summary"]["seconds"].as_f64();
    // The third comes two places behind the first.
    assert!(ran.code == 0 && seconds >= Some(0.1), "{ran:?}");
}
