//! Long runs with secrets in the environment, on standard input and in what they are answered: none is where another user, or
//! whoever is shown a log, would find it.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_ingest::testing::Operation;

use crate::setup::command::{CommandOutput, end, kusto_ingest, signal, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;
use crate::setup::poll::while_it_runs;

/// What stands for a token.
const CANARY: &str = "C4NARY.s3cr3t";

const MESSAGE: Route = Route::Storage(Operation::PutMessage);

/// A Kusto that is signed in to with a secret, and all that must be seen nowhere.
struct Secrets {
    kusto: Kusto,
    all: Vec<String>,
}

impl Secrets {
    fn new() -> Self {
        let kusto = Kusto::with(&["D.T(a:long)"]);
        let mut all = kusto.secrets();
        all.push(CANARY.to_owned());
        Self { kusto, all }
    }

    /// A command with a secret in its environment, which logs all that there is to log.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = kusto_ingest(arguments);
        let cluster = format!("Data Source={};Fed=True;User Token={CANARY}", self.kusto.cluster);
        command
            .env("KUSTO_CLUSTER", cluster)
            .env("RUST_LOG", "trace")
            .stdin(Stdio::piped());
        command
    }

    /// Refuses the next request of this kind, so that there is something to tell.
    fn refuse_one(&self, route: Route) {
        let refused = HttpFault::Status(403, "AuthorizationFailure".to_owned());
        self.kusto.emulator.plan(HttpFaultPlan::new(refused).on(route));
    }

    /// What everybody on the machine sees of a process, where the system shows it like this.
    fn are_not_listed(&self, child: &mut Child, command: &str) {
        let place = format!("/proc/{}/cmdline", child.id());
        let listed = || std::fs::read_to_string(&place).unwrap_or_default();
        if cfg!(target_os = "linux") {
            // A process is there a moment before its arguments are.
            while_it_runs(child, || listed().contains(command));
            self.are_not_in(&listed(), "cmdline");
        }
    }

    fn are_not_printed(&self, ran: &CommandOutput) {
        let requests = self.kusto.emulator.requests();
        let names = |(name, _): &(String, String)| name.eq_ignore_ascii_case("authorization");
        let is_signed_in = requests.iter().any(|request| request.headers.iter().any(names));
        assert!(is_signed_in, "the secret was used: {ran:?}");
        self.are_not_in(&ran.out, "standard output");
        self.are_not_in(&ran.err, "standard error");
    }

    fn are_not_in(&self, text: &str, place: &str) {
        for secret in &self.all {
            assert!(!text.contains(secret.as_str()), "{secret} is in {place}: {text}");
        }
    }

    /// The files that were written are for their user alone, and have no secret in them.
    fn are_not_kept(&self, files: &[PathBuf]) {
        for path in files {
            let shown = path.display();
            let metadata = path.metadata().unwrap_or_else(|error| panic!("{shown}: {error}"));
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{shown}");
            let text = std::fs::read_to_string(path).expect("it is text");
            assert!(!text.is_empty(), "{shown}");
            self.are_not_in(&text, &shown.to_string());
        }
    }
}

fn in_folder(folder: &Folder, names: &[&str]) -> Vec<PathBuf> {
    let folder = Path::new(folder.path());
    names.iter().map(|name| folder.join(name)).collect()
}

fn is_logged(log: &str) -> bool {
    log.contains("TRACE") && log.contains("post") && log.contains("table=T")
}

#[test]
fn a_watch_shows_no_secret_to_whoever_lists_processes_or_reads_its_output_log_journal_or_reasons() {
    for logs_to_file in [true, false] {
        let secrets = Secrets::new();
        let folder = Folder::new(&format!("long_run_secrets_watch_{logs_to_file}"));
        let targets = "[[target]]\npattern = '*.csv'\ndatabase = 'D'\ntable = 'T'\n";
        let targets = folder.write("targets.toml", targets);
        folder.write("in/a.csv", "1\n");
        folder.write("in/empty.csv", "");
        let [watched, journal, log] =
            ["in", "journal", "log"].map(|name| format!("{}/{name}", folder.path()));
        let mut arguments = vec!["watch", &watched, "--targets", &targets, "--journal", &journal];
        arguments.extend([
            "--stable-for",
            "20ms",
            "--look-every",
            "10ms",
            "--output",
            "ndjson",
        ]);
        if logs_to_file {
            arguments.extend(["--log-file", &log]);
        }
        secrets.refuse_one(Route::Storage(Operation::PutBlob));
        let mut child = start(&mut secrets.command(&arguments));
        let reason = in_folder(&folder, &["in/failed/empty.csv.reason.json"]);
        while_it_runs(&mut child, || {
            secrets.kusto.emulator.request_count(MESSAGE) > 0 && reason[0].exists()
        });
        secrets.are_not_listed(&mut child, "watch");
        signal(&child, "-TERM");
        let ran = end(child);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(
            ran.out.contains("Queued") && ran.err.contains("empty.csv"),
            "{ran:?}"
        );
        secrets.are_not_printed(&ran);
        secrets.are_not_kept(&reason);
        secrets.are_not_kept(&in_folder(&folder, &["journal"]));
        let log = match logs_to_file {
            true => {
                secrets.are_not_kept(&in_folder(&folder, &["log"]));
                std::fs::read_to_string(&log).expect("it is text")
            }
            false => ran.err,
        };
        assert!(is_logged(&log), "{log}");
    }
}

#[test]
fn a_container_whose_address_comes_by_standard_input_is_handed_over_without_a_trace_of_its_signature() {
    let secrets = Secrets::new();
    let folder = Folder::new("long_run_secrets_from_storage");
    secrets.kusto.put_blob("a.csv", "1\n");
    for (number, code) in [(0, 0), (1, 3)] {
        let log = format!("{}/{number}.log", folder.path());
        let mut arguments = vec!["from-storage", "-", "-d", "D", "-t", "T", "--format", "csv"];
        arguments.extend(["--output", "json", "--log-file", &log]);
        if code != 0 {
            secrets.refuse_one(Route::Management);
        }
        let mut child = start(&mut secrets.command(&arguments));
        // It waits for the address.
        secrets.are_not_listed(&mut child, "from-storage");
        let mut input = child.stdin.take().expect("it is piped");
        writeln!(input, "{}", secrets.kusto.container_address()).expect("it reads");
        drop(input);
        let ran = end(child);
        assert_eq!(ran.code, code, "{ran:?}");
        secrets.are_not_printed(&ran);
        secrets.are_not_kept(&in_folder(&folder, &[&format!("{number}.log")]));
        let log = std::fs::read_to_string(&log).expect("it is text");
        assert!(log.contains("TRACE"), "{log}");
    }
}

#[test]
fn sources_that_come_by_standard_input_are_in_journal_report_and_receipts_without_their_signatures() {
    let secrets = Secrets::new();
    let folder = Folder::new("long_run_secrets_ingest");
    let there = secrets.kusto.put_blob("a.csv", "1\n");
    let missing = there.replacen("a.csv", "missing.csv", 1);
    let names = ["journal", "report.csv", "receipts", "log"];
    let [journal, report, receipts, log] = names.map(|name| format!("{}/{name}", folder.path()));
    let mut arguments = vec!["ingest", "--from-file", "-", "-d", "D", "-t", "T"];
    arguments.extend(["--journal", &journal, "--report", &report]);
    arguments.extend(["--receipts", &receipts, "--log-file", &log, "--wait"]);
    let mut child = start(&mut secrets.command(&arguments));
    secrets.are_not_listed(&mut child, "ingest");
    let mut input = child.stdin.take().expect("it is piped");
    writeln!(input, "{there}\n{missing}").expect("it reads");
    drop(input);
    let ran = end(child);
    assert_eq!(ran.code, 4, "one of two failed: {ran:?}");
    assert!(
        ran.err.contains("missing.csv") || ran.out.contains("missing.csv"),
        "{ran:?}"
    );
    secrets.are_not_printed(&ran);
    secrets.are_not_kept(&in_folder(&folder, &names));
    let log = std::fs::read_to_string(&log).expect("it is text");
    assert!(is_logged(&log), "{log}");
}
