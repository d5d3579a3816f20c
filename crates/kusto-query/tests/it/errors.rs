//! What is refused, and in which words.

use kusto_ingest_core::{ErrorKind, Timestamp};
use kusto_query::{QueryOptions, query};
use serde_json::json;

use crate::world::{World, ask};

/// The code of an error, and its text.
fn refused(text: &str) -> (String, String) {
    let error = ask(&World::new(), text).expect_err(text);
    assert!(error.is_permanent(), "{text}");
    assert_eq!(error.http_status(), Some(400), "{text}");
    let reason = error.reason().unwrap_or_default();
    (error.code().unwrap_or_default().to_owned(), reason.to_owned())
}

#[test]
fn each_name_that_is_known_is_told_once() {
    for text in ["print geo_polygon_buffer(1)", "Storms | scan"] {
        let (_, reason) = refused(text);
        let (_, known) = reason.split_once("; known are ").expect(text);
        let mut names: Vec<&str> = known.split(", ").collect();
        let told = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), told, "{known}");
    }
}

#[test]
fn what_is_no_query_is_a_syntax_error_that_names_its_place() {
    for (text, place) in [
        ("Storms |", "[1,9]"),
        ("Storms | dance", "[1,10]"),
        ("Storms\n| where (Id == 1", "[2,17]"),
        ("Storms | where Id = 1", "[1,19]"),
        ("print 'open", "[1,7]"),
        ("print 12abc", "[1,7]"),
        ("", "[1,1]"),
        ("Storms | top 3 by Id, State", "[1,21]"),
        ("Storms | join kind=sideways States on State", "[1,20]"),
        ("datatable(a:word)[1]", "[1,13]"),
        ("print a = 1 b = 2", "[1,13]"),
    ] {
        let (code, reason) = refused(text);
        assert_eq!(code, "BadRequest_SyntaxError", "{text}: {reason}");
        assert!(
            reason.starts_with("Syntax error: ") && reason.contains(place),
            "{text}: {reason}"
        );
    }
}

#[test]
fn a_syntax_error_quotes_nothing_of_the_text() {
    let (_, reason) = refused("print h'secret' ! 'hidden'");
    assert!(
        !reason.contains("secret") && !reason.contains("hidden"),
        "{reason}"
    );
}

#[test]
fn what_names_nothing_is_a_semantic_error() {
    let world = World::new();
    for (text, name) in [
        ("Nothing", "Nothing"),
        ("Storms | where nothing == 1", "nothing"),
        ("Storms | project-away nothing", "nothing"),
        ("Storms | project-rename x = nothing", "nothing"),
        ("Storms | join States on Capital", "Capital"),
        ("database('Nowhere').T", "Nowhere"),
        ("table('Nothing')", "Nothing"),
        ("Storms | extend x = 1, y = x", "x"),
        ("Storms | summarize x = sum(Damage) + Id", "Id"),
    ] {
        let error = ask(&world, text).expect_err(text);
        let reason = error.reason().unwrap_or_default();
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::NotFound, Some("General_BadRequest")),
            "{text}"
        );
        assert!(
            reason.starts_with("Semantic error: SEM0100: "),
            "{text}: {reason}"
        );
        assert!(reason.ends_with(&format!("named '{name}'")), "{text}: {reason}");
    }
}

#[test]
fn what_means_nothing_is_a_semantic_error_that_says_why() {
    for (text, why) in [
        ("print foo(1)", "Unknown function: 'foo'"),
        ("print strlen(1, 2)", "expects 1 arguments"),
        ("print strlen(1)", "A value of type string or dynamic expected"),
        (
            "print 1 + 'a'",
            "'+' is not defined for the operand types long and string",
        ),
        ("print datetime(2020-01-01) - 1", "'-' is not defined"),
        ("print 'a' < 'b'", "'<' is not defined"),
        ("print 1d > 1", "'>' is not defined"),
        ("Storms | where Id", "must have the type bool"),
        ("print a = 1, a = 2", "'a' is already declared"),
        ("Storms | project Id, Id", "'Id' is already declared"),
        ("print sum(1)", "can be called in summarize only"),
        ("Storms | summarize sum(State)", "cannot be applied to string"),
        ("print case(true, 1)", "pairs of a condition and a value"),
        ("Storms | where Id.x == 1", "has no members"),
        ("Storms | mv-expand Id", "cannot be expanded"),
        ("print row_number()", "rows are in order"),
        ("datatable(a:long, b:long)[1]", "do not fill rows"),
        (
            "Storms | join (States) on $left.State < $right.State",
            "only names of columns",
        ),
        (
            "Storms | join (States) on $left.Id == $right.Capital",
            "cannot be compared",
        ),
        ("range a from 1 to 'x' step 1", "do not go together"),
        ("range a from 1 to 3 step 0", "range: the step is 0"),
        ("range a from 1.0 to 3.0 step 0.0", "range: the step is 0"),
        (
            "range a from datetime(2020-01-01) to datetime(2020-01-02) step 0h",
            "range: the step is 0",
        ),
        ("Storms | take 1.5", "a number of rows"),
        ("print 1 | union 5", "a scalar stands where a tabular"),
        ("print a = Storms", "a tabular expression stands where a scalar"),
        ("let a = 1;", "no tabular expression"),
        (
            "let f = (x:long) { toscalar(Storms | where Id == x | count) }; Storms | extend n = f(Id)",
            "depends on a row",
        ),
        (
            "let f = (x:datetime) { x }; print f(1)",
            "'x' is of type datetime",
        ),
        ("let f = (x:long) { x }; print f()", "lacks its argument 'x'"),
    ] {
        let (code, reason) = refused(text);
        assert_eq!(code, "General_BadRequest", "{text}: {reason}");
        assert!(
            reason.starts_with("Semantic error: ") && reason.contains(why),
            "{text}: {reason}"
        );
    }
}

#[test]
fn what_kusto_knows_and_this_crate_does_not_is_named_with_a_list_of_what_there_is() {
    for (text, name, known) in [
        (
            "Storms | make-series count() on Start step 1d",
            "'make-series'",
            "summarize",
        ),
        ("Storms | evaluate bag_unpack(Details)", "'evaluate'", "mv-expand"),
        ("search 'x'", "'search'", ""),
        ("print geo_angle(1, 2)", "'geo_angle'", "array_length"),
        ("Storms | summarize hll(Id)", "'hll'", "percentiles"),
        (
            "Storms | parse kind=regex State with '(.*)' x",
            "'regex'",
            "simple",
        ),
    ] {
        let (code, reason) = refused(text);
        assert_eq!(code, "NotSupportedByEmulator", "{text}: {reason}");
        assert!(
            reason.contains(name) && reason.contains(known),
            "{text}: {reason}"
        );
    }
}

#[test]
fn an_error_tells_where_it_is() {
    let error = ask(&World::new(), "Storms | where Id == nothing").unwrap_err();
    assert!(
        error.context().any(|place| place == ("letter", "22")),
        "{error:?}"
    );
}

#[test]
fn a_cluster_is_this_one_whatever_its_name_and_inner_unions_keep_what_all_have() {
    let rows = |text: &str| {
        let results = ask(&World::new(), text).unwrap();
        let rows = results[0]
            .rows()
            .map(|row| row.map(kusto_query::Value::to_json).collect::<Vec<_>>());
        json!(rows.collect::<Vec<_>>())
    };
    assert_eq!(
        rows("cluster('x').database('Other').['Storms'] | count"),
        json!([[2]])
    );
    let union = "datatable(a:long, b:string)[1, 'x'] | union kind=inner (datatable(a:long, c:real)[2, 3.0])";
    assert_eq!(rows(union), json!([[1], [2]]));
}

#[test]
fn parameters_have_the_values_of_the_request_in_their_types() {
    let ask = |declared: &str, given: serde_json::Value| {
        let parameters = given.as_object().cloned().unwrap();
        let options = QueryOptions::new("Samples", Timestamp::UNIX_EPOCH).with_parameters(parameters);
        let text = format!("declare query_parameters(p:{declared}); print p");
        let results = query(&text, &World::new(), &options, &|| false)?;
        Ok::<_, kusto_ingest_core::Error>(
            results[0]
                .value(0, 0)
                .map(kusto_query::Value::to_json)
                .unwrap_or_default(),
        )
    };
    for (declared, given, value) in [
        ("long", json!(5), json!(5)),
        ("long", json!("long(-7)"), json!(-7)),
        ("long", json!("-7"), json!(-7)),
        ("int", json!("12"), json!(12)),
        ("real", json!(2), json!(2.0)),
        ("bool", json!("true"), json!(true)),
        ("string", json!("plain text"), json!("plain text")),
        ("string", json!("'quoted'"), json!("quoted")),
        ("string", json!("5"), json!("5")),
        (
            "datetime",
            json!("datetime(2020-01-02)"),
            json!("2020-01-02T00:00:00.0000000Z"),
        ),
        (
            "datetime",
            json!("2020-01-02"),
            json!("2020-01-02T00:00:00.0000000Z"),
        ),
        ("timespan", json!("1h"), json!("01:00:00")),
        ("timespan", json!("time(00:05:00)"), json!("00:05:00")),
        (
            "guid",
            json!("74be27de-1e4e-49d9-b579-fe0b331d3642"),
            json!("74be27de-1e4e-49d9-b579-fe0b331d3642"),
        ),
        ("dynamic", json!("dynamic([1,{\"a\":2}])"), json!([1, {"a": 2}])),
        ("dynamic", json!({"a": [1]}), json!({"a": [1]})),
        ("decimal", json!("decimal(1.10)"), json!("1.10")),
    ] {
        assert_eq!(
            ask(declared, json!({"p": given})).unwrap(),
            value,
            "{declared} {given}"
        );
    }
    for (declared, given) in [
        ("long", json!({"p": "secret"})),
        ("datetime", json!({"p": "secret"})),
        ("long", json!({})),
    ] {
        let error = ask(declared, given).unwrap_err();
        let reason = error.reason().unwrap_or_default();
        assert!(
            reason.starts_with("Semantic error: ") && reason.contains("'p'"),
            "{reason}"
        );
        assert!(!reason.contains("secret"), "{reason}");
    }
}
