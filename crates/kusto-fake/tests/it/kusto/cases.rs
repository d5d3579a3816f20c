//! Cases from the field: what people met, with the data that they met it with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kusto_ingest_core::{DataFormat, DatabaseName, IngestionMapping, MappingKind, Result, TableName};
use kusto_ingest_message::OperationStatus;
use serde_json::json;

use super::world::World;

#[test]
fn case_01_json_lines_with_single_quotes_and_comments_are_rows() {
    let world = World::new("id:int, name:string");
    let lines = "{'id': 1, 'name': 'single'}\n{\"id\": 2, \"name\": \"plain\"}\n\
        {\"id\": 3, /* why */ \"name\": \"comment\"}\n{\"id\": 4, \"name\": \"tail\"} // end\n";
    assert_eq!(
        world
            .ingest(&world.blob("in.json", lines), &world.properties())
            .rows,
        4
    );
    assert_eq!(world.rows(), ["1|single", "2|plain", "3|comment", "4|tail"]);
    assert!(world.kusto.notes().is_empty());
}

#[test]
fn case_02_text_cut_in_the_middle_of_an_emoji_keeps_the_rest_and_is_noted() {
    let world = World::new("m:string, n:int");
    world.ingest(
        &world.blob(
            "in.json",
            "{\"m\":\"cut \\ud83d\",\"n\":1}\n{\"m\":\"ok\",\"n\":2}\n",
        ),
        &world.properties(),
    );
    assert_eq!(world.rows(), ["cut \u{FFFD}|1", "ok|2"]);
    assert_eq!(world.kusto.notes()[0].reasons, [("SurrogateReplaced", 1)].into());
}

#[test]
fn case_04_a_number_beyond_a_double_leaves_the_rest_of_a_dynamic_value() {
    let world = World::new("n:int, d:dynamic");
    let lines =
        "{\"n\":1,\"d\":{\"r\":1e400,\"keep\":\"x\"}}\n{\"n\":2,\"d\":{\"r\":1e308,\"keep\":\"y\"}}\n";
    world.ingest(&world.blob("in.json", lines), &world.properties());
    let rows = world.query("T").expect("a table").rows;
    assert_eq!(
        rows,
        [
            [json!(1), json!({"r": null, "keep": "x"})],
            [json!(2), json!({"r": 1e308, "keep": "y"})]
        ]
    );
    assert_eq!(world.kusto.notes()[0].reasons, [("NumberOutOfRange", 1)].into());
}

#[test]
fn case_06_a_value_of_many_levels_is_in_the_answer() {
    let world = World::new("a:dynamic");
    let deep = format!("{{\"a\":{}{}}}\n", "[".repeat(124), "]".repeat(124));
    world.ingest(&world.blob("in.json", deep), &world.properties());
    let rows = world.query("T").expect("a table").rows;
    assert_eq!(
        rows[0][0].to_string(),
        format!("{}{}", "[".repeat(124), "]".repeat(124))
    );
}

#[test]
fn case_11_a_queued_mapping_with_types_creates_its_table() -> Result<()> {
    let world = World::new("other:long");
    let mut properties = world.properties().with_format(DataFormat::Json);
    properties.table = TableName::parse("New")?;
    let mapping = |json| IngestionMapping::from_json(MappingKind::Json, json);
    let typed = r#"[{"Column":"id","DataType":"int","Properties":{"Path":"$.id"}},
        {"Column":"name","DataType":"string","Properties":{"Path":"$.name"}}]"#;
    let untyped = r#"[{"Column":"id","DataType":"int","Properties":{"Path":"$.id"}},
        {"Column":"name","Properties":{"Path":"$.name"}}]"#;
    let data = "{\"id\":1,\"name\":\"x\"}\n";

    for refused in [
        properties.clone(),
        properties.clone().with_mapping(mapping(untyped)?),
    ] {
        let failed = world.ingest(&world.blob("a.json", data), &refused);
        let code = failed.error_code.expect("a code").to_string();
        assert_eq!(code, "BadRequest_TableNotExist");
    }
    assert_eq!(
        world.run(".show tables")?.rows.len(),
        1,
        "what fails creates nothing"
    );

    let properties = properties.with_mapping(mapping(typed)?);
    assert_eq!(world.ingest(&world.blob("b.json", data), &properties).rows, 1);
    assert_eq!(world.query("New")?.rows, [[json!(1), json!("x")]]);
    let schema = world.kusto.schema(&world.database, &properties.table);
    assert_eq!(schema.expect("it is there").to_string(), "id:int,name:string");
    Ok(())
}

#[test]
fn case_14_the_case_of_a_databases_name_does_not_matter() -> Result<()> {
    let world = World::new("a:string");
    let mut properties = world.properties();
    properties.database = DatabaseName::parse("DB")?;
    assert_eq!(world.ingest(&world.blob("in.csv", "a\n"), &properties).rows, 1);
    let other = DatabaseName::parse("Db")?;
    assert_eq!(world.kusto.rows(&other, &world.table).len(), 1);
    world.kusto.create_database(&other);
    let databases = world.run_in(&other, ".show databases")?;
    let names: Vec<_> = databases.texts("DatabaseName").collect();
    assert_eq!(names, ["db", "NetDefaultDB"], "it is the same database");
    assert_eq!(databases.value(0, "IsCurrent"), Some(&json!(true)));
    assert_eq!(
        world.run_in(&other, ".show tables")?.value(0, "DatabaseName"),
        Some(&json!("db"))
    );
    let table = world.run(".create table t (a:string)");
    assert!(
        table.is_ok() && world.query("t")?.rows.is_empty(),
        "the case of other names does matter"
    );
    Ok(())
}

#[test]
fn case_15_every_command_takes_a_name_in_quotes() -> Result<()> {
    let world = World::new("a:string");
    for name in ["['my table']", "[\"my table\"]"] {
        for command in [
            ".create table NAME (a:string)",
            ".create-merge table NAME (a:string, b:long)",
            ".show table NAME schema as json",
            ".show table NAME cslschema",
            ".create table NAME ingestion csv mapping 'm' '[{\"column\":\"a\",\"Properties\":{\"Ordinal\":\"0\"}}]'",
            ".show table NAME ingestion mappings",
            ".alter table NAME policy streamingingestion enable",
            ".clear table NAME cache streamingingestion schema",
            ".ingest inline into table NAME <| x,1",
            ".drop table NAME ifexists",
        ] {
            let command = command.replace("NAME", name);
            assert!(world.run(&command).is_ok(), "{command}");
        }
    }
    assert_eq!(world.run(".show tables")?.rows.len(), 1);
    Ok(())
}

#[test]
fn case_19_an_array_in_a_file_of_json_lines_is_told_what_would_read_it() {
    let world = World::new("a:int");
    let failed = world.ingest(
        &world.blob("array.json", "[{\"a\":1},{\"a\":2}]"),
        &world.properties(),
    );
    let error = failed.error.expect("it failed");
    assert_eq!(error.code(), Some("BadRequest_NoRecordsOrWrongFormat"));
    assert!(error.chain().contains("multijson"), "{}", error.chain());
}

#[test]
fn case_31_a_queued_mapping_adds_the_column_that_the_table_lacks_and_a_command_does_not() -> Result<()> {
    let world = World::new("id:int");
    let json = r#"[{"Column":"id","Properties":{"Path":"$.id"}},
        {"Column":"name","DataType":"string","Properties":{"Path":"$.name"}}]"#;
    let blob = world.blob("in.json", "{\"id\":2,\"name\":\"plain\"}\n");
    let command = format!(
        ".ingest into table T (h@'{}') with (format='json', ingestionMapping=@'{json}')",
        blob.uri().expose()
    );
    let refused = world
        .run(&command)
        .expect_err("only queued ingestion adds columns");
    assert_eq!(refused.code(), Some("BadRequest_InconsistentMapping"));
    let mapping = IngestionMapping::from_json(MappingKind::Json, json)?;
    world.ingest(&blob, &world.properties().with_mapping(mapping));
    assert_eq!(world.rows(), ["2|plain"]);
    Ok(())
}

#[test]
fn case_33_csv_mappings_are_read_in_every_spelling() -> Result<()> {
    let world = World::new("t:datetime, s:string, k:long");
    let json = r#"[{"Name":"t","DataType":"datetime","CsvDataType":null,"Ordinal":0,"ConstValue":null,
        "Transform":"DateTimeFromUnixSeconds"},{"column":"s","Properties":{"ordinal":1}},
        {"column":"k","Properties":{"ConstValue":5}}]"#;
    let mapping = IngestionMapping::from_json(MappingKind::Csv, json)?;
    let blob = world.blob("in.csv", "1614889298.859,x\n-1,y\n");
    world.ingest(&blob, &world.properties().with_mapping(mapping));
    assert_eq!(
        world.rows(),
        [
            "2021-03-04T20:21:38.8590000Z|x|5",
            "1969-12-31T23:59:59.0000000Z|y|5"
        ]
    );
    Ok(())
}

#[test]
fn case_35_gzip_and_zip_of_every_make_are_unpacked() {
    for (name, packed) in [
        (
            "two.csv.gz",
            "H4sIAF8GDWsC/0vUMeQCAFIeAbUEAAAAH4sIAF8GDWsC/0vSMeICAH/imYwEAAAA",
        ),
        (
            "extra.csv.gz",
            "H4sIHgAAAAAAAwYAQUICAHh5ZmlsZS5jc3YAY29tbWVudAC0MkvUMeRK0jHiAgBu3TVZCAAAAA==",
        ),
        (
            "z64.csv.zip",
            "UEsDBC0AAAAAAAAAIQBu3TVZ//////////8FABQAYS5jc3YBABAACAAAAAAAAAAIAAAAAAAAAGEsMQpiLDIKUEsBAi0DLQAAAAAA\
             AAAhAG7dNVkIAAAACAAAAAUAAAAAAAAAAAAAAIABAAAAAGEuY3N2UEsFBgAAAAABAAEAMwAAAD8AAAAAAA==",
        ),
        (
            "stream.csv.zip",
            "UEsDBBQACAAIAOUpfl0AAAAAAAAAAAAAAAACAAAAZC8DAFBLBwgAAAAAAgAAAAAAAABQSwMEFAAIAAgA5Sl+XQAAAAAAAAAAAAAA\
             AAcAAABkL2EuY3N2S9Qx5AIAUEsHCFIeAbUGAAAABAAAAFBLAwQUAAgACADlKX5dAAAAAAAAAAAAAAAABQAAAGIuY3N2S9Ix4gIA\
             UEsHCH/imYwGAAAABAAAAFBLAQIUAxQACAAIAOUpfl0AAAAAAgAAAAAAAAACAAAAAAAAAAAAEAD9QQAAAABkL1BLAQIUAxQACAAI\
             AOUpfl1SHgG1BgAAAAQAAAAHAAAAAAAAAAAAAACAATIAAABkL2EuY3N2UEsBAhQDFAAIAAgA5Sl+XX/imYwGAAAABAAAAAUAAAAA\
             AAAAAAAAAIABbQAAAGIuY3N2UEsFBgAAAAADAAMAmAAAAKYAAAAAAA==",
        ),
    ] {
        let world = World::new("a:string, n:int");
        let bytes = STANDARD.decode(packed).expect("it is base64");
        let ingestion = world.ingest(&world.blob(name, bytes), &world.properties());
        assert_eq!(
            ingestion.status,
            OperationStatus::Succeeded,
            "{name} {:?}",
            ingestion.error
        );
        assert_eq!(world.rows(), ["a|1", "b|2"], "{name}");
    }
}

#[test]
fn case_37_a_table_may_be_called_anything() -> Result<()> {
    let world = World::new("a:string");
    for name in [
        "my-table", "tab le", "it's", "a.b", "Ünï表", "br]'k", "123", "where", "q\"q", "a/b", "a%20b",
        "x#y?z",
    ] {
        let quoted = format!("['{}']", name.replace('\'', "\\'"));
        world.run(&format!(".create table {quoted} (a:string)"))?;
        let mut properties = world.properties();
        properties.table = TableName::parse(name)?;
        assert_eq!(
            world.ingest(&world.blob("in.csv", "x\n"), &properties).rows,
            1,
            "{name}"
        );
        world.run(&format!(".ingest inline into table {quoted} <| y"))?;
        assert_eq!(
            world.query(&format!("{quoted} | count"))?.rows,
            [[json!(2)]],
            "{name}"
        );
    }
    Ok(())
}

#[test]
fn whether_data_was_ingested_before_is_asked_once_a_command() {
    let world = World::new("a:long");
    let literal = |name: &str, body: &'static str| format!("h@'{}'", world.blob(name, body).uri().expose());
    let command = format!(
        ".ingest into table T ({}, {}) with (tags='[\"ingest-by:x\"]', ingestIfNotExists='[\"x\"]')",
        literal("1.csv", "1\n"),
        literal("2.csv", "2\n")
    );
    world
        .run(&command)
        .expect("both blobs are loaded, though both have the tag");
    assert_eq!(world.rows(), ["1", "2"]);
    world.run(&command).expect("now both are there");
    assert_eq!(world.rows(), ["1", "2"]);
}
