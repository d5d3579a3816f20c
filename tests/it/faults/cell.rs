//! One cell of the fault matrix: a Kusto of its own, one ingestion, and a look at what it left behind.

use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::io::Cursor;
use kusto_emulator::{Emulator, HttpFaultPlan};
use kusto_fake::testing::{blob_of, messages};
use kusto_ingest::clock::Clock;
use kusto_ingest::retry::{CallLimits, OnUnknownOutcome};
use kusto_ingest::status::ReceiptState;
use kusto_ingest::{Error, ErrorKind, IngestClientExt, LocalSource, Receipt, Result, file};
use kusto_ingest_compression::testing::gunzip;
use kusto_ingest_core::testing::{noise, replayable_declaring};
use kusto_ingest_core::within;
use kusto_ingest_tokio::TokioClock;
use serde_json::Value;

use super::matrix::{Fate, Flow, Form, JITTER, Often, RETRY_AFTER, Target, Trouble};
use crate::setup::{client, emulator, paused, properties, tracked};

/// More than the emulator reads at once, so that a body can be cut within.
const BLOCK: usize = 16 * 1024;

/// What a request may take that is to stall, and what any other may take.
const STALL: Duration = Duration::from_millis(200);
const NO_STALL: Duration = Duration::from_secs(20);

/// Within which a cell must end, whatever happens: the budgets of command, upload, row and post in turn.
const DEADLINE: Duration = Duration::from_secs(4 * 60);

/// One cell of the matrix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) target: Target,
    pub(super) trouble: Trouble,
    pub(super) often: Often,
    pub(super) flow: Flow,
    pub(super) form: Form,
    pub(super) ambiguity: OnUnknownOutcome,
}

impl Cell {
    /// Runs it; what it says is what should not be.
    pub(super) async fn broken_promise(self) -> Option<String> {
        // A status table in each account.
        let builder = paused().with_accounts(["accta", "acctb"]);
        let builder = builder.with_resource_issuer(|issuer| issuer.with_status_table_in_each());
        let emulator = emulator(builder).await;
        emulator.plan(self.plan());
        let clock = TokioClock::new();
        let source = self.source().await;
        let (id, begun) = (source.id(), clock.monotonic());
        let ingesting = self.ingest(&emulator, source);
        let outcome = within(&clock, DEADLINE, "end in time", ingesting).await;
        let took = clock.monotonic() - begun;
        let messages = messages(emulator.fake());
        let wrong = self.wrong_end(&outcome).or_else(|| {
            let named = messages.iter().map(|message| message["Id"].as_str());
            let stranger = named.flatten().any(|named| named != id.to_string());
            let whole = messages.iter().all(|message| self.is_whole(&emulator, message));
            match stranger {
                true => Some("a message has another id".to_owned()),
                false if !whole => Some("a message names a blob that is not the source".to_owned()),
                false => self.wrong_count(&outcome, &emulator),
            }
        });
        wrong
            .or_else(|| self.wrong_wait(&outcome, took))
            .or_else(|| self.wrong_cut(&emulator))
            .map(|wrong| format!("{self:?}: {wrong}; {}", told(&outcome)))
    }

    /// The trouble. Of several blocks the second is hit.
    fn plan(self) -> HttpFaultPlan {
        let skipped = u32::from(self.target == Target::Block);
        let plan = HttpFaultPlan::new(self.trouble.fault(self.target))
            .on(self.target.route())
            .after(skipped);
        match self.often {
            Often::Once => plan,
            Often::Always => plan.forever(),
        }
    }

    async fn ingest(&self, emulator: &Emulator, source: LocalSource) -> Result<Receipt> {
        let limits = |targets: &[Target]| {
            let stalls = self.trouble == Trouble::Stall && targets.contains(&self.target);
            CallLimits::new().with_overall(if stalls { STALL } else { NO_STALL })
        };
        let kusto = client(emulator, |builder| {
            builder
                .with_blocks(BLOCK, 2)
                .with_command_limits(limits(&[Target::Command]))
                .with_block_limits(limits(&[Target::PutBlob, Target::Block, Target::Commit]))
                .with_storage_limits(limits(&[Target::Post, Target::Row]))
        });
        let properties = match self.target {
            Target::Row => tracked(),
            _ => properties(),
        };
        let properties = properties.with_format(match self.form {
            Form::Gzip => "csv".parse()?,
            Form::Plain => "parquet".parse()?,
        });
        let client = kusto.queued().with_on_unknown_outcome(self.ambiguity);
        client.ingest(source, &properties).await
    }

    /// The bytes to ingest: almost a block, or more than two where the request is about blocks.
    fn bytes(&self) -> Bytes {
        let length = match self.target.needs_blocks() {
            true => BLOCK * 5 / 2,
            false => BLOCK * 9 / 10,
        };
        match self.form {
            // Letters of which there are 64 are four to three bytes.
            Form::Gzip => TEXT.slice(..length.div_ceil(3) * 4),
            Form::Plain => TEXT.slice(..length),
        }
    }

    async fn source(&self) -> LocalSource {
        let bytes = self.bytes();
        match self.flow {
            Flow::File => file(written(&bytes)).await.expect("the file was written"),
            Flow::Bytes => LocalSource::from_bytes(bytes),
            Flow::Replayable => LocalSource::new(replayable_declaring(None, bytes)),
            Flow::Once => LocalSource::from_reader(Cursor::new(bytes)),
        }
    }

    fn wrong_end(&self, outcome: &Result<Receipt>) -> Option<String> {
        let fate = match outcome.as_ref().map(|receipt| &receipt.state) {
            Ok(ReceiptState::Queued) if self.target != Target::Row => Fate::Acknowledged,
            Ok(ReceiptState::Tracked(_)) if self.target == Target::Row => Fate::Acknowledged,
            Ok(state) => return Some(format!("{state:?} was not asked for")),
            Err(error) if error.kind() == ErrorKind::OutcomeUnknown => Fate::Unknown,
            Err(_) => Fate::Failed,
        };
        let carried = outcome.as_ref().err().map(Error::receipt);
        if fate == Fate::Unknown && carried.flatten().is_none() {
            return Some("there is no receipt".to_owned());
        }
        let text = told(outcome);
        if text.contains("sig=") {
            return Some("a SAS is shown".to_owned());
        }
        let limit_is_told = fate == Fate::Acknowledged || text.contains("limit overall");
        if self.trouble == Trouble::Stall && !limit_is_told && !text.contains("cannot be replayed") {
            return Some("the limit is not told".to_owned());
        }
        (fate != self.fate()).then(|| format!("{fate:?} is not {:?}", self.fate()))
    }

    /// An acknowledgement stands for one message. What was ambiguous is counted, and is there where an answer was lost.
    fn wrong_count(&self, outcome: &Result<Receipt>, emulator: &Emulator) -> Option<String> {
        let receipt = outcome.as_ref().map_or_else(Error::receipt, Some);
        let told = receipt.map_or(0, |receipt| receipt.ambiguous_sends as usize);
        let (acknowledged, posts) = (
            usize::from(outcome.is_ok()),
            emulator.request_count(self.target.route()),
        );
        let posts = usize::try_from(posts).expect("a few");
        let ambiguous = match self.target == Target::Post && self.trouble.is_ambiguous() {
            true => posts - acknowledged,
            false => 0,
        };
        // Nobody can know, but the test does.
        let arrived = if self.trouble == Trouble::ResponseLost {
            ambiguous
        } else {
            0
        };
        let messages = emulator.fake().queued_message_count();
        if told != ambiguous {
            return Some(format!("{told} ambiguous sends, not {ambiguous}"));
        }
        let expected = acknowledged + arrived;
        (messages != expected).then(|| format!("{messages} messages, not {expected}"))
    }

    /// What the service asks to wait is waited, where nobody else can be asked meanwhile.
    fn wrong_wait(&self, outcome: &Result<Receipt>, waited: Duration) -> Option<String> {
        let must_wait =
            self.trouble == Trouble::Throttled && self.often == Often::Once && self.target == Target::Command;
        let expected = RETRY_AFTER..RETRY_AFTER + JITTER;
        (must_wait && outcome.is_ok() && !expected.contains(&waited)).then(|| format!("it waited {waited:?}"))
    }

    /// A body that is to be cut is neither read to its end nor left alone.
    fn wrong_cut(&self, emulator: &Emulator) -> Option<String> {
        let must_cut =
            self.trouble == Trouble::ResetInBody && matches!(self.target, Target::PutBlob | Target::Block);
        let whole = match self.target {
            // A connection that has carried a block is read in larger pieces.
            Target::Block => BLOCK as u64 + 1,
            _ => BLOCK as u64 * 9 / 10,
        };
        let requests = emulator.requests();
        let mut cut = requests.iter().filter(|request| request.status.is_none());
        let is_cut = cut.any(|request| (1..whole).contains(&request.body_bytes));
        (must_cut && !is_cut).then(|| "no body was cut".to_owned())
    }

    /// Whether the blob that a message names holds the bytes of the source.
    fn is_whole(&self, emulator: &Emulator, message: &Value) -> bool {
        let blob = blob_of(emulator.fake(), message);
        blob.is_some_and(|blob| match self.form {
            Form::Plain => blob == self.bytes(),
            Form::Gzip => gunzip(blob) == self.bytes(),
        })
    }
}

fn told(outcome: &Result<Receipt>) -> String {
    match outcome {
        Ok(receipt) => format!("{receipt:?}"),
        Err(error) => error.chain(),
    }
}

/// Lines of letters that do not compress well: four of them carry what three bytes can.
static TEXT: LazyLock<Bytes> = LazyLock::new(|| STANDARD.encode(noise(3 * BLOCK)).into());

/// A file that holds these bytes: the same one for all cells and runs.
fn written(bytes: &Bytes) -> PathBuf {
    static WRITING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("faults-{}", bytes.len()));
    if std::fs::read(&path).ok().as_deref() != Some(bytes) {
        std::fs::write(&path, bytes).expect("a file can be written");
    }
    path
}
