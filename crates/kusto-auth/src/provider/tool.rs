//! Runs the developer's tools, and ends them when nobody waits for them any longer.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use azure_identity::Executor;
use futures::channel::oneshot;

/// How much of what a tool prints is read. A token has a few thousand bytes.
const LONGEST_OUTPUT: u64 = 1024 * 1024;

/// How often a tool that has closed its output is looked at until it has ended.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(10);

/// Runs a tool with what it starts in a group of its own, on threads. Dropping the future ends the whole group.
#[derive(Debug)]
pub(super) struct ToolExecutor;

/// What the thread that waits for a tool is told.
enum ToolEvent {
    Printed(Stream, io::Result<Vec<u8>>),
    /// Nobody waits for it any longer.
    Stop,
}

#[derive(Clone, Copy)]
enum Stream {
    Output,
    Errors,
}

/// Says so when nobody waits any longer. After the tool has ended nobody hears it.
struct StopOnDrop(Sender<ToolEvent>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        let _ = self.0.send(ToolEvent::Stop);
    }
}

#[async_trait]
impl Executor for ToolExecutor {
    async fn run(&self, program: &OsStr, args: &[&OsStr]) -> io::Result<Output> {
        let program = program.to_owned();
        let args: Vec<OsString> = args.iter().map(|&arg| arg.to_owned()).collect();
        let (notes, told) = channel();
        let (ended, end) = oneshot::channel();
        let printed = notes.clone();
        spawn(move || {
            let _ = ended.send(run(&program, &args, &printed, &told));
        })?;
        let _stop = StopOnDrop(notes);
        end.await.map_err(io::Error::other)?
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let thread = thread::Builder::new().name("kusto-auth-tool".to_owned());
    thread.spawn(work).map(drop)
}

fn run(
    program: &OsStr,
    args: &[OsString],
    notes: &Sender<ToolEvent>,
    told: &Receiver<ToolEvent>,
) -> io::Result<Output> {
    let mut command = Command::new(program);
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    lead_a_group(&mut command);
    let mut child = command.spawn()?;
    let output = follow(&mut child, notes, told);
    if output.is_err() {
        end_group(&child);
        let _ = child.kill();
        let _ = child.wait();
    }
    output
}

/// Reads what it prints, and waits until it has ended.
fn follow(child: &mut Child, notes: &Sender<ToolEvent>, told: &Receiver<ToolEvent>) -> io::Result<Output> {
    read(child.stdout.take(), Stream::Output, notes)?;
    read(child.stderr.take(), Stream::Errors, notes)?;
    let stopped = || io::Error::new(io::ErrorKind::Interrupted, "nobody waits for the tool any longer");
    let (mut stdout, mut stderr) = (None, None);
    let (stdout, stderr) = loop {
        match told.recv().map_err(io::Error::other)? {
            ToolEvent::Printed(Stream::Output, printed) => stdout = Some(printed?),
            ToolEvent::Printed(Stream::Errors, printed) => stderr = Some(printed?),
            ToolEvent::Stop => return Err(stopped()),
        }
        match (stdout.take(), stderr.take()) {
            (Some(out), Some(err)) => break (out, err),
            (out, err) => (stdout, stderr) = (out, err),
        }
    };
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Output {
                status,
                stdout,
                stderr,
            });
        }
        match told.recv_timeout(LOOK_AGAIN_AFTER) {
            Err(RecvTimeoutError::Timeout) => {}
            _ => return Err(stopped()),
        }
    }
}

fn read(
    pipe: Option<impl Read + Send + 'static>,
    stream: Stream,
    notes: &Sender<ToolEvent>,
) -> io::Result<()> {
    let pipe = pipe.ok_or_else(|| io::Error::other("the tool has no output"))?;
    let notes = notes.clone();
    spawn(move || {
        let mut printed = Vec::new();
        let read = pipe.take(LONGEST_OUTPUT).read_to_end(&mut printed);
        let _ = notes.send(ToolEvent::Printed(stream, read.map(|_| printed)));
    })
}

#[cfg(unix)]
fn lead_a_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;

    command.process_group(0);
}

/// Ends the tool with all that it has started: a shell, and an interpreter below it.
#[cfg(unix)]
fn end_group(child: &Child) {
    quietly(Command::new("/bin/sh").args(["-c", &format!("kill -s KILL -- -{}", child.id())]));
}

#[cfg(windows)]
fn lead_a_group(_command: &mut Command) {}

/// Ends the tool with all that it has started: a shell, and an interpreter below it.
#[cfg(windows)]
fn end_group(child: &Child) {
    quietly(Command::new("taskkill").args(["/F", "/T", "/PID", &child.id().to_string()]));
}

#[cfg(not(any(unix, windows)))]
fn lead_a_group(_command: &mut Command) {}

#[cfg(not(any(unix, windows)))]
fn end_group(_child: &Child) {}

/// A process that cannot be ended has ended already.
#[cfg(any(unix, windows))]
fn quietly(command: &mut Command) {
    let _ = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

#[cfg(all(test, unix))]
mod tests {
    use futures::executor::block_on;

    use super::*;

    fn sh(script: &str) -> io::Result<Output> {
        block_on(ToolExecutor.run(OsStr::new("/bin/sh"), &[OsStr::new("-c"), OsStr::new(script)]))
    }

    #[test]
    fn what_a_tool_prints_and_how_it_ends_is_told() {
        let output = sh("echo out; echo err >&2; exit 3").expect("it runs");
        assert_eq!(output.stdout, b"out\n");
        assert_eq!(output.stderr, b"err\n");
        assert_eq!(output.status.code(), Some(3));
        let missing = block_on(ToolExecutor.run(OsStr::new("/nowhere/tool"), &[]));
        assert_eq!(missing.expect_err("no such tool").kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_tool_that_nobody_waits_for_ends_with_all_that_it_has_started() {
        let folder = std::env::temp_dir().join(format!("kusto-auth-tool-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let fifo = folder.join("alive");
        let made = Command::new("mkfifo").arg(&fifo).status().expect("mkfifo");
        assert!(made.success());
        // A grandchild holds the pipe open, and lives for as long as nobody ends it.
        let script = format!("(echo begun; sleep 86400) > '{}' && true", fifo.display());
        block_on(async {
            let args = [OsStr::new("-c"), OsStr::new(&script)];
            let mut running = ToolExecutor.run(OsStr::new("/bin/sh"), &args);
            assert!(futures::poll!(&mut running).is_pending());
            let mut alive = std::fs::File::open(&fifo).expect("it begins");
            let mut said = [0; 6];
            alive.read_exact(&mut said).expect("it speaks");
            drop(running);
            assert_eq!(alive.read(&mut said).expect("it has ended"), 0);
        });
        std::fs::remove_dir_all(&folder).expect("the folder");
    }
}
