//! Commands about operations of queued ingestion over REST.

use kusto_endpoint::OperationId;
use kusto_ingest_core::Result;

use super::args::Args;
use super::grammar::CommandSpec;
use super::session::{Action, action};
use crate::RequestKind;
use crate::lexer::Lexer;
use crate::refusal::refused;

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(
        ".show queued ingestion operations",
        RequestKind::QueuedOperations,
        show,
    ),
    CommandSpec::new(".cancel queued ingestion operation", RequestKind::Change, cancel),
];

/// One identity, or several in parentheses; behind one, `details`.
fn show(args: &mut Args<'_>) -> Result<Action> {
    let lexer = &mut args.lexer;
    if !lexer.mark('(') {
        let id = id(lexer)?;
        let wants_details = lexer.keyword("details");
        return action(move |session| {
            let state = session.kusto.state();
            Ok(match wants_details {
                true => state.queued.shown_blobs(&id),
                false => state.queued.shown(std::slice::from_ref(&id)),
            })
        });
    }
    let mut ids = vec![id(lexer)?];
    while lexer.mark(',') {
        ids.push(id(lexer)?);
    }
    if !lexer.mark(')') {
        return Err(lexer.expected("identities of operations in parentheses"));
    }
    action(move |session| Ok(session.kusto.state().queued.shown(&ids)))
}

fn cancel(args: &mut Args<'_>) -> Result<Action> {
    let id = id(&mut args.lexer)?;
    action(move |session| {
        let now = session.kusto.now();
        let mut state = session.kusto.state();
        match state.queued.cancel(&id, now) {
            true => Ok(state.queued.shown(std::slice::from_ref(&id))),
            false => Err(refused(
                "BadRequest_EntityNotFound",
                format!("there is no queued operation {id}"),
            )),
        }
    })
}

fn id(lexer: &mut Lexer<'_>) -> Result<OperationId> {
    let text = lexer.string();
    text.and_then(|text| OperationId::parse(&text))
        .ok_or_else(|| lexer.expected("the identity of a queued operation as a string"))
}
