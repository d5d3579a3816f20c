//! The code in every README: each block is run, compared with what runs, or exempt for a reason.

mod block;
mod compared;

use std::io::{BufRead as _, BufReader};
use std::process::Child;

use serde_json::Value;

use self::block::{Block, all};
use crate::setup::command::{CommandOutput, end, kusto_ingest, run, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

const WEATHER: &str = include_str!("../../../../docs/samples/seattle-weather.csv");

/// Its table, on the port that the READMEs name.
const TABLE: &str =
    "Samples.Weather(date:datetime,precipitation:real,temp_max:real,temp_min:real,wind:real,weather:string)";

/// Lines of shell that are not run here, and why.
const EXEMPT: [(&str, &str); 2] = [
    ("cargo xtask test", "it runs these tests"),
    (
        "cargo install --path crates/kusto-ingest-cli",
        "it puts a program among the user's own; the one that is run here was built from the same folder",
    ),
];

/// The READMEs that show the example `first`, which compares them with itself, and runs.
const EXAMPLE_IS_IN: [&str; 2] = ["README.md", "crates/kusto-ingest/README.md"];

/// What is said of a kind of block, and where that is held.
fn held(block: &Block) -> Result<(), String> {
    match block.language.as_str() {
        "" | "rust" if block.is_of_a_documented_library() => Ok(()), // a doctest of its crate
        "rust,no_run" if EXAMPLE_IS_IN.contains(&&*block.readme) => Ok(()), // the example `first`
        "sh" | "toml" | "json" => Ok(()),                            // below
        "text" if block.text.starts_with("kusto-ingest ") => Ok(()), // below
        "text" if block.text.starts_with("POST /__emulator/faults") => Ok(()), // a test of the emulator
        other => Err(format!(
            "{}: nothing runs a block of {other:?}:\n{}",
            block.readme, block.text
        )),
    }
}

#[test]
fn every_block_is_run_or_compared() {
    let blocks = all();
    assert!(blocks.len() > 40, "{}", blocks.len());
    let failures: Vec<String> = blocks.iter().filter_map(|block| held(block).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_command_of_every_readme_runs() {
    let mut exempt = EXEMPT.to_vec();
    for (number, readme) in all().chunk_by(|a, b| a.readme == b.readme).enumerate() {
        let world = World::new(&format!("readme-{number}"));
        for block in readme.iter().filter(|block| block.language == "sh") {
            for words in block.commands() {
                let line = words.join(" ");
                let before = exempt.len();
                exempt.retain(|(other, _)| *other != line);
                if exempt.len() == before {
                    world.run(arguments(&words).unwrap_or_else(|| panic!("nobody knows how to run {line}")));
                }
            }
        }
    }
    assert!(exempt.is_empty(), "no README has {exempt:?}");
}

/// What the binary is given, however it is started.
fn arguments(words: &[String]) -> Option<&[String]> {
    let built = ["cargo", "run", "--release", "-p", "kusto-ingest-cli", "--"];
    match words {
        [first, rest @ ..] if first == "kusto-ingest" => Some(rest),
        _ if words.starts_with(&built.map(str::to_owned)) => Some(&words[built.len()..]),
        _ => None,
    }
}

/// Where a reader of a README is: files beside him, and a cluster.
struct World {
    folder: Folder,
    kusto: Kusto,
}

impl World {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        for file in ["weather.csv", "day.csv", "docs/samples/seattle-weather.csv"] {
            folder.write(file, WEATHER);
        }
        Self {
            folder,
            kusto: Kusto::with(&[TABLE]),
        }
    }

    /// Runs a command to its end, which is a good one; of an emulator, until it is ready.
    fn run(&self, arguments: &[String]) {
        let of_here = |word: &String| word.replace("http://localhost:8080", &self.kusto.cluster);
        let mut arguments: Vec<String> = arguments.iter().map(of_here).collect();
        if arguments[0] == "emulator" {
            if let Some(port) = arguments.iter().position(|word| word == "--port") {
                arguments[port + 1] = "0".to_owned();
            }
            return serve(&arguments);
        }
        if arguments[0] == "status" {
            self.kusto.drained();
        }
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = kusto_ingest(&words);
        command.current_dir(self.folder.path());
        if !arguments
            .iter()
            .any(|word| word == "--emulator" || word == "--cluster")
        {
            command.env("KUSTO_CLUSTER", &self.kusto.cluster);
        }
        let ran = end(start(&mut command));
        assert_eq!(ran.code, 0, "{words:?}: {ran:?}");
    }
}

/// Starts an emulator, and asks it for something.
fn serve(arguments: &[String]) {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut child = Ended(start(&mut kusto_ingest(&words)));
    let mut line = String::new();
    let out = child.0.stdout.take().expect("it is piped");
    BufReader::new(out)
        .read_line(&mut line)
        .expect("it says when it is ready");
    let ready: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
    let cluster = ready["cluster"].as_str().expect("it is an address");
    let ran: CommandOutput = run(&["query", ".show tables", "--cluster", cluster, "-d", "Samples"]);
    assert_eq!(ran.code, 0, "{words:?}: {ran:?}");
}

/// A process that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
