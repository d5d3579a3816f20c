//! The conformance case K55, with texts made up by chance.

use std::collections::BTreeMap;

use kusto_connection::{ConnectionString, Keyword};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed};

use crate::property;

/// The same texts every time, so that a failure is a failure of the change at hand.
fn config() -> Config {
    Config {
        cases: 1_000,
        rng_seed: RngSeed::Fixed(55),
        failure_persistence: None,
        ..Config::default()
    }
}

/// What texts consist of that are nearly connection strings.
const PIECES: [&str; 36] = [
    ";",
    ";",
    ";",
    "=",
    "=",
    "\"",
    "\"\"",
    "'",
    "''",
    " ",
    "\t",
    "\n",
    "\u{a0}",
    "é",
    "%20",
    "%",
    "\\",
    "@",
    "/",
    "//",
    "://",
    "https://",
    "http://",
    "?",
    "#",
    "[::1]",
    "127.0.0.1",
    "ingest-",
    "h.kusto.windows.net",
    ":8080",
    "Fed",
    "true",
    "AppKey",
    "Initial Catalog",
    "Data Source",
    "user id",
];

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        vec(select(PIECES.as_slice()), 1..6).prop_map(|pieces| pieces.concat()),
        "[;=\"' a-z]{1,12}",
    ]
    .prop_filter("an empty value means not set", |value| !value.is_empty())
}

fn texts() -> impl Strategy<Value = BTreeMap<Keyword, String>> {
    let settable =
        |keyword: &Keyword| keyword.is_supported() && !keyword.is_flag() && *keyword != Keyword::DataSource;
    let keywords: Vec<Keyword> = Keyword::all().filter(settable).collect();
    btree_map(select(keywords), value(), 0..8)
}

/// A value between quotes of either kind.
fn quoted(value: &str, quote: char) -> String {
    let doubled = value.replace(quote, &format!("{quote}{quote}"));
    format!("{quote}{doubled}{quote}")
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn s01_k55_any_text_is_refused_or_read_and_rendered_alike(text in any::<String>()) {
        property::holds_for(&text);
        property::holds_for(&format!("h.kusto.windows.net;{text}"));
    }

    #[test]
    fn s01_k55_any_heap_of_pieces_is_refused_or_read_and_rendered_alike(
        pieces in vec(select(PIECES.as_slice()), 0..16),
    ) {
        property::holds_for(&pieces.concat());
        property::holds_for(&format!("https://h.kusto.windows.net/{}", pieces.concat()));
    }

    #[test]
    fn s01_k55_quoted_values_are_read_as_they_are_written(values in texts(), quotes in any::<[bool; 8]>()) {
        let mut text = "https://h.kusto.windows.net".to_owned();
        for ((keyword, value), single) in values.iter().zip(quotes) {
            text += &format!(" ; {keyword} = {}", quoted(value, if single { '\'' } else { '"' }));
        }
        let connection = ConnectionString::parse(&text).expect("a connection string");
        for keyword in Keyword::all() {
            let secret = connection.secret(keyword).map(|secret| secret.expose());
            prop_assert_eq!(secret.or(connection.text(keyword)), values.get(&keyword).map(String::as_str));
        }
        property::holds_for(&text);
    }

    #[test]
    fn s01_k55_path_becomes_the_database_and_stays_it(path in "[^/?#\\\\]{1,12}") {
        property::holds_for(&format!("h.kusto.windows.net/{path}"));
    }

    #[test]
    fn secret_that_is_not_quoted_is_never_shown_by_an_error(
        keyword in any::<Index>(),
        pieces in vec(select(["c4n4ry", "c4n4ry", ";", "=", "\"", "'", " "].as_slice()), 1..12),
    ) {
        let secrets: Vec<Keyword> = Keyword::all().filter(|it| it.is_secret() && it.is_supported()).collect();
        let text = format!("h.kusto.windows.net;{}={}", keyword.get(&secrets), pieces.concat());
        if let Err(error) = ConnectionString::parse(&text) {
            let shown = format!("{error} {error:?}");
            prop_assert!(!shown.contains("c4n4ry"));
        }
    }
}
