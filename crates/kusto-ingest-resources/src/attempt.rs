//! The one loop over ranked resources, which uploads and posts share.

use std::sync::Arc;

use futures::future::BoxFuture;
use kusto_ingest_core::{Clock, Error, ErrorKind, Result, RetryPolicy};
use kusto_storage::ResourceUri;

use crate::{IngestionResources, Outcome, ResourceProvider};

/// What the loop needs to know beside the resources and the work.
#[derive(Debug)]
#[non_exhaustive]
pub struct Attempts<'a> {
    /// What is attempted: a fragment that completes "failed to …".
    pub operation: &'static str,
    /// Learns how each resource did.
    pub provider: &'a dyn ResourceProvider,
    /// How long to wait before the same account is tried again, and when to give up.
    pub retry: &'a dyn RetryPolicy,
    /// What the waiting is done on.
    pub clock: &'a Arc<dyn Clock>,
    /// A number drawn by the caller, for jitter.
    pub chance: u64,
}

impl<'a> Attempts<'a> {
    /// Attempts at an operation.
    #[must_use]
    pub fn new(
        operation: &'static str,
        provider: &'a dyn ResourceProvider,
        retry: &'a dyn RetryPolicy,
        clock: &'a Arc<dyn Clock>,
        chance: u64,
    ) -> Self {
        Self {
            operation,
            provider,
            retry,
            clock,
            chance,
        }
    }
}

/// Does `work` with one resource after the other until one succeeds, and reports how each did.
///
/// Errors that tell about the data or the caller end the loop and are not held against the account; so does an
/// outcome that is unknown, which only `work` itself may resolve. A resource that refuses its own signature or is
/// gone is reported as [`Outcome::Refused`], and the list is asked for anew. Another account is tried at once, the
/// same one after a wait.
///
/// # Errors
/// What the provider or `work` said, the last word as the cause.
///
/// # Cancel safety
/// Dropping the future drops the attempt that is under way.
pub async fn attempt<'a, T>(
    attempts: Attempts<'a>,
    list: impl Fn(&IngestionResources) -> Result<&[ResourceUri]> + Send,
    mut work: impl FnMut(ResourceUri) -> BoxFuture<'a, Result<T>> + Send,
) -> Result<T> {
    let mut resources = attempts.provider.resources().await?;
    let mut turn = 0_usize;
    for number in 1_u32.. {
        let choices = list(&resources)?;
        let resource = choices[turn % choices.len()].clone();
        turn += 1;
        let error = match work(resource.clone()).await {
            Ok(done) => {
                attempts.provider.report(&resource, Outcome::Success);
                return Ok(done);
            }
            Err(error) => error,
        };
        let Some(outcome) = blame(&error) else {
            return Err(error);
        };
        attempts.provider.report(&resource, outcome);
        let Some(wait) = attempts
            .retry
            .next(number, &retryable(&error), attempts.chance.rotate_left(number))
        else {
            return Err(exhausted(attempts.operation, number, &resource, error));
        };
        if outcome == Outcome::Refused {
            let renewed = attempts.provider.resources().await?;
            if renewed != resources {
                (resources, turn) = (renewed, 0);
            }
        }
        let choices = list(&resources)?;
        if choices[turn % choices.len()].account() == resource.account() {
            attempts.clock.sleep(wait).await;
        }
    }
    Err(Error::new(ErrorKind::Other, attempts.operation))
}

/// What a failed attempt says about the resource; nothing when it tells about the data or the caller.
fn blame(error: &Error) -> Option<Outcome> {
    match error.kind() {
        ErrorKind::Forbidden | ErrorKind::Unauthenticated | ErrorKind::NotFound => Some(Outcome::Refused),
        ErrorKind::OutcomeUnknown | ErrorKind::SourceNotReplayable => None,
        _ if error.is_permanent() => None,
        _ => Some(Outcome::Failure),
    }
}

/// A refusal by one resource is not final for the operation, though it is for the resource.
fn retryable(error: &Error) -> Error {
    error.clone().with_permanence(false)
}

fn exhausted(operation: &'static str, attempts: u32, last: &ResourceUri, cause: Error) -> Error {
    let mut error = Error::new(cause.kind(), operation)
        .with("attempts", attempts)
        .with("last", last)
        .with_permanence(cause.is_permanent());
    if let Some(code) = cause.code() {
        error = error.with_code(code);
    }
    error.caused_by(cause)
}
