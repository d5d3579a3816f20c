//! Sending: a few sources at a time, until all are queued or somebody interrupts.

use std::sync::Arc;

use futures::StreamExt as _;
use futures::future::{Either, select};
use futures::stream::FuturesUnordered;
use kusto_ingest::{Error, IngestClient, Kusto, Receipt, Result, Source};

use crate::interrupt::Interrupt;
use crate::outcome::{Fault, Outcome, State};
use crate::prepare::Planned;
use crate::progress::Progress;

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
    client: Arc<dyn IngestClient>,
    planned: &[Planned],
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
                outcomes[place] = Some(outcome);
                ended += 1;
                progress.sent(ended);
            }
            Either::Left((None, _)) | Either::Right(_) => break,
        }
    }
    // What is under way ends here: nobody will learn whether its message was posted.
    drop(under_way);
    let interrupted = |(place, planned): (usize, &Planned)| {
        let (state, fault) = match place < begun {
            true => (State::Unknown, Fault::broken_off()),
            false => (State::Failed, Fault::not_sent()),
        };
        Outcome {
            fault: Some(fault),
            ..Outcome::new(planned.found.shown(), planned.id, state)
        }
    };
    outcomes
        .into_iter()
        .zip(planned.iter().enumerate())
        .map(|(outcome, planned)| outcome.unwrap_or_else(|| interrupted(planned)))
        .collect()
}

async fn send_one(client: &dyn IngestClient, planned: &Planned, progress: &Progress) -> Outcome {
    match receipt(client, planned, progress).await {
        Ok(receipt) => Outcome::sent(planned.found.shown(), receipt),
        Err(error) => Outcome::failed(planned.found.shown(), planned.id, &error),
    }
}

async fn receipt(client: &dyn IngestClient, planned: &Planned, progress: &Progress) -> Result<Receipt> {
    if let Some(error) = &planned.refused {
        return Err(error.clone());
    }
    let source = match planned.source().await? {
        Source::Local(local) => progress.watch(local).await?.into(),
        blob @ Source::Blob(_) => blob,
    };
    client.ingest(source, &planned.properties).await
}
