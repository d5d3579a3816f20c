//! What is answered to each route.

mod admin;
mod blob;
mod kusto;
mod page;
mod queue;
mod queued;
mod sign_in;
mod streaming;
pub(crate) mod table;

use std::sync::Arc;

use bytes::Bytes;
use kusto_fake::MemoryStorage;
use kusto_ingest_core::Result;
use kusto_storage::ResourceKind;

use crate::Route;
use crate::answer::{Answer, bare, status};
use crate::authority::AuthorityRequest;
use crate::request_head::RequestHead;
use crate::state::ServerState;
use crate::target::{Resource, Target};

/// Answers a request whose body was read.
pub(crate) async fn answer(
    state: &Arc<ServerState>,
    asked: &RequestHead,
    target: &Target,
    body: Bytes,
) -> Result<Answer> {
    if let (Target::Kusto(route), Some(authority)) = (target, &state.authority)
        && route.needs_token()
    {
        authority.check(asked)?;
    }
    match target {
        Target::Kusto(Route::Metadata) => Ok(sign_in::metadata(state)),
        Target::Kusto(Route::Authority) => match (&state.authority, AuthorityRequest::of(asked)) {
            (Some(authority), Some(wanted)) => Ok(sign_in::answer(state, authority, &wanted, &body)),
            _ => Ok(bare(status(404))),
        },
        Target::Kusto(Route::Ping) => Ok(bare(status(200))),
        Target::Kusto(Route::Management | Route::Query) => {
            kusto::answer(state, asked, target.route(), body).await
        }
        Target::Kusto(Route::Streaming) => streaming::answer(state, asked, body).await,
        Target::Kusto(
            route @ (Route::IngestionConfiguration | Route::QueuedSubmission | Route::QueuedOperation),
        ) => queued::answer(state, asked, *route, body).await,
        Target::Kusto(Route::Admin) => admin::answer(state, asked, &body).await,
        Target::Kusto(_) => Ok(bare(status(404))),
        Target::Storage(resource) if resource.route == Route::Batch => {
            table::answer_batch(state, asked, &body)
        }
        Target::Storage(resource) => stored(state, asked, resource, body),
    }
}

/// Does what a client asks of a storage: counted, met by planned faults, and its SAS checked before all else.
fn stored(state: &ServerState, asked: &RequestHead, resource: &Resource, body: Bytes) -> Result<Answer> {
    let work = |storage: &MemoryStorage| {
        storage.authorize(resource.kind, &resource.place, &asked.raw_query)?;
        match resource.kind {
            ResourceKind::Container => blob::answer(state, asked, resource, body),
            ResourceKind::Queue => queue::answer(state, asked, resource, &body),
            ResourceKind::Table => table::answer(state, asked, resource, &body),
        }
    };
    let storage = state.storage();
    match resource.route {
        Route::Storage(operation) => storage.serve(operation, &resource.place, work),
        _ => work(storage),
    }
}
