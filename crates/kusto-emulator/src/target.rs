//! The target of a request: its route, and its storage resource.

use http::Method;
use kusto_fake::{MemoryStorage, ResourcePath};
use kusto_storage::{Operation, ResourceKind};

use crate::request_head::RequestHead;
use crate::{Route, host};

/// Where a request goes.
pub(crate) enum Target {
    /// To a Kusto, or to the emulator itself.
    Kusto(Route),
    /// To a container, queue or table.
    Storage(Resource),
}

/// A container, queue or table, and what in it is meant.
#[derive(Clone)]
pub(crate) struct Resource {
    pub(crate) route: Route,
    pub(crate) kind: ResourceKind,
    pub(crate) place: ResourcePath,
    /// What follows the resource in the path: a blob's name, `messages/{id}`, or what stands in the parentheses
    /// behind a table.
    pub(crate) rest: String,
}

impl Target {
    pub(crate) fn of(asked: &RequestHead, storage: &MemoryStorage, names: &[String]) -> Self {
        let path = asked.path.trim_start_matches('/');
        if path.starts_with("v1/rest/") || path.starts_with("v2/rest/") {
            return Self::Kusto(kusto(path, &asked.method));
        }
        if path.starts_with("__emulator/") || (path.is_empty() && asked.method == Method::GET) {
            return Self::Kusto(Route::Admin);
        }
        // No container is named as Kusto's own paths begin.
        if let Some(account) = asked.header("host").and_then(|host| account_of(host, names)) {
            return Self::Storage(resource(asked, account, path, storage));
        }
        match path.split_once('/') {
            Some((account, rest)) if !rest.is_empty() => {
                Self::Storage(resource(asked, account, rest, storage))
            }
            _ => Self::Kusto(Route::Unknown),
        }
    }

    pub(crate) fn route(&self) -> Route {
        match self {
            Self::Kusto(route) => *route,
            Self::Storage(resource) => resource.route,
        }
    }

    pub(crate) fn place(&self) -> Option<&ResourcePath> {
        match self {
            Self::Kusto(_) => None,
            Self::Storage(resource) => Some(&resource.place),
        }
    }
}

/// The account of a host that names one: `acct0` of `acct0.table.localhost:8443`.
fn account_of<'a>(host: &'a str, names: &[String]) -> Option<&'a str> {
    let (account, rest) = host.split_once('.')?;
    let (service, rest) = rest.split_once('.')?;
    let is_storage = ["blob", "queue", "table"]
        .iter()
        .any(|known| service.eq_ignore_ascii_case(known));
    (is_storage && host::is_known(host::without_port(rest), names)).then_some(account)
}

fn kusto(path: &str, method: &Method) -> Route {
    let (get, post) = (method == Method::GET, method == Method::POST);
    match path {
        "v1/rest/auth/metadata" if get => Route::Metadata,
        "v1/rest/ping" if get => Route::Ping,
        "v1/rest/mgmt" if post => Route::Management,
        "v1/rest/query" | "v2/rest/query" if post => Route::Query,
        path if post && path.starts_with("v1/rest/ingest/") => Route::Streaming,
        "v1/rest/ingestion/configuration" if get => Route::IngestionConfiguration,
        path if post && path.starts_with("v1/rest/ingestion/queued/") => Route::QueuedSubmission,
        path if get && path.starts_with("v1/rest/ingestion/queued/") => Route::QueuedOperation,
        _ => Route::Unknown,
    }
}

/// The three services share one address, so what a name means is seen from what there is, and from the path.
fn resource(asked: &RequestHead, account: &str, path: &str, storage: &MemoryStorage) -> Resource {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let is = |kind, name: &str| storage.exists(kind, &ResourcePath::new(account, name));
    if path == "$batch" && asked.method == Method::POST {
        return Resource {
            route: Route::Batch,
            kind: ResourceKind::Table,
            place: ResourcePath::new(account, path),
            rest: String::new(),
        };
    }
    if let Some((name, key)) = table_and_key(path)
        && (name != path || is(ResourceKind::Table, name))
    {
        return Resource {
            route: table(&asked.method, key),
            kind: ResourceKind::Table,
            place: ResourcePath::new(account, name),
            rest: key.to_owned(),
        };
    }
    let is_messages = rest == "messages" || rest.starts_with("messages/");
    let is_container = is(ResourceKind::Container, first);
    if is(ResourceKind::Queue, first) || (is_messages && !is_container) {
        return Resource {
            route: queue(asked, rest),
            kind: ResourceKind::Queue,
            place: ResourcePath::new(account, first),
            rest: rest.to_owned(),
        };
    }
    Resource {
        route: blob(asked, rest),
        kind: ResourceKind::Container,
        place: ResourcePath::new(account, first),
        rest: rest.to_owned(),
    }
}

/// `name(key)`, `name()` or `name`, when it can be a table's.
fn table_and_key(path: &str) -> Option<(&str, &str)> {
    match path.split_once('(') {
        Some((name, key)) => key
            .strip_suffix(')')
            .filter(|_| !name.contains('/'))
            .map(|key| (name, key)),
        None => (!path.contains('/')).then_some((path, "")),
    }
}

fn table(method: &Method, key: &str) -> Route {
    let operation = match (method.as_str(), key.is_empty()) {
        ("POST", true) => Operation::InsertEntity,
        ("GET", true) => Operation::QueryEntities,
        ("GET", false) => Operation::GetEntity,
        ("MERGE" | "PATCH", false) => Operation::MergeEntity,
        ("PUT", false) => Operation::ReplaceEntity,
        ("DELETE", false) => Operation::DeleteEntity,
        _ => return Route::Unknown,
    };
    Route::Storage(operation)
}

fn queue(asked: &RequestHead, rest: &str) -> Route {
    let is_peek = asked
        .parameter("peekonly")
        .is_some_and(|only| only.eq_ignore_ascii_case("true"));
    let operation = match (asked.method.as_str(), rest) {
        ("POST", "messages") => Operation::PutMessage,
        ("GET", "messages") if is_peek => Operation::PeekMessages,
        ("GET", "messages") => Operation::ReceiveMessages,
        ("DELETE", "messages") => Operation::ClearMessages,
        ("DELETE", rest) if rest.len() > "messages/".len() => Operation::DeleteMessage,
        ("PUT", rest) if rest.len() > "messages/".len() => Operation::UpdateMessage,
        ("GET" | "HEAD", "") => return Route::Properties,
        _ => return Route::Unknown,
    };
    Route::Storage(operation)
}

fn blob(asked: &RequestHead, rest: &str) -> Route {
    let is_path = match asked.method.as_str() {
        "PATCH" => asked.parameter("action").is_some(),
        "PUT" => asked.parameter("resource").is_some(),
        "GET" => rest.is_empty() && asked.parameter("resource").is_some(),
        _ => false,
    };
    if is_path {
        return Route::Path;
    }
    let is_copy = asked.header("x-ms-copy-source").is_some();
    let operation = match (asked.method.as_str(), rest.is_empty(), asked.parameter("comp")) {
        ("PUT", false, None) if is_copy => Operation::CopyBlob,
        ("PUT", false, None) => Operation::PutBlob,
        ("PUT", false, Some("block")) if !is_copy => Operation::StageBlock,
        ("PUT", false, Some("blocklist")) => Operation::CommitBlocks,
        ("GET", false, Some("blocklist")) => Operation::ListBlocks,
        ("GET", false, None) => Operation::GetBlob,
        ("HEAD", false, None) | ("GET" | "HEAD", false, Some("metadata")) => Operation::HeadBlob,
        ("DELETE", false, None) => Operation::DeleteBlob,
        ("GET", true, Some("list")) => Operation::ListBlobs,
        ("GET" | "HEAD", true, None | Some("metadata")) => return Route::Properties,
        _ => return Route::Unknown,
    };
    Route::Storage(operation)
}
