//! Tables: entities inserted, read, changed and queried, one by one or several together.

mod batch;
mod entity;
mod token;

pub(crate) use batch::answer as answer_batch;

use bytes::Bytes;
use http::response::Builder;
use kusto_fake::{EntityChange, IfMatch, StoredEntity};
use kusto_ingest_core::{Error, Result};
use kusto_storage::{Entity, EntityKey, Operation};
use serde::Serialize;
use serde_json::Value;

use crate::Route;
use crate::answer::{Answer, bare, not_offered, refusal, status, with};
use crate::filter::{Filter, key};
use crate::request_head::RequestHead;
use crate::state::ServerState;
use crate::target::Resource;
use entity::{JsonObject, check_key, is_plain, own, properties, shown};

const PARTITION: &str = "PartitionKey";
const ROW: &str = "RowKey";
const TIMESTAMP: &str = "Timestamp";

/// The most entities on a page.
const PAGE: usize = 1000;

pub(super) fn answer(
    state: &ServerState,
    asked: &RequestHead,
    resource: &Resource,
    body: &Bytes,
) -> Result<Answer> {
    let answer = match resource.route {
        Route::Storage(Operation::GetEntity) => get(state, asked, resource),
        Route::Storage(Operation::QueryEntities) => query(state, asked, resource),
        Route::Storage(operation) => change(state, asked, resource, operation, body),
        _ => Err(not_offered()),
    };
    answer.map(versioned)
}

/// Says which version of the protocol an answer is of.
fn versioned(mut answer: Answer) -> Answer {
    let version = http::HeaderValue::from_static("3.0;");
    answer.headers_mut().insert("dataserviceversion", version);
    answer
}

fn change(
    state: &ServerState,
    asked: &RequestHead,
    resource: &Resource,
    operation: Operation,
    body: &Bytes,
) -> Result<Answer> {
    let change = read_change(asked, operation, &resource.rest, body)?;
    let changed = state
        .storage()
        .change_entities(&resource.place, std::slice::from_ref(&change));
    let stored = changed.map_err(|(_, error)| error)?.into_iter().flatten().next();
    told(state, asked, &resource.place.name, &change, stored.as_ref())
}

/// The change that a request asks for.
fn read_change(asked: &RequestHead, operation: Operation, rest: &str, body: &Bytes) -> Result<EntityChange> {
    let at_key = || -> Result<Entity> {
        Ok(Entity {
            key: key(rest)?,
            properties: own(properties(body)?),
        })
    };
    Ok(match operation {
        Operation::InsertEntity => EntityChange::Insert(new_entity(body)?),
        Operation::MergeEntity | Operation::ReplaceEntity => {
            let (entity, condition) = (at_key()?, condition(asked));
            if condition == IfMatch::Absent {
                check_key(&entity.key)?;
            }
            match operation {
                Operation::MergeEntity => EntityChange::Merge(entity, condition),
                _ => EntityChange::Replace(entity, condition),
            }
        }
        Operation::DeleteEntity => EntityChange::Delete(
            key(rest)?,
            match condition(asked) {
                IfMatch::Absent => IfMatch::Any,
                condition => condition,
            },
        ),
        _ => return Err(not_offered()),
    })
}

fn new_entity(body: &Bytes) -> Result<Entity> {
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
    check_key(&key)?;
    Ok(Entity {
        key,
        properties: own(properties),
    })
}

/// What is answered to a change that was made.
fn told(
    state: &ServerState,
    asked: &RequestHead,
    table: &str,
    change: &EntityChange,
    stored: Option<&StoredEntity>,
) -> Result<Answer> {
    let Some(stored) = stored else {
        return Ok(bare(status(204)));
    };
    let is_silent = asked
        .header("prefer")
        .is_some_and(|prefer| prefer.contains("return-no-content"));
    let answer = status(if matches!(change, EntityChange::Insert(_)) && !is_silent {
        201
    } else {
        204
    });
    let answer = answer.header("etag", &stored.etag);
    match (change, is_silent) {
        (EntityChange::Insert(_), true) => Ok(bare(answer.header("preference-applied", "return-no-content"))),
        (EntityChange::Insert(_), false) => {
            let about = about(state, asked, &format!("{table}/@Element"));
            let answer = answer.header("preference-applied", "return-content");
            Ok(written(asked, answer, &about.with(shown(asked, stored))))
        }
        _ => Ok(bare(answer)),
    }
}

fn get(state: &ServerState, asked: &RequestHead, resource: &Resource) -> Result<Answer> {
    let key = key(&resource.rest)?;
    let stored = state.storage().entity(&resource.place, &key)?;
    let about = about(state, asked, &format!("{}/@Element", resource.place.name));
    let answer = status(200)
        .header("etag", &stored.etag)
        .header("cache-control", "no-cache");
    Ok(written(asked, answer, &about.with(shown(asked, &stored))))
}

/// A page of entities: what it is, and then they.
#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    about: JsonObject,
    value: Vec<JsonObject>,
}

fn query(state: &ServerState, asked: &RequestHead, resource: &Resource) -> Result<Answer> {
    let filter = Filter::parse(asked.parameter("$filter").unwrap_or_default())?;
    let token = |name: &str| token::read(asked.parameter(name).unwrap_or_default());
    let from = asked.parameter("NextPartitionKey");
    let from = from.map(|_| EntityKey::new(token("NextPartitionKey"), token("NextRowKey")));
    let top = asked
        .parameter("$top")
        .map_or(Ok(PAGE), str::parse)
        .map_err(|_| refusal(400, "InvalidInput", "$top is not a number"))?;
    let all = state.storage().entities(&resource.place, filter.partition())?;
    let is_wanted = |stored: &&StoredEntity| {
        from.as_ref().is_none_or(|from| stored.entity.key >= *from) && filter.fits(stored)
    };
    let mut found = all.iter().filter(is_wanted);
    let page = Page {
        about: about(state, asked, &resource.place.name),
        value: found
            .by_ref()
            .take(top.min(PAGE))
            .map(|stored| shown(asked, stored))
            .collect(),
    };
    let mut answer = status(200).header("cache-control", "no-cache");
    if let Some(next) = found.next() {
        answer = answer
            .header(
                "x-ms-continuation-nextpartitionkey",
                token::written(&next.entity.key.partition),
            )
            .header(
                "x-ms-continuation-nextrowkey",
                token::written(&next.entity.key.row),
            );
    }
    Ok(written(asked, answer, &page))
}

fn condition(asked: &RequestHead) -> IfMatch {
    match asked.header("if-match") {
        None => IfMatch::Absent,
        Some("*") => IfMatch::Any,
        Some(etag) => IfMatch::Etag(etag.to_owned()),
    }
}

/// What a document about an entity or several says first: what it is.
fn about(state: &ServerState, asked: &RequestHead, what: &str) -> JsonObject {
    let is_told = !is_plain(asked);
    JsonObject::about(is_told.then(|| format!("{}/$metadata#{what}", state.cluster)))
}

fn written(asked: &RequestHead, answer: Builder, document: &impl Serialize) -> Answer {
    let level = if is_plain(asked) {
        "nometadata"
    } else {
        "minimalmetadata"
    };
    let content_type = format!("application/json;odata={level};streaming=true;charset=utf-8");
    // A document of texts can always be written.
    let text = serde_json::to_string(document).unwrap_or_default();
    with(answer.header("content-type", content_type), Bytes::from(text))
}

/// The error of a request as the table service writes it.
pub(crate) fn refused(error: &Error) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        #[serde(rename = "odata.error")]
        error: ODataError<'a>,
    }
    #[derive(Serialize)]
    struct ODataError<'a> {
        code: &'a str,
        message: Message<'a>,
    }
    #[derive(Serialize)]
    struct Message<'a> {
        lang: &'static str,
        value: &'a str,
    }
    let document = Document {
        error: ODataError {
            code: error.code().unwrap_or("InternalError"),
            message: Message {
                lang: "en-US",
                value: error.reason().unwrap_or(error.operation()),
            },
        },
    };
    serde_json::to_string(&document).unwrap_or_default()
}
