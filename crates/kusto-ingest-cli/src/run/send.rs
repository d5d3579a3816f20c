//! Sending: a few sources at a time, until all are taken or somebody interrupts.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::{Either, select};
use futures::{Stream, StreamExt as _};
use kusto_ingest::clock::Clock;
use kusto_ingest::direct::DirectIngestClient;
use kusto_ingest::direct::{SubmissionState, SubmissionTracker};
use kusto_ingest::endpoint::IngestionMethod;
use kusto_ingest::sources::{LazySource, Sources};
use kusto_ingest::status::{ReceiptState, SourceResult};
use kusto_ingest::{Error, ErrorKind, IngestClient, Kusto, Receipt, Result, Source};

use super::client::JobClient;
use super::header_alone;
use super::interrupt::Interrupt;
use super::receipt_log::ReceiptLog;
use crate::args::{InFlight, Protocol, SharedRateLimit};
use crate::plan::{Deletion, PlannedSource};
use crate::report::{Events, Outcome, Progress, SourceFailure, State};

/// Asks for what every source needs, so that a cluster that does not issue it is known before anything is sent.
///
/// # Errors
/// What every source would fail with.
pub(crate) async fn ask<E: From<Error>>(kusto: &Kusto, protocol: Protocol) -> Result<(), E> {
    if protocol != Protocol::Queue
        && let Some(rest) = kusto.queued().by_rest()
    {
        let offered = rest.configuration().await;
        let goes_by_rest = match (&offered, protocol) {
            (_, Protocol::Rest) => true,
            (Ok(offered), _) => offered.preferred_ingestion == Some(IngestionMethod::Rest),
            (Err(_), _) => false,
        };
        if goes_by_rest {
            offered?;
            return Ok(());
        }
    }
    let resources = kusto.resources();
    resources.identity_token().await?;
    resources.resources().await?;
    Ok(())
}

/// Every source as it fails when there is nowhere to send it to.
pub(crate) fn all_failed(planned: &[PlannedSource], error: &Error) -> Vec<Outcome> {
    let failed = |planned: &PlannedSource| {
        let error = planned.refused.as_ref().unwrap_or(error);
        Outcome::failed(planned.found.shown(), planned.id, error)
    };
    planned.iter().map(failed).collect()
}

/// Sources on their way, and whatever follows at once from what became of each.
#[derive(Debug)]
pub(crate) struct Sending<'a> {
    pub(crate) planned: &'a [PlannedSource],
    /// How many are sent at a time.
    pub(crate) parallel: usize,
    /// How many of these are under way, as the service allows.
    pub(crate) in_flight: &'a InFlight,
    /// How many are sent a second at most.
    pub(crate) rate: Option<u32>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) receipts: &'a ReceiptLog,
    pub(crate) deletion: Deletion,
    pub(crate) progress: &'a Progress,
    pub(crate) interrupt: Interrupt,
    pub(crate) events: &'a Events,
    /// Whether the ends of the sources are waited for.
    pub(crate) waits: bool,
}

impl Sending<'_> {
    /// Sends the sources, and tells of each what became of it, in their order.
    pub(crate) async fn send(self, job_client: JobClient) -> Vec<Outcome> {
        match job_client {
            JobClient::Single(client) => self.each(client).await,
            JobClient::Batches(client) => self.together(*client).await,
        }
    }

    /// Sends a few at a time, each by a call of its own.
    async fn each(self, client: Arc<dyn IngestClient>) -> Vec<Outcome> {
        let Some(first) = self.planned.first() else {
            return Vec::new();
        };
        let pace = SharedRateLimit::of(self.rate);
        let pace = &pace;
        self.in_flight.limit_to(self.parallel);
        let begun: Vec<AtomicBool> = self.planned.iter().map(|_| AtomicBool::new(false)).collect();
        let sources = self.planned.iter().zip(&begun).map(|(planned, begun)| {
            let open = async {
                if let Some(why) = self.receipts.failure() {
                    return Err(Error::new(ErrorKind::Other, "begin to send it").because(why));
                }
                self.in_flight.begin(planned.id).await;
                pace.wait(&*self.clock).await;
                begun.store(true, Ordering::Relaxed);
                source(planned, self.progress).await
            };
            LazySource::new(planned.id, open).with_properties(&planned.properties)
        });
        let sources = Sources::from_each(sources).with_concurrency(self.parallel);
        let is_begun = |place: usize| begun[place].load(Ordering::Relaxed);
        let mut outcomes: Vec<Option<Outcome>> = vec![None; self.planned.len()];
        let told = sources.ingest_each(&*client, &first.properties);
        // What is under way goes on to its end, also where receipts cannot be written any more: none begins then.
        self.follow(told, &mut outcomes, is_begun, || true).await;
        // Of what was under way, nobody will learn whether it was accepted.
        self.rest(outcomes, |place, planned| match is_begun(place) {
            true => broken_off(planned),
            false => self.not_sent(planned),
        })
    }

    /// Sends all by one call, whose client puts them together and runs a few commands at a time.
    async fn together(self, client: DirectIngestClient) -> Vec<Outcome> {
        let mut outcomes: Vec<Option<Outcome>> = vec![None; self.planned.len()];
        let mut sources = Vec::new();
        for (planned, outcome) in self.planned.iter().zip(&mut outcomes) {
            match source(planned, self.progress).await {
                Ok(source) => sources.push((source, &*planned.properties)),
                Err(error) => *outcome = Some(outcome_of(planned, Err(error))),
            }
        }
        let tracker = self.tracker();
        let client = client.with_submission_tracker(&tracker);
        let told = client.ingest_each(sources);
        let is_wanted = || self.receipts.failure().is_none();
        self.follow(told, &mut outcomes, |_| true, is_wanted).await;
        // The engine goes on with what it has accepted.
        self.rest(outcomes, |_, planned| match tracker.of(planned.id) {
            SubmissionState::Accepted(receipt) => Outcome::sent(planned.found.shown(), receipt),
            SubmissionState::NotSent => self.not_sent(planned),
            _ => broken_off(planned),
        })
    }

    /// Takes what is told of the sources that were begun: until all is, or somebody interrupts, or it is not wanted any
    /// more. Then what is under way ends here.
    async fn follow(
        &self,
        told: impl Stream<Item = SourceResult>,
        outcomes: &mut [Option<Outcome>],
        is_begun: impl Fn(usize) -> bool,
        is_wanted: impl Fn() -> bool,
    ) {
        let places = self.planned.iter().enumerate();
        let places: HashMap<_, _> = places.map(|(place, planned)| (planned.id, place)).collect();
        let mut ended = outcomes.iter().flatten().count();
        let mut interrupt = self.interrupt.clone();
        let mut told = pin!(told);
        while is_wanted()
            && let Either::Left((Some(told), _)) = select(told.next(), Box::pin(interrupt.pressed())).await
        {
            self.in_flight.end(told.source_id, &told.outcome);
            let known = places.get(&told.source_id).copied();
            let Some(place) = known.filter(|place| is_begun(*place)) else {
                continue;
            };
            ended += 1;
            let outcome = outcome_of(&self.planned[place], told.outcome);
            outcomes[place] = Some(self.taken(place, outcome, ended));
        }
    }

    /// SubmissionTracker by which the receipt of an operation is written down while the engine works on it.
    fn tracker(&self) -> SubmissionTracker {
        let shown = self
            .planned
            .iter()
            .map(|planned| (planned.id, planned.found.shown()));
        let shown: HashMap<_, _> = shown.collect();
        let receipts = self.receipts.clone();
        SubmissionTracker::new().with_listener(move |receipt| {
            let source = shown.get(&receipt.source_id).map_or("-", String::as_str);
            receipts.note(source, receipt);
        })
    }

    /// What follows from what became of a source: first its receipt is kept.
    fn taken(&self, place: usize, mut outcome: Outcome, ended: usize) -> Outcome {
        self.note(&outcome);
        match self.waits && outcome.is_open() {
            true => self.events.queued(&outcome),
            false if header_alone::may_be(&self.planned[place], &outcome) => {}
            false => self.events.result(&mut outcome),
        }
        if self.receipts.failure().is_none() {
            self.deletion.after(&self.planned[place], &outcome);
        }
        if outcome.failure.is_some() {
            self.progress.failed();
        }
        if let (true, Some(bytes)) = (self.planned[place].is_blob(), self.planned[place].bytes()) {
            self.progress.passed(bytes);
        }
        self.progress.sent(ended);
        outcome
    }

    fn note(&self, outcome: &Outcome) {
        if let Some(receipt) = &outcome.receipt {
            self.receipts.note(&outcome.source, receipt);
        }
    }

    /// All outcomes, with those of the sources whose calls have not told of them.
    fn rest(
        &self,
        outcomes: Vec<Option<Outcome>>,
        rest: impl Fn(usize, &PlannedSource) -> Outcome,
    ) -> Vec<Outcome> {
        let all = outcomes.into_iter().zip(self.planned).enumerate();
        all.map(|(place, (outcome, planned))| {
            outcome.unwrap_or_else(|| {
                let outcome = rest(place, planned);
                self.note(&outcome);
                outcome
            })
        })
        .collect()
    }

    /// The turn of this source did not come.
    fn not_sent(&self, planned: &PlannedSource) -> Outcome {
        let failure = match self.receipts.failure() {
            Some(why) => SourceFailure::not_sent(&why),
            None => SourceFailure::interrupted("the command was interrupted before it was sent"),
        };
        Outcome {
            failure: Some(failure),
            ..Outcome::new(planned.found.shown(), planned.id, State::Failed)
        }
    }
}

/// Somebody interrupted the command while this source was sent: nobody knows whether it was taken.
fn broken_off(planned: &PlannedSource) -> Outcome {
    let reason = "the command was interrupted while it was sent";
    let state = ReceiptState::Unknown {
        status: None,
        reason: reason.to_owned(),
    };
    let (database, table) = (
        planned.properties.database.clone(),
        planned.properties.table.clone(),
    );
    let receipt = Receipt::new(planned.id, database, table, state);
    Outcome {
        failure: Some(SourceFailure::interrupted(reason)),
        ..Outcome::sent(planned.found.shown(), receipt)
    }
}

/// What a call that has ended says of its source. It is here, and nowhere else, that its receipt is found.
fn outcome_of(planned: &PlannedSource, result: Result<Receipt>) -> Outcome {
    match result {
        Ok(receipt) => Outcome::sent(planned.found.shown(), receipt),
        // What may have been accepted has a receipt as well.
        Err(error) => match error.receipt() {
            Some(receipt) => Outcome::sent(planned.found.shown(), receipt.clone()),
            None => Outcome::failed(planned.found.shown(), planned.id, &error),
        },
    }
}

/// The source as it is read, with its bytes on the live line.
async fn source(planned: &PlannedSource, progress: &Progress) -> Result<Source> {
    if let Some(error) = &planned.refused {
        return Err(error.clone());
    }
    Ok(match planned.source().await? {
        Source::Local(local) => progress.watch(local).await?.into(),
        blob @ Source::Blob(_) => blob,
    })
}
