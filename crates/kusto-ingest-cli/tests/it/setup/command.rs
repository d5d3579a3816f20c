//! Runs the built binary, and says what came of it.

use std::io::Write as _;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct CommandOutput {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl CommandOutput {
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

    /// The result of the only source, which is in this state.
    pub(crate) fn ended(&self, code: i32, state: &str) -> Value {
        let result = self.result();
        assert_eq!((self.code, &result["state"]), (code, &state.into()), "{self:?}");
        result
    }

    /// It ended before anything was sent: standard error says why, and a script has nothing to misread.
    pub(crate) fn refused(&self, code: i32, why: &str) {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{self:?}");
        let says_why = self.err.contains("error: ") && self.err.contains(why);
        assert!(says_why, "{why}: {self:?}");
    }

    /// The arguments were refused as they are read.
    pub(crate) fn refused_plainly(&self, code: i32, why: &str) {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{self:?}");
        assert!(self.err.contains(why), "{why}: {self:?}");
    }
}

/// What begins a variable that the binary heeds.
const HEEDED: [&str; 8] = [
    "KUSTO_",
    "AZURE",
    "AAD",
    "AWS_",
    "GOOGLE_",
    "IDENTITY_",
    "IMDS_",
    "MSI_",
];

/// The other variables that it heeds, those of who draws at a terminal included.
const HEEDED_WHOLE: [&str; 9] = [
    "SYSTEM_ACCESSTOKEN",
    "RUST_LOG",
    "JOB_COMPLETION_INDEX",
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "NO_COLOR",
    "TERM",
];

/// The binary, deaf to the environment that the tests run in.
pub(crate) fn kusto_ingest(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kusto-ingest"));
    command.args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let loud = name.to_string_lossy().to_ascii_uppercase();
        let is_heeded = HEEDED.iter().any(|start| loud.starts_with(start));
        if is_heeded || loud.ends_with("_PROXY") || HEEDED_WHOLE.contains(&&*loud) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs it to its end.
pub(crate) fn run(arguments: &[&str]) -> CommandOutput {
    ran(kusto_ingest(arguments).output().expect("the binary was built"))
}

/// Runs it to its end with something on standard input.
pub(crate) fn run_with_input(arguments: &[&str], input: &[u8]) -> CommandOutput {
    feed(&mut kusto_ingest(arguments), input)
}

/// Starts it with something on standard input, and waits for its end.
pub(crate) fn feed(command: &mut Command, input: &[u8]) -> CommandOutput {
    let mut child = start(command.stdin(Stdio::piped()));
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
pub(crate) fn end(child: Child) -> CommandOutput {
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

/// Whether these tests run below a `nohup`, which the commands that they start heed as well.
#[cfg(unix)]
pub(crate) fn ignores_hang_up() -> bool {
    let own = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = own.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

fn ran(output: Output) -> CommandOutput {
    CommandOutput {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("it writes UTF-8"),
        err: String::from_utf8(output.stderr).expect("it writes UTF-8"),
    }
}
