//! What each command prints, letter by letter: for people, as one document, and line by line.
//!
//! `GOLDEN=write cargo test -p kusto-ingest-cli golden` writes the files anew; read what changed before it is committed.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use regex_lite::Regex;

use crate::setup::command::{CommandOutput, run};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

/// What a command is run beside.
struct World {
    folder: Folder,
    kusto: Kusto,
    container: String,
}

impl World {
    fn new(name: &str) -> Self {
        let folder = Folder::new(&format!("golden_{name}"));
        folder.write("good.csv", "1\n2\n");
        folder.write("empty.csv", "");
        folder.write("text.csv", "1\nx\n");
        let kusto = Kusto::with(&["D.T(a:long)"]);
        for blob in ["2026/01/a.csv", "2026/02/b.csv.bz2"] {
            kusto.put_blob(blob, "1\n");
        }
        let container = kusto.container_address();
        Self {
            folder,
            kusto,
            container,
        }
    }

    /// Runs a command, in which names in capital letters stand for what differs from run to run.
    fn ran(&self, arguments: &str) -> CommandOutput {
        let words: Vec<String> = arguments
            .split(' ')
            .map(|word| {
                word.replace("CONTAINER", &self.container)
                    .replace("CLUSTER", &self.kusto.cluster)
                    .replace("FOLDER", self.folder.path())
            })
            .collect();
        run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A text without what differs from run to run.
    fn masked(&self, text: &str) -> String {
        let (storage, _) = self
            .container
            .split_once("/devstoreaccount1/")
            .expect("it is the emulator's");
        let text = text
            .replace(self.folder.path(), "FOLDER")
            .replace(&self.kusto.cluster, "CLUSTER")
            .replace(storage, "STORAGE");
        let masks = [
            (
                r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
                "ID",
            ),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", "TIME"),
            (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME"),
            (r#"("seconds": ?)[0-9.e-]+"#, "${1}N"),
            (r"\(\d+(\.\d+)?[mµn]?s apart\)", "(N apart)"),
            (r"[0-9.]+ ([KM]?i?B/s)", "N $1"),
            (r"; [0-9.]+ m?s\b", "; N s"),
            (r"__[0-9a-f]{8}\.", "__HASH."),
            (r"(ingestdata|secured)-\d", "$1-N"),
            (r"(\S)  +", "$1  "),
            (r"\b20\d{6}-[0-9a-z-]+\b", "NAME"),
            ("(127.0.0.1, ::1|::1, 127.0.0.1|127.0.0.1|::1)", "ADDRESSES"),
        ];
        masks.iter().fold(text, |text, (pattern, mask)| {
            let pattern = Regex::new(pattern).expect("it is one");
            pattern.replace_all(&text, *mask).into_owned()
        })
    }
}

/// The commands of a file, each with what prepares it; `OUTPUT` stands for every way of printing.
const FILES: [(&str, &[&str], &str); 12] = [
    (
        "ingest",
        &[],
        "ingest FOLDER/good.csv FOLDER/empty.csv --wait --parallel 1 -d D -t T --cluster CLUSTER",
    ),
    (
        "stream",
        &[],
        "stream FOLDER/good.csv FOLDER/empty.csv --parallel 1 -d D -t T --cluster CLUSTER",
    ),
    (
        "managed",
        &[],
        "managed FOLDER/good.csv FOLDER/empty.csv --parallel 1 -d D -t T --cluster CLUSTER",
    ),
    (
        "direct",
        &[],
        "direct FOLDER/good.csv FOLDER/empty.csv -d D -t T --cluster CLUSTER",
    ),
    (
        "inline",
        &[],
        "inline FOLDER/good.csv -d D -t T --cluster CLUSTER",
    ),
    ("list", &[], "list CONTAINER FOLDER"),
    (
        "status",
        &["ingest FOLDER/good.csv --wait --receipts FOLDER/receipts -d D -t T --cluster CLUSTER"],
        "status FOLDER/receipts --cluster CLUSTER",
    ),
    (
        "wait",
        &["ingest FOLDER/good.csv --wait --receipts FOLDER/receipts -d D -t T --cluster CLUSTER"],
        "wait FOLDER/receipts --cluster CLUSTER",
    ),
    (
        "failures",
        &["ingest FOLDER/good.csv --no-preflight -d D -t Missing --cluster CLUSTER"],
        "failures --cluster CLUSTER",
    ),
    (
        "check",
        &[],
        "check FOLDER/good.csv FOLDER/text.csv -d D -t T --cluster CLUSTER",
    ),
    (
        "doctor",
        &[],
        "doctor -d D -t T --mapping-ref none --proxy none --cluster CLUSTER",
    ),
    (
        "query",
        &["ingest FOLDER/good.csv --wait -d D -t T --cluster CLUSTER"],
        "query T -d D --cluster CLUSTER",
    ),
];

/// What is in the file of a command.
fn file(name: &str, before: &[&str], arguments: &str) -> String {
    let mut file = String::new();
    let outputs: &[&str] = match name {
        "list" => &["text", "json", "ndjson", "csv"],
        _ => &["text", "json", "ndjson"],
    };
    for output in outputs {
        let world = World::new(name);
        for arguments in before {
            world.ran(arguments);
        }
        world.kusto.drained();
        let ran = world.ran(&format!("{arguments} --output {output}"));
        let _ = writeln!(file, "$ kusto-ingest {arguments} --output {output}");
        let said = world.masked(&ran.out);
        let mut lines: Vec<&str> = said.lines().collect();
        // Which of two sources ends first is nobody's promise.
        if *output == "ndjson" && ran.out.starts_with("{\"event\"") {
            lines.sort_unstable();
        }
        for line in lines {
            let _ = writeln!(file, "{}", line.trim_end());
        }
        for line in world.masked(&ran.err).lines() {
            let _ = writeln!(file, "! {}", line.trim_end());
        }
        let _ = writeln!(file, "= {}\n", ran.code);
    }
    file
}

#[test]
fn every_command_prints_what_its_golden_file_has() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let writes = std::env::var("GOLDEN").is_ok_and(|what| what == "write");
    for (name, before, arguments) in FILES {
        let path = folder.join(format!("{name}.txt"));
        let now = file(name, before, arguments);
        if writes {
            fs::create_dir_all(&folder).expect("it can be made");
            fs::write(&path, now).expect("it can be written");
            continue;
        }
        let golden = fs::read_to_string(&path).unwrap_or_default();
        let differs = golden
            .lines()
            .zip(now.lines())
            .find(|(golden, now)| golden != now);
        assert!(golden == now, "{name}: {differs:?}\n{now}");
    }
}
