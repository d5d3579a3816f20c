//! Commands, queries, and what stands beside them.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use kusto_emulator::Route;
use serde_json::{Value, json};

use crate::client::World;

#[tokio::test]
async fn s03_g75_there_is_no_sign_in_and_the_answer_is_empty() {
    let world = World::start().await;
    let url = format!("{}/v1/rest/auth/metadata", world.emulator.cluster());
    let answer = world.send("GET", &url, &[], "").await;
    assert_eq!((answer.status, answer.header("content-length")), (404, Some("0")));
    let url = format!("{}/v1/rest/ping", world.emulator.cluster());
    assert_eq!(world.send("GET", &url, &[], "").await.status, 200);
}

#[tokio::test]
async fn the_sixth_version_of_the_protocol_leads_to_the_same_port() {
    let Ok(probe) = tokio::net::TcpListener::bind("[::1]:0").await else {
        return; // There is no such address on this machine.
    };
    drop(probe);
    let world = World::start().await;
    let sixth = world.emulator.cluster().replace("127.0.0.1", "[::1]");
    let answer = world.send("GET", &format!("{sixth}/v1/rest/ping"), &[], "").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn resources_are_issued_below_the_address_in_the_paths_of_an_account() {
    let world = World::start().await;
    let answer = world.ask("/v1/rest/mgmt", ".get ingestion resources").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json"))
    );
    let rows = answer.json()["Tables"][0]["Rows"].clone();
    let base = format!("{}/devstoreaccount1/", world.emulator.cluster());
    let mut kinds = Vec::new();
    for row in rows.as_array().unwrap() {
        let (kind, address) = (row[0].as_str().unwrap(), row[1].as_str().unwrap());
        assert!(address.starts_with(&base), "{address}");
        assert!(
            address.contains("sig=") && address.contains("%2B") && address.contains("%3D"),
            "{address}"
        );
        kinds.push(kind.to_owned());
    }
    kinds.sort();
    assert_eq!(
        kinds,
        [
            "FailedIngestionsQueue",
            "IngestionsStatusTable",
            "SecuredReadyForAggregationQueue",
            "SecuredReadyForAggregationQueue",
            "SuccessfulIngestionsQueue",
            "TempStorage",
            "TempStorage"
        ]
    );
}

#[tokio::test]
async fn the_clients_name_for_a_request_comes_back_or_one_is_made() {
    let world = World::start().await;
    let url = format!("{}/v1/rest/mgmt", world.emulator.cluster());
    let body = r#"{"db":"","csl":".show version"}"#;
    let named = world
        .send("POST", &url, &[("x-ms-client-request-id", "KPC.execute;7")], body)
        .await;
    assert_eq!(named.header("x-ms-client-request-id"), Some("KPC.execute;7"));
    assert_eq!(named.header("date"), Some("Fri, 02 Jan 2026 03:04:05 GMT"));
    let nameless = world.send("POST", &url, &[], body).await;
    assert!(
        nameless
            .header("x-ms-client-request-id")
            .is_some_and(|name| !name.is_empty())
    );
    let [one, other] =
        [&named, &nameless].map(|answer| answer.header("x-ms-activity-id").unwrap().to_owned());
    assert_ne!(one, other);
}

#[tokio::test]
async fn what_is_unknown_is_refused_as_the_service_refuses() {
    let world = World::start().await;
    for (text, code) in [
        (".drop everything", "BadRequest_SyntaxError"),
        (".show table Missing schema as json", "BadRequest_EntityNotFound"),
    ] {
        let answer = world.ask("/v1/rest/mgmt", text).await;
        let error = answer.json()["error"].clone();
        assert_eq!((answer.status, &error["code"]), (400, &json!(code)), "{text}");
        assert_eq!(error["@permanent"], true, "{text}");
        assert_eq!(
            error["@context"]["activityId"],
            answer.header("x-ms-activity-id").unwrap(),
            "{text}"
        );
    }
    let url = format!("{}/v1/rest/mgmt", world.emulator.cluster());
    assert_eq!(world.send("POST", &url, &[], "no json").await.status, 400);
    let url = format!("{}/v1/rest/ingestion/configuration", world.emulator.cluster());
    let absent = world.send("POST", &url, &[], "x,1").await;
    assert_eq!((absent.status, absent.body.len()), (404, 0));
    assert_eq!(world.emulator.request_count(Route::Management), 3);
    assert_eq!(world.emulator.request_count(Route::Unknown), 1);
}

#[tokio::test]
async fn queries_are_answered_in_both_shapes() {
    let world = World::start().await;
    let first = world.ask("/v1/rest/query", "T | count").await.json();
    assert_eq!(first["Tables"][0]["Rows"], json!([[0]]));
    let second = world.ask("/v2/rest/query", "T").await.json();
    let table = second
        .as_array()
        .unwrap()
        .iter()
        .find(|frame| frame["TableKind"] == "PrimaryResult");
    let columns = table.unwrap()["Columns"].as_array().unwrap();
    let types: Vec<&Value> = columns.iter().map(|column| &column["ColumnType"]).collect();
    assert_eq!(types, ["string", "long"]);
    assert_eq!(second[second.as_array().unwrap().len() - 1]["HasErrors"], false);
}

#[tokio::test]
async fn requests_may_be_compressed_and_so_may_answers() {
    let world = World::start().await;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(br#"{"db":"Samples","csl":".get ingestion resources"}"#)
        .unwrap();
    let url = format!("{}/v1/rest/mgmt", world.emulator.cluster());
    let headers = [("content-encoding", "gzip"), ("accept-encoding", "gzip, deflate")];
    let answer = world.send("POST", &url, &headers, gzip.finish().unwrap()).await;
    assert_eq!(
        (answer.status, answer.header("content-encoding")),
        (200, Some("gzip"))
    );
    let mut plain = String::new();
    GzDecoder::new(&*answer.body).read_to_string(&mut plain).unwrap();
    let plain: Value = serde_json::from_str(&plain).unwrap();
    assert_eq!(plain["Tables"][0]["Rows"].as_array().map(Vec::len), Some(7));
}

#[tokio::test]
async fn an_engine_names_the_address_where_ingestion_commands_belong() {
    let world = World::start_with(|builder| builder.with_engine_port(0)).await;
    let url = format!("{}/v1/rest/mgmt", world.emulator.engine().unwrap());
    for command in [
        ".get ingestion resources",
        ".GET  kusto identity token",
        ".show ingestion resources",
    ] {
        let body = json!({"db": "NetDefaultDB", "csl": command}).to_string();
        let answer = world.send("POST", &url, &[], body).await;
        let error = answer.json()["error"].clone();
        assert_eq!(answer.status, 400, "{command}");
        assert_eq!(
            error["@type"],
            "Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException"
        );
        assert_eq!(error["@permanent"], true);
        assert!(
            error["@message"]
                .as_str()
                .unwrap()
                .contains(&world.emulator.cluster()),
            "{error}"
        );
    }
    let version = world
        .send("POST", &url, &[], r#"{"csl":".show version"}"#)
        .await
        .text()
        .to_owned();
    assert!(
        version.contains("\"Engine\"") && !version.contains("DataManagement"),
        "{version}"
    );
    let whole = world.ask("/v1/rest/mgmt", ".show version").await;
    assert!(whole.text().contains("DataManagement"));
}

#[tokio::test]
async fn a_stopped_emulator_refuses_connections() {
    let emulator = World::start().await.emulator;
    let cluster = emulator.cluster();
    assert!(listens(&cluster).await);
    emulator.shutdown().await;
    assert!(!listens(&cluster).await);
}

/// Whether somebody listens there.
async fn listens(cluster: &str) -> bool {
    let address = cluster.trim_start_matches("http://");
    tokio::net::TcpStream::connect(address).await.is_ok()
}
