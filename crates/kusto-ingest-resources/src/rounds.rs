//! The one loop over storage accounts: round after round, until one of them succeeds.

mod renewal;
mod targets;

use std::sync::Arc;

use futures::future::BoxFuture;
use kusto_ingest_core::{Clock, Deadline, Error, ErrorKind, FaultScope, Outage, Result, Retry, RetryPolicy};
use kusto_storage::ResourceUri;

use self::renewal::Renewal;
use self::targets::Targets;
use crate::{IngestionResources, Outcome, ResourceProvider};

/// Rounds over the accounts of one kind of resource: what uploads, posts and status records have in common.
///
/// - A round is one attempt. In a round each account is tried once at most, the best first, without a pause. After a
///   round with any transient failure there is a wait, and another round.
/// - An account that asked for a pause (`Retry-After`) is left out while another is there.
/// - A failure of one account only (401, 403, 404, 409, a redirect, an unreadable answer), or with the way to it (a
///   proxy that wants a password, a certificate that is not trusted), moves on to the next and takes the account out of
///   this operation; with none left, the operation ends at once. A failure of the request ends it, too.
/// - A refusal (401, 403, 404) has the resources fetched anew, once, beside the attempts at other accounts; accounts that
///   refused are tried with another SAS in the same round. A resource that is gone (404) leaves the others of its account.
/// - Errors that an inner engine has retried at one account do not end the rounds.
#[derive(Clone, Copy, Debug)]
pub struct Rounds<'a> {
    operation: &'static str,
    provider: &'a dyn ResourceProvider,
    policy: &'a dyn RetryPolicy,
    clock: &'a Arc<dyn Clock>,
    outage: &'a Outage,
    deadline: Option<Deadline>,
    preferred: Option<&'a str>,
    random: u64,
}

impl<'a> Rounds<'a> {
    /// Rounds of an operation, a fragment that completes "failed to …". `outage` is shared by all calls of a client, so
    /// that they give up together.
    #[must_use]
    pub fn new(
        operation: &'static str,
        provider: &'a dyn ResourceProvider,
        policy: &'a dyn RetryPolicy,
        clock: &'a Arc<dyn Clock>,
        outage: &'a Outage,
    ) -> Self {
        Self {
            operation,
            provider,
            policy,
            clock,
            outage,
            deadline: None,
            preferred: None,
            random: 0,
        }
    }

    /// Another number drawn by the caller, for jitter.
    #[must_use]
    pub fn with_random(self, random: u64) -> Self {
        Self { random, ..self }
    }

    /// How much time is left.
    #[must_use]
    pub fn with_deadline(self, deadline: Option<Deadline>) -> Self {
        Self { deadline, ..self }
    }

    /// The account that is tried first, such as one that has just answered.
    #[must_use]
    pub fn with_preferred(self, account: Option<&'a str>) -> Self {
        Self {
            preferred: account,
            ..self
        }
    }

    /// Does `work` with one resource after the other until one succeeds, and reports how each did.
    ///
    /// # Errors
    /// The error of the provider, or the last error of `work` as the cause, with the number of rounds.
    ///
    /// # Cancel safety
    /// Dropping the future drops the attempt that is under way.
    pub async fn run<T: Send>(
        self,
        list: impl Fn(&IngestionResources) -> Result<&[ResourceUri]> + Send,
        mut work: impl FnMut(ResourceUri) -> BoxFuture<'a, Result<T>> + Send,
    ) -> Result<T> {
        let retry = Retry::new(self.policy, &**self.clock, self.random).with_deadline(self.deadline);
        let mut attempts = retry.start();
        let mut targets = Targets::new(self.provider.resources().await?, self.preferred);
        let mut renewal = Renewal::default();
        loop {
            let failed = match self.round(&mut targets, &mut renewal, &list, &mut work).await {
                Ok(done) => {
                    renewal.finish(&**self.clock).await;
                    return Ok(done);
                }
                Err(Failed::Request(error)) => return Err(error),
                Err(Failed::Targets(failed)) => failed,
            };
            let error = self.summary(failed.error, failed.last.as_ref());
            if !failed.in_passing
                || !targets.has_any(&list)?
                || self.outage.record_failure(self.policy, &**self.clock)
            {
                return Err(attempts.give_up(error));
            }
            attempts.wait_after_round(error).await?;
            targets.begin_round(self.provider.resources().await?);
        }
    }

    /// Each account once.
    async fn round<T: Send>(
        &self,
        targets: &mut Targets<'a>,
        renewal: &mut Renewal<'a>,
        list: &(impl Fn(&IngestionResources) -> Result<&[ResourceUri]> + Send),
        work: &mut (impl FnMut(ResourceUri) -> BoxFuture<'a, Result<T>> + Send),
    ) -> Result<T, Failed> {
        let mut failed = FailedRound::default();
        loop {
            while let Some(resource) = targets
                .next(list, self.clock.monotonic())
                .map_err(Failed::Request)?
            {
                match renewal.beside(work(resource.clone())).await {
                    Ok(done) => {
                        self.provider.report(&resource, Outcome::Success);
                        self.outage.record_success();
                        return Ok(done);
                    }
                    Err(error) => {
                        self.take_note(&resource, &error, targets, renewal)?;
                        failed.add(resource, error);
                    }
                }
            }
            if !renewal.complete().await {
                return Err(Failed::Targets(failed));
            }
            let issued = self.provider.resources().await.map_err(Failed::Request)?;
            targets.renewed(list, issued).map_err(Failed::Request)?;
        }
    }

    /// What a failure means for its account, and for the operation.
    fn take_note(
        &self,
        resource: &ResourceUri,
        error: &Error,
        targets: &mut Targets<'a>,
        renewal: &mut Renewal<'a>,
    ) -> Result<(), Failed> {
        let outcome = match error.scope() {
            FaultScope::Request => return Err(Failed::Request(error.clone())),
            FaultScope::Machine => {
                // The account is not to blame.
                targets.has_failed_for_good(resource);
                return Ok(());
            }
            FaultScope::Target if is_refusal(error.kind()) => {
                renewal.begin(self.provider);
                match error.kind() {
                    ErrorKind::NotFound => targets.is_gone(resource),
                    _ => targets.has_refused(resource),
                }
                Outcome::Refused
            }
            FaultScope::Target => {
                targets.has_failed_for_good(resource);
                Outcome::Failure
            }
            FaultScope::Transient => match error.retry_after() {
                Some(wait) => {
                    targets.is_busy_until(resource, self.clock.monotonic().saturating_add(wait));
                    Outcome::Throttled(wait)
                }
                None => Outcome::Failure,
            },
        };
        self.provider.report(resource, outcome);
        Ok(())
    }

    fn summary(&self, error: Option<Error>, last: Option<&ResourceUri>) -> Error {
        let error = match error {
            Some(error) => error.during(self.operation),
            None => Error::new(ErrorKind::NoResources, self.operation)
                .because("no resource is left that has not refused"),
        };
        match last {
            Some(last) => error.with("last", last),
            None => error,
        }
    }
}

/// Whether an error means that what Kusto issued is not valid any more.
#[must_use]
pub fn is_refusal(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Forbidden | ErrorKind::Unauthenticated | ErrorKind::NotFound
    )
}

/// Why a round has not succeeded.
enum Failed {
    /// The request is at fault, or nobody knows what was done.
    Request(Error),
    /// All targets have failed.
    Targets(FailedRound),
}

/// How the targets of a round have failed.
#[derive(Default)]
struct FailedRound {
    error: Option<Error>,
    last: Option<ResourceUri>,
    /// Whether any of them failed transiently.
    in_passing: bool,
}

impl FailedRound {
    /// A transient failure outweighs a permanent one: it decides that there is another round, and the shortest wait
    /// that was asked for decides when.
    fn add(&mut self, resource: ResourceUri, error: Error) {
        let passes = |error: &Error| error.scope() == FaultScope::Transient;
        self.in_passing |= passes(&error);
        let wait = |error: &Error| error.retry_after().unwrap_or_default();
        let replaces = self
            .error
            .as_ref()
            .is_none_or(|before| match (passes(before), passes(&error)) {
                (true, true) => wait(&error) <= wait(before),
                (before, now) => now || !before,
            });
        if replaces {
            self.error = Some(error);
            self.last = Some(resource);
        }
    }
}
