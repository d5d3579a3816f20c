//! What programs in other languages ask of a cluster, step by step: their set-ups, checks and assertions.

use serde_json::{Value, json};

use super::client::World;

/// The rows of the first table that a command is answered with.
async fn run(world: &World, text: &str) -> Value {
    let answer = world.ask("/v1/rest/mgmt", text).await;
    assert_eq!(answer.status, 200, "{text}: {}", answer.json());
    answer.json()["Tables"][0]["Rows"].clone()
}

/// The rows of the tables that a query is answered with.
async fn query(world: &World, text: &str) -> Vec<Value> {
    let answer = world.ask("/v2/rest/query", text).await;
    assert_eq!(answer.status, 200, "{text}: {}", answer.json());
    let frames = answer.json();
    let frames = frames.as_array().expect("frames").iter();
    let primary = frames.filter(|frame| frame["TableKind"] == "PrimaryResult");
    primary.map(|frame| frame["Rows"].clone()).collect()
}

#[tokio::test]
async fn the_set_ups_of_the_published_suites_run() {
    let world = World::start().await;
    for command in [
        ".drop table J ifexists skip-seal",
        ".create table J (rownumber: int, rowguid: string, xdate: datetime)",
        ".alter table J policy auto_delete @'{ \"ExpiryDate\" : \"2030-09-05\", \"DeleteIfNotEmpty\": true }'",
        ".create table J ingestion json mapping 'm' '[' '{\"column\":\"rownumber\",\"path\":\"$.rownumber\"},'\n' ' ']'",
        ".alter table J policy streamingingestion enable ",
        ".clear database cache streamingingestion schema",
        ".alter table J policy ingestionbatching @'{\"MaximumBatchingTimeSpan\":\"00:00:05\", \"MaximumNumberOfItems\": 500, \"MaximumRawDataSizeMB\": 1024}'",
        ".refresh database 'Samples' table 'J' cache ingestionbatchingpolicy",
        ".create tables A (x:int), B (y:int)",
        ".drop tables (A,B) ifexists",
        ".alter-merge table J (a:string)",
        ".alter database Samples policy streamingingestion enable",
        ".alter table J policy streamingingestion '{\"IsEnabled\":true}'",
        ".set All <| datatable(b:bool, l:long, r:real, e:decimal, d:datetime, s:timespan, g:guid, t:string, o:dynamic)\n[\n true, 1, 0.5, decimal(1.5), datetime(2020-03-04T14:05:01.3109965Z), time(01:23:45.6789000), guid(74be27de-1e4e-49d9-b579-fe0b331d3642), 'x', dynamic({\n \"a\": 1,\n \"b\": [1, 2]\n}),\n]",
    ] {
        run(&world, command).await;
    }
    let first = query(&world, "All | project l, d, s, g, o").await;
    let row = json!([[
        1, "2020-03-04T14:05:01.3109965Z", "01:23:45.6789000", "74be27de-1e4e-49d9-b579-fe0b331d3642",
        {"a": 1, "b": [1, 2]}
    ]]);
    assert_eq!(first, [row]);
    let containers = run(&world, ".show export containers").await;
    let writable = containers[0][0].as_str().expect("an address");
    assert!(
        writable.contains("sp=rwdl") && writable.contains("sig="),
        "{writable}"
    );
}

#[tokio::test]
async fn operators_stand_behind_any_show_and_statements_behind_one_another() {
    let world = World::start().await;
    run(&world, ".alter database Samples policy retention softdelete = 7d").await;
    for (command, rows) in [
        (
            ".show database Samples policy retention | project ChildEntities, EntityType",
            json!([["[\"T\"]", "Database"]]),
        ),
        (
            ".show tables | project TableName, DatabaseName",
            json!([["T", "Samples"]]),
        ),
        (".show databases | project A=\"1\" | take 1", json!([["1"]])),
        (".show tables | where TableName == \"Absent\"", json!([])),
        (".show table T extents | count", json!([[0]])),
        (
            ".show ingestion failures | where Table == 'T' | count",
            json!([[0]]),
        ),
        (".show materialized-views | where Name == 'M'", json!([])),
        (
            ".show table ['T'] schema as json | project ColumnsJson=todynamic(Schema).OrderedColumns | mv-expand ColumnsJson | project tostring(ColumnsJson.Name), tostring(ColumnsJson.CslType)",
            json!([["a", "string"], ["b", "long"]]),
        ),
        (
            ".show databases schema | where TableName == 'T' and ColumnName != '' | project ColumnName, ColumnType | limit 100000",
            json!([["a", "System.String"], ["b", "System.Int64"]]),
        ),
        (".show database ['Samples'] schema | count", json!([[4]])),
    ] {
        assert_eq!(run(&world, command).await, rows, "{command}");
    }
    let answer = world
        .ask(
            "/v1/rest/query",
            ".show version | count; .show tables | count; print 7; print 'x'",
        )
        .await
        .json();
    let tables = answer["Tables"].as_array().expect("tables");
    let rows: Vec<&Value> = tables.iter().take(4).map(|table| &table["Rows"]).collect();
    assert_eq!(
        rows,
        [&json!([[1]]), &json!([[1]]), &json!([[7]]), &json!([["x"]])]
    );
    assert_eq!(
        query(&world, "range c from 1 to 10 step 1 | count").await,
        [json!([[10]])]
    );
}

#[tokio::test]
async fn a_connector_asks_whether_it_may_ingest_and_which_mapping_there_is() {
    let world = World::start().await;
    run(
        &world,
        ".create table T ingestion csv mapping 'm' '[{\"column\":\"a\",\"ordinal\":0}]'",
    )
    .await;
    let access = run(
        &world,
        ".show principal access with (principal = 'aadapp=1;2', accesstype='ingest', database='Samples', table='T')",
    )
    .await;
    assert_eq!(access[0][2], true);
    let policy = run(&world, ".show database Samples policy streamingingestion").await;
    assert_eq!(
        (&policy[0][0], &policy[0][2]),
        (&json!("StreamingIngestionPolicy"), &json!("null"))
    );
    assert_eq!(
        run(&world, ".show table T ingestion csv mapping 'm'").await[0][0],
        "m"
    );
    let body = json!({"db": "Samples", "csl": "T | count", "properties": {"Options": {"validate_permissions": true}}});
    let url = format!("{}/v1/rest/query", world.emulator.cluster());
    let answer = world.send("POST", &url, &[], body.to_string()).await;
    assert_eq!(answer.json()["Tables"][0]["Rows"], json!([["OK"]]));
}

#[tokio::test]
async fn a_write_of_spark_goes_through_a_hidden_table_whose_extents_are_moved() {
    let world = World::start().await;
    run(
        &world,
        ".create table _sparktemp_1 (a:string, b:long) with (hidden=true)",
    )
    .await;
    run(
        &world,
        ".alter table _sparktemp_1 policy auto_delete @\"{\"\"ExpiryDate\"\":\"\"2030-01-01\"\"}\"",
    )
    .await;
    run(&world, ".ingest inline into table _sparktemp_1 <|\nx,1\ny,2").await;
    assert_eq!(
        run(&world, ".show tables | project TableName").await,
        json!([["T"]])
    );
    let all = run(&world, ".show tables with (IncludeHiddenTables=true) | count").await;
    assert_eq!(all, json!([[2]]));
    let started = run(
        &world,
        ".move async extents to table T with (extentCreatedOnFrom='2020-01-01', extentCreatedOnTo='2030-01-01') <| .show table _sparktemp_1 extents",
    )
    .await;
    let id = started[0][0].as_str().expect("an identity");
    world.emulator.drained().await;
    let shown = run(&world, &format!(".show operations {id} | project State")).await;
    assert_eq!(shown, json!([["Completed"]]));
    assert_eq!(
        run(&world, &format!(".show operation {id} details | count")).await,
        json!([[1]])
    );
    assert_eq!(
        query(&world, "T | order by a asc").await,
        [json!([["x", 1], ["y", 2]])]
    );
}

#[tokio::test]
async fn a_batch_is_ingested_by_the_emulators_clock() {
    let world = World::start().await;
    run(
        &world,
        ".alter table T policy ingestionbatching '{\"MaximumBatchingTimeSpan\":\"00:00:10\"}'",
    )
    .await;
    let fake = world.emulator.fake();
    let blob = kusto_fake::testing::put_blob(fake, "b.csv", "x,1\n").with_raw_size(4);
    let properties =
        kusto_ingest_core::IngestionProperties::new(super::client::database(), super::client::table());
    let message = kusto_ingest_message::IngestionMessage::new(
        &blob,
        &properties,
        kusto_ingest_core::DataFormat::Csv,
        fake.identity_token(),
    );
    let text = message
        .encode(kusto_ingest_core::testing::now())
        .expect("a message");
    let queue = kusto_fake::ResourcePath::from(&fake.issued_resources().expect("issued").queues[0]);
    fake.storage()
        .put_message(&queue, &text, kusto_fake::MessageWrite::new())
        .expect("put");
    let drained = async {
        // Whoever waits for the queues waits for the batch as well: time is moved once it is open.
        while fake.next_seal().is_none() {
            tokio::task::yield_now().await;
        }
        assert_eq!(query(&world, "T | count").await, [json!([[0]])]);
        world.clock.advance(std::time::Duration::from_secs(10));
    };
    tokio::join!(world.emulator.drained(), drained);
    assert_eq!(query(&world, "T").await, [json!([["x", 1]])]);
}
