//! `test [--filter NAME | --peers]`: everything the README promises, Azurite included; or the other clients.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use xshell::{Shell, cmd};

use crate::azurite::{self, Azurite};
use crate::tidy::numbers;
use crate::workspace::Workspace;
use crate::{limited, native, peers};

/// How long the tests may say nothing, compiling included: one that never ends is ended then.
const SILENCE: Duration = Duration::from_secs(15 * 60);

/// Runs the whole suite. The last lines printed are cargo's own results.
pub(crate) fn run(sh: &Shell, arguments: &[&str]) -> Result<()> {
    let filter = match arguments {
        [] => None,
        ["--filter", filter] => Some(*filter),
        ["--peers"] => return peers::run(sh),
        _ => bail!("`test` takes --filter NAME, or --peers, and nothing else"),
    };
    let azurite = start_azurite(sh)?;
    let _environment: Vec<_> = azurite
        .iter()
        .flat_map(Azurite::addresses)
        .map(|(variable, address)| sh.push_env(variable, address))
        .collect();
    // Built first, so that a compiler's complaint is not mistaken for a test's.
    let listed = cmd!(
        sh,
        "cargo test --quiet --workspace --lib --bins --tests -- --list"
    )
    .quiet()
    .read()?;
    println!("{}", summary(&names(&listed)));
    let mut tests = Command::from(cmd!(sh, "cargo test --workspace --no-fail-fast -- {filter...}"));
    limited::run(&mut tests, SILENCE)?;
    // What the workspace as a whole is built without: Arrow, Parquet, and what the system tells of folders.
    let crates = ["kusto-ingest-rows", "kusto-ingest-watch", "kusto-ingest"];
    let features = native::features(&Workspace::read(sh)?, &crates, false);
    let packages = crates.iter().flat_map(|name| ["--package", name]);
    let all = cmd!(
        sh,
        "cargo test {packages...} --features {features} -- {filter...}"
    );
    limited::run(&mut Command::from(all), SILENCE)?;
    if filter.is_none() {
        // The command itself is another program where the system tells it of folders.
        let told = cmd!(
            sh,
            "cargo test --package kusto-ingest-cli --features notify --test it -- watch_hints"
        );
        limited::run(&mut Command::from(told), SILENCE)?;
    }
    match filter {
        None if native::can_be_built()? => with_native(sh),
        _ => Ok(()),
    }
}

/// What is built from C, and what stands on it.
fn with_native(sh: &Shell) -> Result<()> {
    for (package, feature, tests) in native::tests() {
        let run = cmd!(
            sh,
            "cargo test --package {package} --features {feature} -- {tests...}"
        );
        limited::run(&mut Command::from(run), SILENCE)?;
    }
    Ok(())
}

/// Azurite, or nothing where there is no Node; an automated run must have it.
fn start_azurite(sh: &Shell) -> Result<Option<Azurite>> {
    let why = match azurite::missing(sh) {
        None => match Azurite::start(sh) {
            Ok(running) => {
                for (variable, address) in running.addresses() {
                    println!("{variable}={address}");
                }
                return Ok(Some(running));
            }
            Err(error) => format!("{error:#}"),
        },
        Some(why) => why,
    };
    if crate::in_ci() {
        bail!("the tests against Azurite cannot run: {why}");
    }
    println!("SKIPPED: every test against Azurite, because {why}");
    Ok(None)
}

/// The names of the tests in what `cargo test -- --list` prints.
fn names(listed: &str) -> Vec<&str> {
    listed
        .lines()
        .filter_map(|line| line.trim_end().strip_suffix(": test"))
        .collect()
}

/// How many tests there are, and how many of them prove which part of the specification.
fn summary(names: &[&str]) -> String {
    let mut specs: BTreeMap<String, (usize, BTreeSet<String>)> = BTreeMap::new();
    for name in names {
        let test = name.rsplit("::").next().unwrap_or_default();
        let numbers = numbers(test);
        for number in &numbers {
            let cases = &mut specs.entry(spec(number)).or_default().1;
            cases.insert(number.clone());
        }
        if let Some(first) = numbers.first() {
            specs.entry(spec(first)).or_default().0 += 1;
        }
    }
    let mut lines = vec![format!(
        "{} tests, without the examples in the documentation",
        names.len()
    )];
    for (spec, (tests, cases)) in specs {
        let number = &spec[1..];
        lines.push(format!(
            "conformance with spec {number}: {tests} tests of {} cases",
            cases.len()
        ));
    }
    lines.join("\n")
}

/// `s02` of `s02_c19`.
fn spec(number: &str) -> String {
    number.chars().take_while(|&it| it != '_').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted_by_spec_and_case() {
        let listed = "queued::s02_c19_a_thing_holds: test\ns02_c19_c20_another: test\ns01_k48_third: test\n\
                      plain::name: test\ns05_x_unknown: test\nbench_it: benchmark\n\n5 tests, 1 benchmark\n";
        let names = names(listed);
        assert_eq!(names.len(), 5);
        assert_eq!(
            summary(&names),
            "5 tests, without the examples in the documentation\n\
             conformance with spec 01: 1 tests of 1 cases\n\
             conformance with spec 02: 2 tests of 2 cases"
        );
    }
}
