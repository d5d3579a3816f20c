//! `watch`: a folder whose files are ingested as they come.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::Child;

use kusto_emulator::Route;
use kusto_ingest::testing::Operation;
use serde_json::{Value, json};

use crate::setup::command::{CommandOutput, end, signal, start};
use crate::setup::folder::Folder;
use crate::setup::killed::{KillPoint, kill_at};
use crate::setup::kusto::Kusto;
use crate::setup::poll::{says, while_it_runs};

const TARGETS: &str = "[[target]]\npattern = '*.csv'\ndatabase = 'D'\ntable = 'T'\n";

struct Watch {
    folder: Folder,
    kusto: Kusto,
}

impl Watch {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        folder.write("targets.toml", TARGETS);
        std::fs::create_dir_all(format!("{}/in", folder.path())).expect("it can be made");
        let kusto = Kusto::with(&["D.T(a:long)", "D.U(a:string)"]);
        Self { folder, kusto }
    }

    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(self.folder.path()).join(name)
    }

    fn start(&self, more: &[&str], line: Option<&str>) -> Child {
        let (folder, targets) = (
            self.path("in").display().to_string(),
            self.path("targets.toml").display().to_string(),
        );
        let journal = self.path("journal").display().to_string();
        let arguments = [
            "watch",
            &folder,
            "--targets",
            &targets,
            "--journal",
            &journal,
            "--cluster",
            &self.kusto.cluster,
            "--stable-for",
            "20ms",
            "--look-every",
            "10ms",
            "--output",
            "ndjson",
        ];
        let mut command = crate::setup::command::kusto_ingest(&[&arguments, more].concat());
        if let Some(line) = line {
            command.env("KUSTO_INGEST_ABORT_AT_LINE", line);
        }
        start(&mut command)
    }

    fn rows(&self) -> usize {
        self.kusto.drained();
        self.kusto.rows().as_array().map_or(0, Vec::len)
    }

    /// Runs it until something is so.
    fn until(&self, more: &[&str], is_so: impl Fn() -> bool) -> CommandOutput {
        let mut child = self.start(more, None);
        while_it_runs(&mut child, is_so);
        signal(&child, "-TERM");
        end(child)
    }

    fn files_in(&self, name: &str) -> usize {
        std::fs::read_dir(self.path(name)).map_or(0, |files| {
            files
                .filter(|file| file.as_ref().is_ok_and(|file| file.path().is_file()))
                .count()
        })
    }
}

#[test]
fn files_are_ingested_as_they_come_and_those_that_cannot_be_are_set_aside() {
    let watch = Watch::new("watch");
    watch.folder.write("in/a.csv", "1\n");
    watch.folder.write("in/empty.csv", "");
    let ran = watch.until(&["--done", "move"], || {
        watch.files_in("in/done") == 1 && watch.files_in("in/failed") == 2
    });
    assert_eq!((ran.code, watch.rows()), (0, 1), "{ran:?}");
    let results: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("it is JSON"))
        .collect();
    assert_eq!(
        (results.len(), &results[0]["table"], &results[0]["state"]),
        (1, &json!("T"), &json!("Queued"))
    );
    assert!(
        ran.err.contains("empty.csv: ") && ran.err.contains("the source is empty; it is set aside as"),
        "{ran:?}"
    );
    assert!(ran.err.contains("1 files accepted, 1 set aside"), "{ran:?}");
    let reason = watch.path("in/failed/empty.csv.reason.json");
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(
        std::fs::metadata(reason)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
}

#[test]
fn what_the_watch_itself_writes_and_reads_is_left_alone_in_the_folder() {
    let watch = Watch::new("watch_own");
    let target =
        "[[target]]\npattern = '*'\ndatabase = 'D'\ntable = 'T'\nformat = 'csv'\nmapping-file = 'm.csv'\n";
    let targets = watch.folder.write("in/targets.csv", target);
    watch
        .folder
        .write("in/m.csv", r#"[{"Column":"a","Properties":{"Ordinal":"0"}}]"#);
    watch
        .folder
        .write("in/gone.csv.reason.json", "{\"may_be_ingested\": false}");
    watch.folder.write("in/old.csv", "1\n");
    let own = |name: &str| watch.path(name).display().to_string();
    let (folder, journal, log) = (own("in"), own("in/journal.csv"), own("in/log.csv"));
    let mut given = vec!["watch", &folder, "--journal", &journal, "--log-file", &log];
    given.extend(["--targets", &targets, "--cluster", &watch.kusto.cluster]);
    given.extend(["--stable-for", "0s", "--look-every", "10ms", "--done", "delete"]);
    let mut child = start(&mut crate::setup::command::kusto_ingest(&given));
    while_it_runs(&mut child, || !watch.path("in/old.csv").exists());
    // Another file is taken after several more looks.
    watch.folder.write("in/new.csv", "2\n");
    while_it_runs(&mut child, || !watch.path("in/new.csv").exists());
    signal(&child, "-TERM");
    let ran = end(child);
    assert!(ran.err.contains("2 files accepted, 0 set aside"), "{ran:?}");
    assert!(
        ran.err
            .contains("targets.csv is left alone: it is the file of --targets"),
        "{ran:?}"
    );
    assert_eq!((ran.code, watch.rows()), (0, 2), "{ran:?}");
}

#[test]
fn files_that_are_kept_are_ingested_once_and_by_one_watch_at_a_time() {
    let watch = Watch::new("watch_kept");
    watch.folder.write("in/a.csv", "1\n");
    let posts = || {
        watch
            .kusto
            .emulator
            .request_count(Route::Storage(Operation::PutMessage))
    };
    let mut first = watch.start(&[], None);
    while_it_runs(&mut first, || posts() == 1);
    let second = end(watch.start(&[], None));
    second.refused(2, "another process uses it");
    signal(&first, "-TERM");
    assert_eq!(end(first).code, 0);
    watch.folder.write("in/b.csv", "2\n");
    assert_eq!(watch.until(&[], || posts() == 2).code, 0);
    assert_eq!(watch.rows(), 2);
}

#[test]
fn targets_are_read_anew_when_it_is_told_and_a_broken_file_changes_nothing() {
    let watch = Watch::new("watch_reload");
    watch.folder.write("in/a.json", "{\"a\":\"x\"}\n");
    let mut child = watch.start(&["--done", "delete"], None);
    let journal = watch.path("journal");
    while_it_runs(&mut child, || {
        journal.metadata().is_ok_and(|known| known.len() > 0)
    });
    watch.folder.write("targets.toml", "[[target]]\npattern = 1\n");
    signal(&child, "-HUP");
    says(&mut child, "targets.toml cannot be used");
    let json = "[[target]]\npattern = '*.json'\ndatabase = 'D'\ntable = 'U'\n";
    watch.folder.write("in/b.csv", "1\n");
    while_it_runs(&mut child, || watch.files_in("in") == 1);
    watch.folder.write("targets.toml", json);
    signal(&child, "-HUP");
    while_it_runs(&mut child, || watch.files_in("in") == 0);
    signal(&child, "-TERM");
    let ran = end(child);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("1 targets are read anew"), "{ran:?}");
    watch.kusto.drained();
    assert_eq!(watch.kusto.query("D", "U")["rows"], json!([["x"]]));
    assert_eq!(watch.rows(), 1);
}

#[test]
fn numbers_are_served_on_the_loopback_interface() {
    let watch = Watch::new("watch_metrics");
    watch.folder.write("in/a.csv", "1\n");
    let log = watch.path("log").display().to_string();
    let mut child = watch.start(&["--metrics", "0", "--log-file", &log], None);
    let told = says(&mut child, "/metrics\n");
    let address = told
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
        .expect("it says where");
    assert!(address.starts_with("127.0.0.1:"), "{told}");
    let ask = |path: &str| {
        let mut stream = std::net::TcpStream::connect(address).expect("it listens");
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    };
    while_it_runs(&mut child, || {
        ask("/metrics").contains("kusto_ingest_watch_files_accepted_total 1\n")
    });
    assert!(ask("/other").starts_with("HTTP/1.1 404"));
    signal(&child, "-TERM");
    assert_eq!(end(child).code, 0);
}

#[test]
fn what_cannot_be_used_is_refused_before_anything_is_sent() {
    let watch = Watch::new("watch_refused");
    watch.folder.write("in/a.csv", "1\n");
    watch
        .folder
        .write("targets.toml", "[[target]]\npattern = 'a'\nsecret = 'S3CRET'\n");
    let ran = end(watch.start(&[], None));
    ran.refused(2, "unknown field `secret`");
    assert!(!ran.err.contains("S3CRET"), "{ran:?}");
    watch.folder.write("targets.toml", TARGETS);
    end(watch.start(&["--metrics", "localhost"], None)).refused_plainly(2, "neither a port nor HOST:PORT");
    std::fs::remove_dir_all(watch.path("in")).expect("it is there");
    end(watch.start(&[], None)).refused(2, "cannot be watched");
    assert_eq!(watch.kusto.changes(), 0);
}

const MESSAGE: Route = Route::Storage(Operation::PutMessage);

#[test]
fn a_watch_that_is_killed_at_any_point_and_run_again_has_every_row_and_names_what_may_be_twice() {
    let lines = [
        "1", "1half", "1+", "2", "2half", "2+", "3", "3half", "3+", "4", "4+", "5half", "6", "7+",
    ];
    let lines = lines.map(KillPoint::Line).into_iter();
    let requests = (0..3).flat_map(|number| {
        [
            KillPoint::Before(MESSAGE, number),
            KillPoint::After(MESSAGE, number),
        ]
    });
    for (place, point) in lines.chain(requests).enumerate() {
        let watch = Watch::new(&format!("watch_killed_{place}"));
        for number in 0..6 {
            watch
                .folder
                .write(&format!("in/{number}.csv"), format!("{number}\n"));
        }
        let more = ["--done", "delete", "--parallel", "2"];
        kill_at(point, &watch.kusto.emulator, |line| watch.start(&more, line));
        let ran = watch.until(&more, || watch.files_in("in") == 0);
        assert_eq!(ran.code, 0, "{point:?}: {ran:?}");
        watch.kusto.drained();
        let rows = watch.kusto.rows();
        let rows: Vec<i64> = rows
            .as_array()
            .expect("rows")
            .iter()
            .filter_map(|row| row[0].as_i64())
            .collect();
        let mut twice = 0;
        for number in 0..6 {
            let times = rows.iter().filter(|row| **row == number).count();
            let is_named = ran.err.contains(&format!("{number}.csv may be ingested twice"));
            assert!(
                times == 1 || (times == 2 && is_named),
                "{point:?}: {number} is there {times} times: {ran:?}"
            );
            twice += times - 1;
        }
        assert!(
            twice > 0 || !point.is_behind_a_message(),
            "{point:?}: it was killed before the message was there"
        );
        assert_eq!(watch.files_in("in/failed"), 0, "{point:?}");
    }
}
