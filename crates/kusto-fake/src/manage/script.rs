//! Runs a script of commands, one after the other.

use kusto_ingest_core::{Error, Result};
use kusto_ingest_decode::{ScalarType, Value};
use uuid::Uuid;

use super::args::Args;
use super::grammar::CommandSpec;
use super::session::{Action, action};
use super::unknown;
use crate::RequestKind;
use crate::answer::table_of;

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(
        ".execute database script {with (ContinueOnErrors=…, ThrowOnErrors=…)} <| commands",
        RequestKind::Change,
        run,
    ),
    CommandSpec::new(".execute script {with (…)} <| commands", RequestKind::Change, run),
];

fn run(args: &mut Args<'_>) -> Result<Action> {
    let options = args.options()?;
    let script = args.query()?;
    action(move |session| {
        let mut answer = table_of(&[
            ("OperationId", ScalarType::Guid),
            ("CommandType", ScalarType::String),
            ("CommandText", ScalarType::String),
            ("Result", ScalarType::String),
            ("Reason", ScalarType::String),
        ]);
        for command in commands(&script) {
            let outcome = session.run(command);
            let (result, reason) = match &outcome {
                Ok(_) => ("Completed", String::new()),
                Err(error) => ("Failed", error.chain()),
            };
            answer = answer.with_row([
                Value::from(Uuid::new_v4()),
                Value::from(unknown::command_type(command)),
                Value::from(command),
                Value::from(result),
                Value::from(reason),
            ]);
            match outcome {
                Err(error) if options.is_on("ThrowOnErrors") => return Err::<_, Error>(error),
                Err(_) if !options.is_on("ContinueOnErrors") => break,
                _ => {}
            }
        }
        Ok(answer)
    })
}

/// The commands of a script: each begins on a line of its own, with its dot. Lines that are comments belong to none.
fn commands(script: &str) -> impl Iterator<Item = &str> {
    let mut starts = Vec::new();
    let mut at = 0;
    let mut in_lines = false;
    for line in script.split_inclusive('\n') {
        if line.trim_start().starts_with('.') && !in_lines {
            starts.push(at);
        }
        // A text between three marks may have lines that begin like commands.
        in_lines ^= line.matches("```").count() % 2 == 1;
        at += line.len();
    }
    let ends = starts.clone().into_iter().skip(1).chain([script.len()]);
    starts
        .into_iter()
        .zip(ends)
        .map(|(start, end)| without_comments(&script[start..end]))
}

/// A command without the comments and blank lines behind it.
fn without_comments(command: &str) -> &str {
    let mut command = command.trim_end();
    while let Some((before, last)) = command.rsplit_once('\n') {
        if !last.trim().is_empty() && !last.trim_start().starts_with("//") {
            break;
        }
        command = before.trim_end();
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_cut_at_lines_that_begin_with_a_dot() {
        let script = "// first\n.create table T(a:string)\n//\n// then\n\n  .create-or-alter function F()\n{\n  T | take 1 // .x\n}\n\
                      .alter table T policy update\n```\n[\n.5\n]\n```\n";
        let commands: Vec<&str> = commands(script).collect();
        assert_eq!(commands.len(), 3, "{commands:?}");
        assert_eq!(commands[0], ".create table T(a:string)");
        assert!(
            commands[1]
                .trim_start()
                .starts_with(".create-or-alter function F()")
                && commands[1].ends_with('}')
        );
        assert!(commands[2].ends_with("```"));
    }
}
