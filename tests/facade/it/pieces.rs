//! The small seams: time, trying again, compression, resources, uploads, status, and which way a source goes.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kusto_ingest::clock::{Clock, Timestamp};
use kusto_ingest::compression::{Compressor, Encoded, InlineCompressor};
use kusto_ingest::managed::{Attempt, FallbackReason, ManagedStreamingPolicy, Outcome as Ended, Route};
use kusto_ingest::queued::IdentityToken;
use kusto_ingest::resources::{IngestionResources, Outcome, ResourceProvider};
use kusto_ingest::retry::{FailedAttempt, RetryPolicy};
use kusto_ingest::sources::{BlobUri, LocalSource, Payload, SourceId};
use kusto_ingest::status::{
    NewStatusRecord, OpenedStatus, OperationStatus, StatusLocator, StatusRecord, StatusTracker,
};
use kusto_ingest::storage::ResourceUri;
use kusto_ingest::upload::{BlobNaming, Uploaded, Uploader};
use kusto_ingest::{Error, Result, async_trait};

pub(crate) const QUEUE: &str = "https://a.queue.core.windows.net/ready?sv=2022-11-02&sig=a%2Bb%3D";
pub(crate) const CONTAINER: &str = "https://a.blob.core.windows.net/temp?sv=2022-11-02&sig=a%2Bb%3D";
pub(crate) const TABLE: &str = "https://a.table.core.windows.net/status?sv=2022-11-02&sig=a%2Bb%3D";

/// A clock that stands still until it is moved. Clones are one clock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sundial(Arc<AtomicU64>);

impl Sundial {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_secs(), Ordering::SeqCst);
    }
}

#[async_trait]
impl Clock for Sundial {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
    }
}

/// Tries so many times in all, a second apart.
#[derive(Debug)]
pub(crate) struct Times(pub(crate) u32);

impl RetryPolicy for Times {
    fn backoff<'a>(&self, failed: &FailedAttempt<'a>) -> Option<Duration> {
        (failed.attempt < self.0).then_some(Duration::from_secs(1))
    }
}

/// Counts what it compresses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Press(pub(crate) Arc<AtomicU32>);

#[async_trait]
impl Compressor for Press {
    async fn gzip(&self, payload: &Payload) -> Result<Encoded> {
        self.0.fetch_add(1, Ordering::SeqCst);
        InlineCompressor::new().gzip(payload).await
    }
}

/// Always the same queue, container and table; notes how they did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fixed(pub(crate) Arc<Mutex<Vec<Outcome>>>);

#[async_trait]
impl ResourceProvider for Fixed {
    async fn resources(&self) -> Result<Arc<IngestionResources>> {
        Ok(Arc::new(
            IngestionResources::empty()
                .with_queues([ResourceUri::parse(QUEUE)?])
                .with_containers([ResourceUri::parse(CONTAINER)?])
                .with_status_tables([ResourceUri::parse(TABLE)?]),
        ))
    }

    async fn identity_token(&self) -> Result<IdentityToken> {
        IdentityToken::parse("who-we-are")
    }

    fn report(&self, _: &ResourceUri, outcome: Outcome) {
        self.0
            .lock()
            .expect("no test panics while it looks")
            .push(outcome);
    }
}

/// Says that it uploaded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Courier(pub(crate) Arc<AtomicU32>);

#[async_trait]
impl Uploader for Courier {
    async fn upload(&self, source: &LocalSource, _: &BlobNaming) -> Result<Uploaded> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let blob = BlobUri::parse(format!("https://mine.example/{}.csv", source.id()))?;
        Ok(Uploaded::new(blob, source.raw_size(), 7))
    }
}

/// Remembers what was opened, and calls all of it succeeded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Diary(pub(crate) Arc<Mutex<Vec<SourceId>>>);

#[async_trait]
impl StatusTracker for Diary {
    async fn open(&self, source_id: SourceId, opening: &NewStatusRecord) -> Result<OpenedStatus> {
        self.0
            .lock()
            .expect("no test panics while it looks")
            .push(source_id);
        Ok(OpenedStatus::new(TABLE, source_id, opening))
    }

    async fn fetch(&self, _: &StatusLocator) -> Result<StatusRecord> {
        Ok(StatusRecord::new(OperationStatus::Succeeded))
    }

    async fn abandon(&self, _: &StatusLocator, _: &Error) -> Result<()> {
        Ok(())
    }
}

/// Streams nothing, and says why.
#[derive(Debug)]
pub(crate) struct NeverStream;

impl ManagedStreamingPolicy for NeverStream {
    fn before(&self, _: &Attempt) -> Route {
        Route::Queue(FallbackReason::Other {
            reason: "it is Sunday".to_owned(),
        })
    }

    fn after(&self, _: &Attempt, _: &Ended) {}
}
