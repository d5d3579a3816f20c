//! Queued ingestion over REST: what is offered, what is taken, and how it stands.

use bytes::Bytes;
use kusto_endpoint::QueuedEndpoint;
use kusto_fake::wire;
use kusto_ingest_core::{Error, ErrorKind, Result};

use crate::Route;
use crate::answer::{Answer, bare, json, status};
use crate::content;
use crate::request_head::{Address, RequestHead};
use crate::state::ServerState;

pub(super) async fn answer(
    state: &ServerState,
    asked: &RequestHead,
    route: Route,
    body: Bytes,
) -> Result<Answer> {
    // An engine has no such routes.
    let nothing = || Ok(bare(status(404)));
    if asked.address == Address::Engine {
        return nothing();
    }
    match answered(state, asked, route, body).await {
        Ok(text) => Ok(json(status(200), text)),
        Err(error) if is_not_offered(&error) => nothing(),
        Err(error) => Err(error),
    }
}

async fn answered(state: &ServerState, asked: &RequestHead, route: Route, body: Bytes) -> Result<String> {
    let fake = &state.fake;
    let shape = fake.rest_service().shape();
    match route {
        Route::IngestionConfiguration => {
            let offered = fake.configuration().await?;
            Ok(wire::ingestion_configuration(&offered, shape))
        }
        Route::QueuedSubmission => {
            let body = content::plain(body, route.largest_body())?;
            let (database, table, request) = wire::parse_submission(&asked.raw_path, &body)?;
            let id = fake.submit(&database, &table, &request).await?;
            state.worker.wake();
            Ok(wire::submission(id.as_ref()))
        }
        _ => {
            let (database, table, id, detail) = wire::parse_operation(&asked.raw_path, &asked.raw_query)?;
            let told = fake.operation(&database, &table, &id, detail).await?;
            Ok(wire::queued_operation(&told, shape))
        }
    }
}

fn is_not_offered(error: &Error) -> bool {
    error.kind() == ErrorKind::Unsupported && error.http_status() == Some(404)
}
