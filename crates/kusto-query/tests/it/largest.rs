//! What a function gives has a size, and a query that wants more ends with an error.

use kusto_ingest_core::Timestamp;
use kusto_query::{QueryLimits, QueryOptions, query};

use crate::world::{World, ask};

/// So many times one thing, with commas between.
fn many(times: usize, one: &str) -> String {
    vec![one; times].join(",")
}

/// A row with `k`, a text of 1 KiB, and `m`, one of a MiB.
fn texts() -> String {
    format!(
        "print k = strrep('a', 1024) | extend m = strcat({})",
        many(1024, "k")
    )
}

/// Asks for a value that a function cannot give.
fn refused(value: &str, function: &str, limit: &str) {
    let text = format!("{} | project strlen(tostring({value}))", texts());
    let error = ask(&World::new(), &text).expect_err(function);
    let reason = error.reason().unwrap_or_default();
    assert_eq!(error.code(), Some("LimitsExceeded"), "{function}: {reason}");
    let limit = format!("what '{function}' gives would {limit}");
    assert!(reason.ends_with(&limit), "{function}: {reason}");
}

const TOO_LARGE: &str = "be larger than 16 MiB";
const TOO_MANY: &str = "have more than 1048576 elements";

#[test]
fn a_text_that_would_be_too_long_ends_the_query_and_is_never_made() {
    for (value, function) in [
        (format!("strcat({})", many(17, "m")), "strcat"),
        (format!("strcat({})", many(4096, "m")), "strcat"),
        (format!("strcat_delim(m, {})", many(9, "m")), "strcat_delim"),
        ("strcat_array(repeat(m, 17), '')".to_owned(), "strcat_array"),
        ("strrep(m, 17)".to_owned(), "strrep"),
    ] {
        refused(&value, function, TOO_LARGE);
    }
    let longest = format!("{} | project strlen(strcat({}))", texts(), many(16, "m"));
    let results = ask(&World::new(), &longest).unwrap();
    let length = (16 << 20).to_string();
    assert_eq!(results[0].value(0, 0).unwrap().to_string(), length);
}

#[test]
fn a_text_that_would_grow_too_long_where_pieces_are_replaced_ends_the_query() {
    for (value, function) in [
        ("replace_string(m, 'aa', strcat(k, k))", "replace_string"),
        (
            "replace_strings(m, dynamic(['aa']), pack_array(strcat(k, k)))",
            "replace_strings",
        ),
        ("replace_regex(m, 'a', strcat(k, k))", "replace_regex"),
        (r"replace_regex(m, 'a+', strrep(@'\0', 17))", "replace_regex"),
    ] {
        refused(value, function, TOO_LARGE);
    }
}

#[test]
fn a_text_of_too_many_letters_ends_the_query() {
    let text = format!(
        "print r = repeat(97, 1048576) | project make_string({})",
        many(17, "r")
    );
    let error = ask(&World::new(), &text).unwrap_err();
    let reason = error.reason().unwrap_or_default();
    assert!(reason.contains("'unicode_codepoints_to_string'"), "{reason}");
}

#[test]
fn an_array_that_would_have_too_many_elements_ends_the_query() {
    for (value, function) in [
        ("repeat(1, 1000000000)", "repeat"),
        ("array_concat(repeat(1, 1048576), dynamic([1]))", "array_concat"),
        ("zip(repeat(1, 600000), dynamic([1]))", "zip"),
    ] {
        refused(value, function, TOO_MANY);
    }
    let results = ask(&World::new(), "print array_length(repeat(1, 1048576))").unwrap();
    assert_eq!(results[0].value(0, 0).unwrap().to_string(), "1048576");
}

#[test]
fn a_text_of_too_many_pieces_is_not_taken_apart() {
    for (value, function) in [
        ("split(strcat(m, m), 'a')", "split"),
        ("to_utf8(strcat(m, m))", "unicode_codepoints_from_string"),
        ("base64_decode_toarray(strcat(m, m))", "base64_decode_toarray"),
    ] {
        refused(value, function, TOO_MANY);
    }
}

#[test]
fn what_arrays_share_counts_in_each_of_them() {
    for (step, function) in [
        ("pack_array(s, s)", "pack_array"),
        ("bag_pack('a', s, 'b', s)", "bag_pack"),
        ("array_concat(pack_array(s), pack_array(s))", "array_concat"),
    ] {
        let text = format!(
            "print s = dynamic([1]){} | project tostring(s)",
            format!(" | extend s = {step}").repeat(60)
        );
        let reason = ask(&World::new(), &text)
            .expect_err(step)
            .reason()
            .unwrap_or_default()
            .to_owned();
        let limit = format!("what '{function}' gives would be larger than 64 MiB");
        assert!(reason.ends_with(&limit), "{step}: {reason}");
    }
    let few = format!(
        "print s = dynamic([1]){} | project strlen(tostring(s))",
        " | extend s = pack_array(s, s)".repeat(10)
    );
    let results = ask(&World::new(), &few).unwrap();
    assert_eq!(results[0].value(0, 0).unwrap().to_string(), "6141");
}

#[test]
fn the_columns_that_are_worked_out_at_once_are_counted_together() {
    let limits = QueryLimits::default().with_max_memory_bytes(4 << 20);
    let options = QueryOptions::new("Samples", Timestamp::UNIX_EPOCH).with_limits(limits);
    for (of, count) in [
        ("strcat(x, ' text of row ', ", 20),
        ("abs(x + ", 100),
        ("tostring(x + ", 20),
    ] {
        let ask = |count: usize| {
            let columns: Vec<String> = (0..count).map(|at| format!("c{at} = {of}{at})")).collect();
            let columns = columns.join(",");
            let text = format!("range x from 1 to 4000 step 1 | extend {columns} | summarize take_any(*)");
            query(&text, &World::new(), &options, &|| false)
        };
        let error = ask(count).expect_err(of);
        let reason = error.reason().unwrap_or_default();
        assert!(reason.contains("E_LOW_MEMORY_CONDITION"), "{of}: {reason}");
        assert!(ask(2).is_ok(), "{of}");
    }
}

#[test]
fn the_columns_of_joins_expansions_and_windows_are_counted() {
    let limits = QueryLimits::default().with_max_memory_bytes(2 << 20);
    let options = QueryOptions::new("Samples", Timestamp::UNIX_EPOCH).with_limits(limits);
    let columns: Vec<String> = (0..100).map(|at| format!("c{at} = {at}")).collect();
    let wide = format!("print k = 1, {}", columns.join(", "));
    let windows: Vec<String> = (0..100).map(|at| format!("w{at} = row_number({at})")).collect();
    for text in [
        format!("range x from 1 to 4000 step 1 | extend k = 1 | join kind=inner ({wide}) on k | take 1"),
        format!("{wide} | extend a = repeat(1, 4000) | mv-expand a | take 1"),
        format!(
            "range x from 1 to 4000 step 1 | serialize {} | take 1",
            windows.join(", ")
        ),
    ] {
        let error = query(&text, &World::new(), &options, &|| false).expect_err(&text);
        let reason = error.reason().unwrap_or_default();
        assert!(reason.contains("E_LOW_MEMORY_CONDITION"), "{text:.60}: {reason}");
    }
}

#[test]
fn what_was_worked_out_for_other_rows_counts_no_more() {
    let limits = QueryLimits::default().with_max_memory_bytes(8 << 20);
    let options = QueryOptions::new("Samples", Timestamp::UNIX_EPOCH).with_limits(limits);
    for text in [
        "range x from 1 to 300000 step 1 | where x * 2 > 0 | count",
        "range x from 1 to 300000 step 1 | summarize sum(x * 2)",
        "range x from 1 to 300000 step 1 | extend y = x % 3 | join kind=leftsemi (print y = 7) on y | count",
        "range x from 1 to 300000 step 1 | top 2 by x * 2",
    ] {
        let outcome = query(text, &World::new(), &options, &|| false);
        assert!(outcome.is_ok(), "{text}: {outcome:?}");
    }
}

#[test]
fn a_length_of_time_is_written_with_as_many_digits_as_its_format_has() {
    let text = "print strlen(format_timespan(1d, strrep(strrep('d', 1000), 70)))";
    let results = ask(&World::new(), text).unwrap();
    assert_eq!(results[0].value(0, 0).unwrap().to_string(), "70000");
}
