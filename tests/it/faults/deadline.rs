//! Hosts that never answer and calls that would wait for long: the limit of the ingestion ends it, by its clock.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join;
use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan};
use kusto_ingest::clock::Timestamp;
use kusto_ingest::{
    ErrorKind, IngestClientExt, IngestionProperties, Kusto, LocalSource, ReportLevel, ReportMethod,
};
use kusto_ingest_core::{ManualClock, within};
use kusto_ingest_tokio::TokioClock;

use super::cell::messages;
use super::matrix::Target;

const BLOCK: usize = 16 * 1024;
fn start() -> Timestamp {
    Timestamp::parse("2026-01-02T03:04:05Z").expect("a good time")
}

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
        let emulator = Emulator::builder()
            .with_clock(Arc::new(ManualClock::new(start())))
            .with_ingestion_paused()
            .start()
            .await
            .expect("a free port");
        let silent = HttpFaultPlan::new(HttpFault::Delay(Duration::from_secs(3_600)));
        emulator.plan(silent.on(target.route()).forever());
        // It stands until the silent host was asked: what comes before that may take as long as it does.
        let clock = ManualClock::new(start());
        let kusto = Kusto::builder(&emulator.cluster())
            .expect("a good address")
            .with_clock(Arc::new(clock.clone()))
            .with_blocks(BLOCK, 2)
            .with_deadline(LIMIT)
            .connect()
            .expect("nothing is sent yet");
        let properties = IngestionProperties::into_table("db", "t")
            .expect("good names")
            .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
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
        let error = within(&TokioClock::new(), Duration::from_secs(20), "end in time", ending)
            .await
            .expect_err("nobody answers");
        assert_eq!(error.kind(), ErrorKind::Timeout, "{target:?}: {}", error.chain());
        assert!(error.chain().contains("150ms"), "{target:?}: {}", error.chain());
        assert_eq!(messages(&emulator).len(), 0, "{target:?}");
    }
}
