//! Data that is streamed into a table.

use bytes::Bytes;
use futures::executor::block_on;
use kusto_endpoint::StreamingEndpoint;
use kusto_fake::wire;
use kusto_ingest_core::{Error, ErrorKind, Result};
use tokio::task::spawn_blocking;

use crate::answer::{Answer, json, status};
use crate::asked::Asked;
use crate::state::ServerState;

pub(super) async fn answer(state: &ServerState, asked: &Asked, body: Bytes) -> Result<Answer> {
    // The names are parts of the path, in which an escaped slash is no slash.
    let (database, table, request) = wire::parse_streaming(&asked.raw_path, &asked.raw_query, body)?;
    let fake = state.fake.clone();
    // Ten megabytes may come at once: others are answered meanwhile.
    let taken = spawn_blocking(move || block_on(fake.ingest(&database, &table, &request))).await;
    let outcome = taken.unwrap_or_else(|_| Err(Error::new(ErrorKind::Unavailable, "stream the data")))?;
    Ok(json(status(200), &wire::streaming_outcome(&outcome)))
}
