//! What holds for any text: it ends with a code, or with values of the types that its columns have.

use kusto_ingest_core::Timestamp;
use kusto_ingest_decode::ScalarType;
use kusto_query::{QueryLimits, QueryOptions, Value, query};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::corpus::cases;
use crate::world::World;

/// Pieces of queries.
const PIECES: &[&str] = &[
    "Storms",
    "States",
    "Empty",
    " | ",
    "where ",
    "extend ",
    "project ",
    "summarize ",
    " by ",
    "order by ",
    "top 3 by ",
    "take 2",
    "count",
    "distinct ",
    "join kind=inner ",
    "union ",
    "mv-expand ",
    "Id",
    "State",
    "Damage",
    "Start",
    "Details",
    "Injured",
    "x = ",
    " + ",
    " - ",
    " * ",
    " / ",
    " % ",
    " == ",
    " != ",
    " < ",
    " and ",
    " or ",
    " has ",
    " in ",
    " between ",
    "..",
    "(",
    ")",
    ",",
    "[",
    "]",
    "1",
    "0",
    "-1",
    "2.5",
    "9223372036854775807",
    "1d",
    "'a'",
    "\"TEXAS\"",
    "true",
    "null",
    "dynamic({'a':[1,2]})",
    "long(null)",
    "datetime(2007-01-02)",
    "decimal(1.5)",
    "real(nan)",
    "strcat(",
    "tostring(",
    "tolong(",
    "bin(",
    "sum(",
    "count()",
    "arg_max(",
    "*",
    "make_list(",
    "dcount(",
    "iff(",
    "case(",
    "toscalar(",
    "now()",
    "let a = ",
    ";",
    ".a",
    " on State",
    " asc",
    " desc nulls first",
];

fn check(text: &str) {
    let limits = QueryLimits::default()
        .with_max_steps(100_000)
        .with_max_memory_bytes(4 << 20);
    let options = QueryOptions::new("Samples", Timestamp::UNIX_EPOCH).with_limits(limits);
    let results = match query(text, &World::new(), &options, &|| false) {
        Ok(results) => results,
        Err(error) => {
            assert!(
                error.code().is_some() && error.reason().is_some(),
                "{text}: {error}"
            );
            return;
        }
    };
    for result in &results {
        for row in result.rows() {
            for (value, column) in row.zip(result.columns()) {
                assert!(
                    is_of(value, column.scalar_type),
                    "{text}\n{}: {value:?} is no {}",
                    column.name,
                    column.scalar_type
                );
            }
        }
    }
}

fn is_of(value: &Value, scalar_type: ScalarType) -> bool {
    match (value, scalar_type) {
        (Value::Null, of) => of != ScalarType::String,
        (_, ScalarType::Dynamic)
        | (Value::Bool(_), ScalarType::Bool)
        | (Value::Int(_), ScalarType::Int)
        | (Value::Long(_), ScalarType::Long)
        | (Value::Real(_), ScalarType::Real)
        | (Value::Decimal(_), ScalarType::Decimal)
        | (Value::DateTime(_), ScalarType::DateTime)
        | (Value::Timespan(_), ScalarType::Timespan)
        | (Value::String(_), ScalarType::String)
        | (Value::Guid(_), ScalarType::Guid) => true,
        _ => false,
    }
}

#[test]
fn every_query_of_the_corpus_gives_values_of_its_types() {
    for case in cases() {
        check(&case.query);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_ends(text in "\\PC{0,60}") {
        check(&text);
    }

    #[test]
    fn pieces_of_queries_end(pieces in vec(select(PIECES), 1..14)) {
        check(&pieces.concat());
        check(&format!("Storms | extend {}", pieces.concat()));
    }

    #[test]
    fn queries_with_a_piece_more_or_less_end(at in 0_usize..10_000, cut in 0_usize..12, piece in select(PIECES)) {
        let cases = cases();
        let query = &cases[at % cases.len()].query;
        let start = query.char_indices().map(|(place, _)| place).nth(at / 7 % query.chars().count().max(1)).unwrap_or(0);
        let end = query[start..].char_indices().map(|(place, _)| start + place).nth(cut).unwrap_or(query.len());
        check(&format!("{}{piece}{}", &query[..start], &query[end..]));
    }
}
