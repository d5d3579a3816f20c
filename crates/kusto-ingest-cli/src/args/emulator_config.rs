//! What a file says in the place of an emulator's arguments: the same keys as its flags.

use std::ffi::OsString;
use std::path::Path;

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};
use toml::Value;

use crate::report::CommandError;

/// The arguments that a file adds to those that were given, which win.
///
/// # Errors
/// A file that cannot be read, is no TOML, or has a key that is no flag of the emulator's or a value that is none.
pub(super) fn arguments(
    file: &Path,
    emulator: &Command,
    given: &ArgMatches,
) -> Result<Vec<OsString>, CommandError> {
    let refused =
        |why: String| CommandError::usage(format!("--config {} cannot be used: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| refused(error.to_string()))?;
    let is_given = |id: &str| given.value_source(id) == Some(ValueSource::CommandLine);
    of_text(&text, emulator, is_given).map_err(refused)
}

fn of_text(text: &str, emulator: &Command, is_given: impl Fn(&str) -> bool) -> Result<Vec<OsString>, String> {
    let said: toml::Table = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let mut arguments = Vec::new();
    for (key, value) in &said {
        let is_meant = |arg: &&clap::Arg| is_own(arg) && arg.get_long() == Some(key);
        let Some(arg) = emulator.get_arguments().find(is_meant) else {
            let known = emulator.get_arguments().filter(is_own);
            let known: Vec<&str> = known.filter_map(clap::Arg::get_long).collect();
            return Err(format!(
                "{key:?} is no flag of the emulator; there are {}",
                known.join(", ")
            ));
        };
        if is_given(arg.get_id().as_str()) {
            continue;
        }
        let values = match value {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        for value in values {
            let flag = format!("--{key}");
            match (value, arg.get_action().takes_values()) {
                (Value::Boolean(true), false) => arguments.push(flag.into()),
                (Value::Boolean(false), false) => {}
                (Value::String(text), true) => arguments.push(format!("{flag}={text}").into()),
                (Value::Integer(number), true) => arguments.push(format!("{flag}={number}").into()),
                (_, true) => return Err(format!("{key:?} must be a text, a number, or a list of them")),
                (_, false) => return Err(format!("{key:?} must be true or false")),
            }
        }
    }
    Ok(arguments)
}

/// Whether a file may say it.
fn is_own(arg: &&clap::Arg) -> bool {
    !arg.is_global_set() && arg.get_id() != "help"
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::args::Cli;

    fn said(text: &str, given: &[&str]) -> Result<Vec<String>, String> {
        let mut all = Cli::command();
        all.build();
        let emulator = all.find_subcommand("emulator").expect("there is one");
        let found = of_text(text, emulator, |id| given.contains(&id))?;
        Ok(found
            .iter()
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect())
    }

    #[test]
    fn keys_are_flags_and_flags_that_are_given_win() {
        let text = "port = 8080\nhold = true\ntls = false\ntable = ['A(x:int)', 'B(y:int)']\nmax-body-size = '1MiB'\n";
        assert_eq!(
            said(text, &["port"]),
            Ok([
                "--hold",
                "--max-body-size=1MiB",
                "--table=A(x:int)",
                "--table=B(y:int)"
            ]
            .map(String::from)
            .to_vec())
        );
    }

    #[test]
    fn what_is_no_flag_or_no_value_of_it_is_told() {
        for (text, why) in [
            (
                "ports = 1",
                "\"ports\" is no flag of the emulator; there are port,",
            ),
            ("config = 'x'", "\"config\" is no flag"),
            ("help = true", "\"help\" is no flag"),
            ("hold = 'yes'", "\"hold\" must be true or false"),
            ("port = true", "\"port\" must be a text"),
            ("port", "expected"),
        ] {
            let told = said(text, &[]).expect_err(text);
            assert!(told.contains(why), "{text}: {told}");
        }
    }
}
