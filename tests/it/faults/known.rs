//! The end of a request that certainly did nothing: it is never an unknown outcome, and nothing is there twice.

use std::time::Duration;

use kusto_emulator::HttpFault;
use kusto_ingest::retry::OnUnknownOutcome;
use kusto_ingest::streaming::StreamingLimits;
use kusto_ingest::{BlobSource, ErrorKind, IngestClientExt, LocalSource, Receipt, Result};

use super::all_keep_the_promise;
use super::ways::{Way, World, ingest_at};
use crate::setup::{client, emulator, paused, properties, row};

const CHOICES: [OnUnknownOutcome; 2] = [OnUnknownOutcome::Report, OnUnknownOutcome::Retry];

/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:1";

fn faults() -> [HttpFault; 3] {
    [
        HttpFault::Throttled(Duration::from_secs(1)),
        HttpFault::Status(429, "TooManyRequests".to_owned()),
        HttpFault::Status(503, "ServerBusy".to_owned()),
    ]
}

/// Whether the outcome is told as what it is: known.
fn is_known(outcome: &Result<Receipt>) -> bool {
    match outcome {
        Ok(receipt) => receipt.ambiguous_sends == 0 && !receipt.may_be_duplicated(),
        Err(error) => error.kind() != ErrorKind::OutcomeUnknown && error.receipt().is_none(),
    }
}

async fn broken_promise(
    way: Way,
    fault: HttpFault,
    times: Option<u32>,
    choice: OnUnknownOutcome,
) -> Option<String> {
    let world = World::failing(fault.clone(), way.route(), times).await;
    let outcome = world.ingest(way, choice).await;
    // Where streaming is refused for good, managed streaming has the queue.
    let acknowledged = times.is_some() || way == Way::Managed;
    let is_right = outcome.is_ok() == acknowledged
        && is_known(&outcome)
        && world.copies() == u32::from(acknowledged)
        && world.request_count(way.route()) > 1;
    let copies = world.copies();
    (!is_right).then(|| format!("{way:?} {fault:?} {times:?} {choice:?}: {copies} copies, {outcome:?}"))
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_for_now_is_sent_again_and_is_there_once() {
    let mut cells = Vec::new();
    for way in Way::ALL {
        for fault in faults() {
            for times in [Some(1), None] {
                cells.extend(CHOICES.map(|choice| broken_promise(way, fault.clone(), times, choice)));
            }
        }
    }
    all_keep_the_promise(cells).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_not_sent_in_full_has_done_nothing() {
    // More than what is on its way at once.
    let long = || LocalSource::from_bytes(vec![b'x'; 24 * 1024 * 1024]).with_name("a.parquet");
    for choice in CHOICES {
        let world = World::failing(HttpFault::ResetBeforeBody, Way::Streaming.route(), None).await;
        let kusto = client(&world.emulator, |builder| builder.with_on_unknown_outcome(choice));
        let streaming = kusto.streaming().with_limits(
            StreamingLimits::new()
                .with_data_bytes(u64::MAX)
                .with_wire_bytes(u64::MAX),
        );
        let outcome = streaming.ingest(long(), &properties()).await;
        assert!(is_known(&outcome), "{choice:?}: {outcome:?}");
        let error = outcome.expect_err("nobody reads it");
        assert!(!error.chain().contains("sent all"), "{}", error.chain());
        assert_eq!(world.copies(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn where_nobody_is_nothing_was_done() {
    for choice in CHOICES {
        for way in [Way::Rest, Way::Streaming, Way::Managed, Way::Direct] {
            let outcome = ingest_at(NOBODY, way, choice, row()).await;
            assert!(
                outcome.is_err() && is_known(&outcome),
                "{way:?} {choice:?}: {outcome:?}"
            );
        }
        let builder = paused().with_accounts(["accta"]);
        let builder = builder.with_resource_issuer(|issuer| issuer.with_account_at("accta", NOBODY));
        let emulator = emulator(builder).await;
        let kusto = client(&emulator, |builder| builder.with_on_unknown_outcome(choice));
        let blob = BlobSource::parse("https://a.blob.core.windows.net/c/b.csv?sig=S").expect("an address");
        let outcome = kusto.queued().ingest(blob.with_raw_size(4), &properties()).await;
        assert!(outcome.is_err() && is_known(&outcome), "{choice:?}: {outcome:?}");
    }
}
