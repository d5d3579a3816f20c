//! A command that is ended when it stays silent: a test that never ends must not hold up everybody.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Runs a command and passes its standard output on, line by line. When no line comes for so long, it is ended, with
/// all that it has started.
///
/// # Errors
/// The command cannot be started, ends with a code, or is ended.
pub(crate) fn run(command: &mut Command, silence: Duration) -> Result<()> {
    own_group(command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("start the command")?;
    let output = child.stdout.take().context("the command has an output")?;
    let (lines, heard) = mpsc::channel();
    let reader = thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            println!("{}", String::from_utf8_lossy(&line));
            if lines.send(()).is_err() {
                break;
            }
        }
    });
    loop {
        match heard.recv_timeout(silence) {
            Ok(()) => {}
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                end(&mut child);
                bail!(
                    "nothing was heard of it for {silence:?}: a test does not end, and the lines above name it"
                );
            }
        }
    }
    drop(reader.join());
    let status = child.wait().context("wait for the command")?;
    if !status.success() {
        bail!("it ended with {status}");
    }
    Ok(())
}

/// A process group of its own, so that its children end with it.
#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn own_group(_command: &mut Command) {}

fn end(child: &mut Child) {
    let group = format!("-{}", child.id());
    let ended = Command::new("kill").args(["-KILL", "--", &group]).status();
    if !ended.is_ok_and(|status| status.success()) {
        drop(child.kill());
    }
    drop(child.wait());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_command_that_stays_silent_is_ended_with_its_children() {
        let error = run(
            &mut shell("echo begun; sleep 600 & wait"),
            Duration::from_millis(200),
        );
        let error = error.expect_err("it does not end by itself").to_string();
        assert!(error.contains("200ms"), "{error}");
    }

    #[test]
    fn a_command_that_ends_says_how() {
        assert!(run(&mut shell("true"), Duration::from_secs(60)).is_ok());
        let error = run(&mut shell("exit 3"), Duration::from_secs(60)).expect_err("it failed");
        assert!(error.to_string().contains('3'), "{error}");
    }
}
