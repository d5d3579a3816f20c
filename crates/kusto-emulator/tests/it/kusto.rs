//! Commands, queries, and what stands beside them.

use kusto_emulator::Route;
use kusto_ingest_compression::testing::{gunzip, gzip};
use serde_json::{Value, json};

use crate::client::{World, database};

#[tokio::test]
async fn how_to_sign_in_is_always_told_and_is_that_of_the_public_cloud() {
    let world = World::start().await;
    let url = format!("{}/v1/rest/auth/metadata", world.emulator.cluster());
    let answer = world.send("GET", &url, &[], "").await;
    assert_eq!(answer.status, 200);
    let cloud = answer.json()["AzureAD"].clone();
    assert_eq!(cloud["LoginEndpoint"], "https://login.microsoftonline.com");
    assert_eq!(cloud["KustoServiceResourceId"], "https://kusto.kusto.windows.net");
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
    let sixth = world.emulator.cluster().replace("localhost", "[::1]");
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
    let port = world.emulator.cluster().replace("http://localhost:", "");
    let base = format!("http://127.0.0.1:{port}/devstoreaccount1/");
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
        (".drop everything", "NotSupportedByEmulator"),
        (".dance", "BadRequest_SyntaxError"),
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
    assert_eq!(world.emulator.request_count(Route::Management), 4);
    assert_eq!(world.emulator.request_count(Route::Unknown), 1);
}

#[tokio::test]
async fn queries_are_answered_in_both_shapes() {
    let world = World::start().await;
    let first = world.ask("/v1/rest/query", "T | count").await.json();
    assert_eq!(first["Tables"][0]["Rows"], json!([[0]]));
    let kinds: Vec<_> = first["Tables"][3]["Rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row[1])
        .collect();
    assert_eq!(kinds, ["QueryResult", "QueryProperties", "QueryStatus"]);
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
async fn requests_may_be_compressed_and_every_answer_is_where_the_client_takes_it() {
    let world = World::start().await;
    let base = world.emulator.cluster();
    for (path, body, status) in [
        (
            "/v1/rest/mgmt",
            gzip(r#"{"csl":".get ingestion resources"}"#),
            200,
        ),
        ("/v2/rest/query", gzip(r#"{"csl":"print 1"}"#), 200),
        ("/v1/rest/query", gzip(r#"{"csl":"print nothing"}"#), 400),
        ("/v1/rest/ingest/Samples/T?streamFormat=csv", gzip("x,1\n"), 200),
    ] {
        for accepted in ["gzip, deflate", "deflate, gzip;q=0.5", "*"] {
            let headers = [("content-encoding", "gzip"), ("accept-encoding", accepted)];
            let answer = world
                .send("POST", &format!("{base}{path}"), &headers, body.clone())
                .await;
            let encoding = answer.header("content-encoding");
            assert_eq!(
                (answer.status, encoding),
                (status, Some("gzip")),
                "{path} {accepted}"
            );
            serde_json::from_slice::<Value>(&gunzip(&answer.body)).unwrap();
        }
        for refused in ["deflate", "gzip;q=0", ""] {
            let headers = [("accept-encoding", refused)];
            let answer = world
                .send("POST", &format!("{base}{path}"), &headers, body.clone())
                .await;
            assert_eq!(answer.header("content-encoding"), None, "{path} {refused}");
        }
    }
}

#[tokio::test]
async fn options_are_obeyed_whether_the_properties_are_an_object_or_its_text() {
    let world = World::start().await;
    let options =
        json!({"Options": {"results_v2_newlines_between_frames": true, "results_progressive_enabled": true}});
    let url = format!("{}/v2/rest/query", world.emulator.cluster());
    for properties in [options.clone(), json!(options.to_string())] {
        let body = json!({"db": "Samples", "csl": "print 1", "properties": properties}).to_string();
        let answer = world.send("POST", &url, &[], body).await;
        let lines: Vec<&str> = answer.text().lines().collect();
        assert!(
            lines[0].starts_with("[{\"FrameType\":\"DataSetHeader\",\"IsProgressive\":true"),
            "{lines:?}"
        );
        assert_eq!(lines.last(), Some(&"]"));
    }
}

#[tokio::test]
async fn errors_are_told_in_the_words_that_clients_look_for() {
    let world = World::start().await;
    for (text, code, exception, beginning) in [
        (
            "T |",
            "BadRequest_SyntaxError",
            "SyntaxException",
            "Syntax error: ",
        ),
        (
            "Missing",
            "General_BadRequest",
            "SemanticException",
            "Semantic error: SEM0100: ",
        ),
        (
            "T | make-series count() on a step 1",
            "NotSupportedByEmulator",
            "KustoBadRequestException",
            "the emulator does not know the operator 'make-series'",
        ),
    ] {
        let answer = world.ask("/v2/rest/query", text).await;
        let error = answer.json()["error"].clone();
        assert_eq!((answer.status, &error["code"]), (400, &json!(code)), "{text}");
        let is = |name: &str, end: &str| error[name].as_str().is_some_and(|text| text.ends_with(end));
        assert!(is("@type", exception), "{error}");
        assert!(
            error["@message"].as_str().unwrap().starts_with(beginning),
            "{error}"
        );
    }
    let body = json!({"db": "Nowhere", "csl": "print 1"}).to_string();
    let answer = world
        .send(
            "POST",
            &format!("{}/v2/rest/query", world.emulator.cluster()),
            &[],
            body,
        )
        .await;
    assert_eq!(
        (answer.status, &answer.json()["error"]["code"]),
        (400, &json!("BadRequest_DatabaseNotExist"))
    );
}

#[tokio::test]
async fn a_dynamic_value_keeps_its_members_and_digits_on_the_way_through() {
    let world = World::start().await;
    let made = world
        .ask("/v1/rest/mgmt", ".create table D (d:dynamic, m:decimal)")
        .await;
    assert_eq!(made.status, 200, "{}", made.text());
    let value = r#"{"z":1,"a":{"y":0.1000,"b":123456789012345678901234567890},"z":2}"#;
    let url = format!(
        "{}/v1/rest/ingest/{}/D?streamFormat=json",
        world.emulator.cluster(),
        database().as_str()
    );
    let body = format!(r#"{{"d":{value},"m":"1234567890123456789012345678901.25"}}"#);
    let streamed = world.send("POST", &url, &[], body).await;
    assert_eq!(streamed.status, 200, "{}", streamed.text());
    let rows = format!(r#""Rows":[[{value},"1234567890123456789012345678901.25"]]"#);
    for path in ["/v1/rest/query", "/v2/rest/query"] {
        let answer = world.ask(path, "D").await;
        assert!(answer.text().contains(&rows), "{path}: {}", answer.text());
    }
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
