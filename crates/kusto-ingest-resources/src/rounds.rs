//! The one way over storage accounts: round after round, until one of them does what is asked.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use kusto_ingest_core::{
    Clock, Deadline, Error, ErrorKind, FaultScope, Outage, Result, Retry, RetryPolicy, within,
};
use kusto_storage::ResourceUri;

use crate::{IngestionResources, Outcome, ResourceProvider};

/// How long a call that has done its work waits for resources that it had fetched anew.
const PATIENCE: Duration = Duration::from_secs(2);

/// Rounds over the accounts of one kind of resource: what uploads, posts and status records have in common.
///
/// A round is one attempt. In a round each account is tried once at most, the best first, without a pause. After a round
/// in which all failed in passing there is a wait, and another round. What is wrong with one account only (401, 403, 404,
/// 409, a redirect, an unreadable answer) moves on to the next and takes the resource out of this operation; what is
/// wrong with the request ends it. A refusal has the resources fetched anew, once, beside the attempts at other accounts.
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
    /// What the provider said, or `work`: the last word as the cause, with the number of rounds.
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
            let round = self.round(&mut targets, &mut renewal, &list, &mut work).await;
            let failed = match round {
                Ok(done) => {
                    renewal.finish(&**self.clock).await;
                    return Ok(done);
                }
                Err(Failed::Request(error)) => return Err(error),
                Err(Failed::Targets(failed)) => failed,
            };
            if renewal.complete().await {
                targets.replace(self.provider.resources().await?);
                if targets.has_any(&list)? {
                    continue;
                }
            }
            let error = self.summary(failed.error, failed.last.as_ref());
            if !failed.in_passing || !targets.has_any(&list)? || self.has_given_up() {
                return Err(attempts.give_up(error));
            }
            attempts.wait_after_round(error).await?;
            targets.replace(self.provider.resources().await?);
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
        targets.tried.clear();
        while let Some(resource) = targets.next(list).map_err(Failed::Request)? {
            let error = match renewal.beside(work(resource.clone())).await {
                Ok(done) => {
                    self.provider.report(&resource, Outcome::Success);
                    self.outage.ends();
                    return Ok(done);
                }
                Err(error) => error,
            };
            match error.scope() {
                FaultScope::Request => return Err(Failed::Request(error)),
                FaultScope::Target => {
                    if is_refusal(error.kind()) {
                        renewal.begin(self.provider);
                        self.provider.report(&resource, Outcome::Refused);
                    } else {
                        self.provider.report(&resource, Outcome::Failure);
                    }
                    targets.refused.push(resource.clone());
                }
                FaultScope::Transient => {
                    failed.in_passing = true;
                    let outcome = error.retry_after().map_or(Outcome::Failure, Outcome::Throttled);
                    self.provider.report(&resource, outcome);
                }
                FaultScope::Machine => {}
            }
            failed.add(resource, error);
        }
        Err(Failed::Targets(failed))
    }

    /// Whether nobody has answered any call of this client for as long as one of them would try.
    fn has_given_up(&self) -> bool {
        let lasts = self.outage.lasts(&**self.clock);
        self.policy.max_elapsed().is_some_and(|limit| lasts >= limit)
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
    /// Whether any may do it in a moment.
    in_passing: bool,
}

impl FailedRound {
    /// What passes says more than what does not: it decides whether there is another round, and the shortest wait that was
    /// asked for decides when.
    fn add(&mut self, resource: ResourceUri, error: Error) {
        let passes = |error: &Error| error.scope() == FaultScope::Transient;
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

/// Which resources are still to be tried.
struct Targets<'a> {
    resources: Arc<IngestionResources>,
    preferred: Option<&'a str>,
    /// Those that have refused in this operation.
    refused: Vec<ResourceUri>,
    /// The accounts that were tried in this round.
    tried: Vec<String>,
}

impl<'a> Targets<'a> {
    fn new(resources: Arc<IngestionResources>, preferred: Option<&'a str>) -> Self {
        Self {
            resources,
            preferred,
            refused: Vec::new(),
            tried: Vec::new(),
        }
    }

    fn replace(&mut self, resources: Arc<IngestionResources>) {
        self.resources = resources;
    }

    fn has_any(&self, list: &impl Fn(&IngestionResources) -> Result<&[ResourceUri]>) -> Result<bool> {
        Ok(list(&self.resources)?
            .iter()
            .any(|resource| !self.refused.contains(resource)))
    }

    fn next(
        &mut self,
        list: &impl Fn(&IngestionResources) -> Result<&[ResourceUri]>,
    ) -> Result<Option<ResourceUri>> {
        let all = list(&self.resources)?;
        let is_left = |resource: &&ResourceUri| {
            !self.refused.contains(resource) && !self.tried.iter().any(|tried| tried == resource.account())
        };
        let preferred = self.preferred.and_then(|account| {
            all.iter()
                .filter(is_left)
                .find(|resource| resource.account() == account)
        });
        let next = preferred.or_else(|| all.iter().find(is_left)).cloned();
        if let Some(resource) = &next {
            self.tried.push(resource.account().to_owned());
        }
        Ok(next)
    }
}

/// Resources that are fetched anew beside the attempts, once in an operation.
#[derive(Default)]
struct Renewal<'a> {
    under_way: Option<BoxFuture<'a, ()>>,
    has_begun: bool,
    is_complete: bool,
}

impl<'a> Renewal<'a> {
    fn begin(&mut self, provider: &'a dyn ResourceProvider) {
        if !self.has_begun {
            self.has_begun = true;
            self.under_way = Some(async { drop(provider.renew().await) }.boxed());
        }
    }

    /// Does some work, and drives the renewal meanwhile.
    async fn beside<T>(&mut self, work: impl Future<Output = T> + Unpin) -> T {
        let mut work = work;
        poll_fn(|context| {
            if let Poll::Ready(done) = Pin::new(&mut work).poll(context) {
                return Poll::Ready(done);
            }
            if let Some(renewal) = &mut self.under_way
                && renewal.as_mut().poll(context).is_ready()
            {
                self.under_way = None;
            }
            Poll::Pending
        })
        .await
    }

    /// The work is done: the renewal may go on for a moment.
    async fn finish(&mut self, clock: &dyn Clock) {
        if let Some(renewal) = self.under_way.take() {
            drop(within(clock, PATIENCE, "fetch the resources anew", renewal.map(Ok)).await);
        }
    }

    /// The work needs what is fetched: waits for it. Whether anything was fetched since this was asked last.
    async fn complete(&mut self) -> bool {
        if let Some(renewal) = self.under_way.take() {
            renewal.await;
        }
        let is_new = self.has_begun && !self.is_complete;
        self.is_complete |= is_new;
        is_new
    }
}
