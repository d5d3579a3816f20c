//! Every exit code that the help of a command names, brought about.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_ingest::testing::Operation;

use crate::setup::command::{end, kusto_ingest, run, signal, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::{Kusto, nowhere};
use crate::setup::poll::while_it_runs;

const LIST: Route = Route::Storage(Operation::ListBlobs);

/// How a code is brought about.
enum Case {
    /// By these arguments.
    Given(Vec<String>),
    /// While this fails so.
    Failing(Route, HttpFault, Vec<String>),
    /// By an output that takes nothing.
    Full(Vec<String>),
    /// By an output that nobody reads.
    Closed(Vec<String>),
    /// By a signal, when this has been asked for, which is never answered.
    Signalled(Route, Vec<String>),
    /// By a signal, once it says something.
    Ended(Vec<String>),
}

struct World {
    folder: Folder,
    kusto: Kusto,
    /// Where nothing that is queued is ingested.
    held: Kusto,
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn refused(status: u16) -> HttpFault {
    HttpFault::Status(status, "Planned".to_owned())
}

impl World {
    fn new(command: &str) -> Self {
        let folder = Folder::new(&format!("every_code_{command}"));
        folder.write("good.csv", "1\n");
        folder.write("empty.csv", "");
        folder.write("text.csv", "x\n");
        folder.write("null.json", "null");
        folder.write("list", "no such file.csv");
        let (kusto, held) = (Kusto::with(&["D.T(a:long)"]), Kusto::held());
        let world = Self { folder, kusto, held };
        world.receipts(&world.kusto, "T", "done.json");
        world.receipts(&world.kusto, "Missing", "failed.json");
        world.receipts(&world.held, "T", "pending.json");
        world.kusto.drained();
        world
    }

    fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.folder.path())
    }

    /// A file with the receipt of a source that was queued.
    fn receipts(&self, kusto: &Kusto, table: &str, name: &str) {
        let (good, to) = (self.file("good.csv"), self.file(name));
        let ran = run(&[
            "ingest",
            &good,
            "--track",
            "--no-preflight",
            "--receipts",
            &to,
            "-d",
            "D",
            "-t",
            table,
            "--cluster",
            &kusto.cluster,
        ]);
        assert_eq!(ran.code, 0, "{ran:?}");
    }

    /// A command into `D.T` of a cluster.
    fn into(&self, command: &str, sources: &[&str], cluster: &str) -> Vec<String> {
        let mut arguments = strings(&[command]);
        arguments.extend(sources.iter().map(|name| match name.strip_prefix("=") {
            Some(file) => self.file(file),
            None => (*name).to_owned(),
        }));
        arguments.extend(strings(&["-d", "D", "-t", "T", "--cluster", cluster]));
        arguments
    }

    fn to(&self, command: &str, sources: &[&str]) -> Vec<String> {
        self.into(command, sources, &self.kusto.cluster)
    }

    /// A command that ingests, or looks at a table.
    fn of_table(&self, command: &str, code: i32) -> Option<Case> {
        let asked = match command {
            "stream" | "managed" => Route::Streaming,
            _ => Route::Management,
        };
        let is_quick = matches!(command, "ingest" | "stream" | "managed" | "check");
        let away: &[&str] = match is_quick {
            true => &["=good.csv", "--retry-for", "100ms", "--proxy", "none"],
            false => &["=good.csv", "--proxy", "none"],
        };
        let good = || self.to(command, &["=good.csv"]);
        Some(match code {
            0 => Case::Given(good()),
            1 => Case::Full(good()),
            2 => Case::Given(self.to(command, &["=missing.csv"])),
            3 => Case::Failing(asked, refused(401), good()),
            4 if command == "inline" => Case::Failing(asked, HttpFault::ResponseLost, good()),
            4 if command == "check" => Case::Given(self.to(command, &["=text.csv"])),
            4 => Case::Given(self.to(command, &["=good.csv", "=empty.csv"])),
            5 if command == "check" => Case::Given(strings(&[
                "check",
                &self.file("good.csv"),
                "-d",
                "D",
                "-t",
                "None",
                "--cluster",
                &self.kusto.cluster,
            ])),
            5 => Case::Given(self.to(command, &["=empty.csv"])),
            6 if command == "managed" => Case::Failing(
                asked,
                HttpFault::Status(400, "BadRequest_StreamingIngestionPolicyNotEnabled".to_owned()),
                self.into(
                    command,
                    &[
                        "=good.csv",
                        "--continue-when-unavailable",
                        "--wait",
                        "--wait-timeout",
                        "0s",
                    ],
                    &self.held.cluster,
                ),
            ),
            6 => Case::Given(self.into(
                command,
                &["=good.csv", "--no-preflight", "--wait", "--wait-timeout", "0s"],
                &self.held.cluster,
            )),
            7 => Case::Given(self.to(command, &["=", "--pattern", "none*"])),
            8 => Case::Given(self.into(command, away, &nowhere())),
            130 => Case::Signalled(asked, good()),
            141 => Case::Closed(good()),
            _ => return None,
        })
    }

    fn list(&self, code: i32) -> Option<Case> {
        let container = self.kusto.container_address();
        let of = |arguments: &[&str]| strings(&[&["list"], arguments].concat());
        let away = format!("{}/devstoreaccount1/none", nowhere());
        let good = || of(&[&self.file("good.csv")]);
        Some(match code {
            0 => Case::Given(good()),
            1 => Case::Full(good()),
            2 => Case::Given(of(&["no such file.csv"])),
            3 => Case::Given(of(&[&container.replace("sig=", "sig=x")])),
            4 => Case::Given(of(&["--from-file", &self.file("list")])),
            5 => Case::Failing(LIST, refused(409), of(&[&container])),
            7 => Case::Given(of(&[&container, "--prefix", "none/"])),
            8 => Case::Given(of(&[&away, "--proxy", "none", "--list-retry-for", "100ms"])),
            130 => Case::Signalled(LIST, of(&[&container])),
            141 => Case::Closed(good()),
            _ => return None,
        })
    }

    /// A command that asks a cluster for something.
    fn asking(&self, command: &str, code: i32) -> Option<Case> {
        let route = if command == "query" {
            Route::Query
        } else {
            Route::Management
        };
        let of = |cluster: &str, more: &[&str]| {
            let what: &[&str] = match command {
                "query" => &["T", "-d", "D"],
                "doctor" => &["-d", "D", "-t", "T"],
                _ => &[],
            };
            strings(&[&[command], what, more, &["--cluster", cluster]].concat())
        };
        let good = || of(&self.kusto.cluster, &[]);
        Some(match (command, code) {
            (_, 0) => Case::Given(good()),
            (_, 1) => Case::Full(good()),
            (_, 2) => Case::Given(of(&self.kusto.cluster, &["--output", "xml"])),
            (_, 3) => Case::Failing(route, refused(401), good()),
            ("doctor", 5) => Case::Given(of(&self.kusto.cluster, &["--mapping-ref", "none"])),
            (_, 5) => Case::Failing(route, refused(400), good()),
            (_, 8) => Case::Given(of(&nowhere(), &["--proxy", "none", "--retry-for", "100ms"])),
            (_, 130) => Case::Signalled(route, good()),
            (_, 141) => Case::Closed(good()),
            _ => return None,
        })
    }

    /// `status` and `wait`.
    fn status(&self, command: &str, code: i32) -> Option<Case> {
        let of = |cluster: &str, files: &[&str]| {
            let mut arguments = strings(&[command]);
            arguments.extend(files.iter().map(|file| self.file(file)));
            arguments.extend(strings(&["--cluster", cluster]));
            arguments
        };
        let here = |files: &[&str]| of(&self.kusto.cluster, files);
        Some(match code {
            0 => Case::Given(here(&["done.json"])),
            1 => Case::Full(here(&["done.json"])),
            2 => Case::Given(here(&["good.csv"])),
            3 => Case::Failing(Route::Management, refused(401), here(&["done.json"])),
            4 => Case::Given(here(&["done.json", "failed.json"])),
            5 => Case::Given(here(&["failed.json"])),
            6 => Case::Given(
                [
                    of(&self.held.cluster, &["pending.json"]),
                    strings(&["--wait-timeout", "0s"]),
                ]
                .concat(),
            ),
            7 => Case::Given(here(&["null.json"])),
            8 => Case::Given(
                [
                    of(&nowhere(), &["done.json"]),
                    strings(&["--proxy", "none", "--retry-for", "100ms"]),
                ]
                .concat(),
            ),
            130 => Case::Signalled(Route::Management, here(&["done.json"])),
            141 => Case::Closed(here(&["done.json"])),
            _ => return None,
        })
    }

    fn case(&self, command: &str, code: i32) -> Option<Case> {
        match command {
            "list" => self.list(code),
            "query" | "doctor" | "failures" => self.asking(command, code),
            "status" | "wait" => self.status(command, code),
            "emulator" => match code {
                0 => Some(Case::Ended(strings(&["emulator"]))),
                1 => Some(Case::Full(strings(&["emulator"]))),
                2 => Some(Case::Given(strings(&["emulator", "--table", "no table"]))),
                _ => None,
            },
            _ => self.of_table(command, code),
        }
    }

    fn plan(&self, route: Route, fault: &HttpFault) {
        for kusto in [&self.kusto, &self.held] {
            kusto
                .emulator
                .plan(HttpFaultPlan::new(fault.clone()).on(route).forever());
        }
    }

    /// How a command ends, and what it said.
    fn ends(&self, case: Case) -> (i32, String) {
        let ended = match case {
            Case::Given(arguments) => output(&mut command(&arguments)),
            Case::Failing(route, fault, arguments) => {
                self.plan(route, &fault);
                output(&mut command(&arguments))
            }
            Case::Full(arguments) => {
                let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
                output(command(&arguments).stdout(full.expect("it is there")))
            }
            Case::Closed(arguments) => {
                let (reader, writer) = std::io::pipe().expect("there are pipes");
                drop(reader);
                output(command(&arguments).stdout(writer))
            }
            Case::Signalled(route, arguments) => {
                self.plan(route, &HttpFault::Delay(Duration::from_secs(3600)));
                let before = self.kusto.emulator.request_count(route);
                let mut child = start(&mut command(&arguments));
                while_it_runs(&mut child, || self.kusto.emulator.request_count(route) > before);
                signal(&child, "-INT");
                let ended = child.wait_with_output().expect("it ends");
                (
                    code(ended.status),
                    String::from_utf8_lossy(&ended.stderr).into_owned(),
                )
            }
            Case::Ended(arguments) => {
                let mut child = start(&mut command(&arguments));
                let mut line = [0; 1];
                let out = child.stdout.as_mut().expect("it is piped");
                std::io::Read::read_exact(out, &mut line).expect("it says that it is ready");
                signal(&child, "-TERM");
                let ran = end(child);
                (ran.code, ran.err)
            }
        };
        for kusto in [&self.kusto, &self.held] {
            kusto.emulator.clear_faults();
        }
        ended
    }
}

fn command(arguments: &[String]) -> Command {
    let mut command = kusto_ingest(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn output(command: &mut Command) -> (i32, String) {
    let ended = command.output().expect("the binary was built");
    (
        code(ended.status),
        String::from_utf8_lossy(&ended.stderr).into_owned(),
    )
}

/// As a shell tells it.
fn code(status: ExitStatus) -> i32 {
    let signalled = || status.signal().map(|signal| 128 + signal);
    status.code().or_else(signalled).unwrap_or(-1)
}

/// The codes that the help of a command names.
fn codes(command: &str) -> Vec<i32> {
    let help = run(&[command, "--help"]).out;
    let (_, listed) = help.split_once("Exit codes:\n").expect("it has codes");
    let listed = listed.lines().take_while(|line| !line.is_empty());
    listed
        .filter_map(|line| line.split_whitespace().next()?.parse().ok())
        .collect()
}

/// Brings about every code of a command.
fn look_at(command: &str) {
    let world = World::new(command);
    let named = codes(command);
    assert!(named.len() > 2 && named.is_sorted(), "{command}: {named:?}");
    for code in named {
        let case = world.case(command, code);
        let case = case.unwrap_or_else(|| panic!("nobody knows how {command} ends with {code}"));
        let (ended, said) = world.ends(case);
        assert_eq!(ended, code, "{command}: {said}");
    }
}

#[test]
fn every_exit_code_that_a_help_names_can_be_brought_about() {
    let commands = [
        "ingest", "list", "stream", "managed", "direct", "inline", "status", "wait", "failures", "emulator",
        "check", "doctor", "query",
    ];
    // Some try again for a while: they do so side by side.
    std::thread::scope(|side_by_side| {
        for command in commands {
            side_by_side.spawn(move || look_at(command));
        }
    });
}
