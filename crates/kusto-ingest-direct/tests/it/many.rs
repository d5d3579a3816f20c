//! Many sources by one call.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use async_trait::async_trait;
use futures::executor::block_on;
use futures::{FutureExt as _, StreamExt as _};
use kusto_endpoint::{Dataset, ManagementEndpoint, RequestProperties, ScriptedEndpoint};
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{
    AggregateResult, BlobSource, BlobUri, DatabaseName, Error, ErrorKind, IngestionProperties, LocalSource,
    ReceiptState, Result, Source, Timestamp,
};
use kusto_ingest_direct::{Batching, CommandMode, DirectIngestClient};
use kusto_ingest_upload::{BlobNaming, Uploaded, Uploader};

use crate::world::{EXTENT, NIL, OPERATION, World, blob, error, failures, loaded, one_extent, properties};

fn ingest_many(world: &World, sources: Vec<(Source, &IngestionProperties)>) -> AggregateResult {
    block_on(world.client.ingest_many(sources))
}

fn together(mode: CommandMode) -> World {
    let world = World::new();
    let client = world
        .client
        .clone()
        .with_batching(Batching::many_per_command())
        .with_mode(mode);
    World { client, ..world }
}

fn created(at: &str) -> IngestionProperties {
    properties().with_creation_time(Timestamp::parse(at).expect("a date"))
}

#[test]
fn a_source_that_is_given_twice_is_refused_before_anything_is_sent() {
    let other_table = IngestionProperties::into_table("db", "another").expect("good names");
    let (world, ours) = (together(CommandMode::Sync), properties());
    world.always(".ingest into", one_extent());
    let local = LocalSource::from_bytes("1\n");
    let twice: [[Source; 2]; 2] = [
        [blob("1.csv").into(), blob("1.csv").into()],
        [local.clone().into(), local.into()],
    ];
    for [first, second] in twice {
        let sources = vec![(first, &ours), (blob("2.csv").into(), &ours), (second, &ours)];
        let result = ingest_many(&world, sources);
        let kinds: Vec<ErrorKind> = result.errors().map(Error::kind).collect();
        assert_eq!(kinds, [ErrorKind::InvalidInput; 3]);
        assert!(
            result
                .errors()
                .all(|error| error.to_string().contains("two of them"))
        );
    }
    assert!(world.sent().is_empty());

    let sources = vec![
        (blob("1.csv").into(), &ours),
        (blob("1.csv").into(), &other_table),
    ];
    assert_eq!(
        ingest_many(&world, sources).receipts().count(),
        2,
        "one blob into two tables"
    );
}

#[test]
fn s03_g8_other_creation_times_make_other_commands() {
    let world = together(CommandMode::Sync);
    world.always(".ingest into", one_extent());
    let (early, late) = (created("2026-01-01"), created("2026-01-02"));
    let sources = vec![
        (blob("1.csv").into(), &early),
        (blob("2.csv").into(), &early),
        (blob("3.csv").into(), &late),
    ];
    let receipts = ingest_many(&world, sources).into_result().expect("loaded");
    assert_eq!(receipts.len(), 3);
    let sent = world.sent();
    assert_eq!(sent.len(), 2);
    assert!(
        sent[0].contains("1.csv") && sent[0].contains("2.csv") && sent[0].contains("2026-01-01T"),
        "{sent:?}"
    );
    assert!(
        sent[1].contains("3.csv") && sent[1].contains("2026-01-02T"),
        "{sent:?}"
    );
}

#[test]
fn s03_g14_one_failing_source_ends_nothing_but_itself() {
    let world = World::new();
    world.always(".ingest into", one_extent());
    world.engine.once(
        ".ingest into table ['T'] (h@'https://a.blob.core.windows.net/c/2.csv",
        Err(error(ErrorKind::Rejected, 400)),
    );
    let properties = properties();
    let blobs: Vec<BlobSource> = (1..=4).map(|n| blob(&format!("{n}.csv"))).collect();
    let sources = blobs
        .iter()
        .map(|blob| (blob.clone().into(), &properties))
        .collect();
    let result = ingest_many(&world, sources);
    assert_eq!(world.sent().len(), 4);
    assert_eq!((result.receipts().count(), result.is_global()), (3, false));
    let ids: Vec<_> = result.entries().iter().map(|entry| entry.source_id).collect();
    assert_eq!(ids, blobs.iter().map(BlobSource::id).collect::<Vec<_>>());
    let failed = result.errors().next().expect("one").source_id();
    assert_eq!(failed, Some(blobs[1].id()));
    let error = Error::from(result.into_result().expect_err("one failed"));
    assert!(
        error
            .chain()
            .starts_with("failed to ingest all sources: 1 of 4 failed: run the command"),
        "{}",
        error.chain()
    );
}

#[test]
fn s03_g15_when_all_fail_the_error_is_global() {
    let world = World::new();
    for _ in 0..2 {
        world.engine.once(".ingest", Err(error(ErrorKind::Rejected, 400)));
    }
    let properties = properties();
    let sources = vec![
        (blob("1.csv").into(), &properties),
        (blob("2.csv").into(), &properties),
    ];
    assert!(ingest_many(&world, sources).is_global());
}

#[test]
fn the_failures_of_a_batch_belong_to_the_sources_that_the_engine_names() {
    let world = together(CommandMode::Sync);
    let path = |name: &str| format!("https://a.blob.core.windows.net/c/{name}");
    let answer = loaded(&[(EXTENT, &path("1.csv"), false), (NIL, &path("2.csv"), true)]);
    world.engine.once(".ingest into", Ok(answer));
    world.engine.once(
        ".show ingestion failures",
        Ok(failures(&[(&path("2.csv"), "it is empty")])),
    );
    let properties = properties();
    let sources = vec![
        (blob("1.csv").into(), &properties),
        (blob("2.csv").into(), &properties),
    ];
    let result = ingest_many(&world, sources);
    assert_eq!(result.receipts().count(), 1);
    assert!(
        result
            .errors()
            .next()
            .expect("one")
            .to_string()
            .contains("it is empty")
    );
}

#[test]
fn a_source_that_no_row_names_is_told_by_the_rows_without_a_source_and_not_by_those_of_others() {
    let world = together(CommandMode::Sync);
    let (first, other) = ("https://a.blob.core.windows.net/c/1.csv", OPERATION);
    let answer = loaded(&[(EXTENT, first, false), (other, "", false)]);
    world.engine.once(".ingest into", Ok(answer));
    let properties = properties();
    let sources = ["1.csv", "2.csv"].map(|name| (blob(name).into(), &properties));
    let receipts = ingest_many(&world, sources.into()).into_result().expect("loaded");
    let extents: Vec<_> = receipts
        .iter()
        .map(|receipt| match &receipt.state {
            ReceiptState::Ingested { extents, .. } => extents.clone(),
            state => panic!("{state:?}"),
        })
        .collect();
    let id = |text: &str| vec![text.parse::<uuid::Uuid>().expect("a guid")];
    assert_eq!(extents, [id(EXTENT), id(other)]);
}

#[test]
fn text_and_blobs_keep_their_order_and_what_cannot_be_read_is_accounted_for() {
    let world = together(CommandMode::Sync);
    world.always(".ingest", one_extent());
    let properties = properties();
    let text = LocalSource::from_bytes("a,1\n");
    let empty = LocalSource::from_bytes("");
    let blob = blob("f.csv");
    let ids = [blob.id(), empty.id(), text.id()];
    let sources = vec![
        (blob.into(), &properties),
        (empty.into(), &properties),
        (text.into(), &properties),
    ];
    let result = ingest_many(&world, sources);
    let outcomes = result.entries();
    assert_eq!(ids, [0, 1, 2].map(|place| outcomes[place].source_id));
    assert_eq!(
        outcomes[1].outcome.as_ref().map_err(Error::kind).err(),
        Some(ErrorKind::EmptySource)
    );
    assert_eq!(
        outcomes[2].outcome.as_ref().map(|receipt| receipt.source_id).ok(),
        Some(ids[2])
    );
    assert!(ingest_many(&world, Vec::new()).entries().is_empty());
}

/// An engine that never answers about the blobs whose names say so.
#[derive(Debug)]
struct Stuck(ScriptedEndpoint);

#[async_trait]
impl ManagementEndpoint for Stuck {
    async fn execute(
        &self,
        database: &DatabaseName,
        command: &str,
        properties: &RequestProperties,
    ) -> Result<Dataset> {
        if command.contains("stuck") {
            futures::future::pending::<()>().await;
        }
        self.0.execute(database, command, properties).await
    }
}

#[test]
fn what_was_told_before_an_interruption_is_known_by_source() {
    let script = ScriptedEndpoint::new().with_response(".ingest into", one_extent());
    let client = DirectIngestClient::new(Arc::new(Stuck(script.clone())), Arc::new(clock()))
        .with_mode(CommandMode::Sync)
        .with_batching(Batching::many_per_command().with_max_sources(2))
        .with_parallelism(1);
    let properties = properties();
    let blobs = ["1.csv", "2.csv", "3.csv", "4-stuck.csv", "5.csv"].map(blob);
    let ids = blobs.each_ref().map(BlobSource::id);
    let empty = LocalSource::from_bytes("");
    let known_first = empty.id();
    let sources = blobs.into_iter().map(|blob| (blob.into(), &properties));
    let sources = sources.chain([(empty.into(), &properties)]).collect();

    let mut each = client.ingest_each(sources).boxed();
    let mut told = Vec::new();
    while let Some(Some(result)) = each.next().now_or_never() {
        told.push((result.source_id, result.outcome.is_ok()));
    }
    drop(each);
    assert_eq!(told, [(known_first, false), (ids[0], true), (ids[1], true)]);
    assert_eq!(
        script.commands().len(),
        1,
        "after the command that is stuck, none was begun"
    );
}

#[test]
fn a_quick_command_is_told_of_before_a_slow_one_that_came_first() {
    let script = ScriptedEndpoint::new().with_response(".ingest into", one_extent());
    let clock = clock();
    let client = DirectIngestClient::new(Arc::new(Stuck(script)), Arc::new(clock)).with_parallelism(2);
    let properties = properties();
    let sources = ["1-stuck.csv", "2.csv", "3.csv"].map(|name| (blob(name).into(), &properties));
    let mut each = client.ingest_each(sources.into()).boxed();
    let told = std::iter::from_fn(|| each.next().now_or_never().flatten());
    assert_eq!(told.filter(|result| result.outcome.is_ok()).count(), 2);
}

/// Uploads, the slower the longer the source.
#[derive(Debug)]
struct Slowly;

#[async_trait]
impl Uploader for Slowly {
    async fn upload(&self, source: &LocalSource, _naming: &BlobNaming) -> Result<Uploaded> {
        let bytes = source.payload().len().expect("bytes in memory");
        let mut left = bytes;
        poll_fn(|context| {
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        let address = BlobUri::parse(format!("https://a/c/{bytes}.csv"))?;
        Ok(Uploaded::new(address, Some(bytes), bytes))
    }
}

#[test]
fn commands_name_sources_in_the_order_given_whichever_upload_ends_first() {
    let script = ScriptedEndpoint::new().with_response(".ingest into", one_extent());
    let clock = clock();
    let client = DirectIngestClient::new(Arc::new(script.clone()), Arc::new(clock))
        .with_uploader(Arc::new(Slowly))
        .with_inline_limit(0)
        .with_mode(CommandMode::Sync)
        .with_batching(Batching::many_per_command());
    let properties = properties();
    let sources = ["longest", "long", "s"].map(|text| (LocalSource::from_bytes(text).into(), &properties));
    let result = block_on(client.ingest_many(sources.into()));
    assert_eq!(result.receipts().count(), 3);
    let sent: Vec<String> = script.commands().into_iter().map(|asked| asked.text).collect();
    assert_eq!(sent.len(), 1);
    assert!(
        sent[0].contains("(h@'https://a/c/7.csv',h@'https://a/c/4.csv',h@'https://a/c/1.csv')"),
        "{sent:?}"
    );
}
