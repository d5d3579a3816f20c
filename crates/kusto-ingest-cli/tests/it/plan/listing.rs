//! Containers and folders: what of them is listed, and what is ingested of them.

use serde_json::{Value, json};

use crate::setup::command::{run, run_with_input};
use crate::setup::folder::{Folder, gzip};
use crate::setup::kusto::{Kusto, nowhere};

/// A Kusto with some blobs in a container, and the address of the container.
fn with_blobs() -> (Kusto, String) {
    let kusto = Kusto::with(&["D.T(a:long,b:string)"]);
    for name in [
        "2026/01/a.csv",
        "2026/01/b.csv",
        "2026/02/c.csv",
        "2026/notes.txt",
        "other/d.csv",
    ] {
        kusto.put_blob(name, "1,x\n");
    }
    let container = kusto.container_address();
    (kusto, container)
}

/// The folder of a container.
fn folder(container: &str, folder: &str) -> String {
    let (path, sas) = container.split_once('?').expect("it is signed");
    format!("{path}/{folder}?{sas}")
}

/// The names that `list` finds below a container, by its lines of JSON.
fn listed(arguments: &[&str]) -> Vec<String> {
    let ran = run(&[&["list", "--output", "ndjson"], arguments].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!ran.out.contains("sig="), "{ran:?}");
    let lines = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("it is JSON"));
    let found = lines.filter(|line| line["event"] == "discovered");
    let source = |line: Value| line["source"].as_str().expect("it is text").to_owned();
    let below = |source: String| source.split('/').skip(5).collect::<Vec<_>>().join("/");
    found.map(source).map(below).collect()
}

#[test]
fn a_container_is_listed_by_prefix_patterns_and_limit_without_a_cluster() {
    let (_kusto, container) = with_blobs();
    let all = [
        "2026/01/a.csv",
        "2026/01/b.csv",
        "2026/02/c.csv",
        "2026/notes.txt",
        "other/d.csv",
    ];
    assert_eq!(listed(&[&container]), all);
    assert_eq!(listed(&[&container, "--prefix", "2026/0"]), all[..3]);
    assert_eq!(listed(&[&folder(&container, "2026/")]), all[..4]);
    assert_eq!(
        listed(&[&folder(&container, "2026/"), "--prefix", "02/"]),
        all[2..3]
    );
    assert_eq!(
        listed(&[&container, "--pattern", "*.csv", "--exclude", "b*"]),
        [all[0], all[2], all[4]]
    );
    assert_eq!(listed(&[&container, "--pattern", "2026/*/*.csv"]), all[..3]);
    assert_eq!(listed(&[&container, "--limit", "2"]), all[..2]);
    // Pages of two, one behind the other.
    assert_eq!(listed(&[&container, "--list-rate", "2000"]), all);
}

#[test]
fn a_list_is_for_people_and_for_programs() {
    let (_kusto, container) = with_blobs();
    let of = |output: &str| run(&["list", &container, "--prefix", "2026/01/", "--output", output]);
    let text = of("text");
    assert_eq!(text.code, 0, "{text:?}");
    let lines: Vec<&str> = text.out.lines().collect();
    assert_eq!(lines[0], "       bytes  creation time         source");
    assert!(
        lines[1].starts_with("           4  -                     http://127.0.0.1:"),
        "{text:?}"
    );
    assert!(lines[1].ends_with("/2026/01/a.csv"), "{text:?}");
    assert_eq!(lines[4], "2 sources; 8 B");
    let document = of("json").json();
    assert_eq!(document["results"].as_array().map(Vec::len), Some(2));
    let summary = json!({"sources": 2, "bytes": 8, "sources_of_unknown_size": 0, "errors": 0});
    assert_eq!(document["summary"], summary);
    let csv = of("csv");
    let lines: Vec<&str> = csv.out.lines().collect();
    assert_eq!(
        lines[0],
        "source,bytes,raw_bytes,format,creation_time,last_modified,error"
    );
    assert!(lines[1].contains("/2026/01/a.csv,4,,csv,,"), "{csv:?}");
    assert_eq!(lines.len(), 3);
}

#[test]
fn what_is_not_there_has_its_exit_code() {
    let (_kusto, container) = with_blobs();
    run(&["list", &container, "--prefix", "none/"]).refused(7, "nothing");
    run(&["list", &container, "--limit", "0"]).refused(7, "nothing");
    let empty = run(&["list", &container, "--prefix", "none/", "--allow-empty"]);
    assert_eq!(empty.code, 0, "{empty:?}");
    let forged = container.replace("sig=", "sig=x");
    run(&["list", &forged]).refused(3, "list the blobs");
    let away = format!("{}/devstoreaccount1/none", nowhere());
    run(&["list", &away, "--proxy", "none", "--list-retry-for", "100ms"]).refused(8, "list the blobs");
    #[cfg(not(feature = "object-store"))]
    run(&["list", "s3://bucket/dir/;AwsCredentials=I,SECRET"]).refused(2, "--features object-store");
    run(&["list", "s3://bucket/dir/?X-Amz-Signature=SECRET"]).refused(2, "opens one object");
    run(&["list", &container, "--pattern", "[a"]).refused(2, "pattern");
    let folder = Folder::new("no container");
    folder.write("a.csv", "1");
    run(&["list", folder.path(), "--prefix", "a"]).refused(2, "--prefix is for containers");
}

#[test]
fn a_container_is_queued_as_it_is_listed() {
    let (kusto, container) = with_blobs();
    let ran = kusto.run(&["ingest", &container, "--pattern", "*.csv"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let document = ran.json();
    assert_eq!(document["summary"]["queued"], 4, "{document}");
    assert_eq!(
        document["results"][0]["raw_bytes"], 4,
        "the listing tells the size"
    );
    kusto.drained();
    assert_eq!(kusto.rows().as_array().map(Vec::len), Some(4));

    let ran = kusto.run(&["ingest", &container, "--pattern", "*.csv", "--wait"]);
    assert_eq!(
        (ran.code, &ran.json()["summary"]["succeeded"]),
        (0, &json!(4)),
        "{ran:?}"
    );
}

#[test]
fn events_come_a_line_each_and_people_get_a_summary() {
    let (kusto, container) = with_blobs();
    let arguments = ["ingest", &container, "--prefix", "2026/01/"];
    let ran = kusto.tell(&[&arguments[..], &["--output", "ndjson"]].concat());
    let lines = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("it is JSON"));
    let events: Vec<String> = lines
        .map(|line| format!("{} {}", line["event"], line["state"]))
        .collect();
    assert_eq!(
        events,
        [
            r#""result" "Queued""#,
            r#""result" "Queued""#,
            r#""summary" null"#
        ]
    );
    let ran = kusto.tell(&arguments);
    assert!(ran.out.contains("2 sources into D.T: 2 queued"), "{ran:?}");
    assert!(ran.err.contains("can read the SAS or key"), "{ran:?}");
}

#[test]
fn one_that_is_odd_does_not_end_the_run() {
    let (kusto, container) = with_blobs();
    kusto.put_blob("2026/packed.csv.bz2", "x");
    kusto.put_blob("2026/no format", "x");
    let ran = kusto.run(&["ingest", &folder(&container, "2026/")]);
    assert_eq!(ran.code, 4, "{ran:?}");
    let summary = &ran.json()["summary"];
    assert_eq!(
        (&summary["queued"], &summary["failed"]),
        (&json!(4), &json!(2)),
        "{summary}"
    );
    for why in ["pack it anew", "name it with --format"] {
        assert!(ran.err.contains(why), "{ran:?}");
    }
    let dry = kusto.run(&["ingest", &folder(&container, "2026/"), "--dry-run"]);
    assert_eq!(
        (dry.code, &dry.json()["summary"]["errors"]),
        (4, &json!(2)),
        "{dry:?}"
    );
}

#[test]
fn a_dry_run_needs_no_cluster_and_sends_nothing() {
    let (kusto, container) = with_blobs();
    let before = kusto.changes();
    let ran = run(&[
        "ingest",
        &container,
        "--pattern",
        "*.csv",
        "--dry-run",
        "--output",
        "json",
    ]);
    assert_eq!(
        (ran.code, &ran.json()["summary"]["sources"]),
        (0, &json!(4)),
        "{ran:?}"
    );
    assert_eq!(kusto.changes(), before);
}

#[test]
fn a_dry_run_shows_the_time_that_a_path_tells_and_what_a_path_does_not_tell() {
    let folder = Folder::new("dry_times");
    folder.write("2012/01/02.csv", "1\n");
    folder.write("2012/none.csv", "1\n");
    let dry = |more: &[&str]| {
        let source = format!("{}/2012", folder.path());
        let pattern = ["--creation-time-pattern", "/{yyyy/MM/dd}.csv"];
        let arguments = ["ingest", &source, "--dry-run", "--output", "json"];
        run(&[&arguments[..], &pattern, more].concat())
    };
    let ran = dry(&[]);
    assert_eq!(
        (ran.code, &ran.json()["summary"]["errors"]),
        (4, &json!(1)),
        "{ran:?}"
    );
    assert!(
        ran.out.contains("2012-01-02T00:00:00") && ran.out.contains("does not tell it"),
        "{ran:?}"
    );
    for (what, sources) in [("skip", 1), ("ignore", 2)] {
        let ran = dry(&["--creation-time-missing", what]);
        assert_eq!(
            (ran.code, &ran.json()["summary"]["sources"]),
            (0, &json!(sources)),
            "{ran:?}"
        );
        assert_eq!(
            ran.err.contains("1 sources are left out"),
            what == "skip",
            "{ran:?}"
        );
    }
}

#[test]
fn sources_come_from_a_list_as_well_and_what_is_wrong_in_it_is_told_of_each() {
    let (kusto, container) = with_blobs();
    let files = Folder::new("from a list");
    let file = files.write("a.csv", "2,y\n");
    let list = format!(
        "\u{FEFF}# what is to be ingested\n{file}\n\n{file}\n{}\n{}/none.csv\n",
        folder(&container, "other/"),
        files.path()
    );
    let list_file = files.write("list", &list);
    let of_file = kusto.run(&["ingest", "--from-file", &list_file]);
    let of_input = kusto.run_with_input(&["ingest", "--from-file", "-"], list.as_bytes());
    for ran in [of_file, of_input] {
        assert_eq!(ran.code, 4, "{ran:?}");
        let summary = &ran.json()["summary"];
        assert_eq!(
            (&summary["queued"], &summary["failed"]),
            (&json!(2), &json!(1)),
            "{ran:?}"
        );
        assert!(
            ran.err.contains("none.csv") && ran.err.contains("named twice"),
            "{ran:?}"
        );
        assert!(!ran.err.contains("sig="), "{ran:?}");
    }
    run_with_input(
        &[
            "ingest",
            "-",
            "--from-file",
            "-",
            "-d",
            "D",
            "-t",
            "T",
            "--cluster",
            &kusto.cluster,
        ],
        b"",
    )
    .refused(2, "standard input can be read only once");
}

#[test]
fn a_blob_that_a_list_names_twice_is_queued_once() {
    let (kusto, container) = with_blobs();
    let files = Folder::new("twice");
    let blob = container.replacen('?', "/other/d.csv?", 1);
    // The second is the same by another SAS, the third comes of its folder.
    let list = format!("{blob}\n{blob}&x=1\n{}\n", folder(&container, "other/"));
    let ran = kusto.run(&["ingest", "--from-file", &files.write("list", &list)]);
    assert_eq!(
        (ran.code, &ran.json()["summary"]["queued"]),
        (0, &json!(1)),
        "{ran:?}"
    );
    assert_eq!(
        ran.err.matches("other/d.csv is named twice").count(),
        2,
        "{ran:?}"
    );
    // Many are counted.
    let many = files.write("many", format!("{blob}\n").repeat(31));
    let ran = kusto.run(&["ingest", "--from-file", &many]);
    assert_eq!(
        (ran.code, &ran.json()["summary"]["queued"]),
        (0, &json!(1)),
        "{ran:?}"
    );
    assert!(ran.err.contains("20 more are named twice"), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn what_is_left_out_of_a_folder_is_told() {
    use std::os::unix::fs::symlink;
    let files = Folder::new("links");
    let file = files.write("a.csv", "1,x\n");
    files.write("b/c.csv", "1,x\n");
    symlink(files.path(), format!("{}/circle", files.path())).expect("it can be linked");
    symlink("/nowhere", format!("{}/broken.csv", files.path())).expect("it can be linked");
    symlink(&file, format!("{}/again.csv", files.path())).expect("it can be linked");
    let _socket = std::os::unix::net::UnixListener::bind(format!("{}/s", files.path())).expect("it is bound");
    let ran = run(&["list", files.path(), &file, "--output", "json"]);
    assert_eq!(
        (ran.code, &ran.json()["summary"]["sources"]),
        (0, &json!(2)),
        "{ran:?}"
    );
    for told in [
        "links to folders are not followed",
        "circle",
        "broken.csv",
        "/s",
        "named twice",
    ] {
        assert!(ran.err.contains(told), "{told}: {ran:?}");
    }
}

#[test]
fn standard_input_beside_a_container_may_be_gzip() {
    let (kusto, container) = with_blobs();
    let arguments = ["ingest", "-", &container, "--prefix", "other/", "--format", "csv"];
    let ran = kusto.run_with_input(&arguments, &gzip("7,z\n8,z\n"));
    assert_eq!(
        (ran.code, &ran.json()["summary"]["queued"]),
        (0, &json!(2)),
        "{ran:?}"
    );
    kusto.drained();
    assert_eq!(kusto.rows().as_array().map(Vec::len), Some(3));
}
