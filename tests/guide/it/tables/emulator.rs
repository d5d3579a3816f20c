//! What the emulator has of the service, and what it refuses or ignores.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::executor::block_on;
use kusto_emulator::{HttpFault, Route};
use kusto_ingest::endpoint::{QueryEndpoint, RequestProperties};
use kusto_ingest::testing::{FakeKusto, ManualClock, ResourceIssuer};
use kusto_ingest_core::Timestamp;

use super::Table;

pub(super) fn differences() -> Table {
    let coverage = FakeKusto::coverage();
    let verbs = coverage.refused_verbs.iter().map(|verb| format!(".{verb}"));
    let row = |what: &str, has: Vec<String>, rest: &str| vec![what.to_owned(), code(has), rest.to_owned()];
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Table {
        page: "emulator.md",
        name: "differences",
        head: &["of the service", "these", "what becomes of it"],
        rows: vec![
            row(
                "commands that begin so",
                verbs.collect(),
                "refused: `NotSupportedByEmulator`",
            ),
            row(
                "operators of queries",
                known("T | scan"),
                "all others are refused",
            ),
            row(
                "functions of queries",
                known("print geo_polygon_buffer(1)"),
                "all others are refused",
            ),
            row(
                "options of requests",
                owned(&coverage.obeyed_options),
                "all others are ignored; `GET /__emulator/notes` counts them",
            ),
        ],
        has_prose: false,
    }
}

pub(super) fn commands() -> Table {
    let mut by_verb: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for syntax in FakeKusto::coverage().commands {
        let verb = syntax.split(' ').next().unwrap_or_default();
        by_verb.entry(verb).or_default().push(syntax.to_owned());
    }
    let rows = by_verb.into_iter();
    Table {
        page: "emulator.md",
        name: "commands",
        head: &["verb", "commands"],
        rows: rows
            .map(|(verb, commands)| vec![format!("`{verb}`"), code(commands)])
            .collect(),
        has_prose: false,
    }
}

pub(super) fn faults() -> Table {
    let also = |word: &str| match word {
        "status" | "status-afterwards" => "`status`",
        "reset-after-bytes" | "response-truncated" => "`bytes`",
        "throttled" | "response-delayed" | "delay" => "`seconds`",
        _ => "",
    };
    let rows = HttpFault::WORDS.iter();
    Table {
        page: "emulator.md",
        name: "faults",
        head: &["`fault`", "also to be said", "what happens"],
        rows: rows
            .map(|word| vec![format!("`{word}`"), also(word).to_owned()])
            .collect(),
        has_prose: true,
    }
}

pub(super) fn routes() -> Table {
    let (storage, kusto): (Vec<Route>, Vec<Route>) = Route::ALL.into_iter().partition(|route| {
        matches!(
            route,
            Route::Storage(_) | Route::Properties | Route::Batch | Route::Path
        )
    });
    let row = |of: &str, routes: Vec<Route>| {
        let names = routes.iter().map(Route::to_string).collect();
        vec![of.to_owned(), code(names)]
    };
    Table {
        page: "emulator.md",
        name: "routes",
        head: &["of", "routes, in any case of letters"],
        rows: vec![row("Kusto", kusto), row("storage", storage)],
        has_prose: false,
    }
}

/// What a refusal lists.
fn known(query: &str) -> Vec<String> {
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let kusto = FakeKusto::new(clock, ResourceIssuer::hosts()).expect("it issues");
    let database = "NetDefaultDB".try_into().expect("a name");
    let answer = block_on(kusto.query(&database, query, &RequestProperties::new()));
    let error = answer.expect_err("the service has it, and the emulator has not");
    assert_eq!(error.code(), Some("NotSupportedByEmulator"));
    let told = error.reason().unwrap_or_default();
    let (_, listed) = told.split_once("known are ").unwrap_or_else(|| panic!("{told}"));
    listed
        .split([',', '·'])
        .map(|name| name.trim().to_owned())
        .collect()
}

/// Names as code, in a cell of a table.
fn code(names: Vec<String>) -> String {
    let cells = names.iter().map(|name| format!("`{}`", name.replace('|', "\\|")));
    cells.collect::<Vec<_>>().join(" · ")
}
