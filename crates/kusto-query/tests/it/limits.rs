//! No query runs away, whatever it asks for.

use kusto_ingest_core::{Error, ErrorKind, Timestamp};
use kusto_query::{QueryLimits, QueryOptions, query};

use crate::world::World;

fn refused(text: &str, limits: QueryLimits) -> Error {
    let options = QueryOptions::new("Samples", Timestamp::UNIX_EPOCH).with_limits(limits);
    query(text, &World::new(), &options, &|| false).expect_err(text)
}

fn reason(error: &Error) -> &str {
    error.reason().unwrap_or_default()
}

#[test]
fn steps_are_counted_in_every_operator() {
    let limits = QueryLimits::default().with_max_steps(100_000);
    for text in [
        "range a from 1 to 1000000000000 step 1 | count",
        "range a from 0.0 to 1e300 step 1.0 | count",
        "range a from 1 to 1000 step 1 | extend k = 1 | join kind=inner (range b from 1 to 1000 step 1 | extend k = 1) on k | count",
        "print a = range(1, 100000) | mv-expand a | mv-expand b = a | extend c = a | count",
        "let t = range a from 1 to 10000 step 1; t | union t, t, t, t, t, t, t, t, t, t, t | count",
    ] {
        let error = refused(text, limits);
        assert_eq!(
            (error.code(), error.kind()),
            (Some("LimitsExceeded"), ErrorKind::Rejected),
            "{text}"
        );
        assert!(reason(&error).contains("E_RUNAWAY_QUERY"), "{text}: {error}");
    }
}

#[test]
fn memory_is_counted_wherever_rows_are_held() {
    let limits = QueryLimits::default().with_max_memory_bytes(100_000);
    for text in [
        "range a from 1 to 10000 step 1",
        "range a from 1 to 10000 step 1 | order by a desc | take 1",
        "range a from 1 to 10000 step 1 | summarize by a | count",
        "range a from 1 to 10000 step 1 | summarize make_list(a) | count",
        "range a from 1 to 10000 step 1 | summarize dcount(a)",
        "range a from 1 to 1 step 1 | join (range a from 1 to 10000 step 1) on a",
        "let m = materialize(range a from 1 to 10000 step 1); m | count",
        "range a from 1 to 10000 step 1 | serialize n = row_number() | count",
        "print x = strrep('a', 1000) | extend x = strcat(x, x, x, x, x, x, x, x) | extend x = strcat(x, x, x, x, x, x, x, x) \
         | extend x = strcat(x, x, x, x, x, x, x, x) | extend x = strcat(x, x, x, x, x, x, x, x) | project strlen(x)",
    ] {
        let error = refused(text, limits);
        assert_eq!(error.code(), Some("LimitsExceeded"), "{text}");
        assert!(
            reason(&error).contains("E_LOW_MEMORY_CONDITION"),
            "{text}: {error}"
        );
    }
}

#[test]
fn the_first_rows_of_many_are_found_in_little_memory() {
    let limits = QueryLimits::default().with_max_memory_bytes(8 << 20);
    let options = QueryOptions::new("Samples", Timestamp::UNIX_EPOCH).with_limits(limits);
    let text = "range a from 1 to 200000 step 1 | top 3 by a desc";
    let results = query(text, &World::new(), &options, &|| false).unwrap();
    assert_eq!(
        results[0].value(0, 0).map(ToString::to_string).as_deref(),
        Some("200000")
    );
}

#[test]
fn what_is_made_of_many_rows_takes_steps_in_proportion() {
    let limits = QueryLimits::default().with_max_steps(2_000_000);
    let options = QueryOptions::new("Samples", Timestamp::UNIX_EPOCH).with_limits(limits);
    let text = "range a from 1 to 60000 step 1 | extend b = strcat('a text of some length, and its number: ', a) \
         | where b has '7' | count";
    assert!(query(text, &World::new(), &options, &|| false).is_ok());
}

#[test]
fn a_query_whose_time_is_over_ends() {
    let options = QueryOptions::new("Samples", Timestamp::UNIX_EPOCH);
    let text = "range a from 1 to 1000000000000 step 1 | count";
    let error = query(text, &World::new(), &options, &|| true).unwrap_err();
    assert_eq!(
        (error.code(), error.kind()),
        (Some("RequestExecutionTimeout"), ErrorKind::Timeout)
    );
}

#[test]
fn what_is_nested_too_deep_is_refused_and_not_walked() {
    let nested = |open: &str, inner: &str, close: &str, times| {
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    let lets: String = (1..400)
        .map(|at| format!("let x{at} = x{} + 1; ", at - 1))
        .collect();
    let functions: String = (1..400)
        .map(|at| format!("let f{at} = (a:long) {{ f{}(a) + 1 }}; ", at - 1))
        .collect();
    let tables: String = (1..450)
        .map(|at| format!("let t{at} = t{} | where a > 0; ", at - 1))
        .collect();
    let doubled: String = (1..40)
        .map(|at| format!("let f{at} = (a:long) {{ f{0}(a) + f{0}(a) }}; ", at - 1))
        .collect();
    for text in [
        format!("print {}", nested("(", "1", ")", 10_000)),
        format!("print {}", nested("-", "1", "", 10_000)),
        format!("print {}", nested("strlen(", "''", ")", 10_000)),
        format!("print dynamic({})", nested("[", "1", "]", 10_000)),
        format!("print 1{}", " + 1".repeat(10_000)),
        format!("print a{}", ".b".repeat(10_000)),
        format!("T{}", " | where true".repeat(10_000)),
        nested("union (", "print 1", ")", 10_000),
        format!("let x0 = 1; {lets} print x399"),
        format!("let f0 = (a:long) {{ a }}; {functions} print f399(1)"),
        format!("let f0 = (a:long) {{ a }}; {doubled} print f39(1)"),
        format!("let t0 = print a = 1; {tables} t449"),
        "let x = 1;".repeat(10_000),
    ] {
        let error = refused(&text, QueryLimits::default());
        let shown: String = text.chars().take(60).collect();
        assert!(reason(&error).starts_with("Semantic error: "), "{shown}: {error}");
    }
}

#[test]
fn many_conditions_beside_one_another_are_no_nesting() {
    let conditions: Vec<String> = (0..5000).map(|at| format!("a == {at}")).collect();
    let text = format!(
        "datatable(a:long)[7, -1] | where {} | count",
        conditions.join(" or ")
    );
    let options = QueryOptions::new("Samples", Timestamp::UNIX_EPOCH);
    let results = query(&text, &World::new(), &options, &|| false).unwrap();
    assert_eq!(
        results[0].value(0, 0).map(ToString::to_string).as_deref(),
        Some("1")
    );
}
