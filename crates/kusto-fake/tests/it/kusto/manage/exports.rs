//! `.export`: files in the containers that this Kusto issues, which it reads again.

use std::io::Read as _;

use bytes::Bytes;
use kusto_endpoint::Table;
use kusto_fake::ResourcePath;
use kusto_ingest_core::BlobUri;
use kusto_ingest_message::OperationStatus;
use kusto_storage::ResourceUri;
use serde_json::json;

use crate::kusto::world::World;

const COLUMNS: &str = "b:bool,i:int,l:long,r:real,m:decimal,t:datetime,s:timespan,x:string,g:guid,d:dynamic";

/// A Kusto with a row of everything and a row of nulls.
fn world() -> World {
    let world = World::new(COLUMNS);
    let line = "true,-2147483648,9223372036854775807,NaN,1.50,2020-01-02T03:04:05.123,1.02:03:04.5,\"a, \"\"b\"\"\tc\",\
        74be27de-1e4e-49d9-b579-fe0b331d3642,\"{\"\"k\"\":[1,null]}\"\n,,,,,,,,,\n";
    let ingested = world.ingest(&world.blob("rows.csv", line), &world.properties());
    assert_eq!((ingested.status, ingested.rows), (OperationStatus::Succeeded, 2));
    world
}

/// The address of a container that is issued.
fn container(world: &World) -> String {
    let issued = world.kusto.issued_resources().expect("it issues");
    issued.containers[0].expose().to_string()
}

/// The bytes of each file that an export has told.
fn files(world: &World, told: &Table) -> Vec<(String, Bytes)> {
    let paths = told.texts("Path");
    let file = |path: &str| {
        let blob = BlobUri::parse(path).expect("it is an address");
        let (container, name) = ResourceUri::of_blob(&blob).expect("it is a blob");
        let stored = world
            .kusto
            .storage()
            .blob(&ResourcePath::from(&container), name.as_str());
        let stored = stored.expect("it is there");
        (stored.name.clone(), stored.chunks.concat().into())
    };
    paths.map(file).collect()
}

#[test]
fn text_is_written_as_it_is_read() {
    let world = world();
    let container = container(&world);
    let export = |format: &str, options: &str| {
        let told = world.run(&format!(
            ".export to {format} ('{container}') {options} <| T | take 1"
        ));
        let told = told.expect("it is written");
        let mut files = files(&world, &told);
        assert_eq!(files.len(), 1);
        String::from_utf8(files.remove(0).1.to_vec()).expect("it is text")
    };
    let row = "true,-2147483648,9223372036854775807,NaN,1.50,2020-01-02T03:04:05.1230000Z,1.02:03:04.5000000,\
        \"a, \"\"b\"\"\tc\",74be27de-1e4e-49d9-b579-fe0b331d3642,\"{\"\"k\"\":[1,null]}\"\n";
    assert_eq!(export("csv", ""), row);
    let header = "b,i,l,r,m,t,s,x,g,d\n";
    assert_eq!(
        export("csv", "with (includeHeaders='all')"),
        format!("{header}{row}")
    );
    assert!(export("tsv", "").contains("\t\"a, \"\"b\"\"\tc\"\t"));
    let line: serde_json::Value = serde_json::from_str(&export("json", "")).expect("it is JSON");
    assert_eq!(line["d"], json!({"k": [1, null]}));
    assert_eq!(
        (&line["l"], &line["r"]),
        (&json!(9_223_372_036_854_775_807_i64), &json!("NaN"))
    );
}

#[test]
fn a_file_ends_where_it_is_large_enough_and_each_has_a_name_of_its_own() {
    let world = World::new("a:string");
    let lines = format!("{}\n", "x".repeat(99)).repeat(10);
    world.ingest(&world.blob("rows.csv", lines), &world.properties());
    let command = format!(
        ".export compressed to csv (h@'{0}', @'{1}') with (sizeLimit=399, namePrefix='part', includeHeaders='firstFile') <| T",
        container(&world).replace('?', "/folder/?"),
        container(&world),
    );
    let told = world.run(&command).expect("it is written");
    let counts: Vec<_> = told.rows.iter().map(|row| row[1].clone()).collect();
    assert_eq!(counts, [json!(4), json!(4), json!(2)]);
    let files = files(&world, &told);
    let names: Vec<_> = files
        .iter()
        .map(|(name, _)| name.split('_').next().unwrap_or_default())
        .collect();
    assert_eq!(names, ["folder/part", "part", "folder/part"]);
    let unpacked = |at: usize| {
        let mut text = String::new();
        let mut reader = flate2::read::GzDecoder::new(&*files[at].1);
        reader.read_to_string(&mut text).expect("it is gzip");
        text
    };
    assert_eq!((unpacked(0).lines().count(), unpacked(1).lines().count()), (5, 4));
    assert!(files[0].0.ends_with(".csv.gz"), "{}", files[0].0);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_comes_back_into_a_table_as_it_was() {
    for (codec, ending) in [
        ("", ".parquet"),
        ("snappy", ".snappy.parquet"),
        ("zstd", ".zstd.parquet"),
    ] {
        let world = world();
        let (compressed, option) = match codec {
            "" => ("", String::new()),
            codec => ("compressed", format!(", compressionType='{codec}'")),
        };
        let command = format!(
            ".export async {compressed} to parquet (h'{};key') with (sizeLimit=1000000{option}) <| T",
            container(&world).split('?').next().unwrap_or_default()
        );
        let operation = world.run(&command).expect("it is noted").rows[0][0].clone();
        world.kusto.drain();
        let id = operation.as_str().expect("it is an identity");
        let told = world
            .run(&format!(".show operation {id} details"))
            .expect("it has ended");
        let (name, bytes) = files(&world, &told).remove(0);
        assert!(name.ends_with(ending), "{name}");
        let before = world.rows();
        world.run(".clear table T data").expect("it is empty");
        // Guids and timespans are text in it, which no such columns of Parquet take.
        world.run(".alter column T.g type=string").expect("it is altered");
        world.run(".alter column T.s type=string").expect("it is altered");
        let properties = world
            .properties()
            .with_format(kusto_ingest_core::DataFormat::Parquet);
        let ingested = world.ingest(&world.blob("again.parquet", bytes), &properties);
        assert_eq!(
            ingested.status,
            OperationStatus::Succeeded,
            "{codec}: {ingested:?}"
        );
        assert_eq!(world.rows(), before, "{codec}");
    }
}

#[test]
fn what_cannot_be_written_is_refused_by_code() {
    let world = world();
    let container = container(&world);
    let bare = container.split('?').next().unwrap_or_default();
    for (command, code) in [
        (format!(".export to csv ('{bare}') <| T"), "Download_Forbidden"),
        (
            format!(".export to csv ('{bare}-none?a=b') <| T"),
            "Download_SourceNotFound",
        ),
        (
            ".export to csv ('nowhere') <| T".to_owned(),
            "BadRequest_InvalidBlobUri",
        ),
        (
            format!(".export to csv ('{container}') with (sizeLimit='x') <| T"),
            "General_BadRequest",
        ),
        (
            format!(".export compressed to csv ('{container}') with (compressionType='zstd') <| T"),
            "General_BadRequest",
        ),
        (
            format!(".export to csv ('{container}')"),
            "BadRequest_SyntaxError",
        ),
    ] {
        let refused = world.run(&command).expect_err(&command);
        assert_eq!(refused.code(), Some(code), "{command}: {refused}");
        assert!(!refused.to_string().contains("sig="), "{refused}");
    }
    let nothing = "<| T | where l == 1";
    let refused = world.run(&format!(".export to csv ('{bare}-none;key') {nothing}"));
    assert_eq!(
        refused.expect_err("nobody has it").code(),
        Some("Download_SourceNotFound")
    );
    let told = world
        .run(&format!(".export to csv ('{container}') {nothing}"))
        .expect("it is nothing");
    assert!(told.rows.is_empty());
}

#[test]
fn a_file_has_a_row_however_small_it_may_be() {
    let world = World::new("a:string");
    world
        .run(".ingest inline into table T <| one\ntwo")
        .expect("ingested");
    let container = container(&world);
    for options in [
        "includeHeaders='all'",
        "encoding='UTF8BOM'",
        "includeHeaders='none'",
    ] {
        let export = format!(".export to csv ('{container}') with (sizeLimit=1, {options}) <| T");
        let told = world.run(&export).expect("it is written");
        assert_eq!(files(&world, &told).len(), 2, "{options}");
    }
}
