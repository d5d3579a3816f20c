//! A refusal: the next account at once, and resources that are fetched anew once, beside the attempts.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use futures::future::{FutureExt, join_all};
use kusto_ingest_core::testing::{SECOND, clock};
use kusto_ingest_core::{
    Cache, Clock, Error, ErrorKind, ExponentialRetry, Fetched, ManualClock, Outage, Result, within,
};
use kusto_ingest_message::IdentityToken;
use kusto_ingest_resources::{IngestionResources, Outcome, ResourceProvider, Rounds};
use kusto_storage::ResourceUri;

use super::world::{World, failing, queue};

/// Issues queues of each account, as the manager keeps them: `q` with another SAS in every answer, others with the same.
#[derive(Clone, Debug)]
struct Issuing {
    clock: ManualClock,
    accounts: &'static [&'static str],
    queues: &'static [&'static str],
    cache: Cache<Arc<IngestionResources>>,
    answers: Arc<AtomicU32>,
    takes: Arc<Mutex<Duration>>,
    reports: Arc<Mutex<Vec<(String, Outcome)>>>,
}

impl Issuing {
    fn new(accounts: &'static [&'static str]) -> Self {
        Self::of_queues(accounts, &["q"])
    }

    fn of_queues(accounts: &'static [&'static str], queues: &'static [&'static str]) -> Self {
        let clock = clock();
        let issuing = Self {
            cache: Cache::new(Arc::new(clock.clone())),
            clock,
            accounts,
            queues,
            answers: Arc::default(),
            takes: Arc::default(),
            reports: Arc::default(),
        };
        block_on(issuing.resources()).expect("the first answer");
        issuing
    }

    fn takes(self, takes: Duration) -> Self {
        *self.takes.lock().expect("unpoisoned") = takes;
        self
    }

    fn answers(&self) -> u32 {
        self.answers.load(Ordering::SeqCst)
    }

    fn fetch(&self) -> futures::future::BoxFuture<'static, Result<Fetched<Arc<IngestionResources>>>> {
        let this = self.clone();
        async move {
            let takes = *this.takes.lock().expect("unpoisoned");
            if !takes.is_zero() {
                this.clock.sleep(takes).await;
            }
            let number = this.answers.fetch_add(1, Ordering::SeqCst) + 1;
            let number = number.to_string();
            let sas = |name: &str| if name == "q" { number.as_str() } else { "0" };
            let queues = this.queues.iter().flat_map(|name| {
                let accounts = this.accounts.iter();
                accounts.map(move |account| queue(account, name, sas(name)))
            });
            let issued = Arc::new(IngestionResources::empty().with_queues(queues));
            Ok(Fetched::new(issued, Duration::from_secs(3_600)))
        }
        .boxed()
    }

    fn world(&self) -> World<Self> {
        World::of(&self.clock, self.clone())
    }
}

#[async_trait]
impl ResourceProvider for Issuing {
    async fn resources(&self) -> Result<Arc<IngestionResources>> {
        self.cache.get(|| self.fetch()).await
    }

    async fn identity_token(&self) -> Result<IdentityToken> {
        IdentityToken::parse("token")
    }

    async fn renew(&self) -> Result<Arc<IngestionResources>> {
        self.cache.renew(|| self.fetch()).await
    }

    fn report(&self, resource: &ResourceUri, outcome: Outcome) {
        let mut reports = self.reports.lock().expect("unpoisoned");
        reports.push((resource.account().to_owned(), outcome));
    }
}

/// The SAS of the first answer is refused.
fn first_is_revoked(queue: &ResourceUri) -> Option<Error> {
    let is_first = queue.expose().as_str().ends_with("SECRET1");
    is_first.then(|| failing(ErrorKind::Forbidden).with_http_status(403))
}

#[test]
fn after_a_refusal_everywhere_the_same_round_goes_on_with_what_was_fetched_anew() {
    let issuing = Issuing::new(&["a", "b"]);
    let done = issuing
        .world()
        .run_on(&ExponentialRetry::default(), None, |queue, _, _| {
            first_is_revoked(queue)
        });
    assert!(done.result.is_ok());
    assert_eq!((done.accounts().as_str(), done.took), ("aba", Duration::ZERO));
    assert_eq!(issuing.answers(), 2);
    let refused = ("a".to_owned(), Outcome::Refused);
    assert_eq!(issuing.reports.lock().expect("unpoisoned")[0], refused);
}

#[test]
fn only_what_was_refused_is_tried_again_in_that_round() {
    let issuing = Issuing::new(&["b", "a"]);
    let done = issuing
        .world()
        .run_on(&ExponentialRetry::default(), None, |queue, now, _| {
            let busy = queue.account() == "b" && now < SECOND;
            let busy = busy.then(|| failing(ErrorKind::Unavailable));
            busy.or_else(|| first_is_revoked(queue))
        });
    assert!(done.result.is_ok());
    assert_eq!(done.accounts(), "baa", "b is not tried twice without a pause");
}

#[test]
fn another_queue_of_an_account_that_refused_is_no_other_sas() {
    let issuing = Issuing::of_queues(&["a"], &["old", "older"]);
    let done = issuing.world().run(|_, _| Some(failing(ErrorKind::Forbidden)));
    assert!(done.result.is_err());
    assert_eq!((done.accounts().as_str(), issuing.answers()), ("a", 2));
}

#[test]
fn resources_that_are_refused_anew_end_it() {
    let issuing = Issuing::new(&["a"]);
    let done = issuing.world().run(|_, _| Some(failing(ErrorKind::Forbidden)));
    assert_eq!(
        done.result.as_ref().expect_err("it refuses").kind(),
        ErrorKind::Forbidden
    );
    assert_eq!((done.accounts().as_str(), issuing.answers()), ("aa", 2));
}

#[test]
fn another_account_does_not_wait_for_what_is_fetched_anew_but_two_seconds_when_it_is_done() {
    let issuing = Issuing::new(&["a", "b"]).takes(600 * SECOND);
    let done = issuing
        .world()
        .run(|_, number| (number == 0).then(|| failing(ErrorKind::Forbidden)));
    assert!(done.result.is_ok());
    assert_eq!(done.tried_at[1], ("b".to_owned(), 0), "at once");
    assert_eq!(done.took, 2 * SECOND);
}

#[test]
fn an_operation_that_needs_what_is_fetched_anew_waits_for_it() {
    let issuing = Issuing::new(&["a", "b"]).takes(5 * SECOND);
    let done = issuing
        .world()
        .run_on(&ExponentialRetry::default(), None, |queue, _, _| {
            first_is_revoked(queue)
        });
    assert!(done.result.is_ok());
    assert_eq!((done.accounts().as_str(), done.took), ("aba", 5 * SECOND));
}

#[test]
fn a_service_that_does_not_answer_after_a_refusal_ends_with_the_deadline() {
    let issuing = Issuing::new(&["a"]).takes(600 * SECOND);
    let (outage, policy) = (Outage::new(), ExponentialRetry::default());
    let clock: Arc<dyn Clock> = Arc::new(issuing.clock.clone());
    let rounds = Rounds::new("put the message", &issuing, &policy, &clock, &outage);
    let refused = |_| futures::future::ready(Err::<(), _>(failing(ErrorKind::Forbidden))).boxed();
    let flow = rounds.run(IngestionResources::queues, refused);
    let error = block_on(within(&*clock, 60 * SECOND, "queue the source", flow)).expect_err("it is refused");
    assert_eq!(
        (error.kind(), clock.monotonic()),
        (ErrorKind::Timeout, 60 * SECOND)
    );
}

#[test]
fn a_sas_that_was_revoked_one_second_after_it_was_issued_fails_nobody() {
    let issuing = Issuing::new(&["a", "b"]).takes(SECOND);
    issuing.clock.advance(SECOND);
    let (outage, policy) = (Outage::new(), ExponentialRetry::default());
    let clock: Arc<dyn Clock> = Arc::new(issuing.clock.clone());
    let put = |number: u64| {
        let rounds = Rounds::new("put the message", &issuing, &policy, &clock, &outage).with_random(number);
        let clock = clock.clone();
        async move {
            clock.sleep(Duration::from_millis(10 * number)).await;
            let work = |queue| async move { first_is_revoked(&queue).map_or(Ok(()), Err) }.boxed();
            rounds.run(IngestionResources::queues, work).await
        }
    };
    let done = block_on(join_all((0..300).map(put)));
    assert_eq!(done.iter().filter(|done| done.is_err()).count(), 0);
    assert_eq!(issuing.answers(), 2, "one for all");
}
