//! Hosts that never answer and calls that would wait for long: the limit of the ingestion ends it, by its clock.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join;
use kusto_fake::testing::messages;
use kusto_ingest::{ErrorKind, IngestClientExt, LocalSource};
use kusto_ingest_core::testing::now;
use kusto_ingest_core::{ManualClock, within};
use kusto_ingest_tokio::TokioClock;

use super::matrix::Target;
use crate::setup::{client, emulator, paused, silence, tracked};

const BLOCK: usize = 16 * 1024;

const LIMIT: Duration = Duration::from_millis(150);

#[tokio::test]
async fn the_deadline_ends_everything_before_the_post() {
    for target in [
        Target::PutBlob,
        Target::Block,
        Target::Commit,
        Target::Row,
        Target::Command,
    ] {
        let emulator = emulator(paused().with_clock(Arc::new(ManualClock::new(now())))).await;
        silence(&emulator, target.route());
        // It stands until the silent host was asked: what comes before that may take as long as it does.
        let clock = ManualClock::new(now());
        let kusto = client(&emulator, |builder| {
            let builder = builder.with_clock(Arc::new(clock.clone()));
            builder.with_blocks(BLOCK, 2).with_deadline(LIMIT)
        });
        let properties = tracked();
        let length = if target.needs_blocks() { 3 * BLOCK } else { 100 };
        let source = LocalSource::from_bytes(vec![b'x'; length]).with_name("a.parquet");
        let client = kusto.queued();
        let ingesting = client.ingest(source, &properties);
        let time_passes = async {
            while emulator.request_count(target.route()) == 0 {
                tokio::task::yield_now().await;
            }
            clock.advance(LIMIT);
        };
        let ending = async { join(ingesting, time_passes).await.0 };
        let error = within(&TokioClock::new(), Duration::from_secs(60), "end in time", ending)
            .await
            .expect_err("nobody answers");
        assert_eq!(error.kind(), ErrorKind::Timeout, "{target:?}: {}", error.chain());
        assert!(error.chain().contains("150ms"), "{target:?}: {}", error.chain());
        assert_eq!(messages(emulator.fake()).len(), 0, "{target:?}");
    }
}
