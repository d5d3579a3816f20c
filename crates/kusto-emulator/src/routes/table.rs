//! Tables: entities inserted, read, changed and queried.

use bytes::Bytes;
use http::response::Builder;
use kusto_fake::{IfMatch, StoredEntity};
use kusto_ingest_core::Result;
use kusto_storage::{Entity, EntityKey, Operation};
use serde_json::{Map, Value, json};

use crate::Route;
use crate::answer::{Answer, bare, not_offered, refusal, status, with};
use crate::asked::Asked;
use crate::filter::{Filter, key};
use crate::state::ServerState;
use crate::target::Resource;

const PARTITION: &str = "PartitionKey";
const ROW: &str = "RowKey";
const TIMESTAMP: &str = "Timestamp";
const ANNOTATION: &str = "@odata.type";

/// The most entities on a page.
const PAGE: usize = 1000;

pub(super) fn answer(
    state: &ServerState,
    asked: &Asked,
    resource: &Resource,
    body: &Bytes,
) -> Result<Answer> {
    let answer = match resource.route {
        Route::Storage(Operation::InsertEntity) => insert(state, asked, resource, body),
        Route::Storage(Operation::GetEntity) => get(state, asked, resource),
        Route::Storage(Operation::QueryEntities) => query(state, asked, resource),
        Route::Storage(operation @ (Operation::MergeEntity | Operation::ReplaceEntity)) => {
            change(state, asked, resource, operation, body)
        }
        Route::Storage(Operation::DeleteEntity) => delete(state, asked, resource),
        _ => Err(not_offered()),
    };
    answer.map(|mut answer| {
        let version = http::HeaderValue::from_static("3.0;");
        answer.headers_mut().insert("dataserviceversion", version);
        answer
    })
}

fn insert(state: &ServerState, asked: &Asked, resource: &Resource, body: &Bytes) -> Result<Answer> {
    let mut properties = properties(body)?;
    let mut take = |name| match properties.remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(refusal(
            400,
            "PropertiesNeedValue",
            "the entity has no key of two texts",
        )),
    };
    let key = EntityKey::new(take(PARTITION)?, take(ROW)?);
    let entity = Entity {
        key,
        properties: own(properties),
    };
    let stored = state.storage().insert_entity(&resource.place, &entity)?;
    let is_silent = asked
        .header("prefer")
        .is_some_and(|prefer| prefer.contains("return-no-content"));
    let preference = if is_silent {
        "return-no-content"
    } else {
        "return-content"
    };
    let answer = status(if is_silent { 204 } else { 201 }).header("etag", &stored.etag);
    let answer = answer.header("preference-applied", preference);
    if is_silent {
        return Ok(bare(answer));
    }
    let element = format!("{}/@Element", resource.place.name);
    Ok(told(
        asked,
        answer,
        &document(state, asked, &element, shown(asked, &stored, &[])),
    ))
}

fn get(state: &ServerState, asked: &Asked, resource: &Resource) -> Result<Answer> {
    let key = key(&resource.rest)?;
    let stored = state.storage().entity(&resource.place, &key)?;
    let element = format!("{}/@Element", resource.place.name);
    let entity = shown(asked, &stored, &selected(asked));
    let answer = status(200)
        .header("etag", &stored.etag)
        .header("cache-control", "no-cache");
    Ok(told(asked, answer, &document(state, asked, &element, entity)))
}

fn query(state: &ServerState, asked: &Asked, resource: &Resource) -> Result<Answer> {
    let filter = Filter::parse(asked.parameter("$filter").unwrap_or_default())?;
    let from = asked.parameter("NextPartitionKey");
    let from =
        from.map(|partition| EntityKey::new(partition, asked.parameter("NextRowKey").unwrap_or_default()));
    let top = asked
        .parameter("$top")
        .and_then(|top| top.parse().ok())
        .unwrap_or(PAGE)
        .min(PAGE);
    let all = state.storage().entities(&resource.place, filter.partition())?;
    let is_wanted = |stored: &&StoredEntity| {
        from.as_ref().is_none_or(|from| stored.entity.key >= *from) && filter.fits(&stored.entity.key)
    };
    let mut found = all.iter().filter(is_wanted);
    let selected = selected(asked);
    let page = found
        .by_ref()
        .take(top)
        .map(|stored| Value::Object(shown(asked, stored, &selected)));
    let page = Map::from_iter([("value".to_owned(), page.collect())]);
    let mut answer = status(200).header("cache-control", "no-cache");
    if let Some(next) = found.next() {
        answer = answer
            .header("x-ms-continuation-nextpartitionkey", &next.entity.key.partition)
            .header("x-ms-continuation-nextrowkey", &next.entity.key.row);
    }
    Ok(told(
        asked,
        answer,
        &document(state, asked, &resource.place.name, page),
    ))
}

fn change(
    state: &ServerState,
    asked: &Asked,
    resource: &Resource,
    operation: Operation,
    body: &Bytes,
) -> Result<Answer> {
    let entity = Entity {
        key: key(&resource.rest)?,
        properties: own(properties(body)?),
    };
    let condition = condition(asked);
    let stored = match operation {
        Operation::MergeEntity => state.storage().merge_entity(&resource.place, &entity, &condition),
        _ => state
            .storage()
            .replace_entity(&resource.place, &entity, &condition),
    }?;
    Ok(bare(status(204).header("etag", &stored.etag)))
}

fn delete(state: &ServerState, asked: &Asked, resource: &Resource) -> Result<Answer> {
    let key = key(&resource.rest)?;
    let condition = match condition(asked) {
        IfMatch::Absent => IfMatch::Any,
        condition => condition,
    };
    state.storage().delete_entity(&resource.place, &key, &condition)?;
    Ok(bare(status(204)))
}

fn condition(asked: &Asked) -> IfMatch {
    match asked.header("if-match") {
        None => IfMatch::Absent,
        Some("*") => IfMatch::Any,
        Some(etag) => IfMatch::Etag(etag.to_owned()),
    }
}

fn properties(body: &Bytes) -> Result<Map<String, Value>> {
    serde_json::from_slice(body).map_err(|_| refusal(400, "InvalidInput", "the body is no entity of JSON"))
}

/// The properties that are the client's to set: the key stands in the address, and the service writes the time.
fn own(mut properties: Map<String, Value>) -> Map<String, Value> {
    properties.retain(|name, _| {
        let property = name.strip_suffix(ANNOTATION).unwrap_or(name);
        !matches!(property, PARTITION | ROW | TIMESTAMP) && !name.starts_with("odata.")
    });
    properties
}

fn selected(asked: &Asked) -> Vec<&str> {
    asked
        .parameter("$select")
        .map_or_else(Vec::new, |names| names.split(',').map(str::trim).collect())
}

/// An entity as the client wants it: all properties or some, with or without what the service says about them.
fn shown(asked: &Asked, stored: &StoredEntity, selected: &[&str]) -> Map<String, Value> {
    let is_plain = is_plain(asked);
    let mut entity = Map::new();
    if !is_plain {
        entity.insert("odata.etag".to_owned(), stored.etag.clone().into());
    }
    let key = &stored.entity.key;
    let system = [
        (PARTITION, key.partition.clone()),
        (ROW, key.row.clone()),
        (TIMESTAMP, stored.timestamp.to_string()),
    ];
    entity.extend(system.map(|(name, text)| (name.to_owned(), text.into())));
    entity.extend(stored.entity.properties.clone());
    entity.retain(|name, _| {
        let property = name.strip_suffix(ANNOTATION).unwrap_or(name);
        let is_selected = selected.is_empty() || selected.contains(&property) || name == "odata.etag";
        is_selected && (!is_plain || property == name)
    });
    entity
}

fn is_plain(asked: &Asked) -> bool {
    asked
        .header("accept")
        .is_some_and(|accept| accept.contains("nometadata"))
}

/// A document about an entity or several, which says first what it is.
fn document(state: &ServerState, asked: &Asked, what: &str, content: Map<String, Value>) -> Value {
    if is_plain(asked) {
        return content.into();
    }
    let mut document = Map::new();
    let metadata = format!("{}/$metadata#{what}", state.cluster);
    document.insert("odata.metadata".to_owned(), json!(metadata));
    document.extend(content);
    document.into()
}

fn told(asked: &Asked, answer: Builder, document: &Value) -> Answer {
    let level = if is_plain(asked) {
        "nometadata"
    } else {
        "minimalmetadata"
    };
    let content_type = format!("application/json;odata={level};streaming=true;charset=utf-8");
    with(
        answer.header("content-type", content_type),
        Bytes::from(document.to_string()),
    )
}
