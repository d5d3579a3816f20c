//! What the READMEs show of options, of JSON and of dependencies, beside what there is.

use std::collections::BTreeSet;

use serde_json::Value;

use super::block::{Block, all};
use super::{TABLE, WEATHER};
use crate::setup::command::run;
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

fn of(language: &'static str) -> impl Iterator<Item = Block> {
    all().into_iter().filter(move |block| block.language == language)
}

#[test]
fn every_option_that_a_synopsis_names_is_one_of_its_command() {
    let mut seen = 0;
    for block in of("text").filter(|block| block.text.starts_with("kusto-ingest ")) {
        for synopsis in block.text.split("kusto-ingest ").skip(1) {
            let command = synopsis.split_whitespace().next().expect("it names a command");
            let help = run(&[command, "--help"]).out;
            let known: BTreeSet<&str> = options(&help).collect();
            for option in options(synopsis) {
                assert!(known.contains(option), "{command} has no {option}");
                seen += 1;
            }
        }
    }
    assert!(seen > 40, "{seen}");
}

/// Whatever begins with a hyphen or two.
fn options(text: &str) -> impl Iterator<Item = &str> {
    let is_of_an_option = |it: char| it.is_ascii_alphanumeric() || it == '-';
    let words = text.split(move |it: char| !is_of_an_option(it));
    words.filter(|word| word.starts_with('-') && word.len() > 1)
}

#[test]
fn the_json_that_is_shown_has_the_shape_of_what_is_printed() {
    let shown: Vec<Value> = of("json")
        .map(|block| serde_json::from_str(&block.text).unwrap_or_else(|error| panic!("{error}: {block:?}")))
        .collect();
    let [results, failures] = &shown[..] else {
        panic!("one for `ingest`, one for `failures`: {shown:?}");
    };
    let folder = Folder::new("readme-json");
    let file = folder.write("weather.csv", WEATHER);
    let ran = run(&[
        "ingest",
        &file,
        "--emulator",
        "-d",
        "Samples",
        "-t",
        "Weather",
        "--output",
        "json",
    ]);
    same_shape("results", results, &ran.json());
    assert_eq!(results["summary"]["rows"], ran.json()["summary"]["rows"]);
    assert_eq!(
        results["summary"]["raw_bytes"],
        ran.json()["summary"]["raw_bytes"]
    );

    let kusto = Kusto::with(&[TABLE]);
    let to = ["--cluster", &kusto.cluster, "--output", "json"];
    let into = [
        "ingest",
        &file,
        "-d",
        "Samples",
        "-t",
        "Missing",
        "--no-preflight",
    ];
    let queued = run(&[&into[..], &to[..]].concat());
    assert_eq!(queued.code, 0, "{queued:?}");
    kusto.drained();
    same_shape(
        "failures",
        failures,
        &run(&[&["failures"], &to[..]].concat()).json(),
    );
}

/// The same members, each of the same kind. `{}` stands for anything that is there, a null for a null.
fn same_shape(at: &str, shown: &Value, printed: &Value) {
    match (shown, printed) {
        (Value::Object(shown), Value::Object(_)) if shown.is_empty() => {}
        (Value::Object(shown), Value::Object(printed)) => {
            let names = |it: &serde_json::Map<String, Value>| it.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(names(shown), names(printed), "{at}");
            for (name, shown) in shown {
                same_shape(&format!("{at}.{name}"), shown, &printed[name]);
            }
        }
        (Value::Array(shown), Value::Array(printed)) => {
            assert_eq!(shown.is_empty(), printed.is_empty(), "{at}");
            for (shown, printed) in shown.iter().zip(printed) {
                same_shape(at, shown, printed);
            }
        }
        _ => assert_eq!(
            std::mem::discriminant(shown),
            std::mem::discriminant(printed),
            "{at}: {shown} and {printed}"
        ),
    }
}

#[test]
fn the_dependencies_that_are_shown_are_those_of_the_example() {
    let manifest = include_str!("../../../../kusto-ingest/Cargo.toml");
    let (major_and_minor, _) = env!("CARGO_PKG_VERSION").rsplit_once('.').expect("three numbers");
    let mut shown = 0;
    for block in of("toml") {
        for line in block.text.lines().filter(|line| line.contains('=')) {
            let (name, what) = line.split_once(" = ").expect("a dependency");
            match name {
                "kusto-ingest" => assert_eq!(what, format!("\"{major_and_minor}\"")),
                "tokio" => {
                    let (_, features) = what.split_once("features = ").expect("it has features");
                    let as_there = format!("tokio = {{ workspace = true, features = {features}");
                    assert!(
                        manifest.contains(&as_there),
                        "the example is built with others than {features}"
                    );
                }
                other => panic!("nobody knows {other}"),
            }
            shown += 1;
        }
    }
    assert_eq!(shown, 4, "two in each of two READMEs");
}
