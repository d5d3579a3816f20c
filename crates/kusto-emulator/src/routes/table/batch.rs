//! Several changes of one partition in one request, which are all made or none: `$batch`.

mod multipart;

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{Request, Response};
use kusto_fake::{EntityChange, ResourcePath};
use kusto_ingest_core::{Error, Result};
use kusto_storage::ResourceKind;
use uuid::Uuid;

use crate::Route;
use crate::answer::{Answer, refusal, status, with};
use crate::failure;
use crate::request_head::RequestHead;
use crate::state::ServerState;
use crate::target::{Resource, Target};
use multipart::{Part, boundary, parts};

use super::{read_change, told, versioned};

/// The most changes in one request.
const MOST: usize = 100;

/// One request of several, as it would have come alone.
struct BatchOperation {
    asked: RequestHead,
    resource: Resource,
    body: Bytes,
}

/// Answers a request that holds others: changes of one table, or one reading.
///
/// # Errors
/// `InvalidInput` for what is none; `CommandsInBatchActOnDifferentPartitions`, `InvalidDuplicateRow`; those of the SAS.
/// What the table refuses stands in the answer.
pub(crate) fn answer(state: &ServerState, asked: &RequestHead, body: &Bytes) -> Result<Answer> {
    let (requests, is_changeset) = read(state, asked, body)?;
    let Some(table) = requests.first().map(|one| one.resource.place.clone()) else {
        return Err(invalid("there is no request in it"));
    };
    if requests.len() > MOST {
        return Err(invalid("there are more than 100 requests in it"));
    }
    if requests.iter().any(|one| one.resource.place != table) {
        return Err(invalid("its requests are about different tables"));
    }
    state
        .storage()
        .authorize(ResourceKind::Table, &table, &asked.raw_query)?;
    for one in &requests {
        if let Route::Storage(operation) = one.resource.route {
            state.storage().serve(operation, &table, |_| Ok(()))?;
        }
    }
    let answers = match (requests.as_slice(), is_changeset) {
        ([one], false) => {
            let answered = super::answer(state, &one.asked, &one.resource, &one.body);
            vec![answered.or_else(|error| refused(one, &error))?]
        }
        (_, false) => return Err(invalid("only one reading stands outside of a set of changes")),
        (_, true) => change_all(state, &table, &requests)?,
    };
    Ok(versioned(joined(answers, is_changeset)))
}

fn change_all(state: &ServerState, table: &ResourcePath, requests: &[BatchOperation]) -> Result<Vec<Answer>> {
    let mut changes = Vec::new();
    for (place, one) in requests.iter().enumerate() {
        let Route::Storage(operation) = one.resource.route else {
            return Err(invalid("one of its requests is no change of an entity"));
        };
        match read_change(&one.asked, operation, &one.resource.rest, &one.body) {
            Ok(change) => changes.push(change),
            Err(error) => return Ok(vec![refused(one, &numbered(place, &error))?]),
        }
    }
    check_keys(&changes)?;
    match state.storage().change_entities(table, &changes) {
        Ok(stored) => {
            let made = requests.iter().zip(&changes).zip(&stored);
            made.map(|((one, change), stored)| told(state, &one.asked, &table.name, change, stored.as_ref()))
                .collect()
        }
        Err((place, error)) => Ok(vec![refused(&requests[place], &numbered(place, &error))?]),
    }
}

fn check_keys(changes: &[EntityChange]) -> Result<()> {
    let partitions: BTreeSet<_> = changes.iter().map(|change| &change.key().partition).collect();
    if partitions.len() > 1 {
        let why = "its requests are about different partitions";
        return Err(refusal(400, "CommandsInBatchActOnDifferentPartitions", why));
    }
    let rows: BTreeSet<_> = changes.iter().map(|change| &change.key().row).collect();
    match rows.len() < changes.len() {
        true => Err(refusal(
            400,
            "InvalidDuplicateRow",
            "an entity is changed twice in it",
        )),
        false => Ok(()),
    }
}

/// The same error with the place of the request in front of its reason, as the service writes it.
fn numbered(place: usize, error: &Error) -> Error {
    let why = error.reason().unwrap_or(error.operation()).to_owned();
    error.clone().because(format!("{place}:{why}"))
}

fn refused(one: &BatchOperation, error: &Error) -> Result<Answer> {
    let target = Target::Storage(one.resource.clone());
    failure::answer(&one.asked, &target, error).ok_or_else(|| error.clone())
}

/// The requests in a body, and whether they are a set of changes.
fn read(state: &ServerState, asked: &RequestHead, body: &Bytes) -> Result<(Vec<BatchOperation>, bool)> {
    let text = std::str::from_utf8(body).map_err(|_| invalid("its body is not UTF-8"))?;
    let outer = boundary(asked.header("content-type").unwrap_or_default());
    let outer = outer.ok_or_else(|| invalid("it does not say what divides its parts"))?;
    let mut requests = Vec::new();
    let mut is_changeset = false;
    for part in parts(text, outer).ok_or_else(|| invalid("its parts do not end"))? {
        let part = Part::read(part).ok_or_else(|| invalid("one of its parts has no head"))?;
        let content_type = part.header("content-type").unwrap_or_default();
        match boundary(content_type) {
            None => requests.push(one(state, asked, &part)?),
            Some(inner) => {
                is_changeset = true;
                for part in parts(part.body, inner).ok_or_else(|| invalid("its changes do not end"))? {
                    let part = Part::read(part).ok_or_else(|| invalid("one of its changes has no head"))?;
                    requests.push(one(state, asked, &part)?);
                }
            }
        }
    }
    Ok((requests, is_changeset))
}

/// The request in a part.
fn one(state: &ServerState, asked: &RequestHead, part: &Part<'_>) -> Result<BatchOperation> {
    let unreadable = || invalid("one of its parts is no request");
    let (line, rest) = part.body.trim_start().split_once('\n').ok_or_else(unreadable)?;
    let mut words = line.split_whitespace();
    let (method, address) = words.next().zip(words.next()).ok_or_else(unreadable)?;
    let inner = Part::read(rest).ok_or_else(unreadable)?;
    let own = address
        .split_once("://")
        .map(|(_, rest)| rest.split('/').next().unwrap_or(rest));
    let host = own.or_else(|| asked.header("host")).unwrap_or_default();
    let mut request = Request::builder()
        .method(method)
        .uri(address)
        .header("host", host);
    for (name, value) in inner
        .headers()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("host"))
    {
        request = request.header(name, value);
    }
    let (head, ()) = request.body(()).map_err(|_| unreadable())?.into_parts();
    let asked = RequestHead::read(&head, asked.address);
    match Target::of(&asked, state.storage(), &state.host_names) {
        Target::Storage(resource)
            if resource.kind == ResourceKind::Table && resource.route != Route::Batch =>
        {
            Ok(BatchOperation {
                asked,
                resource,
                body: Bytes::copy_from_slice(inner.body.trim_end().as_bytes()),
            })
        }
        _ => Err(invalid("one of its requests is not about a table")),
    }
}

/// The answers in one: those to a set of changes are a set themselves.
fn joined(answers: Vec<Answer>, is_changeset: bool) -> Answer {
    let (outer, inner) = (Uuid::new_v4(), Uuid::new_v4());
    let divider = match is_changeset {
        true => format!("changesetresponse_{inner}"),
        false => format!("batchresponse_{outer}"),
    };
    let mut text = String::new();
    for answer in answers {
        text.push_str(&format!(
            "--{divider}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n{}\r\n",
            message(answer)
        ));
    }
    text.push_str(&format!("--{divider}--\r\n"));
    if is_changeset {
        text = format!(
            "--batchresponse_{outer}\r\nContent-Type: multipart/mixed; boundary={divider}\r\n\r\n{text}\
             --batchresponse_{outer}--\r\n"
        );
    }
    let content_type = format!("multipart/mixed; boundary=batchresponse_{outer}");
    let answer = status(202).header("content-type", content_type);
    with(answer, Bytes::from(text))
}

/// An answer as text.
fn message(answer: Answer) -> String {
    let answer: Response<_> = versioned(answer);
    let (head, body) = answer.into_parts();
    let mut text = format!("HTTP/1.1 {}\r\n", head.status);
    for (name, value) in &head.headers {
        text.push_str(&format!(
            "{name}: {}\r\n",
            String::from_utf8_lossy(value.as_bytes())
        ));
    }
    text.push_str("\r\n");
    for piece in body.into_pieces() {
        text.push_str(&String::from_utf8_lossy(&piece));
    }
    text
}

fn invalid(why: &'static str) -> Error {
    refusal(400, "InvalidInput", why)
}
