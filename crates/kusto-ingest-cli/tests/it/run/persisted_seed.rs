//! A seed that failed or was cut short is taken again at the next start of the same folder.

use std::path::Path;
#[cfg(unix)]
use std::time::Duration;

use serde_json::json;

use super::emulator::Served;
use crate::setup::command::run;
use crate::setup::folder::Folder;

/// The rows of the table.
fn rows(served: &Served) -> serde_json::Value {
    let cluster = [
        "--cluster",
        served.cluster(),
        "-d",
        "NetDefaultDB",
        "--output",
        "json",
    ];
    run(&[&["query", "T"], &cluster[..]].concat()).json()["rows"].clone()
}

#[test]
fn a_seed_that_failed_is_taken_again_when_it_is_mended() {
    let folder = Folder::new("persisted-seed-failed");
    let good = ".create table T (a:long)\n.ingest inline into table T <| 1\n";
    let script = folder.write("tables.kql", format!("{good}.create tabel U (a:long)\n"));
    let kept = format!("{}/kept", folder.path());
    let arguments = ["--persist", &kept, "--seed", &script];
    run(&[&["emulator"], &arguments[..]].concat()).refused(2, "tables.kql");
    assert!(
        !Path::new(&kept).join("emulator.log").exists(),
        "nothing of it is kept"
    );
    folder.write("tables.kql", good);
    for _ in 0..2 {
        assert_eq!(rows(&Served::start(&arguments)), json!([[1]]));
    }
}

/// What is killed while it reads the second script has run the first.
#[cfg(unix)]
#[test]
fn a_seed_that_was_cut_short_by_a_kill_is_taken_again() {
    use crate::setup::command::{kusto_ingest, start};

    let folder = Folder::new("persisted-seed-killed");
    folder.write("seed/a.kql", ".create table T (a:long)\n");
    let pipe = format!("{}/seed/z.kql", folder.path());
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("it is there").success());
    let (kept, seed) = (
        format!("{}/kept", folder.path()),
        format!("{}/seed", folder.path()),
    );
    let arguments = ["--persist", &kept, "--seed", &seed];
    let mut child = start(&mut kusto_ingest(&[&["emulator"], &arguments[..]].concat()));
    // It opens when the other side reads: then the table is there. Of a side that never reads there would be no end.
    let (sender, opened) = std::sync::mpsc::channel();
    let written = pipe.clone();
    std::thread::spawn(move || sender.send(std::fs::File::options().write(true).open(written)));
    let writer = opened.recv_timeout(Duration::from_secs(60));
    let writer = writer.expect("it comes so far").expect("it is read");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    drop(writer);
    assert!(
        !Path::new(&kept).join("emulator.log").exists(),
        "nothing of it is kept"
    );
    std::fs::remove_file(&pipe).expect("it is there");
    folder.write("seed/z.kql", ".ingest inline into table T <| 2\n3\n");
    let served = Served::start(&arguments);
    assert_eq!(rows(&served), json!([[2], [3]]));
}
