//! `from-storage`: a container that the service ingests by itself.

use kusto_emulator::Emulator;
use serde_json::json;

use crate::setup::command::CommandOutput;
use crate::setup::kusto::Kusto;

fn of(kusto: &Kusto, arguments: &[&str]) -> CommandOutput {
    kusto.run(&[&["from-storage"], arguments].concat())
}

#[test]
fn the_service_lists_and_ingests_a_container_and_is_followed_to_the_end() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for (name, text) in [
        ("in/a.csv", "1\n"),
        ("in/b.csv", "2\n"),
        ("in/c.json", "{}\n"),
        ("out/d.csv", "4\n"),
    ] {
        kusto.put_blob(name, text);
    }
    let container = kusto.container_address();
    let folder = container.replacen('?', "/in?", 1);
    let listed = of(&kusto, &[&folder, "--suffix", ".csv", "--dry-run"]);
    assert_eq!(
        (listed.code, listed.json().as_array().map(Vec::len)),
        (0, Some(2)),
        "{listed:?}"
    );
    let ran = of(&kusto, &[&folder, "--suffix", ".csv", "--wait-timeout", "60s"]);
    let json = ran.json();
    assert_eq!(
        (ran.code, &json["state"], &json["ingested"]),
        (0, &json!("Completed"), &json!(2)),
        "{ran:?}"
    );
    assert_eq!(kusto.rows(), json!([[1], [2]]));
    let secret = container.split_once("sig=").expect("it has a SAS").1;
    for said in [&listed, &ran] {
        assert!(
            !said.out.contains(secret) && !said.err.contains(secret),
            "{said:?}"
        );
        assert!(said.err.contains("name it by -"), "{said:?}");
    }
}

#[test]
fn an_operation_that_was_begun_is_canceled_by_another_command() {
    let kusto = Kusto::of(
        Emulator::builder()
            .with_table(
                "D".try_into().expect("a name"),
                "T".try_into().expect("a name"),
                "a:long".parse().expect("columns"),
            )
            .with_ingestion_paused(),
    );
    kusto.put_blob("a.csv", "1\n");
    let container = kusto.container_address();
    let arguments = ["from-storage", "-", "--format", "csv", "--no-wait"];
    let begun = kusto.run_with_input(&arguments, container.as_bytes());
    assert_eq!(begun.code, 0, "{begun:?}");
    let id = begun.json()["operation"]
        .as_str()
        .expect("it has an identity")
        .to_owned();
    let timed_out = of(&kusto, &["--follow", &id, "--wait-timeout", "50ms"]);
    assert_eq!(timed_out.code, 6, "{timed_out:?}");
    let canceled = of(&kusto, &["--cancel", &id]);
    assert_eq!(
        (canceled.code, &canceled.json()["state"]),
        (0, &json!("Canceled")),
        "{canceled:?}"
    );
    assert_eq!(of(&kusto, &["--follow", &id]).code, 4);
    assert_eq!(kusto.rows(), json!([]));
}

#[test]
fn what_cannot_be_done_is_told_before_anything_is_asked_or_by_the_service() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let container = kusto.container_address();
    of(&kusto, &[&container]).refused(2, "name it with --format");
    of(
        &kusto,
        &["https://a.blob.core.windows.net/c;impersonate", "--format", "csv"],
    )
    .refused(2, "cannot impersonate");
    assert_eq!(kusto.emulator.connection_count(), 0);
    let missing = of(&kusto, &["--follow", "no-such-operation"]);
    assert_eq!(missing.code, 5, "{missing:?}");
    let ingest = |suffix| {
        let more = ["--format", "csv", "--wait-timeout", "60s"];
        of(&kusto, &[&[&container, "--suffix", suffix], &more[..]].concat())
    };
    let nothing = ingest(".none");
    assert_eq!(nothing.code, 7, "{nothing:?}");
    kusto.put_blob("bad.csv", "1\n\"never closed\n");
    let bad = ingest(".csv");
    assert_eq!((bad.code, &bad.json()["state"]), (5, &json!("Failed")), "{bad:?}");
    assert_eq!(kusto.rows(), json!([]));
}
