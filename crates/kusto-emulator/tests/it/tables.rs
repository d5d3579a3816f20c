//! The status table as the table clients of Node, Go, Java and Python use it.

use serde_json::json;

use crate::client::{World, below};

const NO_CONTENT: (&str, &str) = ("prefer", "return-no-content");
const MINIMAL: (&str, &str) = ("accept", "application/json;odata=minimalmetadata");
const KEY: &str = "(PartitionKey='g',RowKey='it''s')";

fn entity() -> String {
    json!({"PartitionKey": "g", "RowKey": "it's", "Status": "Pending", "Timestamp": "1767323045000",
        "IngestionSourceId@odata.type": "Edm.Guid", "IngestionSourceId": "11111111-1111-4111-8111-111111111111"})
    .to_string()
}

#[tokio::test]
async fn s03_f6_1_an_entity_is_inserted_once_however_often_it_is_sent() {
    let world = World::start().await;
    let url = below(&world.status_table(), "", "");
    let headers = [
        NO_CONTENT,
        ("content-type", "application/json;odata=nometadata"),
        MINIMAL,
    ];
    let first = world.send("POST", &url, &headers, entity()).await;
    assert_eq!(
        (first.status, first.body.len(), first.header("content-length")),
        (204, 0, None)
    );
    assert_eq!(first.header("preference-applied"), Some("return-no-content"));
    assert!(
        first
            .header("etag")
            .is_some_and(|etag| etag.starts_with("W/\"datetime'"))
    );
    for _ in 0..3 {
        let again = world.send("POST", &url, &headers, entity()).await;
        assert_eq!(again.status, 409);
        assert_eq!(again.json()["odata.error"]["code"], "EntityAlreadyExists");
    }
}

#[tokio::test]
async fn s03_f6_2_an_encoded_slash_before_the_table_is_a_slash() {
    let world = World::start().await;
    let url = below(&world.status_table(), "", "").replace("devstoreaccount1/", "devstoreaccount1%2F");
    let answer = world.send("POST", &url, &[NO_CONTENT], entity()).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

#[tokio::test]
async fn an_entity_is_read_with_what_the_service_says_about_it_or_without() {
    let world = World::start().await;
    let table = world.status_table();
    let content = world.send("POST", &below(&table, "", ""), &[], entity()).await;
    assert_eq!(
        (content.status, &content.json()["Status"]),
        (201, &json!("Pending"))
    );

    let url = below(&table, KEY, "");
    let answer = world.send("GET", &url, &[MINIMAL], "").await;
    assert_eq!(answer.status, 200);
    let content_type = "application/json;odata=minimalmetadata;streaming=true;charset=utf-8";
    assert_eq!(answer.header("content-type"), Some(content_type));
    let entity = answer.json();
    let metadata = format!("{}/$metadata#{}/@Element", world.emulator.cluster(), table.name());
    assert_eq!(entity["odata.metadata"], json!(metadata));
    assert_eq!(entity["odata.etag"].as_str(), answer.header("etag"));
    assert_eq!(entity["Timestamp"], "2026-01-02T03:04:05.0000000Z");
    assert_eq!(entity["IngestionSourceId@odata.type"], "Edm.Guid");
    assert_eq!(
        (&entity["PartitionKey"], &entity["RowKey"]),
        (&json!("g"), &json!("it's"))
    );

    let plain = world
        .send(
            "GET",
            &url,
            &[("accept", "application/json;odata=nometadata")],
            "",
        )
        .await
        .json();
    let names: Vec<&str> = plain.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "IngestionSourceId",
            "PartitionKey",
            "RowKey",
            "Status",
            "Timestamp"
        ]
    );
    let some = world
        .send("GET", &below(&table, KEY, "$select=Status"), &[], "")
        .await
        .json();
    assert_eq!((&some["Status"], some.get("RowKey")), (&json!("Pending"), None));
}

#[tokio::test]
async fn an_entity_is_merged_replaced_and_deleted() {
    let world = World::start().await;
    let url = below(&world.status_table(), KEY, "");
    let any = ("if-match", "*");
    let missing = world
        .send("MERGE", &url, &[any], r#"{"Status":"Succeeded"}"#)
        .await;
    assert_eq!(
        (missing.status, &missing.json()["odata.error"]["code"]),
        (404, &json!("ResourceNotFound"))
    );
    world
        .send(
            "POST",
            &below(&world.status_table(), "", ""),
            &[NO_CONTENT],
            entity(),
        )
        .await;

    for (method, headers) in [
        ("MERGE", vec![any]),
        ("PATCH", vec![any]),
        ("POST", vec![any, ("x-http-method", "MERGE")]),
    ] {
        let body = json!({"PartitionKey": "g", "RowKey": "it's", "Status": method}).to_string();
        let merged = world.send(method, &url, &headers, body).await;
        assert_eq!((merged.status, merged.body.len()), (204, 0), "{method}");
        let now = world.send("GET", &url, &[], "").await.json();
        assert_eq!(now["Status"], method);
        assert!(now.get("IngestionSourceId").is_some());
    }
    let stale = world
        .send("MERGE", &url, &[("if-match", "W/\"other\"")], "{}")
        .await;
    assert_eq!(
        (stale.status, &stale.json()["odata.error"]["code"]),
        (412, &json!("UpdateConditionNotSatisfied"))
    );

    assert_eq!(
        world
            .send("PUT", &url, &[any], r#"{"Status":"Put"}"#)
            .await
            .status,
        204
    );
    let now = world.send("GET", &url, &[], "").await.json();
    assert_eq!(
        (&now["Status"], now.get("IngestionSourceId")),
        (&json!("Put"), None)
    );
    assert_eq!(world.send("DELETE", &url, &[any], "").await.status, 204);
    assert_eq!(world.send("GET", &url, &[], "").await.status, 404);
}

#[tokio::test]
async fn entities_are_queried_by_key_and_in_pages() {
    let world = World::start().await;
    let table = world.status_table();
    for (partition, row) in [("a", "1"), ("a", "2"), ("b", "1")] {
        let entity = json!({"PartitionKey": partition, "RowKey": row}).to_string();
        world
            .send("POST", &below(&table, "", ""), &[NO_CONTENT], entity)
            .await;
    }
    let query = async |text: &str| {
        let answer = world.send("GET", &below(&table, "()", text), &[], "").await;
        let value = answer.json()["value"].clone();
        let keys: Vec<String> = value
            .as_array()
            .unwrap()
            .iter()
            .map(|entity| {
                format!(
                    "{}{}",
                    entity["PartitionKey"].as_str().unwrap(),
                    entity["RowKey"].as_str().unwrap()
                )
            })
            .collect();
        (keys.join(" "), answer)
    };
    assert_eq!(query("").await.0, "a1 a2 b1");
    assert_eq!(query("$filter=PartitionKey%20eq%20'a'").await.0, "a1 a2");
    assert_eq!(
        query("$filter=PartitionKey+eq+'a'+and+RowKey+eq+'2'").await.0,
        "a2"
    );
    let (keys, first) = query("$top=2").await;
    assert_eq!(keys, "a1 a2");
    let next = first.header("x-ms-continuation-nextpartitionkey").unwrap();
    let row = first.header("x-ms-continuation-nextrowkey").unwrap();
    assert_eq!(
        query(&format!("$top=2&NextPartitionKey={next}&NextRowKey={row}"))
            .await
            .0,
        "b1"
    );
    assert_eq!(query("$filter=RowKey%20gt%20'1'").await.0, "a2");
    let other = world
        .send(
            "GET",
            &below(&table, "()", "$filter=startswith(Status,'x')"),
            &[],
            "",
        )
        .await;
    assert_eq!(
        (other.status, &other.json()["odata.error"]["code"]),
        (501, &json!("NotImplemented"))
    );
}

#[tokio::test]
async fn errors_of_a_table_are_json() {
    let world = World::start().await;
    let url = below(&world.status_table(), KEY, "").replace("%3D", "");
    let answer = world.send("GET", &url, &[], "").await;
    assert_eq!(
        (answer.status, &answer.json()["odata.error"]["code"]),
        (403, &json!("AuthenticationFailed"))
    );
    let no_key = world
        .send("POST", &below(&world.status_table(), "", ""), &[], "{}")
        .await;
    assert_eq!(
        (no_key.status, &no_key.json()["odata.error"]["code"]),
        (400, &json!("PropertiesNeedValue"))
    );
}
