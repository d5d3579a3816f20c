//! Ingest commands: at once, inline, and asynchronous.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kusto_endpoint::Table;
use kusto_ingest_compression::testing::gzip;
use kusto_ingest_core::{ErrorKind, Result};
use serde_json::json;

use super::world::World;

const NIL: &str = "00000000-0000-0000-0000-000000000000";

impl World {
    /// The literal for a blob of these bytes.
    fn literal(&self, name: &str, bytes: &'static str) -> String {
        format!("h@'{}'", self.blob(name, bytes).uri().expose())
    }
}

fn text<'a>(table: &'a Table, row: usize, column: &str) -> &'a str {
    table
        .value(row, column)
        .and_then(|value| value.as_str())
        .expect("a text")
}

fn code(result: Result<Table>) -> String {
    result
        .expect_err("it is refused")
        .code()
        .expect("the service has a word")
        .to_owned()
}

#[test]
fn blobs_are_loaded_before_the_answer_which_names_an_extent_for_each() {
    let world = World::new("a:long");
    let (one, two) = (world.literal("1.csv", "1\n"), world.literal("2.csv", "2\n3\n"));
    let answer = world
        .run(&format!(
            ".ingest into table T ({one}, {two}) with (tags='[\"x\",\"drop-by:y\"]')"
        ))
        .expect("loaded");
    assert_eq!(answer.rows.len(), 2);
    assert!(text(&answer, 1, "ItemLoaded").ends_with("/2.csv"), "{answer:?}");
    let extents = world.kusto.extents(&world.database, &world.table);
    let ids: Vec<_> = extents.iter().map(|extent| extent.id.to_string()).collect();
    assert_eq!(ids, [text(&answer, 0, "ExtentId"), text(&answer, 1, "ExtentId")]);
    assert_eq!(extents[0].tags, ["x", "drop-by:y"]);
    assert_eq!(world.kusto.rows(&world.database, &world.table).len(), 3);
}

#[test]
fn what_was_ingested_by_its_tag_gives_one_row_without_extent() {
    let world = World::new("a:long");
    let blob = world.literal("1.csv", "1\n");
    let command =
        format!(".ingest into table T ({blob}) with (tags='[\"ingest-by:x\"]', ingestIfNotExists='[\"x\"]')");
    world.run(&command).expect("loaded");
    let again = world.run(&command).expect("skipped");
    assert_eq!(again.rows.len(), 1);
    assert_eq!(text(&again, 0, "ExtentId"), NIL);
    assert_eq!(again.value(0, "HasErrors"), Some(&json!(false)));
    assert_eq!(world.kusto.rows(&world.database, &world.table).len(), 1);
}

#[test]
fn a_stream_of_old_times_is_csv_in_base64_plain_or_gzipped() {
    let world = World::new("a:long, b:string");
    let packed = STANDARD.encode(gzip("2,y\n"));
    let plain = STANDARD.encode("1,x\n");
    for command in [
        format!(".ingest csv stream into table T {plain}"),
        format!(".ingest compressed csv stream into table T [{packed}]"),
        format!(".ingest csv stream into T with (tags='[\"x\"]') <|\n{plain}\n"),
    ] {
        let answer = world.run(&command).expect(&command);
        assert_ne!(text(&answer, 0, "ExtentId"), NIL);
    }
    assert_eq!(world.rows(), ["1|x", "2|y", "1|x"]);
    for refused in ["no base64!", "", "[]"] {
        let command = format!(".ingest csv stream into table T {refused}");
        assert_eq!(code(world.run(&command)), "BadRequest_SyntaxError", "{command}");
    }
    assert_eq!(world.rows().len(), 3);
}

#[test]
fn inline_data_is_loaded_under_the_properties_of_its_command() {
    let world = World::new("a:long, b:string");
    let answer = world
        .run(".ingest inline into table T with (format='csv', ignoreFirstRecord=true) <|\na,b\n1, x // y\n")
        .expect("loaded");
    assert_eq!(answer.columns.len(), 1);
    let rows = world.query("T").expect("a table").rows;
    assert_eq!(rows, [[json!(1), json!(" x // y")]]);
    world.run(".ingest inline into table T [2,z]").expect("loaded");
    assert_eq!(world.query("T").expect("a table").rows.len(), 2);
}

#[test]
fn older_names_of_mappings_are_read() {
    let world = World::new("a:long, b:long");
    let blob = world.literal("1.csv", "1,2\n");
    let mapping = r#"csvMapping='[{"Name":"b","Ordinal":0}]'"#;
    world
        .run(&format!(".ingest into table T ({blob}) with ({mapping})"))
        .expect("loaded");
    assert_eq!(world.query("T").expect("a table").rows, [[json!(null), json!(1)]]);
}

#[test]
fn a_failing_source_among_others_is_told_in_its_row_and_among_the_failures() {
    let world = World::new("a:long");
    let one = world.literal("1.csv", "1\n");
    let gone = one.replace("1.csv", "gone.csv");
    let answer = world
        .run(&format!(".ingest into table T ({one},{gone})"))
        .expect("half of it");
    assert_eq!(answer.value(1, "HasErrors"), Some(&json!(true)));
    let operation = text(&answer, 1, "OperationId");
    let failures = world
        .run(&format!(
            ".show ingestion failures with (OperationId={operation})"
        ))
        .expect("failures");
    assert_eq!(failures.rows.len(), 1);
    assert!(text(&failures, 0, "IngestionSourcePath").ends_with("/gone.csv"));
    assert_eq!(text(&failures, 0, "ErrorCode"), "Download_SourceNotFound");
    assert!(
        !format!("{answer:?} {failures:?}").contains("sig="),
        "{failures:?}"
    );
    let other = ".show ingestion failures with (OperationId='11111111-1111-4111-8111-111111111111')";
    assert!(world.run(other).expect("none").rows.is_empty());
}

#[test]
fn a_command_that_loads_nothing_is_refused() {
    let world = World::new("a:long");
    let one = world.literal("1.csv", "1\n");
    for (command, expect) in [
        (
            format!(".ingest into table T ({})", one.replace("1.csv", "gone.csv")),
            "Download_SourceNotFound",
        ),
        (
            format!(".ingest into table U ({one})"),
            "BadRequest_TableNotExist",
        ),
        (
            format!(".ingest async into table U ({one})"),
            "BadRequest_TableNotExist",
        ),
        (
            format!(".ingest into table T ({one}) with (format='x')"),
            "BadRequest_FormatNotSupported",
        ),
        (
            format!(".ingest into table T ({one}) with (ingestionMappingReference='m')"),
            "BadRequest_MappingReferenceWasNotFound",
        ),
        (".ingest into table T".to_owned(), "BadRequest_SyntaxError"),
    ] {
        let refused = world.run(&command);
        assert_eq!(
            refused.as_ref().err().and_then(|error| error.http_status()),
            Some(400),
            "{command}"
        );
        assert_eq!(code(refused), expect);
    }
    assert!(world.kusto.rows(&world.database, &world.table).is_empty());
}

#[test]
fn an_asynchronous_command_runs_when_its_operation_is_asked_for() {
    let world = World::new("a:long");
    let one = world.literal("1.csv", "1\n");
    world.kusto.pause_ingestion();
    let begun = world
        .run(&format!(".ingest async into table T ({one})"))
        .expect("an operation");
    let id = text(&begun, 0, "OperationId");
    let show = format!(".show operations {id}");
    let held = world.run(&show).expect("an operation");
    assert_eq!(text(&held, 0, "State"), "Scheduled");
    assert!(world.kusto.rows(&world.database, &world.table).is_empty());
    world.kusto.resume_ingestion();
    assert_eq!(
        text(&world.run(&show).expect("an operation"), 0, "State"),
        "Completed"
    );
    assert_eq!(world.kusto.rows(&world.database, &world.table).len(), 1);
    let several = world
        .run(&format!(".show operations ({id}, guid({NIL}))"))
        .expect("operations");
    assert_eq!(several.rows.len(), 1);
}

#[test]
fn operations_end_by_what_became_of_their_sources() {
    let world = World::new("a:long");
    let one = world.literal("1.csv", "1\n");
    let gone = one.replace("1.csv", "gone.csv");
    let tags = "with (tags='[\"ingest-by:x\"]', ingestIfNotExists='[\"x\"]')";
    for (sources, expect) in [
        (format!("({one}) {tags}"), "Completed"),
        (format!("({one}) {tags}"), "Skipped"),
        (format!("({one},{gone})"), "PartiallySucceeded"),
        (format!("({gone})"), "Failed"),
    ] {
        let begun = world
            .run(&format!(".ingest async into table T {sources}"))
            .expect("an operation");
        assert_eq!(world.kusto.drain(), 1);
        let shown = world.run(&format!(".show operations {}", text(&begun, 0, "OperationId")));
        assert_eq!(text(&shown.expect("an operation"), 0, "State"), expect);
    }
    assert_eq!(world.run(".show operations").expect("all").rows.len(), 4);
    assert_eq!(world.run(".show ingestion failures").expect("all").rows.len(), 2);
    let unknown = world.run(".show operations 11111111-1111-4111-8111-111111111111");
    assert!(unknown.expect("none").rows.is_empty());
    assert_eq!(
        world.run(".show operations (").expect_err("no identity").kind(),
        ErrorKind::Rejected
    );
}
