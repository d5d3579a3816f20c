//! `docs/conformance.md`: a line for every number that a test bears, and a test for every line.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding::{self, Failure};
use super::rust;

/// Where the numbers can be looked up.
pub(super) const PAGE: &str = "docs/conformance.md";

/// What the last cell of a line begins with where no test bears the number; a reason follows.
const WITHOUT_TEST: &[&str] = &["superseded: ", "not built: "];

/// What it begins with where tests prove it that bear other names; the names follow, in backquotes.
const BY_NAME: &str = "by name: ";

/// The page with its last column renewed, and what is wrong with it; takes the paths and texts of all Rust files.
pub(super) fn renewed(page: &str, files: &[(String, String)]) -> (String, Vec<Finding>) {
    let mut tested = tested(files);
    let (mut lines, mut found, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (at, line) in page.lines().enumerate() {
        let Some((number, says)) = line_of_table(line) else {
            lines.push(line.to_owned());
            continue;
        };
        let mut fail = |why: &str| found.push(Failure(format!("{PAGE}:{}: {number} {why}", at + 1)));
        if !seen.insert(number.to_owned()) {
            fail("has a line already");
        }
        let [statement, proof] = says[..] else {
            fail("needs a sentence and the place of its tests");
            lines.push(line.to_owned());
            continue;
        };
        if statement.is_empty() {
            fail("does not say what must hold");
        }
        let proof = match (tested.remove(number), named(proof)) {
            (Some(_), Some(_)) => {
                fail("is said to have no test of this number, and has one");
                proof.to_owned()
            }
            (Some(places), None) => places.into_iter().collect::<Vec<_>>().join(", "),
            (None, Some(names)) => {
                for name in names.iter().filter(|name| !is_defined(files, name)) {
                    fail(&format!("names the test `{name}`, which is nowhere"));
                }
                proof.to_owned()
            }
            (None, None) => {
                fail("has no test; write one, or say `superseded: why`");
                proof.to_owned()
            }
        };
        lines.push(format!("| `{number}` | {statement} | {proof} |"));
    }
    for (number, places) in tested {
        let places: Vec<_> = places.into_iter().collect();
        found.push(Failure(format!(
            "{PAGE}: no line says what {number} means, which is tested in {}",
            places.join(", ")
        )));
    }
    (lines.join("\n") + "\n", found)
}

/// `["s02_c11", "s02_c12"]` of `s02_c11_c12_nothing_is_said_twice`; nothing for a name without a number.
pub(crate) fn numbers(test: &str) -> Vec<String> {
    let is_spec =
        |word: &str| word.len() == 3 && word.starts_with("s0") && word.ends_with(['1', '2', '3', '4']);
    let case = |word: &str| {
        let digits = word.strip_prefix(|it: char| it.is_ascii_lowercase())?;
        let number: u32 = digits.parse().ok()?;
        Some(format!("{}{number}", &word[..1]))
    };
    let (mut found, mut spec) = (Vec::new(), None);
    for word in test.split('_') {
        if is_spec(word) {
            spec = Some(word);
        } else if let (Some(spec), Some(case)) = (spec, case(word)) {
            found.push(format!("{spec}_{case}"));
        } else if word != "and" || found.is_empty() {
            break;
        }
    }
    found
}

/// Which files test which number.
fn tested(files: &[(String, String)]) -> BTreeMap<String, BTreeSet<String>> {
    let mut tested: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in files.iter().filter(|(_, text)| text.contains("fn s0")) {
        let place = format!("`{}`", path.strip_prefix("crates/").unwrap_or(path));
        for function in rust::functions(&rust::code_only(text)) {
            for number in numbers(&function.name) {
                tested.entry(number).or_default().insert(place.clone());
            }
        }
    }
    tested
}

/// The number of a line of a table, and its other cells.
fn line_of_table(line: &str) -> Option<(&str, Vec<&str>)> {
    let mut cells = line
        .strip_prefix("| `")?
        .strip_suffix('|')?
        .split('|')
        .map(str::trim);
    let number = cells.next()?.strip_suffix('`')?;
    number.starts_with("s0").then(|| (number, cells.collect()))
}

/// The tests that a cell names in place of tests with the number: none where it gives a reason.
fn named(proof: &str) -> Option<Vec<&str>> {
    let is_reason = |prefix: &str| proof.strip_prefix(prefix).is_some_and(|why| !why.is_empty());
    if WITHOUT_TEST.iter().any(|prefix| is_reason(prefix)) {
        return Some(Vec::new());
    }
    let names: Vec<_> = proof
        .strip_prefix(BY_NAME)?
        .split('`')
        .skip(1)
        .step_by(2)
        .collect();
    (!names.is_empty()).then_some(names)
}

fn is_defined(files: &[(String, String)], test: &str) -> bool {
    let definition = format!("fn {test}(");
    files.iter().any(|(_, text)| text.contains(&definition))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> [(String, String); 2] {
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        [
            file(
                "crates/a/tests/it/b.rs",
                "fn s02_c1_one() {}\nfn s02_c02_c3_two() {}\n",
            ),
            file(
                "tests/it/c.rs",
                "fn s02_c1_again() {}\nfn of_another_name() {}\n// fn s02_c9_x() {}\n",
            ),
        ]
    }

    const RIGHT: &str = "# Page\n\n| `s02_c1` | One. | `a/tests/it/b.rs`, `tests/it/c.rs` |\n\
                         | `s02_c2` | Two. | `a/tests/it/b.rs` |\n| `s02_c3` | Three. | `a/tests/it/b.rs` |\n\
                         | `s02_c4` | Four. | superseded: nobody wants it |\n\
                         | `s02_c5` | Five. | by name: `of_another_name` |\n";

    #[track_caller]
    fn wrong(page: &str, expected: &[&str]) {
        let (_, found) = renewed(page, &files());
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (Failure(told) | Finding::Note(told), part) in found.iter().zip(expected) {
            assert!(told.contains(part), "{told:?} says nothing of {part:?}");
        }
    }

    #[test]
    fn a_page_that_is_right_stays_as_it_is() {
        assert_eq!(renewed(RIGHT, &files()), (RIGHT.to_owned(), Vec::new()));
    }

    #[test]
    fn the_places_of_tests_are_written_anew() {
        let stale = RIGHT.replace("`a/tests/it/b.rs`, `tests/it/c.rs`", "`gone.rs`");
        assert_eq!(renewed(&stale, &files()), (RIGHT.to_owned(), Vec::new()));
    }

    #[test]
    fn a_number_without_a_line_and_a_line_without_a_test_are_refused() {
        wrong(
            &RIGHT.replace("s02_c3", "s02_c7"),
            &[":5: s02_c7 has no test", "what s02_c3 means"],
        );
        wrong(&RIGHT.replace("Two.", ""), &["s02_c2 does not say"]);
        wrong(
            &format!("{RIGHT}| `s02_c2` | Two. | |\n"),
            &["already", "no test"],
        );
        wrong(&RIGHT.replace("| Four. ", ""), &["s02_c4 needs a sentence"]);
        wrong(
            &RIGHT.replace("superseded: nobody wants it", "superseded: "),
            &["s02_c4 has no test"],
        );
        wrong(
            &RIGHT.replace("of_another_name", "of_no_name"),
            &["`of_no_name`, which is nowhere"],
        );
        wrong(
            &RIGHT.replace("Two. | `a/tests/it/b.rs`", "Two. | not built: later"),
            &["s02_c2 is said to have no test"],
        );
    }

    #[test]
    fn a_name_may_bear_several_numbers() {
        let check = |test: &str, expected: &[&str]| assert_eq!(numbers(test), expected, "{test}");
        check("s02_c19_record_precedes_message", &["s02_c19"]);
        check("s02_c02_the_row", &["s02_c2"]);
        check("s02_c45_c49_c50_what_is", &["s02_c45", "s02_c49", "s02_c50"]);
        check("s03_g18_s02_c99_either_address", &["s03_g18", "s02_c99"]);
        check("s01_t8_and_t11_hosts", &["s01_t8", "s01_t11"]);
        check("s03_f6_1_an_entity_is_inserted_once", &["s03_f6"]);
        check("s05_x1_unknown", &[]);
        check("plain_c1_name", &[]);
        check("s3_k1_is_short", &[]);
    }
}
