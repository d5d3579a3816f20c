//! Commands about operations that take long, and about what failed.

use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_ingest_decode::{ScalarType, Value};
use uuid::Uuid;

use super::args::{Args, guid};
use super::grammar::CommandSpec;
use super::session::{Action, action};
use crate::RequestKind;
use crate::answer::table_of;

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(".show operations {ID, (ID, …)}", RequestKind::Operations, show),
    CommandSpec::new(".show operation ID details", RequestKind::Operations, details),
    CommandSpec::new(".show operation ID", RequestKind::Operations, show_one),
    CommandSpec::new(
        ".cancel operation ID {with (reason='text')}",
        RequestKind::Change,
        cancel,
    ),
    CommandSpec::new(
        ".show ingestion failures {with (OperationId=ID)}",
        RequestKind::IngestionFailures,
        failures,
    ),
    CommandSpec::new(
        ".show streamingingestion failures",
        RequestKind::Show,
        streaming_failures,
    ),
];

/// Nothing, one identity, or several in parentheses.
fn show(args: &mut Args<'_>) -> Result<Action> {
    let lexer = &mut args.lexer;
    let several = lexer.mark('(');
    let mut ids = Vec::new();
    while let Some(id) = guid(lexer) {
        ids.push(id);
        if !several || !lexer.mark(',') {
            break;
        }
    }
    if several && !lexer.mark(')') {
        return Err(lexer.expected("identities of operations in parentheses"));
    }
    shown(ids)
}

fn show_one(args: &mut Args<'_>) -> Result<Action> {
    shown(vec![args.id()])
}

fn shown(ids: Vec<Uuid>) -> Result<Action> {
    action(move |session| {
        // What waits is worked on first.
        while session.kusto.work_on_operation() {}
        Ok(session.kusto.state().log.operations(&ids))
    })
}

fn details(args: &mut Args<'_>) -> Result<Action> {
    let id = args.id();
    action(move |session| {
        while session.kusto.work_on_operation() {}
        let state = session.kusto.state();
        state.log.details(id).cloned().ok_or_else(|| not_there(id))
    })
}

fn not_there(id: Uuid) -> Error {
    Error::new(ErrorKind::NotFound, "run the command")
        .because(format!("there is no operation {id} that has kept its results"))
        .with_code("BadRequest_EntityNotFound")
        .with_http_status(400)
        .with_permanence(true)
}

fn cancel(args: &mut Args<'_>) -> Result<Action> {
    let id = args.id();
    let reason = args.options()?.text("reason").unwrap_or_default();
    action(move |session| {
        let now = session.kusto.now();
        let cancelled = session.kusto.state().log.cancel(id, &reason, now);
        let (kind, started, is_cancelled) = cancelled.ok_or_else(|| not_there(id))?;
        let columns = [
            ("OperationId", ScalarType::Guid),
            ("Operation", ScalarType::String),
            ("StartedOn", ScalarType::DateTime),
            ("CancellationState", ScalarType::String),
            ("ReasonPhrase", ScalarType::String),
        ];
        let (state, reason) = match is_cancelled {
            true => ("Canceled successfully", reason.as_str()),
            false => ("Cancel failed", "the operation has begun, or has ended"),
        };
        Ok(table_of(&columns).with_row([
            Value::from(id),
            Value::from(kind),
            Value::from(started),
            Value::from(state),
            Value::from(reason),
        ]))
    })
}

fn failures(args: &mut Args<'_>) -> Result<Action> {
    let written = args.options()?.text("OperationId");
    let id = written.map(|id| Uuid::parse_str(&id)).transpose();
    let id = id.map_err(|_| args.lexer.expected("the identity of an operation before this"))?;
    action(move |session| Ok(session.kusto.state().log.failures(id)))
}

/// What is refused in a streaming request is told in its answer, and nowhere else.
fn streaming_failures(_args: &mut Args<'_>) -> Result<Action> {
    let columns = [
        ("Database", ScalarType::String),
        ("Table", ScalarType::String),
        ("Principal", ScalarType::String),
        ("RootActivityId", ScalarType::Guid),
        ("IngestionProperties", ScalarType::String),
        ("Count", ScalarType::Long),
        ("FirstFailureOn", ScalarType::DateTime),
        ("LastFailureOn", ScalarType::DateTime),
        ("FailureKind", ScalarType::String),
        ("ErrorCode", ScalarType::String),
        ("Details", ScalarType::String),
    ];
    action(move |_| Ok(table_of(&columns)))
}
