//! How far each source of a call is when the call is broken off.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use futures::{FutureExt as _, StreamExt as _};
use kusto_endpoint::{Dataset, ManagementEndpoint, RequestProperties, ScriptedEndpoint};
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{
    DatabaseName, Error, ErrorKind, FailedAttempt, IngestClient as _, LocalSource, ManualClock,
    OnUnknownOutcome, ReceiptState, Result, RetryPolicy, Source, SourceId, Timestamp,
};
use kusto_ingest_direct::{Batching, CommandMode, DirectIngestClient, SubmissionState, SubmissionTracker};

use crate::world::{OPERATION, begun, blob, error, operation, properties};

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
fn broken_off(client: DirectIngestClient, sources: Vec<Source>) -> Vec<SubmissionState> {
    let (properties, tracker) = (properties(), SubmissionTracker::new());
    let ids: Vec<_> = sources.iter().map(Source::id).collect();
    let sources = sources.into_iter().map(|source| (source, &properties)).collect();
    let client = client.with_submission_tracker(&tracker);
    let ended = client.ingest_many(sources).now_or_never();
    assert!(ended.is_none(), "something is waited for");
    ids.into_iter().map(|id| tracker.of(id)).collect()
}

#[test]
fn every_source_tells_whether_the_engine_has_it() {
    let engine = ScriptedEndpoint::new().with_response(".ingest async", begun());
    let client = client(engine).with_parallelism(2);
    let sources: Vec<Source> = vec![
        blob("followed.csv").into(),
        blob("slow.csv").into(),
        blob("never_begun.csv").into(),
    ];
    let id = sources[0].id();
    let states = broken_off(client, sources);
    let SubmissionState::Accepted(receipt) = &states[0] else {
        panic!("{states:?}");
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
    assert_eq!(states[1..], [SubmissionState::Sent, SubmissionState::NotSent]);
}

#[test]
fn a_listener_has_the_receipt_while_the_call_goes_on() {
    let engine = ScriptedEndpoint::new().with_response(".ingest async", begun());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = heard.clone();
    let tracker = SubmissionTracker::new().with_listener(move |receipt| {
        hears
            .lock()
            .expect("no panic while it was held")
            .push(receipt.clone())
    });
    let properties = properties();
    let sources: Vec<Source> = vec![blob("followed.csv").into(), blob("slow.csv").into()];
    let id = sources[0].id();
    let sources = sources.into_iter().map(|source| (source, &properties)).collect();
    let client = client(engine).with_submission_tracker(&tracker);
    let ended = client.ingest_many(sources).now_or_never();
    assert!(ended.is_none(), "something is waited for");
    let heard = heard.lock().expect("no panic while it was held");
    assert_eq!(
        heard.iter().map(|receipt| receipt.source_id).collect::<Vec<_>>(),
        [id]
    );
    assert_eq!(tracker.of(id), SubmissionState::Accepted(heard[0].clone()));
}

#[test]
fn text_in_a_command_is_sent_with_it() {
    let client = client(ScriptedEndpoint::new());
    let text = LocalSource::from_bytes("slow.csv\n");
    assert_eq!(broken_off(client, vec![text.into()]), [SubmissionState::Sent]);
}

#[test]
fn the_blobs_of_a_batch_share_their_standing() {
    let engine = ScriptedEndpoint::new().with_response(".ingest async", begun());
    let client = client(engine).with_batching(Batching::many_per_command().with_max_sources(2));
    let sources = ["a.csv", "b.csv", "c.csv", "slow.csv"].map(|name| blob(name).into());
    let states = broken_off(client, sources.into());
    assert!(
        matches!(
            states.as_slice(),
            [
                SubmissionState::Accepted(_),
                SubmissionState::Accepted(_),
                SubmissionState::Sent,
                SubmissionState::Sent
            ]
        ),
        "{states:?}"
    );
}

#[test]
fn what_the_engine_refused_and_waits_for_another_attempt_is_not_sent() {
    let engine = ScriptedEndpoint::new();
    engine.once(".ingest async", Err(error(ErrorKind::Throttled, 429)));
    let client = client(engine).with_retry(Arc::new(WaitsAfter(1)));
    let states = broken_off(client, vec![blob("a.csv").into()]);
    assert_eq!(states, [SubmissionState::NotSent]);
}

/// Waits only after so many attempts.
#[derive(Debug)]
struct WaitsAfter(usize);

impl RetryPolicy for WaitsAfter {
    fn backoff<'a>(&self, failed: &FailedAttempt<'a>) -> Option<Duration> {
        let waits = failed.attempt as usize >= self.0;
        Some(Duration::from_secs(u64::from(waits)))
    }
}

#[test]
fn what_may_have_been_carried_out_stays_sent_while_it_waits_to_be_run_again() {
    let lost = || Error::new(ErrorKind::OutcomeUnknown, "run the command");
    let throttled = || error(ErrorKind::Throttled, 429);
    for answers in [vec![lost()], vec![lost(), throttled()], vec![throttled(), lost()]] {
        let engine = ScriptedEndpoint::new();
        let attempts = answers.len();
        answers
            .into_iter()
            .for_each(|answer| engine.once(".ingest async", Err(answer)));
        let client = client(engine)
            .with_retry(Arc::new(WaitsAfter(attempts)))
            .with_on_unknown_outcome(OnUnknownOutcome::Retry);
        let states = broken_off(client, vec![blob("a.csv").into()]);
        assert_eq!(states, [SubmissionState::Sent], "after {attempts} attempts");
    }
}

/// A client whose operations are followed to their end, as its clock goes on.
fn following() -> DirectIngestClient {
    let engine = ScriptedEndpoint::new()
        .with_response(".ingest async", begun())
        .with_response(".show operations", operation("Completed", ""));
    let clock = clock();
    DirectIngestClient::new(Arc::new(Engine(engine)), Arc::new(clock)).with_mode(CommandMode::Followed)
}

#[test]
fn who_was_told_of_a_source_finds_no_standing_of_it() {
    let (properties, tracker) = (properties(), SubmissionTracker::new());
    let client = following().with_submission_tracker(&tracker);
    let sources = || {
        let sources = ["done.csv", "slow.csv"].map(|name| Source::from(blob(name)));
        let ids = sources.each_ref().map(Source::id);
        (Vec::from(sources.map(|source| (source, &properties))), ids)
    };
    let (each, [done, slow]) = sources();
    let mut told = pin!(client.ingest_each(each));
    let first = block_on(told.next()).expect("it is told of");
    assert_eq!(first.source_id, done);
    assert!(told.next().now_or_never().is_none(), "the other is waited for");
    assert_eq!(
        [done, slow].map(|id| tracker.of(id)),
        [SubmissionState::NotSent, SubmissionState::Sent]
    );
    tracker.remove(slow);
    assert_eq!(tracker.of(slow), SubmissionState::NotSent);

    // What it knows of one is lost when it is dropped for another.
    let (many, [done, _]) = sources();
    assert!(client.ingest_many(many).now_or_never().is_none());
    assert!(matches!(tracker.of(done), SubmissionState::Accepted(_)));
    let (mut many, [done, _]) = sources();
    many.pop();
    assert_eq!(block_on(client.ingest_many(many)).receipts().count(), 1);
    assert_eq!(tracker.of(done), SubmissionState::NotSent);

    let source = Source::from(blob("done.csv"));
    let id = source.id();
    block_on(client.ingest_source(source, &properties)).expect("it is loaded");
    assert_eq!(tracker.of(id), SubmissionState::NotSent);
}

#[test]
fn each_chunk_of_a_source_has_a_standing_of_its_own() {
    let (properties, tracker) = (properties(), SubmissionTracker::new());
    let client = client(ScriptedEndpoint::new())
        .with_submission_tracker(&tracker)
        .with_parallelism(3);
    let id = SourceId::random();
    let chunk = |number, text| LocalSource::from_bytes(text).with_id(id).with_chunk(number);
    let sources = [
        chunk(0, "slow.csv\n"),
        chunk(1, "quick\n"),
        chunk(2, "slow.csv\n"),
    ];
    let sources = sources.map(|source| (Source::from(source), &properties)).into();
    let mut told = pin!(client.ingest_each(sources));
    let quick = told.next().now_or_never().flatten();
    assert!(quick.is_some_and(|told| told.source_id == id));
    assert!(told.next().now_or_never().is_none(), "two are waited for");
    let expect = [
        SubmissionState::Sent,
        SubmissionState::NotSent,
        SubmissionState::Sent,
    ];
    assert_eq!([0, 1, 2].map(|number| tracker.of_chunk(id, number)), expect);
    assert_eq!(tracker.of(id), SubmissionState::Sent);
}
