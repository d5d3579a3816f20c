//! `query`: values that keep their meaning.

use serde_json::{Value, json};

use crate::setup::command::run;
use crate::setup::folder::Folder;
use crate::setup::kusto::{Kusto, nowhere};

#[test]
fn every_type_keeps_its_value() {
    let folder = Folder::new("types");
    let record = r#"{"b":true,"i":-7,"l":9223372036854775807,"r":0.1,"d":"12345678901234567890.123","s":"é \"x\"","g":"74be27de-1e4e-49d9-b579-fe0b331d3642","t":"2012-01-02T03:04:05.678+02:00","p":"1.02:03:04.5","o":{"a":[1,null]}}"#;
    let file = folder.write(
        "a.json",
        format!("{record}\n{{\"r\":\"NaN\",\"l\":-9007199254740993}}\n{{\"r\":\"-Infinity\"}}\n"),
    );
    let columns = "b:bool,i:int,l:long,r:real,d:decimal,s:string,g:guid,t:datetime,p:timespan,o:dynamic";
    let kusto = Kusto::with(&[&format!("D.T({columns})")]);
    let ran = kusto.tell(&["ingest", &file, "--wait"]);
    assert_eq!(ran.code, 0, "{ran:?}");

    let json = kusto.query("D", "T");
    let types: Vec<String> = json["columns"]
        .as_array()
        .expect("there are columns")
        .iter()
        .map(|column| {
            format!(
                "{}:{}",
                column["name"].as_str().unwrap(),
                column["type"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(types.join(","), columns);
    let first = json!([
        true, -7, 9_223_372_036_854_775_807_i64, 0.1, "12345678901234567890.123", "é \"x\"",
        "74be27de-1e4e-49d9-b579-fe0b331d3642", "2012-01-02T01:04:05.678Z", "1.02:03:04.5000000",
        {"a": [1, null]}
    ]);
    assert_eq!(json["rows"][0], first);
    assert_eq!(
        (&json["rows"][1][3], &json["rows"][1][2]),
        (&json!("NaN"), &json!(-9_007_199_254_740_993_i64))
    );
    assert_eq!(json["rows"][2][3], "-Infinity");
    assert_eq!(json["rows"][2][0], Value::Null);
}

#[test]
fn text_is_a_table() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = run(&["query", "T | count", "--cluster", &kusto.cluster, "-d", "D"]);
    assert_eq!(
        (ran.code, ran.out.as_str(), ran.err.as_str()),
        (0, "Count\n    0\n", "")
    );
}

/// Rows that need care between commas and tabs.
fn kusto_with_rows(folder: &Folder) -> Kusto {
    let rows = [
        json!({"s": "a,\"b\"", "n": 1}),
        json!({"s": "x\ty\\\nz", "n": null}),
        json!({"s": "", "n": -3}),
    ];
    let rows: Vec<String> = rows.iter().map(ToString::to_string).collect();
    let file = folder.write("a.json", rows.join("\n"));
    let kusto = Kusto::with(&["D.T(['the text']:string,n:long)"]);
    let mapping = r#"[{"column":"the text","path":"$.s"},{"column":"n","path":"$.n"}]"#;
    let mapping = folder.write("m.json", mapping);
    let ran = kusto.tell(&["ingest", &file, "--wait", "--mapping-file", &mapping]);
    assert_eq!(ran.code, 0, "{ran:?}");
    kusto
}

#[test]
fn rows_are_printed_between_commas_between_tabs_and_one_value_a_line() {
    let folder = Folder::new("query_outputs");
    let kusto = kusto_with_rows(&folder);
    for (output, printed) in [
        ("csv", "the text,n\n\"a,\"\"b\"\"\",1\n\"x\ty\\\nz\",\n\"\",-3\n"),
        ("tsv", "the text\tn\na,\"b\"\t1\nx\\ty\\\\\\nz\t\n\t-3\n"),
        (
            "vertical",
            "row 1\nthe text  a,\"b\"\nn         1\n\nrow 2\nthe text  x y\\ z\nn\n\nrow 3\nthe text\nn         -3\n",
        ),
        ("text", "the text   n\na,\"b\"      1\nx y\\ z\n          -3\n"),
    ] {
        let ran = run(&[
            "query",
            "T",
            "--cluster",
            &kusto.cluster,
            "-d",
            "D",
            "--output",
            output,
        ]);
        assert_eq!(
            (ran.code, ran.out.as_str(), ran.err.as_str()),
            (0, printed, ""),
            "{output}"
        );
    }
}

#[test]
fn a_limit_of_rows_says_that_there_are_more() {
    let folder = Folder::new("query_limit");
    let kusto = kusto_with_rows(&folder);
    let query =
        |more: &[&str]| run(&[&["query", "T", "--cluster", &kusto.cluster, "-d", "D"], more].concat());
    let ran = query(&["--limit", "2", "--output", "csv"]);
    assert_eq!(ran.out.matches('\n').count(), 4, "{ran:?}");
    assert!(
        ran.err.contains("2 of 3 rows are printed; --limit 0 prints all"),
        "{ran:?}"
    );
    for all in [&["--limit", "3"][..], &["--limit", "0"], &["--output", "json"]] {
        assert_eq!(query(all).err, "", "{all:?}");
    }
}

#[test]
fn people_are_shown_a_thousand_rows_and_programs_all() {
    let folder = Folder::new("query_thousand");
    let file = folder.write("a.csv", "1\n".repeat(1001));
    let kusto = Kusto::with(&["D.T(a:long)"]);
    assert_eq!(kusto.tell(&["ingest", &file, "--wait"]).code, 0);
    let query = |output: &str| {
        run(&[
            "query",
            "T",
            "--cluster",
            &kusto.cluster,
            "-d",
            "D",
            "--output",
            output,
        ])
    };
    let people = query("text");
    assert_eq!(people.out.lines().count(), 1001);
    assert!(
        people.err.contains("1000 of 1001 rows are printed"),
        "{}",
        people.err
    );
    let programs = query("csv");
    assert_eq!((programs.out.lines().count(), programs.err.as_str()), (1002, ""));
}

#[test]
fn a_cell_of_any_length_and_of_any_script_is_printed_on_its_line() {
    let folder = Folder::new("cells");
    let long = "x".repeat(100_000);
    let record = |text: &str, number: u8| json!({"s": text, "n": number}).to_string();
    let rows = [record(&long, 1), record("日本", 2), record("a\n\u{1b}[2Jb", 3)];
    let file = folder.write("a.json", rows.join("\n"));
    let kusto = Kusto::with(&["D.T(s:string,n:long)"]);
    assert_eq!(kusto.tell(&["ingest", &file, "--wait"]).code, 0);
    let ran = run(&["query", "T", "--cluster", &kusto.cluster, "-d", "D"]);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!((ran.code, lines.len(), lines[1]), (0, 4, &*format!("{long}  1")));
    let shown: Vec<&str> = lines[2..]
        .iter()
        .filter_map(|line| line.split("  ").next())
        .collect();
    assert_eq!(shown, ["日本", "a  [2Jb".split("  ").next().unwrap_or_default()]);
    assert!(
        lines[3].starts_with("a  [2Jb  ") && !ran.out.contains('\u{1b}'),
        "{}",
        lines[3]
    );
    assert!(lines[3].len() < 300, "{}", lines[3].len());
}

#[test]
fn what_cannot_be_answered_leaves_standard_output_empty() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let nobody = nowhere();
    for (query, cluster, code) in [
        ("Missing | count", Some(&*kusto.cluster), 5),
        ("T | where a > 1", Some(&kusto.cluster), 5),
        ("", Some(&kusto.cluster), 2),
        ("T", Some("not a cluster;="), 2),
        ("T", None, 2),
        ("T", Some(&nobody), 8),
    ] {
        let cluster = cluster.map_or_else(Vec::new, |cluster| vec!["--cluster", cluster]);
        let ran = run(&[&["query", query, "-d", "D", "--output", "json"], &cluster[..]].concat());
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (code, ""),
            "{query} {cluster:?}: {ran:?}"
        );
        assert!(ran.err.starts_with("error: "), "{ran:?}");
    }
}
