//! Two clients for tests, a clock that moves by itself, and the errors that a real engine gives.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use futures::AsyncReadExt as _;
use futures::executor::block_on;
use futures::io::Cursor;
use kusto_endpoint::{ClientHeaders, EndpointResponse, StreamingCall, StreamingRequest};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_compression::testing::gunzip;
use kusto_ingest_core::testing::{clock, receipt, replayable, source_id};
use kusto_ingest_core::{
    BlobSource, Clock, Compression, DataFormat, DatabaseName, Error, ErrorKind, FailedAttempt, IngestClient,
    IngestionProperties, LocalSource, ManualClock, Receipt, ReceiptState, Result, RetryPolicy, Source,
    SourceId, TableName, Timestamp,
};
use kusto_ingest_managed::{DefaultPolicy, ManagedStreamingIngestClient, ManagedStreamingSettings};
use serde_json::json;

pub(crate) struct World {
    pub(crate) client: ManagedStreamingIngestClient,
    pub(crate) engine: Leg,
    pub(crate) queue: Leg,
    pub(crate) clock: ManualClock,
}

impl World {
    /// Waits of 1 s and 2 s, without jitter.
    pub(crate) fn new(settings: ManagedStreamingSettings) -> Self {
        let clock = clock();
        let engine = Leg::new(ReceiptState::Streamed, &clock);
        let queue = Leg::new(ReceiptState::Queued, &clock);
        let settings = settings.with_retry(Arc::new(Doubling));
        let client = ManagedStreamingIngestClient::new(
            Arc::new(engine.clone()),
            Arc::new(queue.clone()),
            Arc::new(InlineCompressor::new()),
            Arc::new(clock.clone()),
        );
        Self {
            client: client.with_policy(DefaultPolicy::new(settings)),
            engine,
            queue,
            clock,
        }
    }

    /// The engine refuses the first so many times.
    pub(crate) fn refusing(times: usize, error: &Error) -> Self {
        let world = Self::new(ManagedStreamingSettings::new());
        world.engine.refuse(times, error);
        world
    }

    pub(crate) fn ingest(
        &self,
        source: impl Into<Source>,
        properties: &IngestionProperties,
    ) -> Result<Receipt> {
        block_on(self.client.ingest_source(source.into(), properties))
    }

    /// Ingests a few bytes into a table.
    pub(crate) fn some_bytes_into(&self, database: &str, table: &str) -> Result<Receipt> {
        let properties = IngestionProperties::into_table(database, table).expect("these are names");
        self.ingest(bytes(), &properties.with_format(DataFormat::Csv))
    }

    /// How often the engine and the queue were asked since the last look.
    pub(crate) fn asked(&self) -> (usize, usize) {
        (self.engine.take().len(), self.queue.take().len())
    }

    /// The same with a client that was changed.
    pub(crate) fn with(
        self,
        change: impl FnOnce(ManagedStreamingIngestClient) -> ManagedStreamingIngestClient,
    ) -> Self {
        let client = change(self.client);
        Self { client, ..self }
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// Three attempts, waits of 1 s and 2 s, or as long as the service asks up to half a minute.
#[derive(Debug)]
pub(crate) struct Doubling;

impl RetryPolicy for Doubling {
    fn backoff<'a>(&self, failed: &FailedAttempt<'a>) -> Option<Duration> {
        let own = Duration::from_secs(1 << (failed.attempt - 1));
        let asked = failed.error.retry_after().unwrap_or_default();
        let is_possible = failed.attempt < 3 && asked <= Duration::from_secs(30);
        is_possible.then_some(own.max(asked))
    }
}

/// A client for tests, which reads what it is given and answers as it was told to.
#[derive(Clone, Debug)]
pub(crate) struct Leg(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    takes: ReceiptState,
    answers: VecDeque<Result<(ReceiptState, u32)>>,
    calls: Vec<Call>,
    clock: ManualClock,
}

/// What a client was given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) id: SourceId,
    pub(crate) data: Data,
    pub(crate) name: Option<String>,
    pub(crate) request: Option<String>,
    /// Seconds since the beginning.
    pub(crate) at: u64,
    /// The uncompressed size as it is known once all was read.
    pub(crate) raw_at_the_end: Option<u64>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data {
    Bytes(Vec<u8>, Compression, Option<u64>),
    Blob(String, Option<u64>),
}

impl Data {
    /// The bytes as they were before they were packed.
    pub(crate) fn plain(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes, Compression::None, _) => bytes.clone(),
            Self::Bytes(bytes, _, _) => gunzip(bytes),
            Self::Blob(address, _) => panic!("{address} is no data"),
        }
    }
}

impl Leg {
    fn new(takes: ReceiptState, clock: &ManualClock) -> Self {
        Self(Arc::new(Mutex::new(State {
            takes,
            answers: VecDeque::new(),
            calls: Vec::new(),
            clock: clock.clone(),
        })))
    }

    pub(crate) fn refuse(&self, times: usize, error: &Error) {
        let refusals = std::iter::repeat_with(|| Err(error.clone()));
        self.state().answers.extend(refusals.take(times));
    }

    /// Answers once with a receipt of a state, and so many ambiguous sends of its own.
    pub(crate) fn answer(&self, state: ReceiptState, ambiguous: u32) {
        self.state().answers.push_back(Ok((state, ambiguous)));
    }

    /// What it was given since the last look.
    pub(crate) fn take(&self) -> Vec<Call> {
        std::mem::take(&mut self.state().calls)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("unpoisoned")
    }
}

#[async_trait]
impl IngestClient for Leg {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let mut raw_at_the_end = None;
        let data = match &source {
            Source::Blob(blob) => Data::Blob(blob.uri().expose().to_owned(), blob.raw_size()),
            Source::Local(local) => {
                let mut bytes = Vec::new();
                let mut reader = local.payload().open(0).await?;
                reader.read_to_end(&mut bytes).await.expect("it can be read");
                raw_at_the_end = local.raw_size();
                Data::Bytes(bytes, local.compression(), local.raw_size())
            }
        };
        let mut state = self.state();
        let call = Call {
            id: source.id(),
            data,
            name: source.name().map(ToOwned::to_owned),
            request: properties.client_request_id.clone(),
            at: state.clock.now().since(Timestamp::UNIX_EPOCH).as_secs(),
            raw_at_the_end,
        };
        state.calls.push(call);
        let answer = state.answers.pop_front();
        let (state, ambiguous) = answer.unwrap_or_else(|| Ok((state.takes.clone(), 0)))?;
        Ok(receipt(&source, properties, state).with_ambiguous_sends(ambiguous))
    }
}

pub(crate) fn csv() -> IngestionProperties {
    let properties = IngestionProperties::into_table("D", "T").expect("these are names");
    properties.with_format(DataFormat::Csv)
}

pub(crate) const TEXT: &[u8] = b"1,2\n3,4\n";

pub(crate) fn bytes() -> LocalSource {
    identified(LocalSource::from_bytes(TEXT))
}

/// One of each kind of source, all of the same few bytes.
pub(crate) fn sources() -> [(&'static str, Source); 4] {
    let blob = BlobSource::parse("https://a.blob.core.windows.net/c/b.csv?sig=SECRET").expect("an address");
    let blob = blob.with_id(source_id()).with_raw_size(TEXT.len() as u64);
    [
        ("bytes", bytes().into()),
        ("file", identified(LocalSource::new(replayable(TEXT))).into()),
        ("stream", stream(TEXT.to_vec()).into()),
        ("blob", blob.into()),
    ]
}

/// It cannot be replayed.
pub(crate) fn stream(bytes: Vec<u8>) -> LocalSource {
    identified(LocalSource::from_reader(Cursor::new(bytes)))
}

fn identified(source: LocalSource) -> LocalSource {
    source.with_id(source_id())
}

/// The error of a client whose engine answered so.
pub(crate) fn answered(status: u16, code: &str, permanent: Option<bool>, retry_after: Option<&str>) -> Error {
    let error = json!({"error": {"code": code, "@message": "the engine's words", "@permanent": permanent}});
    let body = if code.is_empty() {
        String::new()
    } else {
        error.to_string()
    };
    let header = |name: &str| retry_after.filter(|_| name == "retry-after");
    let (database, table) = (
        DatabaseName::net_default(),
        TableName::parse("T").expect("a name"),
    );
    let request = StreamingRequest::of_bytes("1", DataFormat::Csv);
    let call = StreamingCall::new(&database, &table, &request, &ClientHeaders::default());
    EndpointResponse::new(status, header, body.as_bytes())
        .read_streaming(&call.expect("it can be written"))
        .expect_err("it is no success")
}

/// The error of a client that got no answer.
pub(crate) fn unanswered(kind: ErrorKind) -> Error {
    Error::new(kind, "stream the data").because("the network's words")
}

pub(crate) fn busy() -> Error {
    answered(503, "ServiceUnavailable", Some(false), None)
}

/// The error of a client that does not know what became of its only send.
pub(crate) fn lost() -> Error {
    let error = unanswered(ErrorKind::OutcomeUnknown);
    let state = ReceiptState::Unknown {
        status: None,
        reason: error.chain(),
    };
    let (database, table) = (csv().database, csv().table);
    let receipt = Receipt::new(source_id(), database, table, state).with_sizes(Some(8), Some(30));
    error
        .with_receipt(receipt.with_ambiguous_sends(1))
        .with_source_id(source_id())
}
