//! Rounds over queues in memory: what is tried, and when, by the clock of a test.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use futures::future::{FutureExt, ready};
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{
    Clock, Deadline, Error, ErrorKind, ExponentialRetry, ManualClock, Outage, Result, RetryPolicy,
};
use kusto_ingest_message::IdentityToken;
use kusto_ingest_resources::{
    FixedResources, IngestionResources, Outcome, RankedAccounts, ResourceProvider, Rounds,
};
use kusto_storage::ResourceUri;

pub(crate) fn failing(kind: ErrorKind) -> Error {
    Error::new(kind, "try")
}

pub(crate) fn queue(account: &str, name: &str, sas: &str) -> ResourceUri {
    let address = format!("https://{account}.queue.core.windows.net/{name}?sig=SECRET{sas}");
    ResourceUri::parse(&address).expect("a good address")
}

/// What was tried, and how it ended.
pub(crate) struct Done {
    /// The accounts, and after how many milliseconds.
    pub(crate) tried_at: Vec<(String, u128)>,
    pub(crate) result: Result<()>,
    pub(crate) took: Duration,
}

impl Done {
    /// The accounts in order, each by its letter.
    pub(crate) fn accounts(&self) -> String {
        self.tried_at
            .iter()
            .map(|(account, _)| account.as_str())
            .collect()
    }
}

/// Queues of some accounts.
pub(crate) struct World<P = FixedResources> {
    pub(crate) clock: ManualClock,
    pub(crate) provider: P,
    pub(crate) outage: Outage,
    pub(crate) preferred: Option<&'static str>,
}

impl<P: ResourceProvider> World<P> {
    pub(crate) fn of(clock: &ManualClock, provider: P) -> Self {
        Self {
            clock: clock.clone(),
            provider,
            outage: Outage::new(),
            preferred: None,
        }
    }

    /// Puts something on a queue; `fail` tells how each attempt ends, by the time that has passed and its number from 0.
    pub(crate) fn run(&self, fail: impl Fn(Duration, usize) -> Option<Error> + Sync) -> Done {
        self.run_by(&ExponentialRetry::default(), None, fail)
    }

    pub(crate) fn run_by(
        &self,
        policy: &dyn RetryPolicy,
        deadline: Option<Duration>,
        fail: impl Fn(Duration, usize) -> Option<Error> + Sync,
    ) -> Done {
        self.run_on(policy, deadline, |_, now, number| fail(now, number))
    }

    pub(crate) fn run_on(
        &self,
        policy: &dyn RetryPolicy,
        deadline: Option<Duration>,
        fail: impl Fn(&ResourceUri, Duration, usize) -> Option<Error> + Sync,
    ) -> Done {
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        let begun = clock.monotonic();
        let tried_at = Mutex::new(Vec::new());
        let rounds = Rounds::new("put the message", &self.provider, policy, &clock, &self.outage)
            .with_random(999)
            .with_preferred(self.preferred)
            .with_deadline(deadline.map(|limit| Deadline::after(&*clock, limit)));
        let result = block_on(rounds.run(IngestionResources::queues, |queue| {
            let now = self.clock.monotonic() - begun;
            let mut tried_at = tried_at.lock().expect("unpoisoned");
            let outcome = fail(&queue, now, tried_at.len()).map_or(Ok(()), Err);
            tried_at.push((queue.account().to_owned(), now.as_millis()));
            ready(outcome).boxed()
        }));
        Done {
            tried_at: tried_at.into_inner().expect("unpoisoned"),
            result,
            took: self.clock.monotonic() - begun,
        }
    }
}

fn queues(accounts: &[&str]) -> IngestionResources {
    let queues = accounts.iter().enumerate();
    IngestionResources::empty()
        .with_queues(queues.map(|(place, account)| queue(account, &format!("q{place}"), "")))
}

impl World {
    /// One queue for each account that is named, in this order.
    pub(crate) fn with(accounts: &[&str]) -> Self {
        let token = IdentityToken::parse("token").expect("a good token");
        let clock = clock();
        Self::of(&clock, FixedResources::new(queues(accounts), token))
    }
}

/// Queues whose accounts are ranked.
#[derive(Debug)]
pub(crate) struct Ranked {
    issued: IngestionResources,
    ranks: Mutex<RankedAccounts>,
    clock: ManualClock,
}

#[async_trait]
impl ResourceProvider for Ranked {
    async fn resources(&self) -> Result<Arc<IngestionResources>> {
        let mut ranks = self.ranks.lock().expect("unpoisoned");
        Ok(Arc::new(ranks.ranked(&self.issued, self.clock.monotonic(), 7)))
    }

    async fn identity_token(&self) -> Result<IdentityToken> {
        IdentityToken::parse("token")
    }

    fn report(&self, resource: &ResourceUri, outcome: Outcome) {
        let now = self.clock.monotonic();
        self.ranks
            .lock()
            .expect("unpoisoned")
            .log(resource.account(), outcome, now);
    }
}

impl World<Ranked> {
    pub(crate) fn ranked(accounts: &[&str]) -> Self {
        let clock = clock();
        let provider = Ranked {
            issued: queues(accounts),
            ranks: Mutex::default(),
            clock: clock.clone(),
        };
        block_on(provider.resources()).expect("the accounts become known");
        Self::of(&clock, provider)
    }

    pub(crate) fn report(&self, account: &str, outcome: Outcome) {
        self.provider.report(&queue(account, "q", ""), outcome);
    }
}
