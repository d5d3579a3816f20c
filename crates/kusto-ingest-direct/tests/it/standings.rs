//! How far each source of a call is when the call is broken off.

use std::sync::Arc;

use async_trait::async_trait;
use futures::FutureExt as _;
use kusto_endpoint::{Dataset, ManagementEndpoint, RequestProperties, ScriptedEndpoint};
use kusto_ingest_core::{
    DatabaseName, ErrorKind, LocalSource, ManualClock, ReceiptState, Result, Source, Timestamp,
};
use kusto_ingest_direct::{Batching, CommandMode, DirectIngestClient, Standing, Standings};

use crate::world::{OPERATION, begun, blob, error, properties};

/// An engine that never answers a command about `slow.csv`.
#[derive(Debug)]
struct Engine(ScriptedEndpoint);

#[async_trait]
impl ManagementEndpoint for Engine {
    async fn execute(
        &self,
        database: &DatabaseName,
        command: &str,
        properties: &RequestProperties,
    ) -> Result<Dataset> {
        if command.contains("slow.csv") {
            return std::future::pending().await;
        }
        self.0.execute(database, command, properties).await
    }
}

/// A client whose clock stands still, so that it never looks at an operation.
fn client(engine: ScriptedEndpoint) -> DirectIngestClient {
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    DirectIngestClient::new(Arc::new(Engine(engine)), clock).with_mode(CommandMode::Followed)
}

/// How far the engine is with sources after everything was done that needs no waiting.
fn broken_off(client: DirectIngestClient, sources: Vec<Source>) -> Vec<Standing> {
    let (properties, standings) = (properties(), Standings::new());
    let ids: Vec<_> = sources.iter().map(Source::id).collect();
    let sources = sources.into_iter().map(|source| (source, &properties)).collect();
    let client = client.with_standings(&standings);
    let ended = client.ingest_many(sources).now_or_never();
    assert!(ended.is_none(), "something is waited for");
    ids.into_iter().map(|id| standings.of(id)).collect()
}

#[test]
fn every_source_tells_whether_the_engine_has_it() {
    let engine = ScriptedEndpoint::new().with_answer(".ingest async", begun());
    let client = client(engine).with_parallelism(2);
    let sources: Vec<Source> = vec![
        blob("followed.csv").into(),
        blob("slow.csv").into(),
        blob("never_begun.csv").into(),
    ];
    let id = sources[0].id();
    let standings = broken_off(client, sources);
    let Standing::Accepted(receipt) = &standings[0] else {
        panic!("{standings:?}");
    };
    let operation = OPERATION.parse().expect("an identity");
    assert_eq!(
        (receipt.source_id, &receipt.state),
        (id, &ReceiptState::Operation { id: operation })
    );
    assert!(
        receipt
            .blob
            .as_deref()
            .is_some_and(|blob| blob.ends_with("/followed.csv"))
    );
    assert_eq!(standings[1..], [Standing::Sent, Standing::NotSent]);
}

#[test]
fn text_in_a_command_is_sent_with_it() {
    let client = client(ScriptedEndpoint::new());
    let text = LocalSource::from_bytes("slow.csv\n");
    assert_eq!(broken_off(client, vec![text.into()]), [Standing::Sent]);
}

#[test]
fn the_blobs_of_a_batch_share_their_standing() {
    let engine = ScriptedEndpoint::new().with_answer(".ingest async", begun());
    let client = client(engine).with_batching(Batching::together().with_max_sources(2));
    let sources = ["a.csv", "b.csv", "c.csv", "slow.csv"].map(|name| blob(name).into());
    let standings = broken_off(client, sources.into());
    assert!(
        matches!(
            standings.as_slice(),
            [
                Standing::Accepted(_),
                Standing::Accepted(_),
                Standing::Sent,
                Standing::Sent
            ]
        ),
        "{standings:?}"
    );
}

#[test]
fn what_the_engine_refused_and_waits_for_another_attempt_is_not_sent() {
    let engine = ScriptedEndpoint::new();
    engine.once(".ingest async", Err(error(ErrorKind::Throttled, 429)));
    let standings = broken_off(client(engine), vec![blob("a.csv").into()]);
    assert_eq!(standings, [Standing::NotSent]);
}
