//! Runs the built binary, next to folders and Kustos of the test's own.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use kusto_emulator::{Emulator, EmulatorBuilder};
use serde_json::Value;
use tokio::runtime::Runtime;

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Standard output, which is one JSON value and nothing else.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The result of the only source.
    pub(crate) fn result(&self) -> Value {
        let json = self.json();
        assert_eq!(json["results"].as_array().map(Vec::len), Some(1), "{json}");
        json["results"][0].clone()
    }
}

/// The binary, deaf to the environment that the tests run in.
pub(crate) fn kusto_ingest(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kusto-ingest"));
    command.args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let loud = name.to_string_lossy().to_ascii_uppercase();
        let is_heard = ["KUSTO_", "AZURE", "AAD"]
            .iter()
            .any(|start| loud.starts_with(start));
        if is_heard || loud.ends_with("_PROXY") || loud == "SYSTEM_ACCESSTOKEN" {
            command.env_remove(name);
        }
    }
    command
}

/// Runs it to its end.
pub(crate) fn run(arguments: &[&str]) -> Ran {
    ran(kusto_ingest(arguments).output().expect("the binary was built"))
}

/// Runs it to its end with something on standard input.
pub(crate) fn run_with_input(arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = start(kusto_ingest(arguments).stdin(Stdio::piped()));
    let mut pipe = child.stdin.take().expect("it is piped");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A command that refuses its arguments does not read.
        let _ = pipe.write_all(&input);
    });
    let ran = end(child);
    writer.join().expect("it writes or not");
    ran
}

pub(crate) fn start(command: &mut Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built")
}

/// Waits for the end of what was started.
pub(crate) fn end(child: Child) -> Ran {
    ran(child.wait_with_output().expect("it ends"))
}

/// Says something to a process that this test started.
#[cfg(unix)]
pub(crate) fn signal(child: &Child, signal: &str) {
    let sent = Command::new("kill")
        .arg(signal)
        .arg(child.id().to_string())
        .status();
    assert!(sent.expect("every system has it").success());
}

fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("it writes UTF-8"),
        err: String::from_utf8(output.stderr).expect("it writes UTF-8"),
    }
}

/// A folder of the test's own, empty at first.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).expect("it can be created");
        Self(path)
    }

    /// Writes a file, and the folders that it is in.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().expect("it is below the folder")).expect("it can be created");
        std::fs::write(&path, contents).expect("it can be written");
        path.to_str().expect("tests run below ASCII names").to_owned()
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().expect("tests run below ASCII names")
    }
}

/// A Kusto in this process, beside the command.
pub(crate) struct Kusto {
    pub(crate) emulator: Emulator,
    pub(crate) cluster: String,
    _runtime: Runtime,
}

impl Kusto {
    /// One with tables such as `D.T(a:long)`.
    pub(crate) fn with(tables: &[&str]) -> Self {
        Self::of(tables.iter().fold(Emulator::builder(), |builder, table| {
            let (name, columns) = table.split_at(table.find('(').expect("it has columns"));
            let (database, table) = name.split_once('.').expect("it has a database");
            builder.with_table(
                database.try_into().expect("it is a name"),
                table.try_into().expect("it is a name"),
                columns.parse().expect("they are columns"),
            )
        }))
    }

    pub(crate) fn of(builder: EmulatorBuilder) -> Self {
        let runtime = Runtime::new().expect("there are threads");
        let emulator = runtime.block_on(builder.start()).expect("there is a port");
        Self {
            cluster: emulator.cluster(),
            emulator,
            _runtime: runtime,
        }
    }

    /// How many requests changed something: put a blob, a row or a message.
    pub(crate) fn changes(&self) -> usize {
        let requests = self.emulator.requests();
        let storage = requests
            .iter()
            .filter(|request| request.path.contains("devstoreaccount1"));
        storage.filter(|request| request.method != "GET").count()
    }
}

/// An address where nobody listens.
pub(crate) fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = listener.local_addr().expect("it is bound");
    format!("http://{address}")
}
