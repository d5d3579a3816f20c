//! What an emulator has from its start: TLS, seeds, faults, and variables for a shell.

use serde_json::json;

use super::emulator::Served;
use crate::setup::command::run;
use crate::setup::folder::Folder;
use crate::setup::plain_http::ask;

#[test]
fn a_certificate_is_written_that_a_client_can_believe() {
    let folder = Folder::new("tls");
    let file = format!("{}/ca.pem", folder.path());
    let served = Served::start(&["--tls", "--tls-ca", &file, "--tls-name", "emu.kusto.windows.net"]);
    assert!(
        served.cluster().starts_with("https://localhost:"),
        "{}",
        served.cluster()
    );
    let pem = std::fs::read_to_string(&file).expect("it is written before the address is printed");
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
}

#[test]
fn the_command_signs_in_at_the_emulators_own_authority() {
    let folder = Folder::new("auth");
    let file = format!("{}/ca.pem", folder.path());
    let served = Served::start(&["--tls", "--tls-ca", &file, "--auth", "--table", "D.T(a:long)"]);
    let source = folder.write("a.csv", "1\n2\n");
    let secret = folder.write("secret", "any");
    let sign_in = [
        "--auth",
        "client-secret",
        "--client-id",
        "app",
        "--tenant-id",
        "tenant",
        "--client-secret-file",
        &secret,
    ];
    let cluster = ["--cluster", served.cluster(), "-d", "D", "--ca-file", &file];
    let ran = run(&[&["ingest", &source, "-t", "T", "--wait"], &cluster[..], &sign_in].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    let query = ["query", "T | count", "--output", "json"];
    let ran = run(&[&query[..], &cluster, &sign_in].concat());
    assert_eq!((ran.code, &ran.json()["rows"]), (0, &json!([[2]])), "{ran:?}");
    run(&[&query[..], &cluster, &["--auth", "none"]].concat()).refused(3, "");
}

#[test]
fn a_seed_is_there_and_a_fault_goes_on() {
    let folder = Folder::new("seeded");
    folder.write("tables.kql", ".create table T (a:long)\n");
    folder.write("T.csv", "1\n2\n");
    let served = Served::start(&["--seed", folder.path(), "--fault", "streaming-down"]);
    assert_eq!(served.count("NetDefaultDB"), 2);
    assert_eq!(served.ready["tables"], json!(["NetDefaultDB.T(a:long)"]));
    let stream = "POST /v1/rest/ingest/NetDefaultDB/T?streamFormat=csv";
    for _ in 0..2 {
        let (status, answer) = ask(served.cluster(), stream, &[], "3\n").expect("it is answered");
        assert_eq!(status, 503, "{answer}");
    }
    let clear = "DELETE /__emulator/faults";
    assert_eq!(ask(served.cluster(), clear, &[], ""), Some((204, String::new())));
    let (status, answer) = ask(served.cluster(), stream, &[], "3\n").expect("it is answered");
    assert_eq!((status, served.count("NetDefaultDB")), (200, 3), "{answer}");
}

#[test]
fn the_first_line_has_what_seeds_have_brought_behind_what_was_asked_for() {
    let folder = Folder::new("seeded_ready");
    folder.write("tables.kql", ".create table Top (a:long)\n");
    folder.write(
        "Samples/tables.kql",
        ".create table Weather (day:long, degrees:real)\n",
    );
    folder.write("Samples/Weather.csv", "1,2\n");
    let seed = ["--seed", folder.path()];
    let ready = |arguments: &[&str]| Served::start(&[arguments, &seed].concat()).ready.clone();
    let without = ready(&[]);
    assert_eq!(without["databases"], json!(["NetDefaultDB", "Samples"]));
    let shown = without["tables"].to_string();
    assert!(
        shown.contains("NetDefaultDB.Top(") && shown.contains("Samples.Weather("),
        "{shown}"
    );
    let with = ready(&["--database", "samples", "--table", "samples.Asked(a:long)"]);
    assert_eq!(with["databases"], json!(["samples"]));
    let shown = with["tables"]
        .as_array()
        .expect("tables")
        .iter()
        .map(ToString::to_string);
    let shown: Vec<String> = shown.collect();
    assert!(
        shown[0].contains("samples.Asked(a:long)") && shown.len() == 3,
        "{shown:?}"
    );
    let names = shown.concat().to_lowercase();
    assert!(
        names.contains("samples.top(") && names.contains("samples.weather("),
        "{names}"
    );
}

#[test]
fn a_file_has_the_flags_as_keys_and_flags_win() {
    let folder = Folder::new("configured");
    let file = folder.write(
        "emulator.toml",
        "table = ['D.FromFile(a:long)', 'D.Too(a:long)']\ndatabase = ['D']\nhold = true\n",
    );
    let served = Served::start(&["--config", &file]);
    assert_eq!(
        served.ready["tables"],
        json!(["D.FromFile(a:long)", "D.Too(a:long)"])
    );
    let served = Served::start(&["--config", &file, "--table", "D.FromFlag(a:long)"]);
    assert_eq!(served.ready["tables"], json!(["D.FromFlag(a:long)"]));
    let wrong = folder.write("wrong.toml", "tabel = 'T(a:long)'\n");
    run(&["emulator", "--config", &wrong]).refused(2, "\"tabel\" is no flag of the emulator");
}

#[test]
fn variables_for_a_shell_are_printed_in_the_place_of_json() {
    let folder = Folder::new("variables");
    let file = format!("{}/it's ca.pem", folder.path());
    let lines = Served::printed(&["--tls", "--tls-ca", &file, "--print-env"], 4);
    let cluster = lines[0]
        .strip_prefix("export KUSTO_CLUSTER='https://localhost:")
        .expect("the address first");
    assert!(cluster.trim_end_matches('\'').parse::<u16>().is_ok(), "{cluster}");
    let quoted = file.replace('\'', "'\\''");
    for (line, name) in lines[1..]
        .iter()
        .zip(["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"])
    {
        assert_eq!(*line, format!("export {name}='{quoted}'"));
    }
}

#[test]
fn what_an_emulator_cannot_start_with_ends_with_2() {
    for (arguments, why) in [
        (&["--seed", "/no/such/folder"][..], "cannot be read"),
        (&["--fault", "rain"], "streaming-down"),
        (
            &["--allow-store", "http://10.0.0.1:10000"],
            "address of this machine",
        ),
        (&["--tls-ca", "ca.pem"], "--tls"),
        (&["--auth"], "--tls"),
        (&["--storage-addresses", "hosts"], "TLS"),
        (
            &["--tls", "--tls-ca", "/no/such/folder/ca.pem"],
            "cannot be written",
        ),
    ] {
        let ran = run(&[&["emulator"], arguments].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(why), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn what_would_have_no_effect_or_another_one_is_refused() {
    let folder = Folder::new("emulator_refused");
    let data = folder.write("a.csv", "x,1\ny,2\n");
    run(&["emulator", "--seed", &data]).refused(2, "it has text and no command");
    let twice = [
        "emulator",
        "--table",
        "T(a:string)",
        "--table",
        "NetDefaultDB.T(b:string)",
    ];
    run(&twice).refused(
        2,
        "NetDefaultDB.T twice, with the columns (a:string) and (b:string)",
    );
    run(&["emulator", "--tls-name", "foo"]).refused_plainly(2, "--tls");
    let comments = folder.write("empty.kql", "// nothing yet\n\n");
    let served = Served::start(&[
        "--seed",
        &comments,
        "--table",
        "T(a:string)",
        "--table",
        "T(a:string)",
    ]);
    assert_eq!(served.ready["tables"], json!(["NetDefaultDB.T(a:string)"]));
}
