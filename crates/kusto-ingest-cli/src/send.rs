//! Sending: a few sources at a time, until all are taken or somebody interrupts.

use std::collections::HashMap;
use std::sync::Arc;

use futures::StreamExt as _;
use futures::future::{Either, select};
use futures::stream::FuturesUnordered;
use kusto_ingest::{DirectIngestClient, Error, IngestClient, Kusto, Receipt, Result, Source};
use kusto_ingest_direct::{Standing, Standings};

use crate::deletion::Deletion;
use crate::fault::Fault;
use crate::interrupt::Interrupt;
use crate::outcome::{Outcome, State};
use crate::prepare::Planned;
use crate::progress::Progress;
use crate::route::Taker;

/// How many sources are sent at a time: each holds a few blocks in memory.
const AT_A_TIME: usize = 4;

/// Asks for what every source needs, so that a cluster that does not lend it is known before anything is sent.
///
/// # Errors
/// What every source would fail with.
pub(crate) async fn ask<E: From<Error>>(kusto: &Kusto) -> Result<(), E> {
    let resources = kusto.resources();
    resources.identity_token().await?;
    resources.resources().await?;
    Ok(())
}

/// Every source as it fails when there is nowhere to send it to.
pub(crate) fn all_failed(planned: &[Planned], error: &Error) -> Vec<Outcome> {
    let failed = |planned: &Planned| {
        let error = planned.refused.as_ref().unwrap_or(error);
        Outcome::failed(planned.found.shown(), planned.id, error)
    };
    planned.iter().map(failed).collect()
}

/// Sends the sources, and tells of each what became of it, in their order.
pub(crate) async fn send(
    taker: Taker,
    planned: &[Planned],
    deletion: Deletion,
    progress: &Progress,
    interrupt: &mut Interrupt,
) -> Vec<Outcome> {
    match taker {
        Taker::Single(client) => send_each(client, planned, deletion, progress, interrupt).await,
        Taker::Batches(client) => send_together(*client, planned, deletion, progress, interrupt).await,
    }
}

/// Sends a few at a time, each by a call of its own.
async fn send_each(
    client: Arc<dyn IngestClient>,
    planned: &[Planned],
    deletion: Deletion,
    progress: &Progress,
    interrupt: &mut Interrupt,
) -> Vec<Outcome> {
    let mut outcomes: Vec<Option<Outcome>> = vec![None; planned.len()];
    let mut waiting = planned.iter().enumerate();
    let mut under_way = FuturesUnordered::new();
    let mut begun = 0;
    let mut ended = 0;
    loop {
        while under_way.len() < AT_A_TIME
            && let Some((place, planned)) = waiting.next()
        {
            begun = place + 1;
            let client = client.clone();
            under_way.push(async move { (place, send_one(&*client, planned, progress).await) });
        }
        match select(under_way.next(), Box::pin(interrupt.pressed())).await {
            Either::Left((Some((place, outcome)), _)) => {
                deletion.after(&planned[place], &outcome);
                outcomes[place] = Some(outcome);
                ended += 1;
                progress.sent(ended);
            }
            Either::Left((None, _)) | Either::Right(_) => break,
        }
    }
    // What is under way ends here: nobody will learn whether its message was posted.
    drop(under_way);
    let interrupted = |(place, planned): (usize, &Planned)| match place < begun {
        true => broken_off(planned),
        false => not_sent(planned),
    };
    outcomes
        .into_iter()
        .zip(planned.iter().enumerate())
        .map(|(outcome, planned)| outcome.unwrap_or_else(|| interrupted(planned)))
        .collect()
}

/// Sends all by one call, whose client puts them together and runs a few commands at a time.
async fn send_together(
    client: DirectIngestClient,
    planned: &[Planned],
    deletion: Deletion,
    progress: &Progress,
    interrupt: &mut Interrupt,
) -> Vec<Outcome> {
    let mut outcomes: Vec<Option<Outcome>> = vec![None; planned.len()];
    let mut places = HashMap::new();
    let mut sources = Vec::new();
    for (place, planned) in planned.iter().enumerate() {
        match source(planned, progress).await {
            Ok(source) => {
                places.insert(source.id(), place);
                sources.push((source, &*planned.properties));
            }
            Err(error) => outcomes[place] = Some(outcome_of(planned, Err(error))),
        }
    }
    let mut ended = planned.len() - sources.len();
    let standings = Standings::new();
    let client = client.with_standings(&standings);
    let mut told = Box::pin(client.ingest_each(sources));
    while let Either::Left((Some(told), _)) = select(told.next(), Box::pin(interrupt.pressed())).await {
        let Some(place) = places.get(&told.source_id).copied() else {
            continue;
        };
        let outcome = outcome_of(&planned[place], told.outcome);
        deletion.after(&planned[place], &outcome);
        outcomes[place] = Some(outcome);
        ended += 1;
        progress.sent(ended);
    }
    // What is under way ends here, for this client: the engine goes on with what it has accepted.
    drop(told);
    let broken_off = |planned: &Planned| match standings.of(planned.id) {
        Standing::Accepted(receipt) => Outcome::sent(planned.found.shown(), receipt),
        Standing::NotSent => not_sent(planned),
        _ => broken_off(planned),
    };
    outcomes
        .into_iter()
        .zip(planned)
        .map(|(outcome, planned)| outcome.unwrap_or_else(|| broken_off(planned)))
        .collect()
}

/// Somebody interrupted the command before the turn of this source.
fn not_sent(planned: &Planned) -> Outcome {
    Outcome {
        fault: Some(Fault::not_sent()),
        ..Outcome::new(planned.found.shown(), planned.id, State::Failed)
    }
}

/// Somebody interrupted the command while this source was sent.
fn broken_off(planned: &Planned) -> Outcome {
    Outcome {
        fault: Some(Fault::broken_off()),
        ..Outcome::new(planned.found.shown(), planned.id, State::Unknown)
    }
}

async fn send_one(client: &dyn IngestClient, planned: &Planned, progress: &Progress) -> Outcome {
    let result = match source(planned, progress).await {
        Ok(source) => client.ingest(source, &planned.properties).await,
        Err(error) => Err(error),
    };
    outcome_of(planned, result)
}

fn outcome_of(planned: &Planned, result: Result<Receipt>) -> Outcome {
    match result {
        Ok(receipt) => Outcome::sent(planned.found.shown(), receipt),
        Err(error) => Outcome::failed(planned.found.shown(), planned.id, &error),
    }
}

/// The source as it is read, with its bytes on the live line.
async fn source(planned: &Planned, progress: &Progress) -> Result<Source> {
    if let Some(error) = &planned.refused {
        return Err(error.clone());
    }
    Ok(match planned.source().await? {
        Source::Local(local) => progress.watch(local).await?.into(),
        blob @ Source::Blob(_) => blob,
    })
}
