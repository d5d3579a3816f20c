//! Options of operators: those that are known, and all others.

use crate::world::{World, ask};

#[test]
fn an_option_that_an_operator_does_not_have_is_a_syntax_error_that_lists_those_it_has() {
    for (operators, place, known) in [
        (
            "join knid=leftouter (States) on State",
            "[1,15]",
            "an option of join (kind, hint.…)",
        ),
        (
            "join hint.strategy=shuffle knid=inner (States) on State",
            "[1,37]",
            "an option of join (kind, hint.…)",
        ),
        (
            "lookup knid=inner (States) on State",
            "[1,17]",
            "an option of lookup (kind, hint.…)",
        ),
        (
            "union fuzy=true States",
            "[1,16]",
            "an option of union (kind, withsource, with_source, isfuzzy, hint.…)",
        ),
        ("sort foo=bar by Id", "[1,15]", "an option of sort (hint.…)"),
        ("order foo=bar by Id", "[1,16]", "an option of sort (hint.…)"),
        (
            "parse flags=abc State with *",
            "[1,16]",
            "an option of parse (kind, hint.…)",
        ),
        (
            "parse-where flags=abc State with *",
            "[1,22]",
            "an option of parse (kind, hint.…)",
        ),
        ("as foo=bar X", "[1,13]", "an option of as (hint.…)"),
        (
            "consume foo=bar",
            "[1,18]",
            "an option of consume (decodeblocks, hint.…)",
        ),
    ] {
        let text = format!("Storms | {operators}");
        let error = ask(&World::new(), &text).expect_err(&text);
        let reason = error.reason().unwrap_or_default();
        assert_eq!(error.code(), Some("BadRequest_SyntaxError"), "{text}: {reason}");
        assert!(
            reason.contains(place) && reason.ends_with(known),
            "{text}: {reason}"
        );
    }
}

#[test]
fn a_value_that_an_option_does_not_have_is_a_syntax_error_that_lists_those_it_has() {
    for (operators, known) in [
        (
            "join kind=lefouter (States) on State",
            "a kind of join: inner, innerunique, leftouter",
        ),
        (
            "lookup kind=rightouter (States) on State",
            "a kind of lookup: leftouter, inner",
        ),
        ("union kind=full States", "a kind of union: inner, outer"),
        ("union isfuzzy=maybe States", "a bool: true, false"),
        ("mv-expand kind=foo Details", "how bags are expanded: bag, array"),
        (
            "mv-expand bagexpansion=foo Details",
            "how bags are expanded: bag, array",
        ),
        (
            "parse kind=strict State with *",
            "a kind of parse: simple, relaxed",
        ),
        ("join hint.strategy= (States) on State", "the value of an option"),
    ] {
        let text = format!("Storms | {operators}");
        let error = ask(&World::new(), &text).expect_err(&text);
        let reason = error.reason().unwrap_or_default();
        assert_eq!(error.code(), Some("BadRequest_SyntaxError"), "{text}: {reason}");
        assert!(reason.contains(known), "{text}: {reason}");
    }
}

#[test]
fn hints_and_known_options_stand_wherever_they_may() {
    for operators in [
        "join hint.strategy=shuffle hint.shufflekey=State kind=inner (States) on State",
        "lookup hint.remote=auto kind=inner (States) on State",
        "union hint.concurrency=2 kind=outer isfuzzy=false withsource=From States",
        "summarize hint.num_partitions=4 count() by State",
        "distinct hint.strategy=shuffle State",
        "sort hint.strategy=shuffle by Id",
        "mv-expand hint.strategy=shuffle bagexpansion=bag with_itemindex=at Details",
        "mv-expand x = Details",
        "as hint.materialized=true X",
        "consume decodeblocks=true",
        "parse-where kind=relaxed State with *",
    ] {
        let text = format!("Storms | {operators}");
        let outcome = ask(&World::new(), &text);
        assert!(outcome.is_ok(), "{text}: {outcome:?}");
    }
}
