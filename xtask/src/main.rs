//! The workspace's own tools: `cargo xtask COMMAND`, one file per command.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool speaks on the terminal"
)]

mod azurite;
mod bench;
mod ci;
mod docs;
mod features;
mod layers;
mod limited;
mod native;
mod peers;
mod picks;
mod release;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};
use xshell::Shell;

const HELP: &str = include_str!("help.txt");

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<()> {
    let sh = Shell::new()?;
    sh.change_dir(workspace::root()?);
    match words.split_first() {
        Some((&"layers", rest)) => layers::run(&sh, rest),
        Some((&"tidy", rest)) => tidy::run(&sh, rest),
        Some((&"picks", rest)) => picks::run(&sh, rest),
        Some((&"features", rest)) => features::run(&sh, rest),
        Some((&"test", rest)) => test::run(&sh, rest),
        Some((&"docs", rest)) => docs::run(&sh, rest),
        Some((&"clippy-native", rest)) => native::run(&sh, rest),
        Some((&"ci", rest)) => ci::run(&sh, rest),
        Some((&"bench", rest)) => bench::run(&sh, rest),
        Some((&"release", rest)) => release::run(&sh, rest),
        None | Some((&("help" | "--help" | "-h"), _)) => {
            print!("{HELP}");
            Ok(())
        }
        Some((other, _)) => bail!("there is no command `{other}`\n\n{HELP}"),
    }
}

/// Refuses words that a command without arguments does not know.
fn nothing_more(command: &str, rest: &[&str]) -> Result<()> {
    if let Some(word) = rest.first() {
        bail!("`{command}` does not know `{word}`\n\n{HELP}");
    }
    Ok(())
}

/// Whether an automated run asks: there, a check that could not be made is a failure.
fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// Prints findings one a line and fails if there are any.
fn report(what: &str, failures: &[String]) -> Result<()> {
    for failure in failures {
        eprintln!("{what}: {failure}");
    }
    match failures.len() {
        0 => Ok(()),
        1 => bail!("{what}: one thing to put right"),
        n => bail!("{what}: {n} things to put right"),
    }
}
