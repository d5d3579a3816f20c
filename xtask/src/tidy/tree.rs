//! What the tree keeps: few names at the top, the same rooms in every crate, one page of changes.

use std::path::Path;

use anyhow::{Context, Result};

use super::Finding::{self, Failure, Note};
use crate::release::changelog;
use crate::workspace::{Kind, Package, Workspace};

/// The names of the top level; others begin with a dot. `target` is built, and ignored by git. The licences are here
/// because that is where people and tools look for them, and because those of the packages are copies of these. `fuzz` is
/// no member of the workspace: its targets need a nightly compiler.
const TOP_LEVEL: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "crates",
    "docs",
    "fuzz",
    "target",
    "tests",
    "xtask",
];

/// What every published crate carries along.
const IN_EVERY_CRATE: &[&str] = &["LICENSE-APACHE", "LICENSE-MIT", "README.md", "src"];

/// Copied into every package: a symbolic link would not survive on every system.
const LICENCES: &[&str] = &["LICENSE-APACHE", "LICENSE-MIT"];

/// All that the vocabulary may stand on: a hub is bearable as long as it holds words only.
const CORE: &str = "kusto-ingest-core";
const CORE_STANDS_ON: &[&str] = &[
    "async-trait",
    "bytes",
    "futures-io",
    "futures-util",
    "mockall",
    "serde",
    "serde_json",
    "time",
    "tracing",
    "url",
    "uuid",
];

/// What calls C, and so cannot forbid unsafe code as the lints of the workspace do. Its manifest has lints of its own, by which
/// all unsafe code is an error where it is not expected with a reason.
const CALLS_C: &[&str] = &["kusto-ingest-compression-isal"];

/// A crate smaller than the first number asks to be merged, larger than the second to be cut.
const CRATE_LINES: std::ops::RangeInclusive<usize> = 300..=2000;

/// Checks everything that is larger than one file.
pub(super) fn check(root: &Path, workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut found = top_level(&names_in(root)?);
    let changes = root.join("docs/changelog.md");
    let changes =
        std::fs::read_to_string(&changes).with_context(|| format!("{} is missing", changes.display()))?;
    found.extend(
        changelog::unreleased(&changes)
            .err()
            .map(|why| Failure(format!("docs/changelog.md: {why}"))),
    );
    for package in workspace.published() {
        found.extend(rooms(&package.name, &names_in(&package.folder)?));
        found.extend(licences(root, package));
        found.extend(one_program(&package.name, &tests_of(package)?));
        found.extend(manifest(
            package,
            &std::fs::read_to_string(package.folder.join("Cargo.toml"))?,
        ));
        found.extend(size(package)?);
    }
    if let Some(core) = workspace.packages.iter().find(|it| it.name == CORE) {
        found.extend(vocabulary(core));
    }
    Ok(found)
}

fn top_level(names: &[String]) -> Vec<Finding> {
    let known = |name: &str| name.starts_with('.') || TOP_LEVEL.contains(&name);
    names
        .iter()
        .filter(|name| !known(name))
        .map(|name| {
            Failure(format!(
                "{name}: the top level stays as it is; find it a folder or begin it with a dot"
            ))
        })
        .collect()
}

fn rooms(package: &str, names: &[String]) -> Vec<Finding> {
    IN_EVERY_CRATE
        .iter()
        .filter(|room| !names.iter().any(|name| name == *room))
        .map(|room| Failure(format!("{package}: no {room}")))
        .collect()
}

/// The licences of a package are those of the root, letter by letter. One that is missing is the business of [`rooms`].
fn licences(root: &Path, package: &Package) -> Vec<Finding> {
    let differs = |name: &&&str| {
        let copy = std::fs::read(package.folder.join(name)).ok();
        copy.is_some() && copy != std::fs::read(root.join(name)).ok()
    };
    LICENCES
        .iter()
        .filter(differs)
        .map(|name| {
            Failure(format!(
                "{}: {name} is not the one of the root; copy that",
                package.name
            ))
        })
        .collect()
}

/// The Rust files of its integration tests, by their paths from the folder `tests`.
fn tests_of(package: &Package) -> Result<Vec<String>> {
    let folder = package.folder.join("tests");
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let shown = |path: &std::path::PathBuf| path.strip_prefix(&folder).unwrap_or(path).display().to_string();
    Ok(super::rust_files(&folder)?.iter().map(shown).collect())
}

/// Integration tests are one program: quicker to build than many, and what they share is a module.
fn one_program(package: &str, tests: &[String]) -> Vec<Finding> {
    let main = "it/main.rs";
    let astray = tests.iter().filter(|path| !path.starts_with("it/"));
    let mut found: Vec<Finding> = astray
        .map(|path| {
            Failure(format!(
                "{package}: tests/{path} belongs into tests/it, as a module that its main.rs lists"
            ))
        })
        .collect();
    if found.is_empty() && !tests.is_empty() && !tests.iter().any(|path| path == main) {
        found.push(Failure(format!(
            "{package}: no tests/{main}, so its tests are never run"
        )));
    }
    found
}

fn manifest(package: &Package, text: &str) -> Vec<Finding> {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let has = |table: &str, line: &str| lines.windows(2).any(|pair| pair == [table, line]);
    let mut found = Vec::new();
    if !has("[package.metadata.docs.rs]", "all-features = true") {
        found.push(Failure(format!(
            "{}: `[package.metadata.docs.rs]` says `all-features = true`, so that everything is documented",
            package.name
        )));
    }
    let calls_c = CALLS_C.contains(&package.name.as_str()) && lines.contains(&r#"unsafe_code = "deny""#);
    if !calls_c && !has("[lints]", "workspace = true") {
        found.push(Failure(format!(
            "{}: the manifest takes the lints of the workspace",
            package.name
        )));
    }
    if !package.description.ends_with('.') {
        found.push(Failure(format!(
            "{}: the description is one sentence with a full stop",
            package.name
        )));
    }
    if package
        .folder
        .file_name()
        .is_none_or(|folder| folder != package.name.as_str())
    {
        found.push(Failure(format!(
            "{}: the folder is called as the crate",
            package.name
        )));
    }
    found
}

fn size(package: &Package) -> Result<Option<Finding>> {
    let mut lines = 0;
    for file in super::rust_files(&package.folder.join("src"))? {
        lines += std::fs::read_to_string(file)?.lines().count();
    }
    let aim = || format!("better between {} and {}", CRATE_LINES.start(), CRATE_LINES.end());
    Ok((!CRATE_LINES.contains(&lines))
        .then(|| Note(format!("{}: {lines} lines in src, {}", package.name, aim()))))
}

fn vocabulary(core: &Package) -> Vec<Finding> {
    core.dependencies
        .iter()
        .filter(|it| it.kind != Kind::Dev && !CORE_STANDS_ON.contains(&it.name.as_str()))
        .map(|it| {
            Failure(format!(
                "{CORE}: {} is no word; the list of what it stands on is closed",
                it.name
            ))
        })
        .collect()
}

fn names_in(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("{} is missing", folder.display()))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn example() -> Package {
        Package::example(CORE, Some(0), &[])
    }

    #[test]
    fn the_top_level_stays_as_it_is() {
        assert_eq!(top_level(&owned(&["Cargo.toml", ".ci", "crates", "target"])), []);
        assert_eq!(top_level(&owned(&["scripts"])).len(), 1);
    }

    #[test]
    fn every_crate_has_the_same_rooms() {
        assert_eq!(
            rooms(
                "a",
                &owned(&["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "src"])
            ),
            []
        );
        let found = rooms("a", &owned(&["LICENSE-MIT", "README.md", "src"]));
        assert_eq!(found, [Failure("a: no LICENSE-APACHE".to_owned())]);
    }

    #[test]
    fn the_tests_of_a_crate_are_one_program() {
        assert_eq!(one_program("a", &[]), []);
        assert_eq!(one_program("a", &owned(&["it/b.rs", "it/main.rs"])), []);
        let astray = owned(&["b.rs", "it/main.rs", "suites/main.rs"]);
        let told = "a: tests/b.rs belongs into tests/it, as a module that its main.rs lists";
        let found = one_program("a", &astray);
        assert_eq!((found.len(), &found[0]), (2, &Failure(told.to_owned())));
        assert_eq!(one_program("a", &owned(&["it/b.rs"])).len(), 1);
    }

    #[test]
    fn a_licence_that_is_another_than_the_roots_is_refused() {
        let sh = xshell::Shell::new().unwrap();
        let folder = sh.create_temp_dir().unwrap();
        let (root, package) = (folder.path(), folder.path().join("a"));
        let package = Package {
            folder: package,
            ..example()
        };
        for (place, text) in [(root, "MIT"), (&package.folder, "MIT")] {
            sh.write_file(place.join("LICENSE-MIT"), text).unwrap();
        }
        assert_eq!(licences(root, &package), []);
        sh.write_file(package.folder.join("LICENSE-MIT"), "mine").unwrap();
        let told = format!("{CORE}: LICENSE-MIT is not the one of the root; copy that");
        assert_eq!(licences(root, &package), [Failure(told)]);
    }

    #[test]
    fn manifests_take_the_lints_document_everything_and_describe_in_a_sentence() {
        let (lints, documents) = (
            "[lints]\nworkspace = true\n",
            "[package.metadata.docs.rs]\nall-features = true\n",
        );
        let all = &format!("{documents}\n{lints}");
        assert_eq!(manifest(&example(), all), []);
        assert_eq!(manifest(&example(), documents).len(), 1);
        assert_eq!(manifest(&example(), lints).len(), 1);
        assert_eq!(
            manifest(
                &Package {
                    description: "It".into(),
                    ..example()
                },
                all
            )
            .len(),
            1
        );
        let elsewhere = Package {
            folder: "/w/crates/core".into(),
            ..example()
        };
        assert_eq!(manifest(&elsewhere, all).len(), 1);
    }

    #[test]
    fn the_vocabulary_stands_on_words_only() {
        assert_eq!(
            vocabulary(&Package::example(
                CORE,
                Some(0),
                &[(Kind::Normal, "bytes"), (Kind::Dev, "futures")]
            )),
            []
        );
        assert_eq!(
            vocabulary(&Package::example(CORE, Some(0), &[(Kind::Normal, "futures")])).len(),
            1
        );
    }
}
