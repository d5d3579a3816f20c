//! Entities as the table service writes them.

use std::fmt::Write as _;

use azure_core::http::Url;
use kusto_storage::{Entity, EntityKey, ResourceUri};
use serde_json::{Map, Value};

const PARTITION: &str = "PartitionKey";
const ROW: &str = "RowKey";
const ANNOTATION: &str = "@odata.type";

/// An entity as JSON, its key among its properties.
pub(crate) fn encode(entity: &Entity) -> String {
    let mut properties = entity.properties.clone();
    properties.insert(PARTITION.to_owned(), entity.key.partition.clone().into());
    properties.insert(ROW.to_owned(), entity.key.row.clone().into());
    Value::Object(properties).to_string()
}

/// The entity of a key from JSON, without what the service adds of its own.
pub(crate) fn decode(key: &EntityKey, body: &[u8]) -> Option<Entity> {
    let mut properties: Map<String, Value> = serde_json::from_slice(body).ok()?;
    properties.retain(|name, _| {
        let property = name.strip_suffix(ANNOTATION).unwrap_or(name);
        !matches!(property, PARTITION | ROW | "Timestamp") && !name.starts_with("odata.")
    });
    Some(Entity {
        key: key.clone(),
        properties,
    })
}

/// `{table}(PartitionKey='…',RowKey='…')`, the SAS behind it.
pub(crate) fn address(table: &ResourceUri, key: &EntityKey) -> Url {
    let mut url = table.expose().clone();
    let path = format!(
        "{}({PARTITION}='{}',{ROW}='{}')",
        url.path().trim_end_matches('/'),
        quoted(&key.partition),
        quoted(&key.row)
    );
    url.set_path(&path);
    url
}

/// A key within quotes: a quote in it is doubled, and what is not plain is percent-encoded.
fn quoted(key: &str) -> String {
    let mut quoted = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'\'' => quoted.push_str("''"),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => quoted.push(byte.into()),
            _ => {
                // Writing to a string never fails.
                let _ = write!(quoted, "%{byte:02X}");
            }
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reaches_the_service_as_it_is() {
        let table = ResourceUri::parse("http://127.0.0.1:1/acct/status?sig=a%2Bb%3D").unwrap();
        for (partition, path) in [
            ("0a1b-2c", "/acct/status(PartitionKey='0a1b-2c',RowKey='0')"),
            ("it's", "/acct/status(PartitionKey='it''s',RowKey='0')"),
            (
                "a b%/é",
                "/acct/status(PartitionKey='a%20b%25%2F%C3%A9',RowKey='0')",
            ),
        ] {
            let url = address(&table, &EntityKey::new(partition, "0"));
            assert_eq!((url.path(), url.query()), (path, Some("sig=a%2Bb%3D")));
        }
    }

    #[test]
    fn what_the_service_adds_of_its_own_is_left_out() {
        let body = br#"{"odata.metadata":"m","odata.etag":"e","PartitionKey":"p","RowKey":"r",
            "Timestamp@odata.type":"Edm.DateTime","Timestamp":"2026-01-02T03:04:05Z",
            "Id@odata.type":"Edm.Guid","Id":"x","Status":"Pending"}"#;
        let entity = decode(&EntityKey::new("p", "r"), body).unwrap();
        let names: Vec<_> = entity.properties.keys().map(String::as_str).collect();
        assert_eq!(names, ["Id", "Id@odata.type", "Status"]);
    }

    #[test]
    fn the_key_is_the_entitys_own_whatever_its_properties_say() {
        let properties = Map::from_iter([(PARTITION.to_owned(), Value::from("other"))]);
        let key = EntityKey::new("p", "r");
        assert_eq!(
            encode(&Entity { key, properties }),
            r#"{"PartitionKey":"p","RowKey":"r"}"#
        );
    }
}
