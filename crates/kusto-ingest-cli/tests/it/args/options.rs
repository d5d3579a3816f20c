//! Options by name: how hard a source is brought to the table, and how the cluster is reached.

use std::time::Duration;

use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_ingest::testing::Operation;
use serde_json::{Value, json};

use crate::setup::command::{CommandOutput, end, kusto_ingest, run, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;
use crate::setup::recording_server::RecordingServer;

const POST: Route = Route::Storage(Operation::PutMessage);
const UPLOAD: Route = Route::Storage(Operation::PutBlob);

fn never() -> HttpFault {
    HttpFault::Delay(Duration::from_secs(3600))
}

#[test]
#[cfg(unix)]
fn so_many_sources_are_sent_at_a_time_as_parallel_says() {
    let folder = Folder::new("parallel");
    for number in 0..6 {
        folder.write(&format!("{number}.csv"), "1\n");
    }
    for (parallel, begun) in [("1", 1), ("3", 3)] {
        let kusto = Kusto::with(&["D.T(a:long)"]);
        kusto
            .emulator
            .plan(HttpFaultPlan::new(never()).on(UPLOAD).forever());
        let ingest = [
            "ingest",
            folder.path(),
            "--parallel",
            parallel,
            "--output",
            "json",
        ];
        let mut child = start(&mut kusto.command(&ingest));
        crate::setup::poll::while_it_runs(&mut child, || kusto.emulator.request_count(UPLOAD) == begun);
        crate::setup::command::signal(&child, "-INT");
        let ran = end(child);
        assert_eq!(ran.json()["summary"]["unknown"], json!(begun), "{ran:?}");
    }
}

#[test]
fn a_source_takes_no_longer_than_its_timeout() {
    let folder = Folder::new("source_timeout");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    kusto
        .emulator
        .plan(HttpFaultPlan::new(never()).on(UPLOAD).forever());
    let ran = kusto.run(&["ingest", &file, "--timeout", "150ms"]);
    let error = &ran.ended(8, "Failed")["error"];
    let message = error["message"].as_str().unwrap_or_default();
    assert!(error["kind"] == "Timeout" && message.contains("150ms"), "{error}");

    // The time is that of all attempts together, and of the waits between them.
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let away = HttpFault::Status(503, String::new());
    kusto
        .emulator
        .plan(HttpFaultPlan::new(away).on(Route::Streaming).forever());
    // What is left of it is that of the queue, which is taken in its place.
    kusto
        .emulator
        .plan(HttpFaultPlan::new(never()).on(UPLOAD).forever());
    let managed = |limit| (limit, kusto.run(&["managed", &file, "--timeout", limit]));
    // Where no answer came in time the outcome is unknown: the next has longer for that.
    let mut all = ["150ms", "450ms", "900ms"].into_iter().map(managed);
    let (limit, ran) = all.find(|(_, ran)| ran.code != 4).expect("it is answered");
    let error = &ran.ended(8, "Failed")["error"];
    let message = error["message"].as_str().unwrap_or_default();
    assert!(error["kind"] == "Timeout" && message.contains(limit), "{error}");

    // A request that was sent may have arrived.
    let kusto = Kusto::with(&["D.T(a:long)"]);
    kusto
        .emulator
        .plan(HttpFaultPlan::new(never()).on(Route::Streaming).forever());
    // One that was not begun in time tells nothing: the next has longer for that.
    let stream = |limit| kusto.run(&["stream", &file, "--timeout", limit]);
    let ran = ["150ms", "2s", "20s"]
        .into_iter()
        .map(stream)
        .find(|ran| ran.code != 8);
    let error = &ran.expect("it is sent in time").ended(4, "Unknown")["error"];
    assert_eq!(error["kind"], "OutcomeUnknown");
}

#[test]
fn what_may_have_arrived_is_reported_or_sent_again() {
    let folder = Folder::new("on_unknown");
    let file = folder.write("a.csv", "1\n");
    for (way, route, done) in [
        ("ingest", POST, "Queued"),
        ("stream", Route::Streaming, "Succeeded"),
        ("managed", Route::Streaming, "Succeeded"),
    ] {
        for (what, code, state, asked) in [("report", 4, "Unknown", 1), ("retry", 0, done, 2)] {
            let kusto = Kusto::with(&["D.T(a:long)"]);
            kusto
                .emulator
                .plan(HttpFaultPlan::new(HttpFault::ResponseLost).on(route));
            let ran = kusto.run(&[way, &file, "--on-unknown", what]);
            assert_eq!(
                (
                    ran.code,
                    &ran.result()["state"],
                    kusto.emulator.request_count(route)
                ),
                (code, &json!(state), asked),
                "{way} {what}: {ran:?}"
            );
            let is_doubled = what == "retry";
            assert_eq!(
                ran.result()["may_be_duplicated"],
                json!(is_doubled),
                "{way} {what}: {ran:?}"
            );
        }
    }
}

#[test]
fn people_are_told_of_rows_that_may_be_there_more_than_once() {
    let folder = Folder::new("doubled");
    let (lost, well) = (folder.write("lost.csv", "1\n"), folder.write("well.csv", "2\n"));
    let kusto = Kusto::with(&["D.T(a:long)"]);
    kusto
        .emulator
        .plan(HttpFaultPlan::new(HttpFault::ResponseLost).on(Route::Streaming));
    let ran = kusto.tell(&["managed", &lost, &well, "--parallel", "1"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let (_, doubtful) = ran.out.split_once("more than once").expect("it is told");
    assert!(
        doubtful.contains(&lost) && !doubtful.contains(&well),
        "{doubtful}"
    );
    let ran = kusto.tell(&["managed", &well]);
    assert!(!ran.out.contains("more than once"), "{ran:?}");
}

/// A query that would have an answer.
fn query(cluster: &str, more: &[&str]) -> CommandOutput {
    run(&[&["query", "T | count", "-d", "D", "--cluster", cluster], more].concat())
}

#[test]
fn requests_go_through_the_proxy_that_is_named_but_for_the_hosts_that_are_left_out() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let proxy = RecordingServer::open();
    let ran = query(
        &kusto.cluster,
        &["--proxy", &proxy.address, "--no-proxy", "localhost"],
    );
    assert_eq!((ran.code, proxy.heard().len()), (0, 0), "{ran:?}");
    let ran = query(&kusto.cluster, &["--proxy", &proxy.address]);
    assert_ne!(ran.code, 0, "{ran:?}");
    let asked = format!("POST {}/v2/rest/query ", kusto.cluster);
    assert!(
        proxy.heard().iter().any(|request| request.starts_with(&asked)),
        "{:?}",
        proxy.heard()
    );
    assert_eq!(query(&kusto.cluster, &["--proxy", "none"]).code, 0);
}

#[test]
fn a_host_that_is_none_of_microsofts_gets_a_token_where_it_is_trusted_by_name() {
    let proxy = RecordingServer::open();
    let asked = |more: &[&str]| {
        let query = [
            "query",
            "T",
            "-d",
            "D",
            "--cluster",
            "https://kusto.contoso.example",
            "--auth",
            "token",
        ];
        let mut command = kusto_ingest(&[&query, more].concat());
        command
            .env("KUSTO_TOKEN", "hush")
            .env("HTTPS_PROXY", &proxy.address);
        end(start(&mut command))
    };
    let ran = asked(&["--trusted-host", "kusto.other.example"]);
    ran.refused(2, "no known Kusto host");
    assert_eq!(proxy.heard().len(), 0);
    for host in [
        "kusto.contoso.example",
        "ingest-kusto.contoso.example",
        ".contoso.example",
    ] {
        let before = proxy.heard().len();
        asked(&["--trusted-host", host]);
        let heard = proxy.heard();
        let connects = heard
            .iter()
            .skip(before)
            .any(|request| request.starts_with("CONNECT kusto.contoso.example:443"));
        assert!(connects, "{host}: {heard:?}");
    }
}

#[test]
fn what_cannot_be_used_ends_with_2_and_is_not_repeated() {
    let folder = Folder::new("network_usage");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let missing = format!("{}/missing.pem", folder.path());
    let no_pem = folder.write("no.pem", "hush\n");
    let der = folder.write("ca.der", [0x30, 0x82, 0x03, 0xff]);
    let broken = folder.write(
        "broken.pem",
        "-----BEGIN CERTIFICATE-----\nhush!\n-----END CERTIFICATE-----\n",
    );
    for (more, why) in [
        (&["--proxy", "https://user:hush@proxy"][..], "only http://"),
        (&["--proxy", "user:hush@proxy:80:1"], "--proxy"),
        (&["--proxy", "none", "--no-proxy", "hush"], "--no-proxy"),
        (&["--no-proxy", "a"], "--proxy"),
        (&["--ca-file", &missing], "--ca-file"),
        (&["--ca-file", &no_pem], "no certificate"),
        (&["--ca-file", &der], "openssl x509 -inform der"),
        (&["--ca-file", &broken], "PEM"),
        (&["--trusted-host", "https://h?hush"], "--trusted-host"),
        (&["--trusted-host", ".com"], "two labels"),
    ] {
        let ran = query(&kusto.cluster, more);
        ran.refused(2, why);
        assert!(!ran.err.contains("hush"), "{more:?}: {ran:?}");
    }
    // It can be read in the list of processes, and works all the same.
    let proxy = RecordingServer::open();
    let with_password = proxy.address.replace("http://", "http://user:hush@");
    let ran = query(&kusto.cluster, &["--proxy", &with_password]);
    assert!(
        ran.err.contains("warning: ") && !ran.err.contains("hush"),
        "{ran:?}"
    );
    assert_eq!(kusto.emulator.requests().len(), 0);
    let embedded = [
        "ingest",
        &no_pem,
        "--format",
        "csv",
        "-d",
        "D",
        "-t",
        "T",
        "--emulator",
        "--proxy",
        "none",
    ];
    run(&embedded).refused(2, "--proxy");
}

#[test]
fn parallel_has_the_name_that_direct_had_as_well() {
    let folder = Folder::new("direct_parallel");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for name in ["--parallel", "--max-parallel"] {
        kusto.run(&["direct", &file, name, "2"]).ended(0, "Succeeded");
    }
    assert_eq!(kusto.rows().as_array().map(Vec::len), Some(2));
    assert_eq!(kusto.rows()[0], Value::from(vec![1]));
}
