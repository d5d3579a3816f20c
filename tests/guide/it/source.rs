//! The sources of the crates, as the tests compare the guide with them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of all crates.
pub(crate) fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates")
}

/// The folder of each crate, those that stand on C among them.
pub(crate) fn folders() -> Vec<PathBuf> {
    let native = crates().join("native");
    let all = entries(&crates()).chain(entries(&native));
    all.filter(|path| path.join("Cargo.toml").is_file()).collect()
}

/// The text of a file, by its path below that folder.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(crates().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file of the crates' `src` folders, with its path.
pub(crate) fn files() -> Vec<(PathBuf, String)> {
    let mut folders: Vec<PathBuf> = folders().iter().map(|path| path.join("src")).collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            match path.extension().and_then(|it| it.to_str()) {
                Some("rs") => {
                    let text = fs::read_to_string(&path).expect("it is text");
                    files.push((path, text));
                }
                _ if path.is_dir() => folders.push(path),
                _ => {}
            }
        }
    }
    files
}

/// The page of every crate, with its path.
pub(crate) fn readmes() -> Vec<(PathBuf, String)> {
    let pages = folders().into_iter().map(|path| path.join("README.md"));
    pages
        .map(|path| {
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path, text)
        })
        .collect()
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).expect("it is a folder");
    entries.map(|entry| entry.expect("it can be listed").path())
}

/// The variants of an enum, in the order in which it is defined.
pub(crate) fn variants<'s>(source: &'s str, name: &str) -> Vec<&'s str> {
    let (_, rest) = source
        .split_once(&format!("pub enum {name} {{\n"))
        .expect("it is defined there");
    let (body, _) = rest.split_once("\n}\n").expect("it ends");
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let names = lines.filter(|line| line.starts_with(char::is_uppercase));
    names
        .filter_map(|line| line.split([' ', ',', '(']).next())
        .collect()
}

/// All words by which rustdoc finds something: names of what is public, fields and variants too, and aliases.
pub(crate) fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, text) in files() {
        for (at, _) in text.match_indices("alias") {
            let aliases = text[at..].split(")]").next().unwrap_or_default();
            names.extend(aliases.split('"').skip(1).step_by(2).map(str::to_owned));
        }
        for line in text.lines() {
            let line = line.trim_start();
            let rest = ["pub ", "fn ", "async fn "]
                .iter()
                .find_map(|it| line.strip_prefix(it));
            let is_variant = line.starts_with(char::is_uppercase);
            let Some(rest) = rest.or(is_variant.then_some(line)) else {
                continue;
            };
            let keywords = [
                "async", "const", "enum", "fn", "mod", "static", "struct", "trait", "type", "use",
            ];
            let words = rest.split(|c: char| !c.is_alphanumeric() && c != '_');
            let name = words
                .filter(|word| !word.is_empty())
                .find(|word| !keywords.contains(word));
            names.extend(name.map(str::to_owned));
        }
    }
    names
}
