//! Every query of the corpus gives the columns and rows that stand beside it.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::world::{World, ask};

/// A query, and what it gives.
struct Case {
    name: String,
    query: String,
    columns: String,
    rows: Vec<Json>,
}

/// Files of cases: a name behind `#`, the query, `---`, the columns, and a row on each line. A blank line ends a case.
fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for part in text.split("\n\n").filter(|part| !part.trim().is_empty()) {
            let (question, answer) = part
                .split_once("\n---\n")
                .unwrap_or_else(|| panic!("{file:?}: {part}"));
            let (name, query) = question.trim_start().split_once('\n').unwrap();
            let (columns, rows) = answer.split_once('\n').unwrap_or((answer, ""));
            cases.push(Case {
                name: format!(
                    "{}: {}",
                    file.file_stem().unwrap().display(),
                    name.trim_start_matches(['#', ' '])
                ),
                query: query.to_owned(),
                columns: columns.to_owned(),
                rows: rows
                    .lines()
                    .map(|row| serde_json::from_str(row).unwrap_or_else(|_| panic!("{file:?}: {row}")))
                    .collect(),
            });
        }
    }
    cases
}

/// The columns and rows of the last result, or the error.
fn answer(world: &World, query: &str) -> (String, Vec<Json>) {
    let results = match ask(world, query) {
        Ok(results) => results,
        Err(error) => {
            return (
                format!(
                    "{}: {}",
                    error.code().unwrap_or("?"),
                    error.reason().unwrap_or("?")
                ),
                Vec::new(),
            );
        }
    };
    let result = results.last().unwrap();
    let columns: Vec<String> = result
        .columns()
        .iter()
        .map(|column| format!("{}:{}", column.name, column.scalar_type))
        .collect();
    let rows = result
        .rows()
        .map(|row| row.map(kusto_query::Value::to_json).collect::<Vec<Json>>().into());
    (columns.join(", "), rows.collect())
}

#[test]
fn every_query_of_the_corpus_gives_what_is_written_beside_it() {
    let world = World::new();
    let cases = cases();
    let mut wrong = Vec::new();
    for case in &cases {
        let (columns, rows) = answer(&world, &case.query);
        if columns == case.columns && rows == case.rows {
            continue;
        }
        let shown: Vec<String> = rows.iter().map(ToString::to_string).collect();
        wrong.push(format!(
            "{}\n{}\n---\n{columns}\n{}\n",
            case.name,
            case.query,
            shown.join("\n")
        ));
    }
    assert!(
        wrong.is_empty(),
        "{} of {} queries give something else:\n\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}
