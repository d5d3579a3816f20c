//! `doctor`, and what is asked before anything is sent.

use kusto_emulator::Emulator;
use serde_json::{Value, json};

use crate::setup::authority::Authority;
use crate::setup::command::{CommandOutput, run};
use crate::setup::folder::Folder;
use crate::setup::kusto::{Kusto, nowhere};
use crate::setup::recording_server::RecordingServer;

fn doctor(cluster: &str, more: &[&str]) -> CommandOutput {
    run(&[&["doctor", "--cluster", cluster, "--output", "json"], more].concat())
}

/// The verdict of the hop whose name begins so.
fn verdict(ran: &CommandOutput, hop: &str) -> String {
    let json = ran.json();
    let checks = json["checks"].as_array().expect("there are checks").clone();
    let is_it = |check: &&Value| check["hop"].as_str().is_some_and(|name| name.starts_with(hop));
    let found = checks
        .iter()
        .find(is_it)
        .unwrap_or_else(|| panic!("{hop}: {json}"));
    found["verdict"].as_str().expect("it is text").to_owned()
}

#[test]
fn a_healthy_cluster_has_a_line_for_each_hop() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let before = kusto.changes();
    let ran = doctor(&kusto.cluster, &["-d", "D", "-t", "T"]);
    assert_eq!((ran.code, &ran.json()["failed"]), (0, &json!(0)), "{ran:?}");
    assert_eq!(verdict(&ran, "TLS to localhost"), "skipped", "{ran:?}");
    for hop in [
        "proxy",
        "name localhost",
        "engine endpoint",
        "sign-in to the engine endpoint",
        "ingestion endpoint",
        "right to ingest",
        "issued resources",
        "container ",
        "queue ",
        "status table ",
        "table T",
    ] {
        assert_eq!(verdict(&ran, hop), "ok", "{hop}: {ran:?}");
    }
    assert_eq!(
        kusto.changes() - before,
        head_requests(&kusto),
        "it changes nothing"
    );
    assert!(!format!("{ran:?}").contains("sig="), "{ran:?}");

    let text = run(&["doctor", "--cluster", &kusto.cluster, "-d", "D", "-t", "T"]);
    assert!(
        text.out
            .lines()
            .any(|line| line.starts_with("ok       table T: it has 1 columns")),
        "{text:?}"
    );
}

/// `HEAD` is no change, and no `GET` either.
fn head_requests(kusto: &Kusto) -> usize {
    let requests = kusto.emulator.requests();
    requests.iter().filter(|request| request.method == "HEAD").count()
}

#[test]
fn what_is_missing_is_found_and_says_what_would_help() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = doctor(&kusto.cluster, &["-d", "D", "-t", "None"]);
    assert_eq!(
        (ran.code, verdict(&ran, "table None")),
        (5, "failed".to_owned()),
        "{ran:?}"
    );
    assert!(ran.out.contains(".create table ['None']"), "{ran:?}");
    let ran = doctor(&kusto.cluster, &["-d", "D", "-t", "T", "--mapping-ref", "m"]);
    assert_eq!(
        (ran.code, verdict(&ran, "mapping m")),
        (5, "failed".to_owned()),
        "{ran:?}"
    );
    let ran = doctor(&kusto.cluster, &[]);
    assert_eq!(
        (ran.code, verdict(&ran, "table")),
        (0, "skipped".to_owned()),
        "{ran:?}"
    );
}

#[test]
fn a_cluster_that_is_not_there_is_told_hop_by_hop() {
    let ran = doctor(&nowhere(), &["-d", "D", "--proxy", "none"]);
    assert_eq!(ran.code, 8, "{ran:?}");
    assert_eq!(verdict(&ran, "engine endpoint"), "failed");
    assert!(ran.out.contains("port 443"), "{ran:?}");
}

#[test]
fn a_certificate_that_is_not_trusted_has_its_remedy_and_one_that_is_has_none() {
    let folder = Folder::new("doctor_tls");
    let authority = Authority::open("", "");
    let ran = doctor(&authority.url, &["--proxy", "none"]);
    assert_eq!(
        (ran.code, verdict(&ran, "TLS to localhost")),
        (8, "failed".to_owned()),
        "{ran:?}"
    );
    assert!(ran.out.contains("--ca-file FILE.pem"), "{ran:?}");
    let root = folder.write("root.pem", &authority.root);
    let ran = doctor(&authority.url, &["--proxy", "none", "--ca-file", &root]);
    assert_eq!(verdict(&ran, "TLS to localhost"), "ok", "{ran:?}");
}

#[test]
fn a_proxy_is_looked_at_before_what_is_behind_it() {
    let proxy = RecordingServer::open();
    let cluster = "https://help.kusto.windows.net";
    let by = |proxy: &str| doctor(cluster, &["--proxy", proxy, "--auth", "none"]);
    let ran = by(&proxy.address);
    assert_eq!(verdict(&ran, "proxy"), "ok", "{ran:?}");
    // It lets nobody through.
    assert_eq!(
        (ran.code, verdict(&ran, "TLS to help")),
        (8, "failed".to_owned()),
        "{ran:?}"
    );
    assert!(ran.out.contains("--proxy none"), "{ran:?}");
    let secret = nowhere().replacen("//", "//me:S3CRET@", 1);
    let ran = by(&secret);
    assert_eq!(verdict(&ran, "proxy"), "failed", "{ran:?}");
    assert!(!format!("{ran:?}").contains("S3CRET"), "{ran:?}");
    let none = doctor(&nowhere(), &["--proxy", "none"]);
    assert_eq!(verdict(&none, "proxy"), "ok", "{none:?}");
}

#[test]
fn a_table_that_is_missing_ends_the_command_before_anything_is_sent() {
    let folder = Folder::new("preflight");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::of(Emulator::builder().with_database("D".try_into().expect("it is a name")));
    let before = kusto.changes();
    let arguments = [
        "ingest",
        &*file,
        "--cluster",
        &kusto.cluster,
        "-d",
        "D",
        "-t",
        "T",
    ];
    run(&arguments).refused(2, "there is no table T");
    assert_eq!(kusto.changes(), before);
    let ran = run(&[&arguments[..], &["--no-preflight"]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_database_that_is_not_there_is_what_is_to_be_created_and_not_the_table() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = doctor(&kusto.cluster, &["-d", "nodb", "-t", "T"]);
    assert_eq!(
        (ran.code, verdict(&ran, "database nodb")),
        (5, "failed".to_owned()),
        "{ran:?}"
    );
    assert_eq!(verdict(&ran, "table T"), "skipped", "{ran:?}");
    for check in ran.json()["checks"].as_array().expect("there are checks") {
        let remedy = "create the database nodb, or name another one by -d";
        let is_right = check["verdict"] != "failed" || check["remedy"] == remedy;
        assert!(is_right, "{check}");
    }
}
