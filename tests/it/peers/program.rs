//! Programs of other languages: where they are installed, and how they are run, within a limit and to the last of what they
//! start.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{Output, Stdio};
use std::time::Duration;

use kusto_ingest_core::Clock as _;
use kusto_ingest_tokio::TokioClock;
use tokio::process::Command;

/// How long a program may take, its compilers included.
const PATIENCE: Duration = Duration::from_secs(300);

/// Where a client is installed, or nothing where `cargo xtask test --peers` did not install it.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(crate) fn installed(variable: &str) -> Option<PathBuf> {
    let path = env::var_os(variable).map(PathBuf::from);
    if path.is_none() {
        eprintln!(
            "SKIPPED: {variable} is not set; `cargo xtask test --peers` installs the client and sets it"
        );
    }
    path
}

/// Runs a program of another language, which has to succeed; what it said.
pub(crate) async fn succeeded(command: Command) -> String {
    let output = ended(command).await;
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}\n{complained}");
    said
}

/// Runs a program of another language to its end.
pub(crate) async fn ended(command: Command) -> Output {
    let program = command.as_std().get_program().to_owned();
    let clock = TokioClock::new();
    let output = ended_before(command, clock.sleep(PATIENCE)).await;
    output.unwrap_or_else(|| panic!("{program:?} takes more than {PATIENCE:?}"))
}

/// Runs a program to its end. When the limit comes first it is ended with all that it started, and there is no output.
async fn ended_before(mut command: Command, limit: impl Future<Output = ()>) -> Option<Output> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let child = command.spawn().expect("it starts");
    let leader = child.id().expect("nobody has waited for it");
    let mut output = pin!(child.wait_with_output());
    tokio::select! {
        output = &mut output => Some(output.expect("it ends")),
        () = limit => {
            end_group(leader);
            None
        }
    }
}

/// Ends a program that leads a process group, and all that it started.
fn end_group(leader: u32) {
    if cfg!(unix) {
        let group = format!("-{leader}");
        let mut kill = std::process::Command::new("kill");
        // One that is gone already is ended.
        drop(kill.args(["-KILL", "--", &group]).status());
    }
}

/// What `PATH` must be for these programs to be found by their names, before all others.
pub(super) fn beside(programs: &[&Path]) -> OsString {
    let known = env::var_os("PATH").unwrap_or_default();
    let folders = programs.iter().filter_map(|program| program.parent());
    let folders = folders.map(Path::to_owned).chain(env::split_paths(&known));
    env::join_paths(folders).expect("no folder has the separator in its name")
}

#[cfg(unix)]
#[tokio::test]
async fn what_a_program_started_ends_with_it_at_the_limit() {
    use tokio::io::AsyncReadExt as _;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let mut command = Command::new("bash");
    let script = format!("(exec 3<>/dev/tcp/127.0.0.1/{port}; exec sleep 120) & wait");
    command.args(["-c", &script]);
    let mut connection = None;
    let limit = async { connection = listener.accept().await.ok() };
    assert_eq!(ended_before(command, limit).await, None);
    let (mut stream, _) = connection.expect("what was started has connected");
    // The connection closes with the last process that has it.
    let closed = tokio::time::timeout(Duration::from_secs(60), stream.read(&mut [0])).await;
    assert!(matches!(closed, Ok(Ok(0))), "{closed:?}");
}
