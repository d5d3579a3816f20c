//! The help of every command leads to the guide, and what the guide says of options is true.

use std::fs;

use super::blocks::blocks;
use super::guide;
use crate::setup::command::{end, kusto_ingest, start};

/// What a command says of itself; that of the whole where it is blank.
fn help_of(command: &str) -> String {
    let arguments = [command, "--help"];
    let arguments = arguments.iter().filter(|it| !it.is_empty());
    end(start(&mut kusto_ingest(&arguments.copied().collect::<Vec<_>>()))).out
}

/// All commands that have options of ours: LightIngest's are its own.
fn commands() -> Vec<String> {
    let help = help_of("");
    let (_, list) = help.split_once("Commands:\n").expect("they are listed");
    let (list, _) = list.split_once("\n\n").expect("the list ends");
    let names = list
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_once(' '));
    let names = names.map(|(name, _)| name).filter(|name| !name.is_empty());
    let commands: Vec<String> = names
        .filter(|name| !["help", "lightingest"].contains(name))
        .map(str::to_owned)
        .collect();
    assert!(commands.len() > 12, "{commands:?}");
    commands
}

#[test]
fn the_help_of_every_command_ends_with_a_page_of_the_guide() {
    // These two speak of the command itself.
    let silent = ["completions", "man"];
    let commands = commands()
        .into_iter()
        .filter(|command| !silent.contains(&command.as_str()));
    for command in commands.chain([String::new()]) {
        let help = help_of(&command);
        let last = help.trim_end().lines().last().unwrap_or_default();
        let named = last.strip_prefix("The guide, in the sources of kusto-ingest: docs/guide/");
        let named = named.unwrap_or_else(|| panic!("the help of `{command}` ends with {last}"));
        let file = named.split('#').next().unwrap_or_default();
        assert!(guide().join(file).is_file(), "{named}");
    }
}

/// The options in a piece of code: words that begin with two hyphens.
fn options(code: &str) -> impl Iterator<Item = &str> {
    let words = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.filter(|word| word.len() > 3 && word.starts_with("--") && !word[2..].starts_with('-'))
}

#[test]
fn every_option_that_the_guide_mentions_exists() {
    let helps: Vec<String> = commands().iter().map(|command| help_of(command)).collect();
    let known: Vec<&str> = helps.iter().flat_map(|help| options(help)).collect();
    assert!(known.len() > 100, "{known:?}");
    for entry in fs::read_dir(guide()).expect("there is a guide") {
        let path = entry.expect("it is listed").path();
        let text = fs::read_to_string(&path).unwrap_or_default();
        let manifests = blocks(&text)
            .into_iter()
            .filter(|block| block.is("yaml"))
            .map(|block| block.code);
        let manifests: Vec<String> = manifests.collect();
        let manifests = manifests.iter().flat_map(|code| code.lines().map(str::trim));
        let prose = text
            .lines()
            .filter(|line| !line.starts_with("<!--"))
            .flat_map(|line| line.split('`').skip(1).step_by(2));
        // Other programs have options of their own.
        let ours = prose.chain(manifests).filter(|code| {
            !["az ", "cargo ", "node ", "openssl "]
                .iter()
                .any(|other| code.starts_with(other))
        });
        for option in ours.flat_map(options) {
            assert!(known.contains(&option), "{} mentions {option}", path.display());
        }
    }
}
