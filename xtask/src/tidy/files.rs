//! What every Rust file keeps: a first line that says what it is, a size, a name that says something.

use super::Finding::{self, Failure, Note};
use super::rust;
use crate::layers::HIGHEST_LOGIC_FLOOR;

/// From how many on a size is a note, and from how many on a failure: more than the number.
struct Limit {
    what: &'static str,
    note: usize,
    fail: usize,
}

const FILE: Limit = Limit {
    what: "lines",
    note: 400,
    fail: 600,
};
const FILE_OF_TESTS: Limit = Limit {
    what: "lines",
    note: 400,
    fail: 400,
};
const CONTENTS: Limit = Limit {
    what: "lines of code in a table of contents",
    note: 80,
    fail: 120,
};
const MAIN_OF_TOOLS: Limit = Limit {
    what: "lines",
    note: 100,
    fail: 100,
};
const FUNCTION: Limit = Limit {
    what: "lines outside of tables",
    note: 60,
    fail: 60,
};
const SEAM: Limit = Limit {
    what: "required methods",
    note: 3,
    fail: 6,
};

/// Names under which everything and nothing can be filed.
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "misc"];

/// What logic crates ask of the operating system: nothing. The address types of `core::net` are words.
const OUTSIDE_WORLD: &[&str] = &["std::fs", "std::net", "std::process", "std::env", "std::thread"];

/// `path` or `path::function` that may exceed a size, and why.
const LONG_FOR_A_REASON: &[(&str, &str)] = &[];

/// Checks one file, given by its path from the root, its text and the floor of its crate.
pub(super) fn check(path: &str, text: &str, floor: Option<u64>) -> Vec<Finding> {
    let code = rust::code_only(text);
    let mut found = Vec::new();
    found.extend(first_line(path, text));
    found.extend(name(path));
    found.extend(sizes(path, text));
    for function in rust::functions(&code) {
        let place = format!("{path}:{}: fn {}", function.line, function.name);
        let allowed = is_allowed(&format!("{path}::{}", function.name));
        found.extend(FUNCTION.measure(&place, function.lines).filter(|_| !allowed));
    }
    for (name, required) in rust::traits(&code) {
        found.extend(SEAM.measure(&format!("{path}: trait {name}"), required));
    }
    if floor.is_some_and(|floor| floor <= HIGHEST_LOGIC_FLOOR) && path.contains("/src/") {
        found.extend(outside_world(path, &code));
    }
    found
}

fn first_line(path: &str, text: &str) -> Option<Finding> {
    let first = text.lines().next().unwrap_or_default();
    let says =
        first.strip_prefix("//!").is_some_and(|it| !it.trim().is_empty()) || first.starts_with("#![doc");
    (!says).then(|| {
        Failure(format!(
            "{path}: the first line says what the file is, after `//!`"
        ))
    })
}

fn name(path: &str) -> Option<Finding> {
    let word = path
        .split('/')
        .map(|part| part.strip_suffix(".rs").unwrap_or(part));
    let empty = word.into_iter().find(|part| EMPTY_NAMES.contains(part))?;
    Some(Failure(format!(
        "{path}: `{empty}` names nothing; name what the file is about"
    )))
}

fn sizes(path: &str, text: &str) -> Option<Finding> {
    let limit = match path {
        "xtask/src/main.rs" => &MAIN_OF_TOOLS,
        _ if path.contains("tests/") => &FILE_OF_TESTS,
        _ => &FILE,
    };
    let whole = limit
        .measure(path, text.lines().count())
        .filter(|_| !is_allowed(path));
    let contents = path.ends_with("src/lib.rs").then(|| {
        let code = text
            .lines()
            .filter(|line| !line.starts_with("//!") && !line.trim().is_empty());
        CONTENTS.measure(path, code.count())
    });
    whole.or(contents.flatten())
}

fn outside_world(path: &str, code: &str) -> Vec<Finding> {
    OUTSIDE_WORLD
        .iter()
        .flat_map(|word| rust::words(code, word).map(move |at| (word, rust::line_of(code, at))))
        .map(|(word, line)| {
            Failure(format!(
                "{path}:{line}: `{word}` is above floor {HIGHEST_LOGIC_FLOOR}; take it as an argument"
            ))
        })
        .collect()
}

fn is_allowed(place: &str) -> bool {
    LONG_FOR_A_REASON.iter().any(|&(allowed, _)| allowed == place)
}

impl Limit {
    fn measure(&self, place: &str, size: usize) -> Option<Finding> {
        let Self { what, note, fail } = self;
        if size > *fail {
            Some(Failure(format!("{place}: {size} {what}, at most {fail}")))
        } else if size > *note {
            Some(Note(format!("{place}: {size} {what}, better at most {note}")))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn found(path: &str, text: &str, floor: u64, expected: &[&str]) {
        let found = check(path, text, Some(floor));
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (finding, part) in found.iter().zip(expected) {
            assert!(
                format!("{finding:?}").contains(part),
                "{finding:?} says nothing of {part:?}"
            );
        }
    }

    #[test]
    fn a_file_says_what_it_is() {
        found("crates/a/src/b.rs", "//! What b is.\n", 1, &[]);
        found(
            "crates/a/src/lib.rs",
            "#![doc = include_str!(\"../README.md\")]\n",
            1,
            &[],
        );
        found(
            "crates/a/src/b.rs",
            "use c;\n",
            1,
            &["Failure(\"crates/a/src/b.rs: the first line"],
        );
        found("crates/a/src/b.rs", "//!\n", 1, &["the first line"]);
        found("crates/a/src/b.rs", "", 1, &["the first line"]);
    }

    #[test]
    fn an_empty_name_is_refused_as_a_file_and_as_a_folder() {
        found(
            "crates/a/src/utils.rs",
            "//! All.\n",
            1,
            &["`utils` names nothing"],
        );
        found(
            "crates/a/tests/common/mod.rs",
            "//! All.\n",
            1,
            &["`common` names nothing"],
        );
        found("crates/a/src/commonly.rs", "//! One.\n", 1, &[]);
    }

    #[test]
    fn sizes_are_noted_first_and_refused_later() {
        let file = |lines: usize| format!("//! Long.\n{}", "\n".repeat(lines - 1));
        found("crates/a/src/b.rs", &file(400), 1, &[]);
        found("crates/a/src/b.rs", &file(401), 1, &["Note"]);
        found("crates/a/src/b.rs", &file(601), 1, &["Failure"]);
        found("crates/a/tests/it/b.rs", &file(400), 1, &[]);
        found("crates/a/tests/it/b.rs", &file(401), 1, &["Failure"]);
        found(
            "crates/a/src/lib.rs",
            &format!("//! L.\n{}", "mod a;\n".repeat(81)),
            1,
            &["Note"],
        );
        let function = |lines: usize| format!("//! F.\nfn f() {{{}}}\n", "\n".repeat(lines - 1));
        found("crates/a/src/b.rs", &function(60), 1, &[]);
        found(
            "crates/a/src/b.rs",
            &function(61),
            1,
            &["Failure(\"crates/a/src/b.rs:2: fn f: 61 lines"],
        );
        let seam = |methods: usize| format!("//! S.\ntrait S {{ {} }}\n", "fn f(); ".repeat(methods));
        found("crates/a/src/b.rs", &seam(3), 1, &[]);
        found("crates/a/src/b.rs", &seam(4), 1, &["Note"]);
        found("crates/a/src/b.rs", &seam(7), 1, &["Failure"]);
    }

    #[test]
    fn logic_asks_nothing_of_the_operating_system() {
        found(
            "crates/a/src/b.rs",
            "//! B.\nuse std::fs::File;\n",
            5,
            &["b.rs:2: `std::fs` is above floor 5"],
        );
        found(
            "crates/a/src/b.rs",
            "//! B.\nuse core::net::IpAddr; // not std::net\n",
            5,
            &[],
        );
        found("crates/a/src/b.rs", "//! B.\nuse std::fs::File;\n", 6, &[]);
        found("crates/a/tests/b.rs", "//! B.\nuse std::fs::File;\n", 4, &[]);
    }
}
