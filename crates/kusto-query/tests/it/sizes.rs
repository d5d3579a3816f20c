//! No text grows behind its names into more than there may be.

use std::cell::Cell;
use std::sync::Arc;

use kusto_ingest_core::{ErrorKind, Timestamp};
use kusto_query::{QueryLimits, QueryOptions, StoredFunction, TableData, Tables, query};

use crate::world::{World, ask};

/// Statements each of which names the one before it: `let a1=…a0…;let a2=…a1…;`
fn chain(first: &str, links: usize, next: impl Fn(&str) -> String) -> String {
    let links = (1..=links).map(|at| format!("let a{at}={};", next(&format!("a{}", at - 1))));
    format!("let a0={first};{}", links.collect::<String>())
}

fn refused(text: &str) -> String {
    let error = ask(&World::new(), text).expect_err("it is too large");
    assert_eq!(error.kind(), ErrorKind::Rejected, "{error}");
    error.reason().unwrap_or_default().to_owned()
}

#[test]
fn what_names_stand_for_counts_each_time_that_they_are_named() {
    let doubled = |links| chain("1", links, |name| format!("{name}+{name}"));
    let halves = (0..40).fold("true".to_owned(), |value, _| {
        format!("{value} between (false..true)")
    });
    for text in [
        format!("{} print a22", doubled(22)),
        format!("{} print {}", doubled(15), vec!["a15"; 20].join(",")),
        format!(
            "{} print a15 | where a15 in ({})",
            doubled(15),
            vec!["a15"; 20].join(",")
        ),
        format!(
            "{} print s='' | parse strcat(a15, s) with {}",
            doubled(15),
            (0..20).map(|at| format!("x{at} ',' ")).collect::<String>()
        ),
        format!("print {halves}"),
    ] {
        let reason = refused(&text);
        assert!(
            reason.contains("more than 200000 expressions"),
            "{text:.60}: {reason}"
        );
    }
    let results = ask(&World::new(), &format!("{} print a12", doubled(12))).unwrap();
    assert_eq!(results[0].value(0, 0).unwrap().to_string(), "4096");
}

#[test]
fn tables_that_double_are_refused_before_any_is_opened() {
    let union = |links| chain("print x=1", links, |name| format!("union {name},{name}"));
    let filtered = chain("print x=1", 22, |name| {
        format!("{name} | union (({name} | where x > 0))")
    });
    for text in [
        format!("{} a22 | count", union(22)),
        format!("{filtered} a22 | count"),
    ] {
        let reason = refused(&text);
        assert!(reason.contains("larger than 2000000"), "{text:.60}: {reason}");
    }
    let results = ask(&World::new(), &format!("{} a9 | count", union(9))).unwrap();
    assert_eq!(results[0].value(0, 0).unwrap().to_string(), "512");
    // What is worked out once may be named as often as one likes.
    let once = chain("print x=1", 40, |name| {
        format!("materialize(union {name},{name} | summarize x=sum(x))")
    });
    let results = ask(&World::new(), &format!("{once} a40")).unwrap();
    assert_eq!(
        results[0].value(0, 0).unwrap().to_string(),
        (1_i64 << 40).to_string()
    );
}

#[test]
fn what_there_is_to_open_takes_steps_and_time() {
    let text = format!(
        "{} a16 | count",
        chain("print x=1", 16, |name| format!("union {name},{name}"))
    );
    let options = QueryOptions::new("Samples", Timestamp::UNIX_EPOCH);
    let error = query(&text, &World::new(), &options, &|| true).unwrap_err();
    assert_eq!(error.code(), Some("RequestExecutionTimeout"), "{error}");
    let options = options.with_limits(QueryLimits::default().with_max_steps(200_000));
    let error = query(&text, &World::new(), &options, &|| false).unwrap_err();
    assert_eq!(error.code(), Some("LimitsExceeded"), "{error}");
}

#[test]
fn what_lies_deep_behind_names_is_refused_wherever_a_value_is_wanted() {
    let deep = chain("1", 150, |name| format!("{name}{}", "+1".repeat(100)));
    for query in [
        "print a150",
        "range x from 1 to a150 step 1",
        "print 1 | take a150",
        "print dynamic([1])[a150]",
    ] {
        let reason = refused(&format!("{deep} {query}"));
        assert!(
            reason.contains("nested deeper than 400 levels"),
            "{query}: {reason}"
        );
    }
}

#[test]
fn a_table_has_no_more_than_ten_thousand_columns() {
    let columns =
        |count: usize, each: fn(usize) -> String| (0..count).map(each).collect::<Vec<_>>().join(",");
    let joined = chain("print x=1", 22, |name| format!("{name} | join {name} on x"));
    for text in [
        format!("print {}", columns(10_001, |_| "1".to_owned())),
        format!("print a=1 | extend {}", columns(10_001, |_| "1".to_owned())),
        format!("datatable({})[]", columns(10_001, |at| format!("c{at}:long"))),
        format!("{joined} a22 | count"),
    ] {
        let reason = refused(&text);
        assert!(reason.contains("more than 10000 columns"), "{text:.60}: {reason}");
    }
    let results = ask(
        &World::new(),
        &format!("print {}", columns(2_000, |_| "1".to_owned())),
    )
    .unwrap();
    assert_eq!(results[0].columns().len(), 2_000);
}

/// A table of so many columns and no rows.
fn wide(count: usize) -> String {
    let columns: Vec<String> = (0..count).map(|at| format!("c{at}:long")).collect();
    format!("let t = datatable({})[];", columns.join(","))
}

#[test]
fn stars_and_what_packs_all_columns_count_as_many() {
    let wide = wide(1_000);
    for (operators, why) in [
        (format!("t | project {}", ["*"; 11].join(",")), "10000 columns"),
        (format!("t | distinct {}", ["*"; 11].join(",")), "10000 columns"),
        (
            format!("t | summarize {}", ["arg_max(c0, *)"; 11].join(",")),
            "10000 columns",
        ),
        (
            format!("t | extend {}", vec!["pack_all()"; 101].join(",")),
            "200000 expressions",
        ),
    ] {
        let reason = refused(&format!("{wide} {operators}"));
        assert!(reason.contains(why), "{operators:.40}: {reason}");
    }
}

#[test]
fn the_columns_of_every_operator_and_of_every_table_of_a_union_count_as_held() {
    let limits = QueryLimits::default().with_max_memory_bytes(1 << 20);
    let options = QueryOptions::new("Samples", Timestamp::UNIX_EPOCH).with_limits(limits);
    for operators in [
        format!("t {}", " | where true".repeat(100)),
        format!("union {}", vec!["t"; 20].join(",")),
    ] {
        let text = format!("{} {operators}", wide(1_000));
        let error = query(&text, &World::new(), &options, &|| false).expect_err(&operators);
        assert_eq!(error.code(), Some("LimitsExceeded"), "{error}");
    }
}

#[test]
fn columns_of_one_name_are_told_apart_by_their_number() {
    let text = "print project_ = 1 | project strlen_1 = 1, strlen('a'), strlen('b'), strlen('c')";
    let results = ask(&World::new(), text).unwrap();
    let names: Vec<&str> = results[0]
        .columns()
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["strlen_1", "strlen_", "strlen_2", "strlen_3"]);
}

/// A world that counts how often it is asked for a function.
struct Counting(World, Cell<u32>);

impl Tables for Counting {
    fn has_database(&self, database: &str) -> bool {
        self.0.has_database(database)
    }

    fn table(&self, database: &str, name: &str) -> Option<Arc<dyn TableData>> {
        self.0.table(database, name)
    }

    fn table_names(&self, database: &str) -> Vec<String> {
        self.0.table_names(database)
    }

    fn function(&self, database: &str, name: &str) -> Option<StoredFunction> {
        self.1.set(self.1.get() + 1);
        self.0.function(database, name)
    }
}

#[test]
fn a_function_of_the_database_is_read_once_however_often_it_is_called() {
    let world = Counting(World::new(), Cell::new(0));
    let text = format!("print {}", vec!["Twice(1)"; 50].join(","));
    let options = QueryOptions::new("Samples", Timestamp::UNIX_EPOCH);
    let results = query(&text, &world, &options, &|| false).unwrap();
    assert_eq!(results[0].value(0, 49).unwrap().to_string(), "2");
    assert_eq!(world.1.get(), 1);
}
