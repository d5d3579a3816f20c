//! How often a request is sent whose outcome nobody knows: by the settings of the cluster, in every client.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use kusto_ingest::endpoint::{Dataset, ManagementEndpoint, RequestProperties};
use kusto_ingest::external::bytes::Bytes;
use kusto_ingest::properties::{DatabaseName, TableName};
use kusto_ingest::retry::{NoRetry, OnUnknownOutcome};
use kusto_ingest::status::ReceiptState;
use kusto_ingest::storage::{BlobName, BlobStore, BlockId, ResourceUri};
use kusto_ingest::streaming::{StreamingEndpoint, StreamingOutcome, StreamingRequest};
use kusto_ingest::upload::BlobNaming;
use kusto_ingest::{
    DataFormat, Error, ErrorKind, IngestClientExt, IngestionProperties, Kusto, KustoBuilder, LocalSource,
    Result, async_trait,
};

use crate::block_on;
use crate::pieces::{Fixed, Press, Sundial, Times};
use crate::store::Shelf;

/// Loses the answers to so many requests; takes the next.
#[derive(Clone, Debug)]
struct Forgetful {
    lost: u32,
    asked: Arc<AtomicU32>,
}

#[async_trait]
impl StreamingEndpoint for Forgetful {
    async fn ingest(
        &self,
        _: &DatabaseName,
        _: &TableName,
        _: &StreamingRequest,
    ) -> Result<StreamingOutcome> {
        match self.asked.fetch_add(1, Ordering::SeqCst) < self.lost {
            true => Err(Error::new(ErrorKind::OutcomeUnknown, "stream the source")),
            false => Ok(StreamingOutcome::of_records(1)),
        }
    }
}

/// What streaming ends with, and how many requests there were, where the answer to the first is lost.
fn stream(set: impl FnOnce(KustoBuilder) -> KustoBuilder) -> Result<(Result<bool>, u32)> {
    let engine = Forgetful {
        lost: 1,
        asked: Arc::default(),
    };
    let kusto = set(offline(&engine)?).connect()?;
    let given = block_on(kusto.streaming().ingest(row(), &into_weather()?));
    let doubled = given.map(|receipt| receipt.may_be_duplicated());
    Ok((doubled, engine.asked.load(Ordering::SeqCst)))
}

fn offline(engine: &Forgetful) -> Result<KustoBuilder> {
    let shelf = Shelf::default();
    Ok(Kusto::builder("http://127.0.0.1:1")?
        .with_streaming_endpoint(Arc::new(engine.clone()))
        .with_clock(Arc::new(Sundial::default()))
        .with_compressor(Arc::new(Press::default()))
        .with_resource_provider(Arc::new(Fixed::default()))
        .with_blob_store(Arc::new(shelf.clone()))
        .with_queue_store(Arc::new(shelf)))
}

fn row() -> LocalSource {
    LocalSource::from_bytes("2012-01-01,4.7\n").with_name("weather.csv")
}

fn into_weather() -> Result<IngestionProperties> {
    IngestionProperties::into_table("Samples", "Weather")
}

#[test]
fn a_lost_answer_is_reported_after_one_request_by_default() -> Result<()> {
    let (given, asked) = stream(|builder| builder)?;
    assert_eq!(
        given.map_err(|error| error.kind()),
        Err(ErrorKind::OutcomeUnknown)
    );
    assert_eq!(asked, 1);
    Ok(())
}

#[test]
fn whoever_asks_for_it_has_a_lost_answer_followed_by_another_request_and_is_told() -> Result<()> {
    let (given, asked) = stream(|builder| builder.with_on_unknown_outcome(OnUnknownOutcome::Retry))?;
    assert!(given?, "the rows may be there twice");
    assert_eq!(asked, 2);
    Ok(())
}

#[test]
fn the_policy_for_streaming_has_the_last_word_on_how_often() -> Result<()> {
    let retried = |builder: KustoBuilder| builder.with_on_unknown_outcome(OnUnknownOutcome::Retry);
    let (given, asked) = stream(|builder| retried(builder).with_streaming_retry(Arc::new(NoRetry)))?;
    assert_eq!(
        given.map_err(|error| error.kind()),
        Err(ErrorKind::OutcomeUnknown)
    );
    assert_eq!(asked, 1);

    let (given, asked) = stream(|builder| builder.with_streaming_retry(Arc::new(Times(5))))?;
    assert!(
        given.is_err(),
        "a policy alone repeats nothing that may have worked"
    );
    assert_eq!(asked, 1);
    Ok(())
}

#[test]
fn attempts_of_the_streaming_client_do_not_multiply_those_of_managed_streaming() -> Result<()> {
    let engine = Forgetful {
        lost: u32::MAX,
        asked: Arc::default(),
    };
    let requests = |builder: KustoBuilder| -> Result<u32> {
        let before = engine.asked.load(Ordering::SeqCst);
        let receipt = block_on(builder.connect()?.managed().ingest(row(), &into_weather()?))?;
        assert_eq!(receipt.state, ReceiptState::Queued);
        Ok(engine.asked.load(Ordering::SeqCst) - before)
    };
    let usual = requests(offline(&engine)?)?;
    let retried = offline(&engine)?
        .with_on_unknown_outcome(OnUnknownOutcome::Retry)
        .with_streaming_retry(Arc::new(Times(5)));
    assert_eq!(requests(retried)?, usual);
    assert!(usual > 0);
    Ok(())
}

/// Is never available. Clones share the count of what it was asked.
#[derive(Clone, Debug, Default)]
struct Closed(Arc<AtomicU32>);

impl Closed {
    fn refuse<T>(&self) -> Result<T> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Err(Error::new(ErrorKind::Unavailable, "open"))
    }

    /// How often it was asked since the last look.
    fn asked(&self) -> u32 {
        self.0.swap(0, Ordering::SeqCst)
    }
}

#[async_trait]
impl ManagementEndpoint for Closed {
    async fn execute(&self, _: &DatabaseName, _: &str, _: &RequestProperties) -> Result<Dataset> {
        self.refuse()
    }
}

#[async_trait]
impl BlobStore for Closed {
    async fn put(&self, _: &ResourceUri, _: &BlobName, _: Bytes) -> Result<()> {
        self.refuse()
    }

    async fn stage(&self, _: &ResourceUri, _: &BlobName, _: BlockId, _: Bytes) -> Result<()> {
        self.refuse()
    }

    async fn commit(&self, _: &ResourceUri, _: &BlobName, _: &[BlockId]) -> Result<()> {
        self.refuse()
    }

    async fn length(&self, _: &ResourceUri, _: &BlobName) -> Result<Option<u64>> {
        self.refuse()
    }
}

#[test]
fn the_policies_for_direct_ingestion_for_commands_and_for_uploads_say_how_often() -> Result<()> {
    let closed = Closed::default();
    let builder = || -> Result<KustoBuilder> {
        let engine = Forgetful {
            lost: 0,
            asked: Arc::default(),
        };
        Ok(offline(&engine)?
            .with_engine_endpoint(Arc::new(closed.clone()))
            .with_data_management(Arc::new(closed.clone()))
            .with_blob_store(Arc::new(closed.clone())))
    };
    for attempts in [1, 2, 5] {
        let policy = || Arc::new(Times(attempts));
        let kusto = builder()?.with_direct_retry(policy()).connect()?;
        assert!(block_on(kusto.direct().ingest(row(), &into_weather()?)).is_err());
        assert_eq!(closed.asked(), attempts, "commands of direct ingestion");

        let kusto = builder()?.with_command_retry(policy()).connect()?;
        assert!(block_on(kusto.engine_uploader().upload(&row(), &naming()?)).is_err());
        assert_eq!(closed.asked(), attempts, "commands that ask for storage");

        let kusto = builder()?.with_upload_retry(policy()).connect()?;
        assert!(block_on(kusto.uploader().upload(&row(), &naming()?)).is_err());
        assert_eq!(closed.asked(), attempts, "rounds of an upload, in one container");
    }
    Ok(())
}

fn naming() -> Result<BlobNaming> {
    Ok(BlobNaming::new(&into_weather()?, DataFormat::Csv))
}
