//! Requests about tables.

use futures::executor::block_on;
use kusto_ingest_core::ErrorKind;
use kusto_storage::{Entity, EntityKey, TableStore};
use serde_json::json;

use crate::script::{Reply, SAS, Script, table};

const TABLE: &str = "acct1.table.core.windows.net/status";

fn entity() -> Entity {
    let properties = json!({
        "Status": "Pending",
        "UpdatedOn": "2026-01-02T03:04:05.6789010Z",
        "UpdatedOn@odata.type": "Edm.DateTime",
    });
    Entity {
        key: EntityKey::new("it's", "0"),
        properties: properties.as_object().expect("an object").clone(),
    }
}

#[test]
fn an_entity_is_inserted_with_its_key_among_its_properties() {
    let script = Script::new([Reply::status(204)]);
    block_on(script.storage().insert(&table(), &entity())).expect("inserted");
    let sent = script.only();
    assert_eq!(sent.line, format!("POST {TABLE}?{SAS}"));
    let body: serde_json::Value = serde_json::from_slice(&sent.body).expect("JSON");
    let expect = json!({
        "PartitionKey": "it's",
        "RowKey": "0",
        "Status": "Pending",
        "UpdatedOn": "2026-01-02T03:04:05.6789010Z",
        "UpdatedOn@odata.type": "Edm.DateTime",
    });
    assert_eq!(body, expect);
    for (name, value) in [
        ("x-ms-version", "2019-02-02"),
        ("dataserviceversion", "3.0;NetFx"),
        ("maxdataserviceversion", "3.0;NetFx"),
        ("accept", "application/json;odata=minimalmetadata"),
        ("content-type", "application/json"),
        ("prefer", "return-no-content"),
    ] {
        assert_eq!(sent.header(name), Some(value), "{name}");
    }
}

#[test]
fn an_entity_is_inserted_also_where_the_answer_holds_it() {
    let script = Script::new([Reply::body(201, "{}")]);
    block_on(script.storage().insert(&table(), &entity())).expect("inserted");
}

#[test]
fn a_taken_key_is_told_from_other_conflicts() {
    let insert = |code| {
        let script = Script::new([Reply::code(409, code)]);
        block_on(script.storage().insert(&table(), &entity()))
            .unwrap_err()
            .kind()
    };
    assert_eq!(insert("EntityAlreadyExists"), ErrorKind::AlreadyExists);
    assert_eq!(insert("TableBeingDeleted"), ErrorKind::NotFound);
    assert_eq!(insert("SomethingElse"), ErrorKind::Rejected);
}

#[test]
fn an_entity_is_read_by_its_key_without_what_the_service_adds() {
    let body = json!({
        "odata.metadata": "https://acct1.table.core.windows.net/$metadata#status/@Element",
        "odata.etag": "W/\"datetime'2026-01-02T03%3A04%3A05.1Z'\"",
        "PartitionKey": "it's",
        "RowKey": "0",
        "Timestamp": "2026-01-02T03:04:05.1Z",
        "Status": "Pending",
        "UpdatedOn@odata.type": "Edm.DateTime",
        "UpdatedOn": "2026-01-02T03:04:05.6789010Z",
    });
    let script = Script::new([Reply::body(200, body.to_string())]);
    let read = block_on(script.storage().get(&table(), &entity().key)).expect("there");
    assert_eq!(read, Some(entity()));
    let path = "(PartitionKey='it''s',RowKey='0')";
    assert_eq!(script.only().line, format!("GET {TABLE}{path}?{SAS}"));
}

#[test]
fn a_missing_entity_is_none_and_a_missing_table_an_error() {
    let get = |reply| block_on(Script::new([reply]).storage().get(&table(), &entity().key));
    let told = r#"{"odata.error":{"code":"ResourceNotFound","message":{"lang":"en-US","value":"…"}}}"#;
    for reply in [Reply::code(404, "ResourceNotFound"), Reply::body(404, told)] {
        assert_eq!(get(reply).expect("an answer"), None);
    }
    for reply in [Reply::code(404, "TableNotFound"), Reply::status(404)] {
        assert_eq!(get(reply).unwrap_err().kind(), ErrorKind::NotFound);
    }
    let error = get(Reply::body(200, "[]")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
}

#[test]
fn a_merge_is_for_an_entity_that_is_there() {
    let script = Script::new([Reply::status(204), Reply::code(404, "ResourceNotFound")]);
    let storage = script.storage();
    block_on(storage.merge(&table(), &entity())).expect("merged");
    let sent = script.only();
    assert_eq!(
        sent.line,
        format!("PATCH {TABLE}(PartitionKey='it''s',RowKey='0')?{SAS}")
    );
    assert_eq!(sent.header("if-match"), Some("*"));
    assert_eq!(sent.header("content-type"), Some("application/json"));
    let error = block_on(storage.merge(&table(), &entity())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}
